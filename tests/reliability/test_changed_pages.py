"""Uploads to a site of which one thing has changed that is known to be hard.

`benchmarks/reliability/drift.py` tries many changes at once, by a seed; here are some alone.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

DRIFT = runpy.run_path(
    str(Path(__file__).parents[2] / "benchmarks" / "reliability" / "drift.py"), run_name="drift"
)


@pytest.mark.browser
@pytest.mark.parametrize(
    "mutation",
    [
        pytest.param("announcement", marks=pytest.mark.slow),
        pytest.param("name_read_aloud", marks=pytest.mark.reliability),
        pytest.param("native_types_as_select", marks=pytest.mark.reliability),
        pytest.param("id_in_groups", marks=pytest.mark.reliability),
        pytest.param("classes_without_meaning", marks=pytest.mark.reliability),
    ],
)
async def test_every_file_has_its_id_though_a_page_has_changed(mutation: str) -> None:
    result = await DRIFT["try_one"](DRIFT["Trial"](1, mutation), 50)
    assert (result.verdict, result.arrived) == ("completed", 5), result.line
