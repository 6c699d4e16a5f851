"""Markup that can't be broken out of: text becomes markup only by being escaped."""

from __future__ import annotations

import html

from creative_flow.report.text import clean

_VOID = frozenset({"br", "col", "img", "input", "link", "meta", "wbr"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def text(words: str) -> Markup:
    """Return words as markup: escaped, and with control characters shown rather than sent."""
    if isinstance(words, Markup):
        return words
    if words.isalnum() and words.isascii():
        return Markup(words)  # most are, and this is quicker
    return Markup(html.escape(clean(words)))


def join(parts: list[Markup], between: str = "") -> Markup:
    """Return pieces of markup as one."""
    return Markup(between.join(parts))


def el(tag: str, *children: str, **attributes: str | int | bool | None) -> Markup:
    """Return an element. Children that are no `Markup` are text.

    An attribute's name may end in ``_`` (``class_``) and have ``_`` for ``-``; one that is None or
    False is left out, one that is True has no value.
    """
    pieces = [f"<{tag}"]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        pieces.append(f" {name.rstrip('_').replace('_', '-')}")
        if value is not True:
            shown = str(value) if isinstance(value, int) else text(value)
            pieces.append(f'="{shown}"')
    pieces.append(">")
    if tag not in _VOID:
        pieces.extend(text(child) for child in children if child)
        pieces.append(f"</{tag}>")
    return Markup("".join(pieces))


def named(words: str) -> Markup:
    """Return a file's name, kept from turning what is around it, with places to break it."""
    return el("bdi", Markup(_breakable(words)))


_STRETCH = 7


def _breakable(words: str) -> str:
    """Escape; allow a line break behind an ``_`` now and then, for names hold no blanks."""
    shown, stretch = clean(words), 0
    if len(shown) <= _STRETCH:
        return html.escape(shown)
    pieces: list[str] = []
    for part in shown.split("_"):
        pieces.append(html.escape(part))
        stretch += len(part) + 1
        pieces.append("_")
        if stretch >= _STRETCH:
            pieces.append("<wbr>")
            stretch = 0
    if pieces[-1] == "<wbr>":
        pieces.pop()
    pieces.pop()
    return "".join(pieces)
