"""Giving files their place without ever overwriting one, or leaving fewer good bytes (law 4)."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from pathlib import Path

from creative_flow.durable import make_folder, sync, sync_folder

_BLOCK = 1024 * 1024
_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}


class NotTheSame(OSError):
    """A copy does not hold what it was made from: the file changed meanwhile, or the disk lies."""


def digest(path: Path) -> str:
    """Return a file's SHA-256 in lower-case hex. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy(source: Path, target: Path, sha256: str) -> None:
    """Copy a file, flushed and verified. Raises `NotTheSame`, and `OSError` as it comes.

    ``target`` must not exist; a failure leaves nothing there. The name is not yet durable.
    """
    with source.open("rb") as reader, target.open("xb") as writer:
        try:
            shutil.copyfileobj(reader, writer, _BLOCK)
            writer.flush()
            sync(writer.fileno())
            if digest(target) != sha256:
                raise NotTheSame(errno.EIO, "it changed while it was copied", str(source))
        except OSError:
            target.unlink(missing_ok=True)
            raise


def place(temporary: Path, target: Path) -> None:
    """Give a finished file its name. Raises `FileExistsError` rather than overwrite another.

    Both lie in one folder. The name is durable after `sync_folder`.
    """
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # No hard links here: take the name first, so that nobody else can, then fill it.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        temporary.replace(target)
    else:
        temporary.unlink()


def move(source: Path, target: Path, sha256: str) -> Path:
    """Move a file, across file systems too; return where it went.

    Where ``target`` is taken, the next free name ``NAME (2)`` is. The source goes only once the
    other name is durable. A link is moved as the link it is. Raises `NotTheSame` and `OSError`.
    """
    make_folder(target.parent)
    number = 1
    while True:
        wanted = target if number == 1 else target.with_stem(f"{target.stem} ({number})")
        try:
            _give(source, wanted, sha256)
        except FileExistsError:
            if _is_one(source, wanted):
                break  # a crash came between the two steps of an earlier move
            number += 1
        else:
            break
    sync_folder(wanted.parent)
    source.unlink()
    sync_folder(source.parent)
    return wanted


def _give(source: Path, target: Path, sha256: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        return
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    temporary = target.with_name(f".{target.name}.part")
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
