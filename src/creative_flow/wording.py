"""Words for numbers, in what people read."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 file``, ``2 files``, ``10,000 files``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
