"""Keeps secrets, and if wanted Creative IDs, out of what is written down."""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from urllib.parse import quote, quote_plus

from creative_flow.report.text import clean

_HEADERS = re.compile(
    r"(?im)\b((?:set-)?cookie|(?:proxy-)?authorization)(['\"]?\s*[:=]\s*)[^\r\n]+"
)
_FIELDS = re.compile(
    r"(?i)\b(\w*(?:password|passwd|secret|token|csrf|api_?key))"
    r"(['\"]?\s*[:=]\s*)('[^']*'|\"[^\"]*\"|[^\s&,;}\])]+)"
)
_IN_ADDRESS = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^\s/@]+@")
_LONG_ID = re.compile(r"(?<![\d-])\d{9,}(?![\d-])|(?<=Creative ID )\d+")
_SHOWN_OF_ID = 3


class Redactor:
    """Takes secrets out of text: the values it was told, and what looks like one."""

    def __init__(self, secrets: Collection[str]) -> None:
        forms = {
            form
            for secret in secrets
            for form in (
                secret,
                quote(secret, safe=""),
                quote_plus(secret),
                html.escape(secret),
                repr(secret)[1:-1],
                clean(secret),
            )
            if form
        }
        ordered = sorted(forms, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        """Return the text with ``***`` in place of every secret."""
        if self._values:
            text = self._values.sub("***", text)
        text = _HEADERS.sub(r"\1\2***", text)
        text = _FIELDS.sub(r"\1\2***", text)
        return _IN_ADDRESS.sub(r"\1***@", text)


def masked(text: str) -> str:
    """Return the text with only the last digits of each Creative ID shown."""
    return _LONG_ID.sub(lambda found: "…" + found.group()[-_SHOWN_OF_ID:], text)
