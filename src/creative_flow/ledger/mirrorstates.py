"""What was written last to the mirrors, on each machine."""

from __future__ import annotations

import json
import platform as machine
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from creative_flow.ledger.anytext import escape
from creative_flow.ledger.statements import Execute

_KNOWN = "SELECT state FROM mirrors WHERE host = ? AND path = ?"
_REMEMBER = (
    "INSERT INTO mirrors (host, path, state) VALUES (?, ?, ?) "
    "ON CONFLICT (host, path) DO UPDATE SET state = excluded.state"
)
_RENEW = "UPDATE mirrors SET state = ? WHERE host = ? AND path = ? AND state = ?"


def known(execute: Execute, path: Path) -> dict[str, Any] | None:
    """Return what was remembered of a mirror on this machine, or None."""
    found = as_text(execute, path)
    return None if found is None else dict(json.loads(found))


def as_text(execute: Execute, path: Path) -> str | None:
    """Return it as it is written down."""
    return next((str(state) for (state,) in execute(_KNOWN, _which(path))), None)


def remember(execute: Execute, path: Path, state: Mapping[str, Any]) -> None:
    """Remember it instead of what was remembered before."""
    execute(_REMEMBER, [*_which(path), _packed(state)])


def renew(execute: Execute, path: Path, was: str, state: Mapping[str, Any]) -> None:
    """Remember it, unless something else than what it ``was`` is written down by now."""
    execute(_RENEW, [_packed(state), *_which(path), was])


def _which(path: Path) -> tuple[str, str]:
    return machine.node(), escape(str(path.resolve()))


def _packed(state: Mapping[str, Any]) -> str:
    return json.dumps(dict(state), separators=(",", ":"))
