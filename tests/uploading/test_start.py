"""The start of a live run: sign in while files are still read, but never without need."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from creative_flow.errors import CredentialsRefused

from .yard import Works


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works(tmp_path)


def hold_up(works: Works, file: Path) -> tuple[threading.Event, list[Path]]:
    """Let the plan wait at a file until the event is set; the list is of those it is through."""
    go_on = threading.Event()
    looked_at: list[Path] = []

    def look(path: Path) -> None:
        if path == file:
            assert go_on.wait(10)
        looked_at.append(path)

    works.yard.on_look = look
    return go_on, looked_at


async def test_the_session_is_opened_while_files_are_still_read(works: Works) -> None:
    files = works.files("small", 2)
    go_on, looked_at = hold_up(works, files[1])

    run = asyncio.create_task(works.upload(files))
    async with asyncio.timeout(10):
        await works.yard.asked.wait()
    looked_at_by_then = len(looked_at)
    go_on.set()
    report = await run

    assert looked_at_by_then == 1
    assert [it.status.value for it in report.outcomes] == ["success", "success"]
    assert works.yard.sign_ins == 1


async def test_where_nothing_is_to_be_sent_nobody_signs_in(works: Works) -> None:
    files = works.files("small", 3)
    await works.upload(files)

    again = await works.upload(files)

    assert [it.status.value for it in again.outcomes] == ["skipped"] * 3
    assert works.yard.sign_ins == 1
    assert works.yard.opened_ready == [True]
    assert works.yard.prepared == 0


async def test_a_dry_run_prepares_no_sign_in(works: Works) -> None:
    await works.upload(works.files("small", 1), live=False)

    assert works.yard.preparations == 0


async def test_a_sign_in_that_nobody_needed_is_given_up(works: Works) -> None:
    [file] = works.files("small", 1)
    file.write_bytes(b"")

    report = await works.upload([file])

    assert (report.exit_code, works.yard.sign_ins) == (1, 0)
    assert (works.yard.preparations, works.yard.prepared) == (1, 0)


async def test_a_sign_in_that_fails_gives_back_what_was_prepared(works: Works) -> None:
    def refuse(_: int) -> None:
        raise CredentialsRefused("wrong")

    works.yard.on_sign_in = refuse
    works.yard.takes_over = False

    report = await works.upload(works.files("small", 1))

    assert report.exit_code == CredentialsRefused.exit_code
    assert (works.yard.preparations, works.yard.prepared) == (1, 0)


async def test_what_was_opened_in_vain_is_closed_and_the_account_is_free(works: Works) -> None:
    pair = [works.folder / "files" / f"EN_Pair_ID-1A2B3C4D-{half}.png" for half in ("IMG", "VID")]
    for path, made in zip(pair, works.files("small", 2), strict=True):
        made.rename(path)

    go_on, _ = hold_up(works, pair[1])
    # The first half seems to need it; then there is a second, and the limit leaves out both.
    run = asyncio.create_task(works.upload(pair, limit=1))
    async with asyncio.timeout(10):
        await works.yard.asked.wait()
    go_on.set()
    report = await run
    with works.lease().take():
        pass

    assert [it.status.value for it in report.outcomes] == ["pending", "pending"]
    assert works.yard.sent == []


async def test_nobody_signs_in_to_an_account_that_another_run_holds(works: Works) -> None:
    with works.lease().take():
        report = await works.upload(works.files("small", 1))

    assert report.exit_code == 5
    assert works.yard.sign_ins == 0


async def test_an_interruption_while_files_are_read_closes_what_was_opened(works: Works) -> None:
    files = works.files("small", 2)
    go_on, _ = hold_up(works, files[1])

    run = asyncio.create_task(works.upload(files))
    async with asyncio.timeout(10):
        await works.yard.asked.wait()
    run.cancel()
    report = await run
    go_on.set()

    assert report.exit_code == 130
    assert [it.status.value for it in report.outcomes] == ["pending", "pending"]

    assert works.yard.pages == 0
    with works.lease().take():
        pass
