"""The power goes while the ledger is written: what had returned is there, and nothing by halves.

Between two calls of the ledger that returned, its files are put back to every state in which a
power cut can leave what was not flushed, and opened as the next run opens them.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from reliability.power import Copy, Moment, moments
from reliability.wal import FRAME_HEAD, HEADER, Frame, flipped, frames, salts

PAGE = 4096


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[Moment]:
    return list(moments(tmp_path_factory.mktemp("work") / "place"))


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "copy")


def _steps(seen: list[Moment]) -> list[tuple[Moment, Moment, list[Frame]]]:
    """Return each call with the moments around it and the frames that it wrote."""
    steps = []
    for before, after in pairwise(seen):
        new = frames(after.log)
        if before.log and salts(before.log) == salts(after.log):
            new = new[len(frames(before.log)) :]
        steps.append((before, after, new))
    return steps


def _in_between(before: Moment, after: Moment, cut: int) -> list[bytes]:
    """Return the log after its first ``cut`` bytes were written, in place and at its end."""
    return [after.log[:cut] + before.log[cut:], after.log[:cut]]


def test_each_call_that_returned_is_there_and_is_one_commit(seen: list[Moment], copy: Copy) -> None:
    assert len(seen) > 20
    for moment in seen:
        content = copy.content(moment.database, moment.log, moment.claims)
        assert content.facts == moment.claims.facts(), moment.claims.step
    for _, after, new in _steps(seen):
        commits = [frame.commits for frame in new]
        assert commits == [False] * (len(new) - 1) + [True] * bool(new), after.claims.step
        assert bool(new) != after.claims.step.startswith("checkpoint")


@pytest.mark.parametrize(
    ("step", "calls"),
    [(37, 4), pytest.param(1, 1, marks=[pytest.mark.reliability, pytest.mark.timeout(900)])],
)
def test_cut_back_to_every_frame_nothing_that_returned_is_lost(
    seen: list[Moment], copy: Copy, step: int, calls: int
) -> None:
    """Cut between frames, within them, and with the index of the log gone or out of date."""
    places = 0
    for before, after, new in _steps(seen)[::calls]:
        if not new:
            continue
        there = copy.content(before.database, before.log, before.claims)
        done = copy.content(after.database, after.log, after.claims)
        assert there != done
        cuts = [new[0].start] if new[0].start > HEADER else [0, 1, HEADER - 1, HEADER]
        for frame in new:
            inside = (frame.start + 1, frame.start + FRAME_HEAD, frame.start + FRAME_HEAD + 512)
            cuts += [*inside, frame.end - 1, frame.end]
        for cut in [*cuts[:-1][::step], cuts[-1]]:
            expected = done if cut == new[-1].end else there
            for log in _in_between(before, after, cut):
                places += 1
                where = f"{after.claims.step}, cut at {cut} of {new[-1].end}"
                for index in (b"", after.index)[: 1 if places % 4 else 2]:
                    found = copy.content(after.database, log, after.claims, index)
                    assert found == expected, where
    print(f"{places} cut points, {copy.opened} ledgers opened")
    assert places > 900 // (step * calls)


@pytest.mark.parametrize(
    "step", [83, pytest.param(1, marks=[pytest.mark.reliability, pytest.mark.timeout(900)])]
)
def test_what_was_not_flushed_may_be_damaged_or_lie_there_in_part(
    seen: list[Moment], copy: Copy, step: int
) -> None:
    """A bit turned over in the tail, or one page of it lost while later ones were kept."""
    tried = 0
    for before, after, new in _steps(seen):
        if not new or salts(before.log) != salts(after.log):
            continue
        there = copy.content(before.database, before.log, before.claims)
        damaged = []
        for frame in new:
            body = frame.start + FRAME_HEAD
            damaged += [
                flipped(after.log, place)
                for place in (frame.start, frame.start + 9, frame.start + 16, body, frame.end - 1)
            ]
            damaged.append(
                after.log[: frame.start] + bytes(PAGE + FRAME_HEAD) + after.log[frame.end :]
            )
            damaged.append(after.log[:body] + bytes(PAGE) + after.log[frame.end :])
        for log in damaged[::step]:
            tried += 1
            assert copy.content(after.database, log, after.claims) == there, after.claims.step
    print(f"{tried} damaged logs")
    assert tried > 500 // step


@pytest.mark.parametrize("step", [19, pytest.param(1, marks=pytest.mark.reliability)])
def test_a_checkpoint_cut_anywhere_loses_nothing(seen: list[Moment], copy: Copy, step: int) -> None:
    """Its pages may reach the database in any order: the log still has them all."""
    tried = 0
    for before, after in pairwise(seen):
        if before.database == after.database:
            continue
        expected = copy.content(before.database, before.log, before.claims)
        size = max(len(before.database), len(after.database))
        old, new = (it.database.ljust(size, b"\0") for it in (before, after))
        changed = [at for at in range(0, size, PAGE) if old[at : at + PAGE] != new[at : at + PAGE]]
        for number in range(0, len(changed) + 1, step):
            for first in (set(changed[:number]), set(changed[number:])):
                mixed = b"".join(
                    (new if at in first else old)[at : at + PAGE] for at in range(0, size, PAGE)
                )
                torn = new[: PAGE // 2] + old[PAGE // 2 : PAGE] + mixed[PAGE:]
                for database in (mixed, torn):
                    tried += 1
                    found = copy.content(database, before.log, before.claims)
                    assert found == expected, after.claims.step
    print(f"{tried} databases between two checkpoints")
    assert tried > 100 // step
