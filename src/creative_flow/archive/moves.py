"""Moving files so that at no moment there are fewer good bytes than before, power cuts included.

Nothing is renamed: a file first gets a second name, and loses the first one when the second is
durable. Within one file system that is a hard link; else a copy, flushed and read back. What is
there is never overwritten.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from attrs import define, field, frozen

from creative_flow.durable import make_folder, sync, sync_folder
from creative_flow.failpoints import failpoint
from creative_flow.moving import digest

_BLOCK = 1024 * 1024
_FRESH_SECONDS = 3600.0
"""What changed so lately may not be on the disk yet, whoever wrote it."""

_NO_LINKS = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}
)
"""What a file system says that can't give this file another name there."""


@frozen
class Facts:
    """What tells cheaply that a file is still the same one, with the same content."""

    device: int
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Facts | None:
        """Return a plain file's facts; None for what is not there or is no plain file."""
        try:
            found = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    def is_same_file(self, other: Facts | None) -> bool:
        """Say whether the other are the facts of this very file, under whatever name."""
        return other is not None and (self.device, self.inode) == (other.device, other.inode)


class NotMoved(Exception):
    """A file stays where it is. The message says why, in one line."""


@define
class Move:
    """One file on its way from ``source`` to ``target``.

    ``facts`` are the source's as of when its content was known to be ``sha256``. ``there`` is True
    where the target holds this content already, ``held`` where an empty file, left by a crash,
    holds its name. ``why`` says what went wrong, if something did.
    """

    source: Path
    target: Path
    sha256: str
    facts: Facts
    there: bool = False
    held: bool = False
    why: str = ""
    part: Path | None = field(default=None, init=False)

    @property
    def goes_on(self) -> bool:
        """Whether nothing has gone wrong so far."""
        return not self.why


class Mover:
    """Carries moves out in groups, step by step: `prepare`, `place`, `remove`.

    A move that fails gets its ``why``, and the others go on. With ``by_copy`` files are copied even
    where a link would do, for file systems whose links are not to be trusted.
    """

    def __init__(self, *, by_copy: bool = False) -> None:
        self._by_copy = by_copy
        self._tidied: set[Path] = set()

    def prepare(self, moves: Iterable[Move]) -> None:
        """Make the targets' folders, and a whole copy beside each target that needs one."""
        for move in moves:
            self._each(move, self._prepare)

    def place(self, moves: Iterable[Move]) -> None:
        """Give each file its name at the target, durably. What is there already stays."""
        moves = list(moves)
        for move in moves:
            self._each(move, self._place)
        _sync_folders(moves)

    def remove(self, moves: Iterable[Move]) -> None:
        """Take away each source whose content stands, durably, at its target."""
        moves = list(moves)
        for move in moves:
            self._each(move, _remove)
        for folder in {move.source.parent for move in moves if move.goes_on}:
            with suppress(OSError):  # at worst the source is there again, and goes next time
                sync_folder(folder)

    def _each(self, move: Move, work: Callable[[Move], None]) -> None:
        if not move.goes_on:
            return
        try:
            work(move)
        except NotMoved as reason:
            move.why = str(reason)
        except OSError as error:
            move.why = f"{error.strerror or error}"
        if move.why and move.part is not None:
            with suppress(OSError):
                move.part.unlink(missing_ok=True)

    def _prepare(self, move: Move) -> None:
        folder = move.target.parent
        make_folder(folder)
        if folder not in self._tidied:
            self._tidied.add(folder)
            for part in folder.glob(".cfu-*.part"):
                part.unlink()
        if move.there:
            _check_there(move)
        elif self._by_copy or move.held or folder.stat().st_dev != move.facts.device:
            _copy(move)
        elif time.time() - move.source.stat().st_ctime < _FRESH_SECONDS:
            _flush(move.source)

    def _place(self, move: Move) -> None:
        if move.there:
            return
        if move.part is None:
            try:
                with failpoint("archive.link"):
                    os.link(move.source, move.target, follow_symlinks=False)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                _copy(move)
            else:
                _check_link(move)
                return
        if move.part is None:  # pragma: no cover - for the type only
            raise AssertionError
        # The empty file holds the name, so that the rename can't hit anybody else's.
        with failpoint("archive.hold"), suppress(_Held):
            _hold(move.target)
        with failpoint("archive.rename"):
            move.part.replace(move.target)
        move.part = None


class _Held(Exception):
    """An empty file holds the name already: a crash left it, or the caller would have known."""


def _hold(target: Path) -> None:
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        there = Facts.of(target)
        if there is None or there.size:
            raise
        raise _Held from None


def _copy(move: Move) -> None:
    """Make a copy beside the target, flushed, and read back as it is on the disk."""
    name = hashlib.sha256(os.fsencode(move.target.name)).hexdigest()[:32]
    move.part = move.target.with_name(f".cfu-{name}.part")
    with failpoint("archive.copy"):
        hashed = hashlib.sha256()
        with move.source.open("rb") as source, move.part.open("wb") as part:
            while data := source.read(_BLOCK):
                hashed.update(data)
                part.write(data)
            part.flush()
            with suppress(OSError):  # not every file system keeps modes and times
                shutil.copystat(move.source, move.part)
            sync(part.fileno())
        if hashed.hexdigest() != move.sha256:
            raise NotMoved("it was changed meanwhile")
        if _digest_from_disk(move.part) != move.sha256:
            raise NotMoved("its copy is not what was written; check the disk")


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        sync(handle)
    finally:
        os.close(handle)


def _check_there(move: Move) -> None:
    """Make sure that the target really holds the content, durably, before the source goes."""
    there = Facts.of(move.target)
    if there is None:
        raise NotMoved(f"{move.target} was removed meanwhile")
    _flush(move.target)
    if there != move.facts and _digest_from_disk(move.target) != move.sha256:
        raise NotMoved(f"{move.target} was changed meanwhile")


def _check_link(move: Move) -> None:
    """Undo a link to what is no longer the content that was looked at."""
    there = Facts.of(move.target)
    if there == move.facts:
        return
    if there is not None and there.is_same_file(Facts.of(move.source)):
        move.target.unlink()
    raise NotMoved("it was changed meanwhile")


def _remove(move: Move) -> None:
    if Facts.of(move.source) != move.facts:
        raise NotMoved(f"it was changed meanwhile; as it was, it is now {move.target}")
    with failpoint("archive.remove"):
        move.source.unlink()


def _sync_folders(moves: Iterable[Move]) -> None:
    """Make the targets' names durable, each folder once; if that fails, its files stay."""
    done: dict[Path, str] = {}
    for move in moves:
        if not move.goes_on:
            continue
        folder = move.target.parent
        if folder not in done:
            try:
                sync_folder(folder)
                done[folder] = ""
            except OSError as error:
                done[folder] = f"{folder} can't be flushed: {error.strerror or error}"
        move.why = done[folder]


def _digest_from_disk(path: Path) -> str:
    """Return a file's SHA-256 as `digest` does, read from the disk where that can be asked for."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return digest(path)
