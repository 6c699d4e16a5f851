"""Statements as text, with ``?`` for values: they serve SQLAlchemy and plain SQLite alike.

What a run needs before anything else is written like this, since to import SQLAlchemy takes longer
than a small run. All other parts of the ledger use SQLAlchemy Core.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Execute(Protocol):
    """Executes statements, one and all in the transaction that is open."""

    def __call__(self, statement: str, values: Sequence[object] = ()) -> Sequence[Any]:
        """Execute a statement; return its rows, which are read by position."""

    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute a statement once for each row of values."""


Opened = Callable[[], AbstractContextManager[Execute]]
"""Opens a transaction, for reading or for writing."""


class Executing:
    """`Execute` through SQLAlchemy, whatever the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._mark = "?" if connection.dialect.name == "sqlite" else "%s"

    def __call__(self, statement: str, values: Sequence[object] = ()) -> Sequence[Any]:
        """Execute a statement; return its rows, which are read by position."""
        found = self._connection.exec_driver_sql(
            statement.replace("?", self._mark), tuple(values) or None
        )
        return found.all() if found.returns_rows else ()

    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute a statement once for each row of values."""
        if values := [tuple(row) for row in rows]:
            self._connection.exec_driver_sql(statement.replace("?", self._mark), values)


def marks(values: Collection[object]) -> str:
    """Return what stands for so many values in a statement."""
    return ", ".join("?" * len(values))
