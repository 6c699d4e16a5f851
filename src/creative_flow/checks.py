"""What looking at a platform's pages found: one `Check` for each thing the plugin relies on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from attrs import frozen


class CheckState(StrEnum):
    """Whether a thing is where it is expected."""

    FOUND = "found"
    FALLBACK = "fallback"
    MISSING = "missing"
    NOT_CHECKED = "not_checked"


@frozen
class Tried:
    """One way to find a thing, and where the knowledge of it comes from."""

    selector: str
    source: str


@frozen
class Check:
    """What became of one thing that a plugin looks for.

    ``key`` is its name in the platform's settings file, such as ``selectors.upload.open``;
    ``where`` the page, for people. ``tried`` are the ways to find it, the most trusted first;
    ``rank`` is the place among them of the one that did, 0 being the first: any later one is a
    fallback. ``needed`` says that nothing can be uploaded without it. ``why`` is a remark, such as
    the reason why it could not be checked. ``suggestion`` is one line of TOML for the table that
    the key names, empty where there is none; it was tried on the page. ``evidence`` shows the page
    on which the thing is missing.
    """

    key: str
    where: str
    state: CheckState
    needed: bool = True
    tried: tuple[Tried, ...] = ()
    rank: int = 0
    why: str = ""
    suggestion: str = ""
    evidence: tuple[Path, ...] = ()

    @property
    def is_trouble(self) -> bool:
        """Whether this stops an upload."""
        return self.needed and self.state is CheckState.MISSING

    @property
    def table(self) -> str:
        """The table of the settings file that ``suggestion`` goes into."""
        return self.key.rpartition(".")[0]

    def to_dict(self) -> dict[str, object]:
        """Return the check as JSON takes it."""
        return {
            "key": self.key,
            "where": self.where,
            "state": self.state.value,
            "needed": self.needed,
            "rank": self.rank,
            "why": self.why,
            "tried": [{"selector": way.selector, "source": way.source} for way in self.tried],
            "suggestion": self.suggestion,
            "evidence": [str(path) for path in self.evidence],
        }
