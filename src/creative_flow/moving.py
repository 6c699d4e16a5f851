"""Giving files their place without ever overwriting one, or leaving fewer good bytes (law 4)."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from creative_flow.durable import begin_sync, make_folder, sync, sync_folder

AnyPath = str | PathLike[str]

_BLOCK = 1024 * 1024
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}


class NotTheSame(OSError):
    """A copy does not hold what it was made from: the file changed meanwhile, or the disk lies."""


def digest(path: Path) -> str:
    """Return a file's SHA-256 in lower-case hex. Raises `OSError`."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _digest(handle)
    finally:
        os.close(handle)


def content(path: AnyPath) -> bytes:
    """Return all that stands in a file. Raises `OSError`."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return b"".join(_blocks(handle))
    finally:
        os.close(handle)


def _digest(handle: int) -> str:
    """Return the SHA-256 of what is still to be read."""
    hashed = hashlib.sha256()
    for block in _blocks(handle):
        hashed.update(block)
    return hashed.hexdigest()


def _blocks(handle: int) -> Iterator[bytes]:
    # Room for no more than there is: taking a block's worth for each small file costs a lot.
    most = min(os.fstat(handle).st_size + 1, _BLOCK)
    while block := os.read(handle, most):
        yield block


class Copy(ABC):
    """A copy in two steps, so that the second, which waits for the disk, can be left to a thread.

    ``target`` must not exist; ``size`` is in bytes. Both steps raise `OSError` as it comes, and
    leave nothing there then. `finish` must be called. The name is not yet durable after it.
    """

    def __init__(self, source: AnyPath, target: AnyPath, blocks: Iterable[bytes]) -> None:
        """Write the bytes."""
        self._source, self._target = source, target
        self._handle = os.open(target, _NEW, 0o666)
        is_well = False
        try:
            self.size = _write(self._handle, blocks)
            is_well = True
        finally:
            if not is_well:
                self._undo()

    @abstractmethod
    def _is_well(self, handle: int) -> bool:
        """Say whether what is still to be read is what it should be."""

    def begin_flush(self) -> None:
        """Have the bytes on their way to the disk: for several copies that are then finished."""
        begin_sync(self._handle)

    def finish(self) -> None:
        """Make the bytes durable and read them back. Raises `NotTheSame` too."""
        is_well = False
        try:
            sync(self._handle)
            os.lseek(self._handle, 0, os.SEEK_SET)
            if not self._is_well(self._handle):
                raise NotTheSame(errno.EIO, "it changed while it was copied", str(self._source))
            is_well = True
        finally:
            if not is_well:
                self._undo()
        os.close(self._handle)

    def _undo(self) -> None:
        os.close(self._handle)
        with suppress(FileNotFoundError):
            os.unlink(self._target)  # noqa: PTH108 - quicker, and there are thousands


class FileCopy(Copy):
    """A copy of a file that is known by its hash."""

    def __init__(self, source: AnyPath, target: AnyPath, sha256: str) -> None:
        """Copy the bytes."""
        self._sha256 = sha256
        reader = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        try:
            super().__init__(source, target, _blocks(reader))
        finally:
            os.close(reader)

    def _is_well(self, handle: int) -> bool:
        return _digest(handle) == self._sha256


class DataCopy(Copy):
    """A copy of a file that was read already, of which ``data`` are the bytes."""

    def __init__(self, source: AnyPath, target: AnyPath, data: bytes) -> None:
        """Write the bytes."""
        self._data = data
        super().__init__(source, target, [data])

    def _is_well(self, handle: int) -> bool:
        return b"".join(_blocks(handle)) == self._data


def copy(source: AnyPath, target: AnyPath, sha256: str) -> None:
    """Copy a file, flushed and verified. Raises `NotTheSame`, and `OSError` as it comes.

    ``target`` must not exist; a failure leaves nothing there. The name is not yet durable.
    """
    FileCopy(source, target, sha256).finish()


def _write(handle: int, blocks: Iterable[bytes]) -> int:
    size = 0
    for block in blocks:
        written = 0
        while written < len(block):
            written += os.write(handle, block[written:] if written else block)
        size += written
    return size


def place(temporary: AnyPath, target: AnyPath) -> None:
    """Give a finished file its name. Raises `FileExistsError` rather than overwrite another.

    Both lie in one file system. The name is durable after `sync_folder`.
    """
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # No hard links here: take the name first, so that nobody else can, then fill it.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        is_well = False
        try:
            os.replace(temporary, target)  # noqa: PTH105 - as below
            is_well = True
        finally:
            if not is_well:
                os.unlink(target)  # noqa: PTH108 - as below
    else:
        os.unlink(temporary)  # noqa: PTH108 - quicker, and there are thousands


class Move(NamedTuple):
    """A file that is to lie elsewhere, with what it holds."""

    source: Path
    target: str
    sha256: str


def move(moves: Iterable[Move]) -> dict[Path, str | OSError]:
    """Move files, across file systems too; return by source where it went, or why not.

    Where a target is taken, the next free name ``NAME (2)`` is. The sources go only once the other
    names are durable; each folder is flushed once. A link is moved as the link it is.
    """
    went: dict[Path, str | OSError] = {}
    there: set[str] = set()
    for each in moves:
        try:
            if (folder := _folder(each.target)) not in there:
                make_folder(Path(folder))
                there.add(folder)
            went[each.source] = _named(each)
        except OSError as error:
            went[each.source] = error
    _sync_folders(target for target in went.values() if isinstance(target, str))
    gone = [source for source, target in went.items() if isinstance(target, str)]
    for source in gone:
        try:
            os.unlink(source)  # noqa: PTH108 - as above
        except OSError as error:
            went[source] = error  # it lies in both places; the next run takes it away
    _sync_folders(map(str, gone))
    return went


def _folder(path: str) -> str:
    """Return the folder of an absolute path: there are thousands, and this is quick."""
    return path.rpartition("/")[0] or "/"


def _named(each: Move) -> str:
    """Give a file its second name; return it."""
    number = 1
    wanted = each.target
    while True:
        try:
            _give(each.source, wanted, each.sha256)
        except FileExistsError:
            if not _is_one(each.source, Path(wanted)):
                number += 1
                taken = Path(each.target)
                wanted = str(taken.with_stem(f"{taken.stem} ({number})"))
                continue
        return wanted


def _sync_folders(paths: Iterable[str]) -> None:
    for folder in set(map(_folder, paths)):
        sync_folder(Path(folder))


def _give(source: Path, target: str, sha256: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        return
    there = Path(target)
    if source.is_symlink():
        there.symlink_to(source.readlink())
        return
    temporary = there.with_name(f".{there.name}.part")
    temporary.unlink(missing_ok=True)
    copy(source, temporary, sha256)
    shutil.copystat(source, temporary)
    try:
        place(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _is_one(source: Path, target: Path) -> bool:
    """Say whether two names are the same file, or hold the same bytes."""
    if source.is_symlink() or target.is_symlink():
        return False
    if target.samefile(source):
        return True
    if target.stat().st_size != source.stat().st_size:
        return False
    return digest(target) == digest(source)
