"""Copies that are made while sources are looked at, when nobody knows yet what to call them.

So each small source is read and hashed once, and the disk has its time while the run is still being
planned. Each run has its copies in a folder below ``uploaded/.unnamed``; those that are wanted get
their names, the rest goes with the folder. None of it must work: what has no copy gets one later.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow.durable import make_folder
from creative_flow.moving import DataCopy
from creative_flow.process.copying import clear

if TYPE_CHECKING:
    from creative_flow.process.find import Source
    from creative_flow.workspace import Workspace

_NAME = ".unnamed"
_ROOM = 1_000_000_000
"""Bytes that the disk must have to spare: what nobody wants in the end must not fill it."""


@contextmanager
def folder(place: Workspace, sources: Sequence[Source]) -> Iterator[Path | None]:
    """Make the folder for copies, if any of the sources is to have one; remove it in the end.

    None are made of what may be looked at again and again: sources that stay where they are.
    """
    if not any(source.moves for source in sources):
        yield None
        return
    is_new = not place.uploaded.exists()
    all_runs, made = place.uploaded / _NAME, None
    with suppress(OSError):
        make_folder(place.uploaded)
        all_runs.mkdir(exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=all_runs))
    try:
        yield made
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
        with suppress(OSError):  # another run's may be there
            all_runs.rmdir()
            if is_new and not place.config.exists():  # this one has not even begun
                place.uploaded.rmdir()


def sweep(place: Workspace, *, keep: Path | None) -> None:
    """Remove what runs have left that were killed. Only one run at a time may do so."""
    with suppress(OSError):
        for left in (place.uploaded / _NAME).iterdir():
            if left != keep:
                shutil.rmtree(left, ignore_errors=True)


def where(folder: Path | None, source: Source, number: int) -> str:
    """Return where a copy of a source shall lie, empty if there is to be none."""
    is_wanted = source.moves and not source.native
    return f"{folder}/{number}" if folder is not None and is_wanted else ""


def has_room(copy: str) -> bool:
    """Say whether copies may be made where this one shall lie."""
    try:
        there = os.statvfs(os.path.dirname(copy))  # noqa: PTH120 - it is text all the way
    except OSError:
        return False
    return there.f_bavail * there.f_frsize > _ROOM


def begin(source: str, copy: str, data: bytes) -> DataCopy | OSError:
    """Write a copy of what was read; it is to be flushed."""
    try:
        with suppress(FileExistsError):
            return DataCopy(source, copy, data)
        clear(copy)  # a worker has died over it
        return DataCopy(source, copy, data)
    except OSError as error:
        return error
