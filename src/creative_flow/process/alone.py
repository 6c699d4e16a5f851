"""One run of `process` at a time in a workspace: two would make every source twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from creative_flow.errors import WorkspaceError
from creative_flow.ledger.locks import FileLock
from creative_flow.workspace import Workspace


@contextmanager
def alone(place: Workspace) -> Iterator[None]:
    """Let no other process prepare files here meanwhile. Raises `WorkspaceError`."""
    lock = FileLock(place.session_dir / "process.lock")
    try:
        holder = lock.take()
    except OSError as error:
        raise WorkspaceError(
            f"No lock can be written in {place.session_dir}: {error.strerror or error}.",
            hint="Check who may write there, and that the disk is not full.",
        ) from error
    if holder:
        raise WorkspaceError(
            f"Another `cfu process` is at work in {place.root}: {holder}.",
            hint="Run this again when that is done.",
        )
    try:
        yield
    finally:
        lock.release()
