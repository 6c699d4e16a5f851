"""The way to the platform fails, before and after it kept the file; then the command is run again.

Whatever the fault, the sandbox's truth says: no file twice, none lost, no wrong id.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from reliability.rehearsal import KILLED, rehearsal

NAMES = ("EN_Summer_1", "EN_Summer_2", "EN_Summer_3")
RUNS = 4
"""How often the command is run at most; a person would run it again, too."""

UPLOAD_FAULTS = [
    {"path": "upload", "kind": kind, "when": when, "nth": nth, "seconds": 2, **more}
    for kind, more in (
        ("status", {"status": 500}),
        ("status", {"status": 503}),
        ("reset", {}),
        ("timeout", {}),
        ("drip", {}),
        ("expire", {}),
    )
    for when in ("before", "during", "after")
    for nth in (1, 2)
]
OTHER_FAULTS = [
    {"path": path, "kind": kind, "nth": nth, "count": count, "seconds": 2}
    for path, nths in (("list", (1, 2, 3, 5)), ("page", (1, 2, 3)))
    for kind in ("status", "reset", "timeout", "drip", "expire")
    for nth in nths
    for count in (1, 4)
]
FAST = (
    {"path": "upload", "kind": "status", "when": "after", "nth": 1, "seconds": 2, "status": 500},
)


def _name(fault: Mapping[str, object]) -> str:
    order = ("path", "kind", "status", "when", "nth", "count")
    return "-".join(str(fault[key]) for key in order if key in fault)


def _cases() -> list[object]:
    return [
        pytest.param(fault, id=_name(fault), marks=() if fault in FAST else pytest.mark.reliability)
        for fault in (*UPLOAD_FAULTS, *OTHER_FAULTS)
    ]


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", _cases())
async def test_the_way_fails_once_and_nothing_is_twice_lost_or_wrong(
    tmp_path: Path, fault: Mapping[str, object]
) -> None:
    async with rehearsal(tmp_path / "place") as scene:
        scene.add_banners(*NAMES)
        scene.sandbox.site.faults.order(fault)
        said = await scene.until_well(RUNS)
        scene.check()
        assert "Traceback" not in said


@pytest.mark.browser
@pytest.mark.reliability
@pytest.mark.timeout(240)
@pytest.mark.parametrize("late", [0.5, 2, 3.5, 6, 20])
async def test_ids_may_come_late(tmp_path: Path, late: float) -> None:
    """Later than anybody waits is ``unknown_id``, and the next run asks.

    "Not there" counts only once every entry would show: that is what ``settle`` is to say.
    """
    async with rehearsal(tmp_path / "place", visible_after_seconds=late) as scene:
        waits = scene.place / "config" / "tj.toml"
        waits.write_text(f"{waits.read_text()}\n".replace("settle = 4", f"settle = {late + 4}"))
        scene.add_banners(*NAMES)
        await scene.until_well(RUNS + 4)
        scene.check()


@pytest.mark.browser
@pytest.mark.reliability
@pytest.mark.timeout(120)
async def test_half_a_batch_rejected_leaves_the_other_half_well(tmp_path: Path) -> None:
    async with rehearsal(tmp_path / "place", banner_sizes=["300x250"]) as scene:
        scene.add_banners(*NAMES)
        scene.add_banners("EN_Refused_4", "EN_Refused_5", size=(300, 100))
        code, said = await scene.cfu()
        assert code == 1, said
        assert said.count("rejected") >= 2
        scene.files = {name: sha for name, sha in scene.files.items() if "Refused" not in name}
        scene.check()


@pytest.mark.browser
@pytest.mark.reliability
@pytest.mark.timeout(240)
@pytest.mark.parametrize("status", [403, 429, 500])
async def test_a_list_that_does_not_come_is_no_empty_list(tmp_path: Path, status: int) -> None:
    """Read as empty it would say that what was sent is not there, and it would go up again."""
    async with rehearsal(tmp_path / "place") as scene:
        scene.add_banners(*NAMES)
        code, said = await scene.cfu(fail_at="upload.complete:after")
        assert code == KILLED, said
        order = {"path": "list", "kind": "status", "status": status, "count": 1000}
        scene.sandbox.site.faults.order(order)
        code, said = await scene.cfu()
        assert code == 7, said
        assert f"GET /media-library/list: status {status}" in said
        scene.sandbox.site.faults.clear()
        await scene.until_well(2)
        scene.check()
