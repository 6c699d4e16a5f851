"""Words for the screen: nothing that a name or a page says can steer the terminal."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_HARMLESS = frozenset({"\u200c", "\u200d"})


def clean(text: str) -> str:
    r"""Show control characters instead of sending them: an escape becomes ``\x1b``.

    That covers what moves the cursor, breaks the line, turns the direction of writing around, or is
    no valid text at all. White space within the line and joiners within words stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _escape(character)
        if unicodedata.category(character) in _HARMFUL and character not in _HARMLESS
        else character
        for character in text
    )


def _escape(character: str) -> str:
    plain = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return plain.get(character) or (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )


def rings(message: str) -> bool:
    """Say whether a notice asks for the bell: a person is waited for. It begins with it then."""
    return message.startswith("\a")


def notice(message: str) -> str:
    """Return a notice as it is shown, without the bell that it may begin with."""
    return clean(message.removeprefix("\a"))


def shown_path(path: Path, root: Path | None) -> str:
    """Return a path for people: within the workspace from there on, else whole."""
    text = str(path)
    if root is not None:  # as text, since there are thousands
        inside = f"{str(root).rstrip('/')}/"
        text = "." if path == root else text.removeprefix(inside)
    return clean(text)


def shown_size(size: int) -> str:
    """Return a number of bytes for people, in decimal units as ad networks count."""
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def shown_time(seconds: float) -> str:
    """Return a duration for people."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def reason_shape(text: str) -> str:
    """Return what messages about different files share: numbers and quoted words left out."""
    without_words = re.sub(r"(['\"]).*?\1", "…", text)
    return re.sub(r"\d[\d.,x×]*", "#", without_words)
