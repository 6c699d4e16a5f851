"""The nouns: creatives, ad formats, batches, library entries, outcomes.

All are frozen; none does input or output. Words are used as in the documentation: a *creative* is
one file to upload, an *ad format* the part of a platform's library it belongs to.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import frozen

T = TypeVar("T")


class Status(StrEnum):
    """What became of one creative in one run."""

    SUCCESS = "success"
    DUPLICATE = "duplicate"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN_ID = "unknown_id"
    FILE_NOT_FOUND = "file_not_found"
    PENDING = "pending"
    DRY_RUN = "dry_run"

    @property
    def is_well(self) -> bool:
        """Whether a run in which every creative ends so exits with 0."""
        return self in _WELL


_WELL = frozenset(
    {Status.SUCCESS, Status.DUPLICATE, Status.SKIPPED, Status.PENDING, Status.DRY_RUN}
)


class Kind(StrEnum):
    """What a media file is, judged by its content."""

    IMAGE = "image"
    VIDEO = "video"


MEDIA_SUFFIXES = frozenset(
    "jpg jpeg png gif webp bmp mp4 mov avi webm mkv flv wmv m4v".split()  # noqa: SIM905
)
"""What is picked up from a folder. A file that is named itself is always looked at."""


class Certainty(StrEnum):
    """How sure a fact about a platform is.

    A rule that is KNOWN or LIKELY rejects before sending (LIKELY names the setting that lifts it);
    one that is UNKNOWN only warns.
    """

    KNOWN = "known"
    LIKELY = "likely"
    UNKNOWN = "unknown"


@frozen
class Media:
    """What was read from a media file itself, never from its name.

    ``file_type`` is the container as an extension without a dot (``png``, ``jpg``, ``gif``,
    ``mp4``), ``seconds`` the duration of a video (``None`` for an image).
    """

    kind: Kind
    file_type: str
    width: int
    height: int
    seconds: float | None = None
    codec: str = ""

    @property
    def dimensions(self) -> str:
        """Width and height as ``640x360``."""
        return f"{self.width}x{self.height}"


@frozen
class Limit(Generic[T]):
    """One limit that a platform enforces.

    ``source`` says where the fact comes from; ``setting`` is the key of the platform's
    settings file that changes it.
    """

    value: T
    certainty: Certainty
    source: str
    setting: str


@frozen
class Finding:
    """Something a rule has to say about a file. ``rejects`` is False for a mere warning."""

    message: str
    rejects: bool
    setting: str = ""


@frozen
class AdFormat:
    """A part of a platform's library, with the rules for what it takes.

    ``folders`` are path endings that choose this ad format (``Native/Video``), ``name_pattern`` a
    regular expression that a file's stem must match to choose it (``VID_.*-VID``). A limit that
    is ``None`` is not known to exist. ``dimensions`` are pairs of pixels (width, height),
    ``seconds`` a closed range, ``max_bytes`` counts bytes.
    """

    name: str
    title: str
    kind: Kind
    file_types: Limit[frozenset[str]]
    dimensions: Limit[frozenset[tuple[int, int]]] | None = None
    seconds: Limit[tuple[float, float]] | None = None
    max_bytes: Limit[int] | None = None
    folders: tuple[str, ...] = ()
    name_pattern: str = ""

    def claims(self, path: Path) -> bool:
        """Say whether the folder that ``path`` lies in chooses this ad format."""
        parent = tuple(part.casefold() for part in path.parent.parts)
        for folder in (*self.folders, self.name):
            wanted = tuple(part.casefold() for part in Path(folder).parts)
            if parent[-len(wanted) :] == wanted:
                return True
        return False

    def claims_name(self, stem: str) -> bool:
        """Say whether a file's name, without extension, chooses this ad format."""
        return bool(self.name_pattern) and re.fullmatch(self.name_pattern, stem) is not None

    def check(self, media: Media, size: int) -> Iterator[Finding]:
        """Yield what the rules have to say about a file of ``size`` bytes."""
        if media.kind is not self.kind:
            yield Finding(f"{self.name} takes a {self.kind}, this is a {media.kind}", rejects=True)
            return
        if media.file_type not in self.file_types.value:
            allowed = ", ".join(sorted(self.file_types.value))
            yield _finding(self.file_types, f"type is {media.file_type}, allowed: {allowed}")
        limit = self.dimensions
        if limit is not None and (media.width, media.height) not in limit.value:
            allowed = ", ".join(f"{w}x{h}" for w, h in sorted(limit.value))
            yield _finding(limit, f"size is {media.dimensions} pixels, allowed: {allowed}")
        if self.seconds is not None and media.seconds is not None:
            least, most = self.seconds.value
            if not least <= media.seconds <= most:
                yield _finding(
                    self.seconds,
                    f"duration is {media.seconds:.2f} s, allowed: {least:g} to {most:g} s",
                )
        if self.max_bytes is not None and size > self.max_bytes.value:
            yield _finding(
                self.max_bytes, f"file has {size:,} bytes, allowed: {self.max_bytes.value:,}"
            )


def _finding(limit: Limit[T], message: str) -> Finding:
    return Finding(
        message,
        rejects=limit.certainty is not Certainty.UNKNOWN,
        setting="" if limit.certainty is Certainty.KNOWN else limit.setting,
    )


@frozen
class NativePair:
    """How a platform wants a clip and its still picture that belong together.

    ``video`` and ``image`` are the names of their ad formats, ``width`` and ``height`` the pixels
    that both have, ``seconds`` how much of a longer video the clip holds at most. How many bytes
    each may have is its ad format's rule.
    """

    video: str
    image: str
    width: int
    height: int
    seconds: float


