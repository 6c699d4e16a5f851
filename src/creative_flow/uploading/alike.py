"""Creatives that look like one that is up, or like another one of the run: told, or left out.

What a content looks like is computed once and kept in the ledger; only contents that went through a
plan have a look. Alike are creatives of one ad format: the same picture in another one is meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attrs import evolve, frozen

from creative_flow.creative import Creative, Status
from creative_flow.errors import SettingsError, UsageError
from creative_flow.ledger import KnownEntry, Lookups
from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.looks import MOST_DISTANCE, distance, keys_near, keys_of
from creative_flow.platform import Context
from creative_flow.probe.looks import MOMENTS, can_look, look
from creative_flow.uploading.items import Item, ended, with_note
from creative_flow.workspace import Workspace

_Near = Mapping[str, Mapping[str, int]]

_AT_ONCE = 64
"""How many looks are computed before they are written down."""


@frozen
class Thresholds:
    """What counts as alike: bits that may differ, and moments of a clip that must agree."""

    bits: int
    moments: int


def thresholds(place: Workspace, *, skip: bool) -> Thresholds | None:
    """Return what is set, or None where nothing is to be looked at.

    Raises `UsageError` if look-alikes are to be skipped and can't be told, and `SettingsError`.
    """
    limits = Thresholds(
        _whole(place, "SIMILAR_BITS", 0, MOST_DISTANCE),
        _whole(place, "SIMILAR_MOMENTS", 1, len(MOMENTS)),
    )
    if skip and not can_look():
        raise UsageError(
            "Look-alikes can't be told: the package ImageHash is not installed.",
            hint="Run `pip install 'creative-flow[similar]'`, or leave --skip-similar out.",
        )
    wanted = skip or place.flag("FIND_SIMILAR")
    return limits if wanted and can_look() else None


def _whole(place: Workspace, name: str, least: int, most: int) -> int:
    number = place.number(name)
    if number != int(number) or not least <= number <= most:
        found = place.find(name)
        raise SettingsError(
            f"{name} must be a whole number from {least} to {most}, not {number:g}.",
            hint=f"It is set in {found.where if found else 'the defaults'}.",
        )
    return int(number)


class Alike:
    """Looks at what is to be sent, and holds it against what is known and against each other."""

    def __init__(self, context: Context, ledger: Lookups, limits: Thresholds) -> None:
        self._context = context
        self._ledger = ledger
        self._limits = limits
        self._here = _Run(limits)

    def judge(
        self, items: Sequence[Item], *, skip: bool, step: Callable[[int, int], None]
    ) -> list[Item]:
        """Note what looks like something else; with ``skip``, leave it out.

        ``step`` is told how many of how many were looked at.
        """
        going = [it.creative for it in items if it.creative and not it.outcome and not it.intent]
        looks, near = self._looked(going, step)
        like = self._liking(near, looks)
        judged = []
        for item in items:
            it = item.creative
            if it is None or item.outcome or item.intent:
                judged.append(item)
                continue
            told = like(it)
            if told and skip:
                judged.append(ended(item, Status.SKIPPED, f"{told}; left out by --skip-similar"))
                continue
            self._here.add(it, looks[it.sha256])
            judged.append(evolve(item, creative=with_note(it, told)) if told else item)
        return judged

    def known(self, creatives: Sequence[Creative]) -> dict[str, Sequence[str]]:
        """Return the looks, by content, that need not be computed any more."""
        return dict(self._ledger.looks({it.sha256 for it in creatives}))

    def tell(
        self,
        creatives: Sequence[Creative],
        looks: Mapping[str, Sequence[str]],
        fresh: Mapping[str, tuple[str, ...]],
    ) -> dict[Path, str]:
        """Return what creatives look like, by path, and keep the looks that are ``fresh``."""
        self._ledger.add_looks(fresh)
        like = self._liking(self._near({it.sha256: looks[it.sha256] for it in creatives}), looks)
        told = {}
        for it in creatives:
            if found := like(it):
                told[it.path] = found
            self._here.add(it, looks[it.sha256])
        return told

    def _looked(
        self, creatives: Sequence[Creative], step: Callable[[int, int], None]
    ) -> tuple[Mapping[str, Sequence[str]], _Near]:
        """Return the looks of creatives, computing what is not known, and what is near to each."""
        looks = self.known(creatives)
        missing = [it for it in creatives if it.sha256 not in looks]
        done = 0
        # Large libraries are searched while the next files are looked at. The ledger takes one call
        # at a time, so it has one thread.
        with ThreadPoolExecutor(1, thread_name_prefix="near") as ledger:
            searches = [ledger.submit(self._near, dict(looks))]
            for some in chunked(missing, _AT_ONCE):
                fresh = {}
                for creative in some:
                    fresh[creative.sha256] = look_of(creative)
                    done += 1
                    step(done, len(missing))
                searches.append(ledger.submit(self._kept, fresh))
                looks.update(fresh)
            return looks, {it: near for search in searches for it, near in search.result().items()}

    def _kept(self, fresh: Mapping[str, tuple[str, ...]]) -> _Near:
        self._ledger.add_looks(fresh)
        return self._near(fresh)

    def _near(self, looks: Mapping[str, Sequence[str]]) -> _Near:
        """Return what is near to each of these contents, and in how many bits it differs."""
        return self._ledger.near(looks, most=self._limits.bits, moments=self._limits.moments)

    def _liking(self, near: _Near, looks: Mapping[str, Sequence[str]]) -> Callable[[Creative], str]:
        """Return what says what a creative looks like."""
        entries = self._ledger.by_content(
            self._context.platform,
            self._context.account,
            {content for found in near.values() for content in found},
        )
        return lambda it: (
            _as_entry(near[it.sha256], entries, it) or self._here.like(it, looks[it.sha256])
        )


def look_of(creative: Creative) -> tuple[str, ...]:
    """Return what a creative looks like; it is read for that."""
    return look(creative.path, creative.media) if creative.media else ("",)


def _as_entry(
    near: Mapping[str, int],
    entries: Mapping[str, Sequence[KnownEntry]],
    creative: Creative,
) -> str:
    """Say which entry of its ad format the creative looks like, the nearest one first."""
    there = [
        (bits, entry)
        for content, bits in near.items()
        for entry in entries.get(content, ())
        if entry.stands and entry.ad_format == creative.ad_format and content != creative.sha256
    ]
    if not there:
        return ""
    _, entry = min(there, key=lambda it: (it[0], it[1].position))
    return f"looks like {entry.name}, Creative ID {entry.creative_id}"


class _Run:
    """The looks of one run's creatives, found as the ledger finds its own: by their bands."""

    def __init__(self, limits: Thresholds) -> None:
        self._limits = limits
        self._bands: defaultdict[tuple[str, int, int], list[int]] = defaultdict(list)
        self._all: list[tuple[Creative, Sequence[str]]] = []

    def add(self, creative: Creative, hashes: Sequence[str]) -> None:
        self._all.append((creative, hashes))
        for moment, hash_ in enumerate(hashes):
            for key in keys_of(hash_) if hash_ else ():
                self._bands[creative.ad_format, moment, key].append(len(self._all) - 1)

    def like(self, creative: Creative, hashes: Sequence[str]) -> str:
        """Say which earlier one the creative looks like."""
        wanted = min(self._limits.moments, len(hashes))
        numbers = {
            number
            for moment, hash_ in enumerate(hashes)
            for key in (keys_near(hash_) if hash_ else ())
            for number in self._bands.get((creative.ad_format, moment, key), ())
        }
        for number in sorted(numbers):
            other, theirs = self._all[number]
            if other.path == creative.path:  # sent once more
                continue
            alike = sum(
                bool(a and b) and distance(a, b) <= self._limits.bits
                for a, b in zip(hashes, theirs, strict=False)
            )
            if len(theirs) == len(hashes) and alike >= wanted:
                return f"looks like {other.path} of this run"
        return ""
