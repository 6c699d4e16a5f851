"""What is asked for, and what the files say: campaigns, each with the ads of its CSV."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from creative_flow.ads import AdSheet
from creative_flow.campaign import Ad
from creative_flow.errors import UsageError


@frozen
class Wish:
    """What the user asked for.

    Either a ``mapping``, of which ``campaigns`` picks some, or one ads CSV (``ads``) for
    ``campaigns``. ``slot`` keeps several jobs apart. ``fresh`` begins anew, ``retry_failed`` takes
    up what failed, ``force`` adds ads although the campaign has them. ``drop_invalid`` sends a CSV
    again without the creatives that the platform calls invalid. ``wait`` waits for another run that
    holds the account; ``parallel`` is how many campaigns are worked on at once.
    """

    mapping: Path | None = None
    ads: Path | None = None
    campaigns: Sequence[str] = ()
    slot: str = ""
    fresh: bool = False
    retry_failed: bool = False
    force: bool = False
    drop_invalid: bool = False
    wait: bool = False
    parallel: int = 1


class CheckFailed(UsageError):
    """Something in the mapping or the ads CSVs is wrong; ``problems`` tells all of it, by line."""

    def __init__(self, problems: Sequence[str]) -> None:
        first, more = problems[0], len(problems) - 1
        super().__init__(
            f"{more + 1:,} things are wrong in these files: {first} … and {more:,} more."
            if more
            else f"{first}.",
            hint="Nothing was sent. Mend it and run again.",
        )
        self.problems = tuple(problems)


@frozen
class AdRow:
    """One row of an ads CSV; ``line`` is where it stands."""

    line: int
    cells: tuple[str, ...]
    ad: Ad


@frozen
class AdFile:
    """An ads CSV that was read and checked."""

    path: Path
    sheet: AdSheet
    rows: tuple[AdRow, ...]

    @property
    def digest(self) -> str:
        """What its ads are: another one, if any cell is another."""
        text = repr((self.sheet.name, [row.cells for row in self.rows]))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def is_native(self) -> bool:
        """Whether its ads are made of native pairs."""
        return not self.sheet.ad_format


@frozen
class Item:
    """One campaign that is to get the ads of one CSV. ``name`` is what the mapping calls it."""

    campaign_id: str
    file: AdFile
    name: str = ""


@frozen
class Reading:
    """What came of reading: campaigns in order; what is wrong, and what may be."""

    items: tuple[Item, ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
