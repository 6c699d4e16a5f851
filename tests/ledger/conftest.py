from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from creative_flow.ledger import Ledger


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'ledger.db'}"


@pytest.fixture
def ledger(database: str) -> Iterator[Ledger]:
    with Ledger.open(database) as ledger:
        yield ledger
