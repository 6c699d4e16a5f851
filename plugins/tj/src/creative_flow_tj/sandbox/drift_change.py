"""What a drift is made of: mutations, each with a weight, and the changes they make."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from enum import Enum
from random import Random

import attrs

from creative_flow_tj.sandbox.drift_tree import Element

Edit = Callable[[Element], None]


class Weight(Enum):
    """How big a change of the site a mutation is."""

    LIGHT = "light"
    """Wrappers, order, texts, one more block: what any release may bring."""
    MEDIUM = "medium"
    """One thing is called, built or reached otherwise: what a reworked part of a page brings."""
    HEAVY = "heavy"
    """A whole family of names or elements is another, as after a change of the build tool."""


@attrs.frozen(kw_only=True)
class Change:
    """What one mutation changes, with the words it chose. Names are those of the site as it was.

    ``ids``, ``classes``, ``attributes`` and ``texts`` map old to new ones, in markup, scripts and
    style sheet alike. ``edit`` changes a tree, and takes any piece of a page; ``style`` is added to
    the style sheet, ``options`` are for the scripts, ``settings`` overrule the sandbox's,
    ``addresses`` and ``fields`` (of the sign-in form) map old to new. ``errors`` are pairs of a
    regular expression and a replacement for the reasons that uploads are refused with.
    """

    words: str
    ids: Mapping[str, str] = {}
    classes: Mapping[str, str] = {}
    attributes: Mapping[str, str] = {}
    texts: Mapping[str, str] = {}
    edit: Edit | None = None
    style: str = ""
    options: Mapping[str, bool] = {}
    settings: Mapping[str, object] = {}
    addresses: Mapping[str, str] = {}
    fields: Mapping[str, str] = {}
    errors: tuple[tuple[str, str], ...] = ()


Make = Callable[[Random], Change]


@attrs.frozen
class Mutation:
    """One way in which the site may change. ``make`` chooses the details and tells them.

    Of mutations that share a ``part`` of the site, a seed has one at most: they would undo each
    other.
    """

    name: str
    weight: Weight
    part: str
    doc: str
    make: Make


class Catalogue(dict[str, Mutation]):
    """Mutations by name. Its methods decorate the functions that make their changes."""

    def _adding(self, weight: Weight, part: str) -> Callable[[Make], Make]:
        def add(make: Make) -> Make:
            name = make.__name__
            doc = (make.__doc__ or "").strip().partition("\n")[0]
            self[name] = Mutation(name, weight, part or name, doc, make)
            return make

        return add

    def light(self, part: str = "") -> Callable[[Make], Make]:
        """Add a light mutation of a part (default: one of its own)."""
        return self._adding(Weight.LIGHT, part)

    def medium(self, part: str = "") -> Callable[[Make], Make]:
        """Add a medium mutation of a part."""
        return self._adding(Weight.MEDIUM, part)

    def heavy(self, part: str = "") -> Callable[[Make], Make]:
        """Add a heavy mutation of a part."""
        return self._adding(Weight.HEAVY, part)


def salt_of(luck: Random) -> str:
    """Draw what decides an order or a hash."""
    return f"{luck.getrandbits(32):08x}"


def shuffled(salt: str, name: str) -> str:
    """Return a key that sorts names into an order that only the salt decides."""
    return hashlib.sha256(f"{salt} {name}".encode()).hexdigest()