def name_key(name: str) -> str:
    """Return what two names share when a platform can't tell them apart.

    White space is folded as HTML folds it, Unicode brought to NFC, and a quote to the form in which
    a browser sends it as part of a file's name (WHATWG HTML, "multipart form data").
    """
    return " ".join(unicodedata.normalize("NFC", name.replace('"', "%22")).split())


def file_key(stem: str) -> str:
    """Return the `name_key` of a file by its name without extension.

    A browser sends line ends in a file's name escaped (WHATWG HTML, "multipart form data").
    """
    return name_key(stem.replace("\r", "%0D").replace("\n", "%0A"))


_SHORTEST_CUT = 16
"""Signs of a name that a platform would leave at least where it cuts."""


def may_be_shown_as(key: str, shown: str) -> bool:
    """Say whether ``shown`` may be the name ``key``, cut or with some of its signs changed.

    That proves nothing; it only forbids to say that the name is not there.
    """
    mine, theirs = (
        "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))
        for name in (key, shown)
    )
    cut = shown.rstrip().endswith(("…", "...")) or len(theirs) >= _SHORTEST_CUT
    return mine == theirs or (cut and mine.startswith(theirs))


@frozen
class Creative:
    """One file to upload, with what is known of it.

    ``ad_format`` is the name of its ad format, ``size`` in bytes, ``sha256`` in lower-case hex.
    ``unique_id`` and ``native_pair_id`` are empty where none is known; ``note`` is a warning.
    """

    path: Path
    ad_format: str
    size: int
    sha256: str
    media: Media | None = None
    unique_id: str = ""
    native_pair_id: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """The file's name with extension."""
        return self.path.name

    @property
    def stem(self) -> str:
        """The file's name without its last extension, as platforms show it."""
        return self.path.stem

    @property
    def key(self) -> str:
        """What the platform can tell names apart by."""
        return file_key(self.stem)


@frozen
class Batch:
    """Creatives of one ad format that are sent in one go. ``number`` counts from 1 in a run."""

    number: int
    ad_format: str
    creatives: tuple[Creative, ...]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(creative.size for creative in self.creatives)


@frozen
class LibraryEntry:
    """One creative as the platform's library shows it.

    ``name`` is as shown (platforms drop the extension), ``reason`` why it was rejected; what the
    page does not show is empty.
    """

    ad_format: str
    creative_id: str
    name: str
    review_status: str = ""
    dimensions: str = ""
    file_type: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        """What the platform can tell names apart by."""
        return name_key(self.name)


@frozen
class Snapshot:
    """What stood in an ad format's library before a batch was sent, newest first.

    ``complete`` is True if it reaches to the library's end; else it holds the newest entries only.
    """

    ad_format: str
    entries: tuple[LibraryEntry, ...]
    complete: bool
    taken_at: datetime

    @property
    def ids(self) -> frozenset[str]:
        """The Creative IDs that stood there."""
        return frozenset(entry.creative_id for entry in self.entries)

    def named(self, key: str) -> tuple[LibraryEntry, ...]:
        """Return the entries whose name has this key."""
        return tuple(entry for entry in self.entries if entry.key == key)


@frozen
class Outcome:
    """What became of one creative in one run.

    ``error`` is one line that says why, empty where all is well; ``evidence`` names files below the
    workspace; ``retries`` counts how often a step before the sending was repeated.
    """

    path: Path
    status: Status
    ad_format: str = ""
    creative_id: str = ""
    error: str = ""
    evidence: tuple[str, ...] = ()
    retries: int = 0
    size: int = 0
    sha256: str = ""
    unique_id: str = ""
    native_pair_id: str = ""
    batch: int | None = None
    at: datetime | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """The file's name with extension."""
        return self.path.name


@frozen
class Report:
    """One run as the command line prints it and `creative_flow.upload` returns it.

    There is one outcome per creative, in the order of the plan. ``error`` is empty unless the run
    as a whole was stopped; ``exit_code`` then is that error's. ``login`` is who the account is,
    ``status_csv`` the file that lists the outcomes of a live run, ``ads_csvs`` the files to make
    ads with, and ``ads_remarks`` what is to be said of those, a line each.
    """

    run: str
    platform: str
    title: str
    account: str
    live: bool
    outcomes: tuple[Outcome, ...]
    login: str = ""
    error: str = ""
    error_exit_code: int = 0
    seconds: float = 0.0
    status_csv: Path | None = None
    ads_csvs: tuple[Path, ...] = ()
    ads_remarks: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many creatives ended in each status that occurs."""
        return dict(Counter(outcome.status.value for outcome in self.outcomes))

    @property
    def exit_code(self) -> int:
        """0 if all is well, 1 if some creative is not, else the code of what stopped the run."""
        if self.error:
            return self.error_exit_code or 1
        return 0 if all(outcome.status.is_well for outcome in self.outcomes) else 1

    def to_dict(self) -> dict[str, Any]:
        """Return the run as ``--json`` prints it (DESIGN, "Command line")."""
        return {
            "run": self.run,
            "platform": self.platform,
            "account": self.account,
            "live": self.live,
            "error": self.error or None,
            "counts": self.counts,
            "outcomes": [
                {
                    "path": str(outcome.path),
                    "name": outcome.name,
                    "ad_format": outcome.ad_format or None,
                    "status": outcome.status.value,
                    "creative_id": outcome.creative_id or None,
                    "error": outcome.error or None,
                    "retries": outcome.retries,
                    "evidence": list(outcome.evidence),
                }
                for outcome in self.outcomes
            ],
        }
