"""Texts of ads: how long they are for a web page, how they are cut, what a URL must be."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection
from urllib.parse import quote, urlsplit

_MACRO = re.compile(r"\{([^{}]*)\}")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
# What makes a spreadsheet take a cell for a formula, and the apostrophe that hides it.
_FORMULA = re.compile(r"[\s'=+\-@＝＋－＠]+")
_BETWEEN = "_-. "
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_JOINERS = frozenset({"\u200d", "\u200c", "\ufe0e", "\ufe0f"})

RESERVED_HOSTS = ("example.com", "example.net", "example.org", "example", "invalid", "test")
"""Hosts, with all below them, that lead nowhere by definition. Source: RFC 2606, RFC 6761."""


def length(text: str) -> int:
    """Return how long a web page takes a text to be: in UTF-16 units, as JavaScript counts.

    Where a page counts characters, that is never less.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """Return as much of a text as is no longer than ``most``; no letter loses its marks."""
    if length(text) <= most:
        return text
    end, units = 0, 0
    for sign in text:
        units += length(sign)
        if units > most:
            break
        end += 1
    while end and _belongs_together(text[end - 1], text[end]):
        end -= 1
    return text[:end]


def cut_words(text: str, most: int) -> str:
    """Return `cut` at the end of a word, unless that would lose more than half of it."""
    short = cut(text, most)
    if short == text:
        return text
    if text[len(short)].isspace() or short[-1:].isspace():
        return short.rstrip()
    at_word = short.rsplit(None, 1)[0].rstrip() if len(short.split()) > 1 else short
    return at_word if length(at_word) * 2 >= most else short.rstrip()


def cut_name(name: str, most: int, unique: str) -> str:
    """Return a name of no more than ``most``, cut so that ``unique`` and what follows it stays.

    A name without it gets it at its end, or two long names could become one.
    """
    if length(name) <= most:
        return name
    short = cut(name, most)
    if unique and unique in short:
        return short.rstrip(_BETWEEN)
    at = name.rfind(unique) if unique else -1
    if at < 0:
        at, tail = len(name), f"_{unique}"
    else:
        at -= at > 0 and name[at - 1] in _BETWEEN
        tail = name[at:]
        if length(tail) > most // 2:
            tail = f"_{unique}"
    return cut(cut(name[:at], max(0, most - length(tail))).rstrip(_BETWEEN) + tail, most)


def one_line(text: str) -> str:
    """Return a text without control characters and lone surrogates, its blanks folded."""
    plain = text.encode("utf-8", "replace").decode()
    return " ".join(
        "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in plain).split()
    )


def is_one_line(text: str) -> bool:
    """Say whether a text holds no line end, control character or lone surrogate."""
    return not any(unicodedata.category(sign) in _NOT_IN_A_LINE for sign in text)


def harmless(text: str) -> str:
    """Return a text without what, at its begin, a spreadsheet would take for a formula."""
    return _FORMULA.sub("", text, count=1) if _FORMULA.match(text) else text


def url_problem(text: str) -> str:
    """Return why a text is no URL of the web, in a few words; empty if it is one.

    Macros (``{CampaignName}``) may stand anywhere behind ``http://`` or ``https://``.
    """
    if _BLANK.search(text):
        return "it holds a blank or a line end"
    if not _WEB.match(text):
        return "it must begin with http:// or https://"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        if "{" not in parts.netloc:
            _ = parts.port
    except ValueError as error:
        return str(error)
    return "" if host else "it names no host"


def leads_nowhere(url: str) -> bool:
    """Say whether a URL's host is one that is reserved for examples."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    return any(host == name or host.endswith(f".{name}") for name in RESERVED_HOSTS)


def with_parameter(url: str, name: str, value: str) -> str:
    """Return a URL in which the parameter ``name`` has that value, wherever it stands.

    The value is escaped. All else, macros and odd signs included, stays byte for byte; a URL
    without such a parameter stays as it is.
    """
    address, mark, behind = url.partition("#")
    path, asks, query = address.partition("?")
    wanted = f"{name}={quote(value, safe='', errors='replace')}"
    parts = [wanted if part.partition("=")[0] == name else part for part in query.split("&")]
    return f"{path}{asks}{'&'.join(parts)}{mark}{behind}"


def odd_macros(text: str, known: Collection[str]) -> tuple[str, ...]:
    """Return what looks like a slip in a text's macros, each in a few words.

    Which macros a network has is never known in full: only what is nearly a known one is odd.
    """
    odd = []
    for name in dict.fromkeys(_MACRO.findall(text)):
        if name in known:
            continue
        if near := difflib.get_close_matches(name, known, n=1, cutoff=0.8):
            odd.append(f"{{{name}}} is no macro that is known; did you mean {{{near[0]}}}?")
    rest = _MACRO.sub("", text)
    if "{" in rest or "}" in rest:
        odd.append("a { or } stands alone")
    return tuple(odd)


def _belongs_together(before: str, after: str) -> bool:
    """Say whether two signs are parts of one that is shown."""
    return (
        unicodedata.category(after)[0] == "M"
        or after in _JOINERS
        or before == "\u200d"
        or 0x1F3FB <= ord(after) <= 0x1F3FF
    )
