"""What archiving and restoring both stand on: the workspace, held by one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TypeVar

from creative_flow import registry
from creative_flow.errors import PluginMissing, UsageError, WorkspaceError
from creative_flow.events import Event
from creative_flow.ledger import Ledger
from creative_flow.ledger.locks import FileLock
from creative_flow.workspace import Workspace

AnyPath = str | PathLike[str]
T = TypeVar("T")

_GROUP_FILES = 200
_GROUP_BYTES = 64 * 1024 * 1024
"""So much is flushed together: less often is quicker, more often shows more."""


def as_workspace(workspace: Workspace | AnyPath) -> Workspace:
    """Return the workspace that a caller means."""
    return workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))


def ignore(_: Event) -> None:
    """Take no notice of what happens."""


def in_groups(things: Sequence[T], size_of: Callable[[T], int]) -> Iterator[list[T]]:
    """Yield the things in groups of which each is not too many files, nor too many bytes."""
    group: list[T] = []
    size = 0
    for it in things:
        group.append(it)
        size += size_of(it)
        if len(group) == _GROUP_FILES or size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


@contextmanager
def holding(place: Workspace) -> Iterator[None]:
    """Let no other process archive or restore here meanwhile. Raises `WorkspaceError`."""
    lock = FileLock(place.session_dir / "archive.lock")
    try:
        holder = lock.take()
    except OSError as error:
        raise WorkspaceError(
            f"No lock can be written in {place.session_dir}: {error.strerror or error}.",
            hint="Check who may write there, and that the disk is not full.",
        ) from error
    if holder:
        raise WorkspaceError(
            f"Another `cfu archive` is at work in {place.root}: {holder}.",
            hint="Run this again when that is done.",
        )
    try:
        yield
    finally:
        lock.release()


def check_names(ledger: Ledger, platform: str, account: str) -> None:
    """Raise where a platform or an account is named that nobody has heard of."""
    known = ledger.uploads().accounts()
    platforms = {*registry.installed(), *(name for name, _ in known)}
    if platform and platform not in platforms:
        raise PluginMissing(
            f"There is no platform {platform!r}.", hint=f"There are {', '.join(sorted(platforms))}."
        )
    accounts = {name for of, name in known if platform in {"", of}}
    if account and account not in accounts:
        there = f"There are {', '.join(sorted(accounts))}." if accounts else "There is none."
        raise UsageError(f"No account {account!r} is on record.", hint=there)
