"""How a single file is made, by the rules of a platform's ad formats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from attrs import evolve

from creative_flow.choosing import choose
from creative_flow.creative import AdFormat, Kind, Media
from creative_flow.platform import PlatformInfo
from creative_flow.process.find import Source
from creative_flow.processed import Way


class Rule(NamedTuple):
    """How a file is made, for which ad format, and what is to be noted of that.

    ``suffix`` is its extension to begin with; ``max_bytes`` and ``file_types`` are the limits of a
    picture.
    """

    way: Way
    suffix: str
    max_bytes: int | None = None
    file_types: frozenset[str] = frozenset()
    ad_format: str = ""
    note: str = ""


class Rules:
    """The rules of one platform; without one, everything is copied as it is."""

    def __init__(self, info: PlatformInfo | None) -> None:
        self._formats = info.ad_formats if info else ()
        limits = [ad.max_bytes.value for ad in self._formats if ad.max_bytes]
        self._least_limit = min(limits, default=math.inf)
        self._by_name = [ad for ad in self._formats if ad.name_pattern]
        self._by_folder: dict[str, list[AdFormat]] = {}
        self._known: dict[tuple[Media, tuple[str, ...]], Rule] = {}

    def rule(self, source: Source, media: Media, size: int) -> Rule:
        """Return how a file of ``size`` bytes is made.

        It is found out once for all that are alike, and small enough for any ad format.
        """
        claimed = self._claims(source)
        if size > self._least_limit:
            return self._found(media, size, claimed)
        key = media, tuple(ad.name for ad in claimed)
        rule = self._known.get(key)
        if rule is None:
            rule = self._known[key] = self._found(media, size, claimed)
        return rule

    def _claims(self, source: Source) -> list[AdFormat]:
        """Return the ad formats that a source's folder chooses, or else its name."""
        folder = source.relative.rpartition("/")[0]
        if folder not in self._by_folder:
            where = Path(source.relative)
            self._by_folder[folder] = [ad for ad in self._formats if ad.claims(where)]
        if claimed := self._by_folder[folder]:
            return claimed
        stem = source.path.stem
        return [ad for ad in self._by_name if ad.claims_name(stem)]

    def _found(self, media: Media, size: int, claimed: Sequence[AdFormat]) -> Rule:
        way, suffix, most, types = self._way(media, size, claimed)
        if not self._formats:
            return Rule(way, suffix)
        choice = choose(
            self._formats,
            media if way is not Way.CONVERT else evolve(media, file_type=suffix[1:]),
            size if way is Way.COPY else min(size, most or size),
            claimed=lambda: claimed,
        )
        note = "" if choice.ad_format else choice.why_not
        if choice.findings:
            note = "; ".join(finding.message for finding in choice.findings)
        chosen = choice.ad_format.name if choice.ad_format else ""
        return Rule(way, suffix, most, types, chosen, note)

    def _way(
        self, media: Media, size: int, claimed: Sequence[AdFormat]
    ) -> tuple[Way, str, int | None, frozenset[str]]:
        suffix = f".{media.file_type}"
        most, types = self._limits(media, claimed)
        if not types:
            return Way.COPY, suffix, None, types
        if media.file_type not in types and "png" in types:
            return Way.CONVERT, ".png", most, types
        if most is not None and size > most and media.file_type in types:
            return Way.COMPRESS, suffix, most, types
        return Way.COPY, suffix, most, types

    def _limits(
        self, media: Media, claimed: Sequence[AdFormat]
    ) -> tuple[int | None, frozenset[str]]:
        """Return the most bytes that a picture may have (None: any), and the types it may be of.

        There are no types if there is no ad format for it, or if it is none.
        """
        if media.kind is not Kind.IMAGE:
            return None, frozenset()
        formats = [ad for ad in claimed if ad.kind is Kind.IMAGE] or [
            ad for ad in self._formats if ad.kind is Kind.IMAGE and _fits_pixels(ad, media)
        ]
        types = frozenset[str]().union(*(ad.file_types.value for ad in formats))
        limits = [ad.max_bytes.value for ad in formats if ad.max_bytes]
        return min(limits) if limits and len(limits) == len(formats) else None, types


def _fits_pixels(ad_format: AdFormat, media: Media) -> bool:
    limit = ad_format.dimensions
    return limit is None or (media.width, media.height) in limit.value
