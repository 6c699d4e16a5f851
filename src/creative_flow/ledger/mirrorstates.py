"""What was written last to the mirrors, on each machine."""

from __future__ import annotations

import platform as machine
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from creative_flow.ledger.tables import mirrors


def known(connection: Connection, path: Path) -> dict[str, Any] | None:
    """Return what was remembered of a mirror on this machine, or None."""
    host, name = machine.node(), str(path.resolve())
    return connection.execute(
        select(mirrors.c.state).where(mirrors.c.host == host, mirrors.c.path == name)
    ).scalar_one_or_none()


def remember(connection: Connection, path: Path, state: Mapping[str, Any]) -> None:
    """Remember it instead of what was remembered before."""
    host, name = machine.node(), str(path.resolve())
    connection.execute(delete(mirrors).where(mirrors.c.host == host, mirrors.c.path == name))
    connection.execute(insert(mirrors).values(host=host, path=name, state=dict(state)))
