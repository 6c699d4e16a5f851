"""The site as it may be after it has changed: a drift, chosen by a seed, for every page.

A seed stands for what some months of ordinary work may do to a site before anybody looks at its
automation again. From the seed some mutations are drawn from the catalogue: see `CATALOGUE` for all
of them, each a function with a line that says what it does. They are applied to everything that a
browser gets: pages, lists, style sheet, and by a table of names also what the scripts look for and
make. So the site works on for somebody at a browser, whatever the seed.

The distribution of the number of mutations, by weight::

    light    2, 3, 4 or 5, equally likely
    medium   0: 15 %    1: 45 %    2: 40 %
    heavy    0: 85 %    1: 15 %

Within a weight every mutation is equally likely; of those that concern the same part of the site
there is one at most. A mutation draws its details from the same seed.

Why that is plausible: Hammoudi, Rothermel and Tonella ("Why Do Record/Replay Tests of Web
Applications Break?", ICST 2016) followed eight web applications through 453 versions and saw 1065
breakages, two or three a version, about three quarters of them because what locates an element had
changed. So one or two hooks changed at a time is the usual case, none is not rare, and texts and
layout change more often than hooks. That a whole family of names changes is an event of years; at
one seed in seven it is here more often than in life, because it is what hurts most. Which hooks
change is anybody's guess, and so each is as likely as the other.

Nothing here looks at how any program reads the site.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from creative_flow_tj.sandbox.drift_cards import CARDS
from creative_flow_tj.sandbox.drift_change import Catalogue, Change, Mutation, Weight
from creative_flow_tj.sandbox.drift_hooks import HOOKS
from creative_flow_tj.sandbox.drift_layout import LAYOUT
from creative_flow_tj.sandbox.drift_panel import PANEL
from creative_flow_tj.sandbox.drift_rebuilds import REBUILDS
from creative_flow_tj.sandbox.drift_texts import TEXTS
from creative_flow_tj.sandbox.drift_tree import Element, parse, write

CATALOGUE: Catalogue = Catalogue(TEXTS | LAYOUT | CARDS | HOOKS | PANEL | REBUILDS)
"""Every mutation by name."""

COUNTS: Mapping[Weight, Mapping[int, int]] = {
    Weight.LIGHT: {2: 25, 3: 25, 4: 25, 5: 25},
    Weight.MEDIUM: {0: 15, 1: 45, 2: 40},
    Weight.HEAVY: {0: 85, 1: 15},
}
"""How many mutations of each weight a seed has, with the share of seeds in percent."""

ASSETS = "/assets/drift/"
"""Where a drifted page's style sheet and scripts are."""

_REFERRING = ("for", "aria-labelledby", "aria-controls", "aria-describedby")
_SHOWN = ("value", "placeholder", "aria-label")
_THE_USERS_OWN = frozenset({"creativeName", "accountName"})


