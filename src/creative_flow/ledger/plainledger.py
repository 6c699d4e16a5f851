"""The ledger without SQLAlchemy: all that `process` asks of it.

To import SQLAlchemy takes a third of the time in which a thousand small files are processed. So a
ledger that lies in the workspace is opened as the SQLite file it is. What is out of the ordinary
(another version, damage, any error) is left to the `Ledger`, which also says what is wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from creative_flow.ledger.anyledger import AnyLedger
from creative_flow.ledger.plain import PlainFile


class PlainLedger(AnyLedger):
    """A ledger in a SQLite file, in its newest version."""

    def __init__(self, file: PlainFile) -> None:
        """For `in_file` alone, and for those that can do more."""
        super().__init__(file.reading, file.writing, is_shared=False)
        self._file = file

    @classmethod
    def in_file(cls, file: Path) -> Self | None:
        """Open a ledger's SQLite file, made if need be; None if only the `Ledger` will do."""
        opened = PlainFile.open(file, make=True)
        return None if opened is None else cls(opened)

    def close(self) -> None:
        """Write down what waits, and close the file."""
        try:
            super().close()
        finally:
            self._file.close()
