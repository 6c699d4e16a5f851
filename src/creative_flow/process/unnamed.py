"""Copies that are made while sources are looked at, when nobody knows yet what to call them.

So each small source is read and hashed once, and the disk has its time while the run is still being
planned. Each run has its copies in a folder below ``uploaded/.unnamed``; those that are wanted get
their names, the others go before anything is made. None of it must work: what has no copy gets one
later.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from creative_flow.durable import make_folder
from creative_flow.moving import DataCopy

if TYPE_CHECKING:
    from creative_flow.process.find import Source
    from creative_flow.workspace import Workspace

_NAME, _PREFIX = ".unnamed", "run-"
ROOM = 1_000_000_000
"""Bytes that the disk must have to spare: what nobody wants in the end must not fill it."""


Stamps = tuple[int, int, int, int]
"""What tells whether a file was changed, also by who puts back the time of change: its size, times
of change of content and inode, and inode."""


class Unnamed(NamedTuple):
    """A copy that has no name yet, and the stamps of its source from before that was read."""

    path: str
    source: Stamps


def stamps(about: os.stat_result) -> Stamps:
    """Return a file's stamps."""
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino


@contextmanager
def folder(place: Workspace, sources: Sequence[Source]) -> Iterator[Path | None]:
    """Make the folder for copies, if any of the sources is to have one; remove it in the end.

    None are made of what may be looked at again and again: sources that stay where they are.
    """
    if not any(source.moves for source in sources):
        yield None
        return
    is_new, made = False, None
    with suppress(OSError):
        is_new = not place.uploaded.exists()
        make_folder(place.uploaded)
        all_runs = place.uploaded / _NAME
        all_runs.mkdir(exist_ok=True)
        if not all_runs.is_symlink():
            made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=all_runs))
    try:
        yield made
    finally:
        remove(made)
        if is_new and not place.config.exists():  # the run has not even begun
            _remove_if_empty(place.uploaded)


def remove(folder: Path | None) -> None:
    """Remove the folder for copies, with what is left in it."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_if_empty(folder.parent)


def sweep(place: Workspace, *, keep: Path | None) -> None:
    """Remove what runs have left that were killed. Only one run at a time may do so."""
    all_runs = place.uploaded / _NAME
    if all_runs.is_symlink() or not all_runs.is_dir():
        return
    for left in all_runs.glob(f"{_PREFIX}*"):
        if left != keep:
            shutil.rmtree(left, ignore_errors=True)
    _remove_if_empty(all_runs)


def keep_only(folder: Path | None, wanted: Collection[str]) -> None:
    """Remove copies that nobody wants: their room may be needed for what is made."""
    with suppress(OSError):
        for copy in folder.iterdir() if folder is not None else ():
            if str(copy) not in wanted:
                copy.unlink()


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def where(folder: Path | None, source: Source, number: int) -> str:
    """Return where a copy of a source shall lie, empty if there is to be none."""
    is_wanted = source.moves and not source.native
    return f"{folder}/{number}" if folder is not None and is_wanted else ""


def has_room(copy: str, room: int = ROOM) -> bool:
    """Say whether copies may be made where this one shall lie."""
    try:
        there = os.statvfs(os.path.dirname(copy))  # noqa: PTH120 - it is text all the way
    except OSError:
        return False
    return there.f_bavail * there.f_frsize > room


def write(source: str, copy: str, data: bytes) -> DataCopy | OSError:
    """Write a copy of what was read; it is to be flushed."""
    try:
        with suppress(FileExistsError):
            return DataCopy(source, copy, data)
        Path(copy).unlink()  # a worker has died over it
        return DataCopy(source, copy, data)
    except OSError as error:
        return error
