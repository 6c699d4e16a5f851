"""What archiving and restoring both stand on: the workspace, held by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from creative_flow import registry
from creative_flow.errors import PluginMissing, UsageError, WorkspaceError
from creative_flow.events import Event
from creative_flow.ledger import Ledger
from creative_flow.ledger.locks import FileLock
from creative_flow.workspace import Workspace

AnyPath = str | PathLike[str]


def as_workspace(workspace: Workspace | AnyPath) -> Workspace:
    """Return the workspace that a caller means."""
    return workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))


def ignore(_: Event) -> None:
    """Take no notice of what happens."""


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