class Drift:
    """The changes of one seed, and what they make of pages, scripts and style sheets."""

    def __init__(self, changes: Mapping[str, Change]) -> None:
        """Take changes by the names of their mutations; where two disagree, the later wins."""
        self.changes = changes
        self.settings = self._merged("settings")
        """The sandbox's settings that are overruled."""
        self.addresses: dict[str, str] = self._merged("addresses")
        """New addresses by old ones."""
        self._fields = {new: old for old, new in self._merged("fields").items()}
        kinds = ("ids", "classes", "attributes", "texts", "addresses", "options")
        self._names = {kind: self._merged(kind) for kind in kinds}

    @property
    def described(self) -> tuple[str, ...]:
        """What is changed, in words: each mutation's name and its details."""
        return tuple(f"{name}: {change.words}" for name, change in self.changes.items())

    def form(self, fields: Mapping[str, str]) -> dict[str, str]:
        """Return a form's fields under the names that they had before."""
        return {self._fields.get(name, name): value for name, value in fields.items()}

    def page(self, html: str) -> str:
        """Return a page, or a piece of one, as it is now."""
        root = parse(html)
        self._reword(root)
        for change in self.changes.values():
            if change.edit is not None:
                change.edit(root)
        for element in root.walk():
            self._rename(element)
        return write(root)

    def style(self, css: str) -> str:
        """Return a style sheet as it is now."""
        whole = "\n".join([css, *(change.style for change in self.changes.values())])
        names = {
            **{f"#{old}": f"#{new}" for old, new in self._names["ids"].items()},
            **{f".{old}": f".{new}" for old, new in self._names["classes"].items()},
            **{f"[{old}": f"[{new}" for old, new in self._names["attributes"].items()},
        }
        return re.sub(r"[.#\[][A-Za-z][\w-]*", lambda found: names.get(found[0], found[0]), whole)

    @property
    def table(self) -> str:
        """The table of names that the site's scripts look into, as a module."""
        return f"export default {json.dumps(self._names, ensure_ascii=False)};\n"

    def reason(self, text: str) -> str:
        """Return why an upload was refused, as the site says it now."""
        for change in self.changes.values():
            for pattern, replacement in change.errors:
                text = re.sub(pattern, replacement, text)
        return text

    def _merged(self, kind: str) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for change in self.changes.values():
            merged |= getattr(change, kind)
        return merged

    def _reword(self, element: Element) -> None:
        """Change texts, but not those that are the user's: names of creatives and accounts."""
        texts = self._names["texts"]
        for name in _SHOWN:
            if element.get(name) in texts and element.get("type") != "hidden":
                element.attributes[name] = texts[element.get(name)]
        if _THE_USERS_OWN & set(element.classes) or element.tag == "script":
            return
        for place, child in enumerate(element.children):
            if isinstance(child, Element):
                self._reword(child)
            elif child.strip() in texts:
                element.children[place] = child.replace(child.strip(), texts[child.strip()])

    def _rename(self, element: Element) -> None:
        ids, classes = self._names["ids"], self._names["classes"]
        renamed = self._names["attributes"]
        element.attributes = {
            renamed.get(name, name): value for name, value in element.attributes.items()
        }
        if "class" in element.attributes:
            names = [classes.get(name, name) for name in element.classes]
            element.attributes["class"] = " ".join(names)
        for name in ("id", *_REFERRING):
            if element.get(name) in ids:
                element.attributes[name] = ids[element.get(name)]
        for name in ("href", "src"):
            address = element.get(name)
            if address.startswith("/assets/"):
                element.attributes[name] = address.replace("/assets/", ASSETS, 1)
            elif address in self.addresses:
                element.attributes[name] = self.addresses[address]


def drawn(seed: int) -> tuple[Mutation, ...]:
    """Return the mutations of a seed, light ones first; none for the seed 0."""
    if not seed:
        return ()
    luck = random.Random(f"drift {seed}")  # noqa: S311  reproducible is what it has to be
    found: list[Mutation] = []
    for weight, shares in COUNTS.items():
        (count,) = luck.choices(list(shares), weights=list(shares.values()))
        order = [mutation for mutation in CATALOGUE.values() if mutation.weight is weight]
        luck.shuffle(order)
        for mutation in order:
            if count and mutation.part not in {other.part for other in found}:
                found.append(mutation)
                count -= 1
    return tuple(found)


@lru_cache(maxsize=64)
def drift_of(seed: int, only: str = "") -> Drift | None:
    """Return the drift of a seed, or with ``only`` that mutation alone, with the seed's details.

    None means that nothing has changed: the seed is 0 and there is no ``only``.
    """
    mutations = (CATALOGUE[only],) if only else drawn(seed)
    if not mutations:
        return None
    return Drift(
        {
            mutation.name: mutation.make(random.Random(f"{mutation.name} {seed}"))  # noqa: S311
            for mutation in mutations
        }
    )


def describe(seed: int) -> tuple[str, ...]:
    """Return what a seed changes, in words, one line for each mutation."""
    drift = drift_of(seed)
    return drift.described if drift else ()
