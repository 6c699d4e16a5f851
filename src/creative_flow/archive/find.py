"""Which files can be archived: those whose content is up under their name. Why the others stay."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from attrs import define, field, frozen

from creative_flow.archive.moves import Facts
from creative_flow.archive.results import Left
from creative_flow.creative import Status, file_key
from creative_flow.errors import UsageError
from creative_flow.events import Listener, Progressed
from creative_flow.ledger import Ledger, PastUpload
from creative_flow.moving import digest
from creative_flow.naming import ids_in
from creative_flow.workspace import Workspace

_OTHER = {"VID": "IMG", "IMG": "VID"}
_ORIGINAL = "ORG_"
_SMALL_BYTES = 256 * 1024


@frozen
class Found:
    """A file that is up. ``path`` lies below the workspace; ``upload`` is what proves it."""

    path: Path
    facts: Facts
    upload: PastUpload


@define
class _Looked:
    """One file that was looked at, and what is known of it so far."""

    path: Path
    facts: Facts
    up: tuple[PastUpload, ...] = ()
    why: str = ""
    failed: bool = False
    base: str = field(default="", init=False)
    half: str = field(default="", init=False)

    def __attrs_post_init__(self) -> None:
        own, self.base = ids_in(self.path.stem)
        self.half = own.removeprefix(f"{self.base}-") if self.base else ""

    def stays(self, why: str, *, failed: bool = False) -> None:
        self.up, self.why, self.failed = (), why, failed


@frozen
class Finder:
    """Looks at files and at what the ledger knows of them. Nothing is changed.

    Empty ``platform`` or ``account``: any.
    """

    place: Workspace
    ledger: Ledger
    platform: str
    account: str
    tell: Listener

    def find(self, paths: Sequence[Path] | None) -> tuple[list[Found], list[Left]]:
        """Return the files that are up, and the others with the reason.

        None stands for the folder ``uploaded/``. Raises `UsageError` for a path that lies outside
        the workspace, or holds its records.
        """
        looked: dict[Path, _Looked] = {}
        left: list[Left] = []
        for path in self._files(paths, left):
            if path in looked:
                continue
            facts = Facts.of(path)
            if path.is_symlink():
                left.append(Left(path, "it is a link, and links are not archived"))
            elif facts is None:
                left.append(Left(path, "it is no plain file"))
            else:
                looked[path] = _Looked(path, facts)
        self._compare(list(looked.values()))
        self._pair(list(looked.values()))
        found = []
        for it in looked.values():
            if it.up:
                found.append(Found(it.path, it.facts, it.up[-1]))
            else:
                left.append(Left(it.path, it.why, it.failed))
        return found, left

    # ── Which files ──────────────────────────────────────────────────────────────────────────────

    def _files(self, paths: Sequence[Path] | None, left: list[Left]) -> Iterator[Path]:
        for path in [self.place.uploaded] if paths is None else paths:
            start = self._below_the_workspace(path)
            if start.is_dir():
                yield from self._walk(start, left)
            elif os.path.lexists(start):
                yield start
            else:
                left.append(Left(start, "there is no such file", failed=True))

    def _below_the_workspace(self, path: Path) -> Path:
        """Return a path as it is called from the workspace on. Raises `UsageError`."""
        found = below(self.place, path)
        if found is None:
            raise UsageError(
                f"{path} lies outside the workspace {self.place.root}.",
                hint="Only files of the workspace are archived; --workspace names another one.",
            )
        if any(found == own or own in found.parents for own in self._own()):
            raise UsageError(
                f"{path} is not for archiving.", hint="Name files or folders below uploaded/."
            )
        return found

    def _own(self) -> tuple[Path, ...]:
        """Return the folders whose files are not creatives that are ready to upload."""
        place = self.place
        data = place.root / "data"
        return (place.archive, place.source_files, place.tracking, place.config, data)

    def _walk(self, start: Path, left: list[Left]) -> Iterator[Path]:
        own = set(self._own())

        def unreadable(error: OSError) -> None:
            why = f"it can't be read: {error.strerror or error}"
            left.append(Left(Path(str(error.filename)), why, failed=True))

        for here, folders, names in os.walk(start, onerror=unreadable):
            folder = Path(here)
            folders[:] = sorted(
                name for name in folders if name[:1] != "." and folder / name not in own
            )
            for name in sorted(names):
                if name[:1] != ".":
                    yield folder / name

    # ── What is up ───────────────────────────────────────────────────────────────────────────────

    def _compare(self, files: Sequence[_Looked]) -> None:
        """Hold each file against the uploads of its name."""
        keys = {it.path: file_key(it.path.stem) for it in files}
        known = self.ledger.uploads().by_name(
            set(keys.values()), platform=self.platform, account=self.account
        )
        for done, it in enumerate(files, start=1):
            past = known.get(keys[it.path], ())
            try:
                self._decide(it, past)
            except OSError as error:
                it.stays(f"it can't be read: {error.strerror or error}", failed=True)
            self.tell(Progressed("checking", done, len(files), it.path.name))

    def _decide(self, it: _Looked, past: Sequence[PastUpload]) -> None:
        # A file that can't be what went up need not be read.
        may_be = [upload for upload in past if upload.size == it.facts.size]
        digest = self._sha256(it) if any(upload.is_up for upload in may_be) else ""
        same = [upload for upload in may_be if upload.sha256 == digest]
        it.up = tuple(upload for upload in same if upload.is_up)
        if not it.up:
            it.stays(_why_not(it.path, past))

    def _sha256(self, it: _Looked) -> str:
        # What is small is read sooner than its hash is looked up.
        small = it.facts.size <= _SMALL_BYTES
        return digest(it.path) if small else self.ledger.sha256(it.path)

    # ── Native pairs ─────────────────────────────────────────────────────────────────────────────

    def _pair(self, files: Iterable[_Looked]) -> None:
        """Keep the halves of a native pair together: one goes only if both are up."""
        halves: defaultdict[tuple[str, str], list[_Looked]] = defaultdict(list)
        for it in files:
            if it.base:
                halves[it.base, it.half].append(it)
        missing = {
            f"{it.base}-{_OTHER[it.half]}"
            for group in halves.values()
            for it in group
            if it.up and not halves.get((it.base, _OTHER[it.half]))
        }
        gone = self.ledger.uploads().by_unique_id(
            missing, platform=self.platform, account=self.account
        )
        where = {
            name: {(it.platform, it.account) for half in group for it in half.up}
            for name, group in halves.items()
        }
        for (base, half), group in list(halves.items()):
            other = _OTHER[half]
            beside = halves.get((base, other))
            if beside:
                # Each of them must be what is up, or the pair would be torn apart.
                there = where[base, other] if all(it.up for it in beside) else set()
            else:
                up = (it for it in gone.get(f"{base}-{other}", ()) if it.is_up)
                there = {(it.platform, it.account) for it in up}
            for it in group:
                if it.up:
                    common = tuple(u for u in it.up if (u.platform, u.account) in there)
                    it.up = common
                    if not common:
                        it.stays(f"its other half (…{base}-{other}) is not up")


def below(place: Workspace, path: Path) -> Path | None:
    """Return a path as it is called from the workspace's root on, None if it lies outside.

    ``uploaded/`` may be a link to a folder elsewhere: what lies there counts as below it.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - a link keeps its own name
    if absolute.is_relative_to(place.root):
        return absolute
    real = absolute.parent.resolve() / absolute.name
    if absolute.is_dir():
        real = absolute.resolve()
    if real.is_relative_to(place.root):
        return real
    uploaded = place.uploaded.resolve()
    return place.uploaded / real.relative_to(uploaded) if real.is_relative_to(uploaded) else None


def _why_not(path: Path, past: Sequence[PastUpload]) -> str:
    if path.name.startswith(_ORIGINAL):
        return "an original (ORG_) is never uploaded"
    if not past:
        return "not uploaded from here"
    newest = past[-1]
    if any(upload.fate_open for upload in past):
        return "it is open whether it is up (`cfu resolve` tells more)"
    if up := [upload for upload in past if upload.is_up]:
        return f"changed since it was uploaded as Creative ID {up[-1].creative_id}"
    if newest.creative_id and not newest.stands:
        return f"its Creative ID {newest.creative_id} was forgotten, or removed on the platform"
    if newest.status in {Status.PENDING, Status.FILE_NOT_FOUND}:
        return "not uploaded from here"
    return f"not up: {newest.status} in run {newest.run}"
