"""Writing files so that neither a crash nor a power cut costs what they held."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from attrs import frozen

from creative_flow.durable import make_folder, sync, sync_folder
from creative_flow.errors import WorkspaceError
from creative_flow.ledger.chunks import chunked

_BLOCK = 1024 * 1024
_SMALL_BLOCK = 64 * 1024
"""Of which `replace` gathers many before it writes."""


@frozen
class Stamp:
    """What tells cheaply whether a file was touched: size in bytes, time of change, inode."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """Return a file's stamp, or None if there is no such file."""
        try:
            stat = path.stat()
        except FileNotFoundError:
            return None
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ino)


@frozen
class Fingerprint:
    """What bytes are, as far as an accident goes: length, lines and two check sums.

    Check sums rather than a hash, because they go on from where they were when a file has grown.
    """

    size: int = 0
    lines: int = 0
    crc: int = 0
    adler: int = 1

    def plus(self, data: bytes) -> Fingerprint:
        """Return the fingerprint of these bytes with more behind them."""
        return Fingerprint(
            self.size + len(data),
            self.lines + data.count(b"\n"),
            zlib.crc32(data, self.crc),
            zlib.adler32(data, self.adler),
        )

    @classmethod
    def of(cls, path: Path, size: int) -> Fingerprint:
        """Return the fingerprint of a file's first ``size`` bytes."""
        found = cls()
        with path.open("rb") as file:
            while data := file.read(min(_BLOCK, size - found.size)):
                found = found.plus(data)
        return found


class TouchedMeanwhile(Exception):
    """Somebody else wrote the file while it was being replaced. Theirs still stands."""


@contextmanager
def blaming(path: Path) -> Iterator[None]:
    """Turn a failure of the file system into a `WorkspaceError` that names the file."""
    try:
        yield
    except OSError as error:
        raise WorkspaceError(
            f"{path} can't be read or written: {error.strerror or error}.",
            hint="Check who may write there, and that the disk is not full.",
        ) from error


def compare(path: Path, lines: Iterator[bytes]) -> tuple[int, list[bytes]]:
    """Return how many bytes a file begins with that it shall hold, and the line that follows.

    That has been taken from ``lines``; there is none if the file holds them all. Raises
    `WorkspaceError`.
    """
    well = 0
    with blaming(path), path.open("rb") as file:
        for text in lines:
            if file.read(len(text)) != text:
                return well, [text]
            well += len(text)
    return well, []


def beginning(path: Path, size: int) -> Iterator[bytes]:
    """Yield so many bytes of a file; if somebody cuts it meanwhile, as many as there are.

    Raises `WorkspaceError`.
    """
    with blaming(path), path.open("rb") as file:
        while block := file.read(min(size, _SMALL_BLOCK)):
            size -= len(block)
            yield block


def replace(path: Path, data: Iterable[bytes], expected: Stamp | None) -> Fingerprint:
    """Write a file as a whole or not at all; return the fingerprint of what it holds.

    ``expected`` is the stamp of the file to be replaced, None if there is none. Raises
    `TouchedMeanwhile` if that is not what stands there, and `WorkspaceError`.
    """
    target = path.resolve()
    # One name, so that what a crash leaves behind is overwritten by the next attempt.
    temporary = target.with_name(f".{target.name}.new")
    written = Fingerprint()
    with blaming(path):
        make_folder(target.parent)
        try:
            with temporary.open("wb") as file:
                for parts in chunked(data):
                    block = b"".join(parts)
                    file.write(block)
                    written = written.plus(block)
                file.flush()
                sync(file.fileno())
            if expected is not None:
                shutil.copymode(target, temporary)
            if Stamp.of(target) != expected:
                raise TouchedMeanwhile
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(target.parent)
    return written


def append(path: Path, data: bytes, *, at: int, size: int) -> None:
    """Write ``data`` at offset ``at``; what a crash has left behind that goes.

    ``size`` is the file's length so far, in bytes. Raises `TouchedMeanwhile` if it has another, and
    `WorkspaceError`.
    """
    with blaming(path), path.open("r+b") as file:
        if os.fstat(file.fileno()).st_size != size:
            raise TouchedMeanwhile
        file.truncate(at)
        file.seek(at)
        file.write(data)
        file.flush()
        sync(file.fileno())


def keep_aside(path: Path, folder: Path) -> Path:
    """Copy a file into ``folder`` under a dated name that was free; return the copy's path."""
    with blaming(folder):
        make_folder(folder)
        stem = f"{path.stem}_{datetime.now().astimezone():%Y%m%d-%H%M%S}"
        number = 1
        while True:
            tail = f"-{number}" if number > 1 else ""
            copy = folder / f"{stem}{tail}{path.suffix}"
            try:
                target = copy.open("xb")
            except FileExistsError:
                number += 1
                continue
            try:
                with target, path.open("rb") as source:
                    shutil.copyfileobj(source, target, _BLOCK)
                    target.flush()
                    sync(target.fileno())
            except OSError:
                copy.unlink(missing_ok=True)  # half of it would pass for the user's file
                raise
            sync_folder(folder)
            return copy
