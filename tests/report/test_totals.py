"""The page of totals: counted rightly, and its charts readable by everybody."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio
from attrs import evolve
from playwright.async_api import expect

from creative_flow.creative import Status
from creative_flow.ledger import Ledger
from creative_flow.report.page import write_totals
from creative_flow.report.page.charts import _ticks
from creative_flow.report.page.totals import gather_totals, periods

from .reader import CONTRAST, Reader, reader, sideways
from .runs_that_were import many, one_of_each, outcome, record, spread, workspace

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Reader]:
    async with reader() as found:
        yield found


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = workspace(tmp_path_factory.mktemp("totals"), MINUTES_BY_HAND="3")
    record(place, one_of_each(place))
    spread(place, 33)
    return write_totals(place)


async def test_totals_are_what_the_runs_amount_to(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    found = many(place.uploaded, 16)
    record(place, [evolve(it, at=noon, batch=None) for it in found[:8]])
    record(place, [evolve(it, at=noon + timedelta(days=2), batch=None) for it in found[8:]])
    skipped = outcome(found[1].path, Status.SKIPPED, creative_id="1", error="already uploaded")
    record(place, [evolve(skipped, at=noon)])
    with Ledger.open(place.ledger_url) as ledger:
        totals = gather_totals(ledger, redact=str)
    assert totals.runs == 3
    assert totals.tried == 16
    assert totals.counts == {Status.SUCCESS: 14, Status.REJECTED: 2, Status.SKIPPED: 1}
    [reason] = totals.reasons
    assert (reason.number, reason.status) == (2, Status.REJECTED)
    name, columns = periods(totals.days)
    assert name == "day"
    assert [counts[Status.SUCCESS] for _, counts in columns] == [7, 0, 7]


async def test_long_times_are_told_by_week_or_month() -> None:
    first = datetime(2024, 1, 31, tzinfo=UTC).date()
    for days, expected in ((61, "day"), (200, "week"), (900, "month")):
        name, columns = periods({first: {}, first + timedelta(days=days): {}})
        assert name == expected
        begins = [begin for begin, _ in columns]
        assert begins == sorted(set(begins))
        assert begins[0] <= first


@pytest.mark.parametrize("highest", [0, 1, 3, 4, 5, 9, 10, 11, 99, 101, 12_345])
async def test_axes_have_few_round_marks_and_reach_the_highest(highest: int) -> None:
    ticks = _ticks(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest
    assert len(ticks) <= 6
    assert len({b - a for a, b in pairwise(ticks)}) == 1


async def test_what_is_an_estimate_says_so_and_on_what_it_rests(
    browser: Reader, page_path: Path
) -> None:
    async with browser.reading(page_path) as page:
        told = await page.inner_text("#summary")
        uploaded = re.search(r"([\d,]+)\s+Uploaded", told)
        assert uploaded
        hours = int(uploaded[1].replace(",", "")) * 3 / 60
        assert f"≈ {hours:,.0f} h" in told
        assert "Saved, an estimate" in told
        rests_on = await page.inner_text("#counted")
        assert "× 3 minutes" in rests_on
        assert "assumption, not a measurement" in rests_on


async def test_the_charts_numbers_stand_in_a_table_too(browser: Reader, page_path: Path) -> None:
    async with browser.reading(page_path) as page:
        assert await page.locator("#uploads table, #reasons table").count() == 2
        await page.get_by_text("The same as a table, per day").click()
        cells = page.locator("#uploads tbody tr")
        shown = 0
        for row in await cells.all():
            shown += int((await row.locator("td").first.inner_text()).replace(",", ""))
        told = await page.inner_text("#summary")
        assert f"{shown:,}\nUploaded" in told
        drawn = page.locator("#uploads svg.in-wide text")
        words = await drawn.all_text_contents()
        assert {"Creatives", "Day", "0"} <= set(words)
    assert browser.reached_out == []
    assert browser.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 380])
async def test_every_word_stands_out_and_nothing_sticks_out(
    browser: Reader, page_path: Path, scheme: str, width: int
) -> None:
    async with browser.reading(page_path, width, color_scheme=scheme) as page:
        for summary in await page.locator("summary").all():
            await summary.click()
        assert await page.evaluate(CONTRAST) == []
        assert await sideways(page) <= 0
        seen = page.locator("#uploads svg:visible")
        await expect(seen).to_have_count(1)
        size = await seen.locator("text").first.evaluate("e => e.getBoundingClientRect().height")
        assert size > 10  # as large as words that are read, on a phone too


async def test_nothing_uploaded_yet_is_no_error(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    assert "Nothing was uploaded yet" in write_totals(place).read_text()
