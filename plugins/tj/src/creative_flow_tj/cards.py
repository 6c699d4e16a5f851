"""What the media library's list says, once it has settled: its cards, and whether it goes on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from creative_flow.creative import LibraryEntry
from creative_flow.platform import LibraryPage

ListState = dict[str, Any]
"""What list.js returns for "state"."""

_GROUPED = re.compile(r"\d{1,3}(?P<by>[\s.,'’])\d{3}(?:(?P=by)\d{3})*")
"""A number whose digits stand in groups of three."""


class NotReadError(Exception):
    """A list does not say what it should; ``key`` names the site's data that it was read by."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__(what)
        self.what = what
        self.key = key


def page_of(ad_format: str, state: ListState, *, id_pattern: str, page_size: int) -> LibraryPage:
    """Return what a list shows. Raises `NotReadError` if it contradicts itself."""
    entries = tuple(_entry(ad_format, card, id_pattern) for card in state["cards"])
    if (
        state["next"] is None
        and state["pager"]
        and len(entries) >= page_size
        and (state["total"] is None or state["total"] > len(entries))
    ):
        raise NotReadError("there are page links, but none to the next page", "css.list.next")
    last = (
        state["next"] is None
        or state["next"]["disabled"]
        # "25 to 33 of 33", with nine cards: a Next link that is grey by its style alone.
        or (
            state["total"] and state["range"] == [state["total"] - len(entries) + 1, state["total"]]
        )
    )
    return LibraryPage(entries, last=bool(last), total=state["total"])


def _entry(ad_format: str, card: Mapping[str, str], id_pattern: str) -> LibraryEntry:
    shown = card["id_text"]
    if _GROUPED.fullmatch(shown):  # a number as people write it: 1,032,530,511
        shown = re.sub(r"\D", "", shown)
    ids = set(re.findall(rf"\b{id_pattern}\b", f"{card['id']} {shown}"))
    if len(ids) != 1:
        what = f"a card's Creative ID is {card['id']!r} or {card['id_text']!r}"
        raise NotReadError(what, "css.list.id")
    name = _name(card["title"], card["name"])
    if not name:
        raise NotReadError("a card shows no name", "css.list.name")
    return LibraryEntry(
        ad_format=ad_format,
        creative_id=ids.pop(),
        name=name,
        review_status=card["review_status"].lower(),
        dimensions=card["dimensions"],
        file_type=card["file_type"].lstrip(".").lower(),
        reason=_reason(card),
    )


def _reason(card: Mapping[str, str]) -> str:
    """Return why a card says it was rejected. A tooltip that only says the status is no reason."""
    reason = " ".join(card["review_reason"].split())
    return "" if reason.casefold() == card["review_status"].casefold() else reason


def _name(title: str, text: str) -> str:
    """Return a card's name: the title where the text is the same or a cut of it, else the text.

    A title may also be a tooltip that has nothing to do with the name.
    """
    shown = " ".join(text.split())
    whole = " ".join(title.split())
    cut = shown.removesuffix("…").removesuffix("...").rstrip()
    return whole if whole and whole.startswith(cut) else shown
