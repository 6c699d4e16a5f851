from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from creative_flow.ledger import Ledger
from creative_flow.workspace import Workspace

from .shelf import Shelf, World, shelf

Put = Callable[[World], Shelf]


@pytest.fixture(scope="module")
def put(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Put]:
    """Put worlds on shelves, each for an account of its own, with one ledger for all."""
    place = Workspace(tmp_path_factory.mktemp("shelves"), environ={})
    place.prepare()
    numbers = count()
    with Ledger.open(place.ledger_url) as ledger:

        def one(world: World) -> Shelf:
            with shelf(place, ledger, world, f"account{next(numbers)}") as made:
                return made

        yield one


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    place = Workspace(tmp_path / "workspace", environ={})
    place.prepare()
    return place
