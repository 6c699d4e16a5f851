"""Any text at all, as text that every database and CSV file can hold.

A file name may hold bytes that are no UTF-8 (Python shows them as lone surrogates), a page may hold
a NUL. Each such character is written as U+001A and four hex digits, and so is U+001A itself; text
without them, which is nearly all there is, stays as it is.
"""

from __future__ import annotations

import re

_MARK = "\x1a"
_AWKWARD = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")


def escape(text: str) -> str:
    """Return text that can be encoded as UTF-8 and holds no NUL. Distinct texts stay distinct."""
    if text.isprintable():  # nothing awkward is, and this is quicker than a search
        return text
    return _AWKWARD.sub(lambda match: f"{_MARK}{ord(match[0]):04x}", text)


def unescape(text: str) -> str:
    """Return the text that `escape` was given."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if _MARK in text else text
