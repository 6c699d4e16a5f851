"""What texts of a page, or of Playwright, say."""

from __future__ import annotations


def says(text: str, phrases: tuple[str, ...]) -> bool:
    """Say whether a text holds one of the phrases, whatever the case and white space."""
    folded = " ".join(text.split()).casefold()
    return any(" ".join(phrase.split()).casefold() in folded for phrase in phrases)


def first_line(error: Exception) -> str:
    """Return what Playwright says, without its call log."""
    return str(error).strip().split("\n", 1)[0].rstrip(".")
