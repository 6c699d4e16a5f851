"""The page of a run, in a real browser: it shows everything, and reaches and runs nothing."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from attrs import evolve
from playwright.async_api import Locator, Page, expect

from creative_flow.creative import Status
from creative_flow.errors import UsageError, WorkspaceError
from creative_flow.ledger import Ledger
from creative_flow.report.page import write_report
from creative_flow.workspace import Workspace

from .reader import CONTRAST, Reader, names, reader, sideways
from .runs_that_were import many, one_of_each, outcome, record, workspace

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SECRET = "p&<>\"' w0rd+ü%\\"


def chip(page: Page, words: str) -> Locator:
    """Return what chooses files, by its words."""
    return page.locator(".chips label").get_by_text(words, exact=True)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Reader]:
    async with reader() as found:
        yield found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("page") / "creatives")


@pytest.fixture(scope="module")
def each(place: Workspace) -> Path:
    """Write the page of a run with an outcome of every kind."""
    return write_report(place, record(place, one_of_each(place))).page


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of a run of 240 files."""
    place = workspace(tmp_path_factory.mktemp("crowd"))
    return write_report(place, record(place, many(place.uploaded, 240))).page


async def test_everything_known_of_the_run_is_told(
    browser: Reader, place: Workspace, each: Path
) -> None:
    with Ledger.open(place.ledger_url) as ledger:
        [past] = ledger.history().past_runs()
        outcomes = ledger.outcomes(past.run)
    async with browser.reading(each) as page:
        shown = await page.inner_text("body")
        for told in ("TrafficJunky", "default", "ana.buyer", "creatives", past.run, "LIVE"):
            assert told in shown
        files = await page.inner_text("table.files")
        for it in outcomes:
            for told in (it.name, it.creative_id, it.error, it.note, it.unique_id, it.ad_format):
                assert told in files
        assert "Tried again 2 times" in files
        assert len(re.findall(r"sending \d\d:\d\d:\d\d", files)) == 10  # of those that were sent
        links = page.locator(".evidence a")
        for link in await links.all():
            target = await link.evaluate("link => new URL(link.href).pathname")
            assert os.path.isfile(target)  # noqa: ASYNC240, PTH113
        assert await links.count() == 3
        assert await page.locator("table.files tbody td:first-child img").count() == 14
        first = page.locator(".evidence img").first
        await first.scroll_into_view_if_needed()
        await expect(first).to_have_js_property("naturalWidth", 1280)
    assert browser.reached_out == []
    assert browser.complaints == []


async def test_a_pair_with_one_half_up_shows_as_such(browser: Reader, each: Path) -> None:
    async with browser.reading(each) as page:
        told = await page.inner_text("#pairs")
        assert "1 with both halves up, 1 with only one half up." in told
        assert "ID-1A2B3C02: one half is up, the other is not" in told
        shown = await names(page)
        halves = [name for name in shown if "ID-1A2B3C02" in name]
        assert shown.index(halves[1]) == shown.index(halves[0]) + 1
        await chip(page, "One half up 2").click()
        assert await names(page) == halves


async def test_a_half_that_came_up_in_another_run_makes_the_pair_whole(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    vid, img = (
        outcome(
            place.uploaded / f"{half}.png",
            creative_id="1",
            unique_id=f"ID-1A2B3C01-{half}",
            native_pair_id="ID-1A2B3C01",
        )
        for half in ("VID", "IMG")
    )
    first = record(place, [vid])
    assert "one half up" in write_report(place, first).page.read_text()
    record(place, [img])
    assert "both halves up" in write_report(place, first).page.read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 380])
async def test_every_word_stands_out_and_nothing_sticks_out(
    browser: Reader, each: Path, scheme: str, width: int
) -> None:
    async with browser.reading(each, width, color_scheme=scheme) as page:
        assert await page.evaluate(CONTRAST) == []
        assert await sideways(page) <= 0
        cut = await page.evaluate(
            "[...document.querySelectorAll('.files td, .files tbody th')]"
            ".filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length"
        )
        assert cut == 0


async def test_without_its_program_the_page_shows_every_file(browser: Reader, crowd: Path) -> None:
    async with browser.reading(crowd, java_script_enabled=False) as page:
        assert await page.locator("table.files tbody tr").count() == 240
        await expect(page.locator("table.files tbody tr").last).to_be_attached()
        await expect(page.locator(".tools")).to_be_hidden()
        await expect(page.locator("table.files tbody tr").first).to_be_visible()


async def test_files_are_turned_over_searched_and_chosen(browser: Reader, crowd: Path) -> None:
    async with browser.reading(crowd) as page:
        shown = page.locator("#shown")
        await expect(shown).to_have_text("1–100 of 240")
        await page.get_by_role("button", name="Further files").click()
        await expect(shown).to_have_text("101–200 of 240")
        await chip(page, "Rejected 30").click()
        await expect(shown).to_have_text("1–30 of 30 (240 in all)")
        await page.keyboard.press("/")
        await page.keyboard.type("SIZE is 216x")
        await expect(shown).to_have_text("1–1 of 1 (240 in all)")
        assert "ID-1A2B00D8" in (await names(page))[0]
        await page.keyboard.type("nothing like it")
        await expect(shown).to_have_text("No file matches (240 in all)")
        await page.keyboard.press("Escape")
        await chip(page, "All 240").click()
        await page.get_by_label("at once").select_option("all")
        await expect(shown).to_have_text("1–240 of 240")
        assert await page.locator("table.files tbody tr").count() == 240
    assert browser.complaints == []


async def test_a_column_sorts_up_down_and_back(browser: Reader, crowd: Path) -> None:
    async with browser.reading(crowd) as page:
        as_recorded = await names(page)
        button = page.get_by_role("button", name="Size")
        sizes = "[...document.querySelectorAll('.files tbody tr')].map(r => +r.cells[3].dataset.v)"
        await button.click()
        smallest = await page.evaluate(sizes)
        assert smallest == sorted(smallest)
        assert smallest[0] == 1_000
        await button.press("Enter")
        largest = await page.evaluate(sizes)
        assert largest == sorted(largest, reverse=True)
        assert largest[0] == 1_000 + 7 * 239
        heading = page.locator(".files thead th", has_text="Size")
        await expect(heading).to_have_attribute("aria-sort", "descending")
        await button.click()
        assert await names(page) == as_recorded


async def test_the_ids_of_what_is_chosen_are_copied(browser: Reader, each: Path) -> None:
    async with browser.reading(each, permissions=["clipboard-read", "clipboard-write"]) as page:
        await chip(page, "Skipped 1").click()
        await page.get_by_role("button", name="Copy IDs").click()
        await expect(page.get_by_role("button", name="Copied 1 ID")).to_be_visible()
        assert await page.evaluate("navigator.clipboard.readText()") == "1032520001"


async def test_the_keyboard_reaches_all_that_can_be_done(browser: Reader, each: Path) -> None:
    async with browser.reading(each) as page:
        reached = set()
        for _ in range(40):
            await page.keyboard.press("Tab")
            reached.add(
                await page.evaluate(
                    "(document.activeElement.id || document.activeElement.textContent ||"
                    " document.activeElement.name)"
                )
            )
        assert {"search", "choice", "copy", "size", "File", "Status", "screenshot"} <= reached
        unnamed = await page.evaluate(
            "[...document.querySelectorAll('input, select, button')]"
            ".filter((e) => e.checkVisibility())"
            ".filter((e) => !e.labels?.length && !e.textContent && !e.ariaLabel).length"
        )
        assert unnamed == 0


async def test_paper_gets_every_file_dark_or_not(browser: Reader, crowd: Path) -> None:
    async with browser.reading(crowd, color_scheme="dark") as page:
        printed = await page.pdf(prefer_css_page_size=True)
        # Twenty or so to a sheet: a hundred alone would need no more than six.
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 8
        await expect(page.locator("#shown")).to_have_text("1–100 of 240")
        await page.emulate_media(media="print", color_scheme="dark")
        ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        assert await page.evaluate(CONTRAST) == []


HOSTILE = (
    "<img src=x onerror=alert(1)>.png",
    "</script><script>alert(2)</script>.png",
    "</style><script>alert(3)</script>.png",
    '" onmouseover="alert(4)" x=".png',
    "javascript:alert(5)",
    "\x1b[31mred\x07.png",
    "gnp.\u202etxe.png",
    os.fsdecode(b"bytes-\xff\xfe.png"),
    "\ud800lone.png",
    "line\nbreak\r.png",
    "=cmd|'calc'!A1.png",
    "--><!-- x.png",
    "]]>&amp;&#x3c;b&#62;.png",
    "'{{7*7}}${7*7}.png",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Write the page of a run whose every word is hostile."""
    place = workspace(tmp_path_factory.mktemp("<b>hostile"))
    found = [
        outcome(
            place.root / "a</p>" / name.replace("/", "∕"),
            Status.FAILED,
            error=f"{name} refused",
            note=name,
            evidence=(
                name,
                "javascript:alert(6)",
                "../../../etc/passwd",
                "data/screenshots/a b.png",
            ),
            unique_id=name,
            native_pair_id=name,
            ad_format=name.encode("ascii", "ignore").decode().replace("\x00", ""),
            at=None,
        )
        for name in HOSTILE
    ]
    run = record(place, found, login="<script>alert(7)</script>", error="</title><b onclick=x>")
    written = write_report(place, run)
    assert written.errors_csv is not None
    return written.page, written.errors_csv


async def test_nothing_hostile_comes_to_life(browser: Reader, hostile: tuple[Path, Path]) -> None:
    async with browser.reading(hostile[0]) as page:
        assert await page.locator("table.files tbody tr").count() == len(HOSTILE)
        for tag in ("script", "style", "title"):
            assert await page.locator(f"head {tag}, body {tag}:not(svg *)").count() == 1
        assert await page.locator("[onerror], [onmouseover], [onclick], body b b").count() == 0
        text = await page.inner_text("table.files")
        assert "<img src=x onerror=alert(1)>.png" in text
        assert "\\x1b[31mred\\x07.png" in text
        assert "\\u202e" in text
        assert "bytes-\\xff\\xfe.png" in text
        addresses = await page.evaluate(
            "[...document.querySelectorAll('[href], [src]')].map((e) => e.getAttribute('href') ||"
            " e.getAttribute('src'))"
        )
        assert {it.split(":")[0] for it in addresses if not it.startswith(("./", "../", "#"))} == {
            "data"
        }
        assert not [it for it in addresses if "etc/passwd" in it]
        for link in await page.locator(".evidence a").all():
            await link.dispatch_event("mouseover")
    assert browser.reached_out == []
    assert [it for it in browser.complaints if "ERR_FILE_NOT_FOUND" not in it] == []


async def test_what_was_not_foreseen_could_not_run_or_reach_anything_either(
    browser: Reader, each: Path
) -> None:
    """Put into the page what should never get there: its policy holds it down."""
    heard = bytearray()

    async def hear(said: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        while some := await said.read(100):
            heard.extend(some)
        answer.close()

    listening = await asyncio.start_server(hear, "127.0.0.1", 0)
    there = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    harm = f"""<script>document.title = "ran"</script><img src="{there}/a.png">
        <img src="data:," onerror="document.title = 'ran'">
        <a id="j" href="javascript:document.title = 'ran'">x</a>
        <link rel="stylesheet" href="{there}/a.css"><iframe src="{there}"></iframe>
        <script src="{there}/a.js"></script><object data="{there}"></object>"""
    smuggled = each.with_name("smuggled.html")
    smuggled.write_bytes(each.read_bytes() + harm.encode())  # noqa: ASYNC240
    async with browser.reading(smuggled) as page:
        await page.locator("#j").click()
        fetch = f"fetch('{there}').then(() => 'got it', () => 'could not')"
        assert await page.evaluate(fetch) == "could not"
        assert "ran" not in await page.title()
    listening.close()
    assert heard == b""


async def test_errors_as_csv_hold_every_problem_and_no_formula(
    hostile: tuple[Path, Path],
) -> None:
    text = hostile[1].read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [
        *("file_path", "file_name", "ad_format", "status", "reason", "advice", "evidence")
    ]
    assert len(rows) == len(HOSTILE)
    assert not [
        cell for row in rows for cell in row.values() if cell[:1] in "=+-@\t\r"[:4] and cell
    ]
    assert rows[0]["reason"] == f"{HOSTILE[0]} refused"
    assert rows[0]["advice"].startswith("Run the same command again")


async def test_where_all_is_well_there_is_no_csv_of_errors(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    run = record(place, [outcome(place.uploaded / "a.png", creative_id="1")])
    stale = place.reports / f"run_{run}_errors.csv"
    stale.parent.mkdir(parents=True)
    stale.write_text("what was settled since\n")
    assert write_report(place, run).errors_csv is None
    assert not stale.exists()


async def test_no_secret_gets_into_page_or_csv(tmp_path: Path) -> None:
    place = workspace(tmp_path, TJ_PASSWORD=SECRET)
    told = f"refused: password={SECRET}; Cookie: session=abcdef123456; it was {SECRET}"
    run = record(
        place,
        [
            outcome(
                place.uploaded / f"{SECRET}.png",
                Status.FAILED,
                error=told,
                note=told,
                evidence=(f"data/screenshots/{SECRET}.png",),
            )
        ],
        login=SECRET,
        error=told,
    )
    written = write_report(place, run)
    for path in (written.page, written.errors_csv):
        assert path is not None
        content = path.read_text()
        assert "refused" in content
        assert "w0rd" not in content
        assert "abcdef123456" not in content


async def test_the_files_are_for_everybody_and_whole_or_not_there(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    run = record(place, [outcome(place.uploaded / "a.png", Status.FAILED, error="refused")])
    os.umask(before := os.umask(0o022))
    os.umask(0o022)
    try:
        written = write_report(place, run)
    finally:
        os.umask(before)
    for path in (written.page, written.errors_csv):
        assert path is not None
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert sorted(it.name for it in place.reports.iterdir()) == [
        *(f"run_{run}.html", f"run_{run}_errors.csv")
    ]


async def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    run = record(place, [outcome(place.uploaded / "a.png", creative_id="1")])
    place.reports.write_text("a file where the folder should be")
    with pytest.raises(WorkspaceError):
        write_report(place, run)


async def test_a_run_is_found_by_its_beginning(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    with pytest.raises(UsageError, match="No live run"):
        write_report(place, "last")
    runs = [record(place, [outcome(place.uploaded / "a.png")]) for _ in range(2)]
    assert write_report(place, runs[0]).page.name == f"run_{runs[0]}.html"
    assert write_report(place, "last").page.name == f"run_{runs[1]}.html"
    with pytest.raises(UsageError, match="several"):
        write_report(place, runs[0][:8])
    with pytest.raises(UsageError, match="no run '%'"):
        write_report(place, "%")


async def test_a_run_that_was_killed_or_stopped_says_so(browser: Reader, tmp_path: Path) -> None:
    place = workspace(tmp_path)
    path = place.uploaded / "a.png"
    pending = outcome(path, Status.PENDING, error="not sent: The platform does not answer.")
    stopped = record(place, [pending], error="The platform does not answer.")
    async with browser.reading(write_report(place, stopped).page) as page:
        assert "stopped: The platform does not answer." in await page.inner_text("#summary")
        assert "not sent: the run was stopped" in await page.inner_text("#files")
    killed = record(place, [evolve(pending, error="")], finished=False)
    async with browser.reading(write_report(place, killed).page) as page:
        assert "end not recorded" in await page.inner_text("header")


async def test_a_platform_whose_plugin_is_gone_is_called_by_its_name(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    with Ledger.open(place.ledger_url) as ledger:
        run = ledger.start_run("elsewhere", "default", login="", campaign="", total=0)
    assert "Upload to elsewhere" in write_report(place, run).page.read_text()


@pytest.mark.reliability
@pytest.mark.timeout(300)
async def test_ten_thousand_files_stay_usable(browser: Reader, tmp_path: Path) -> None:
    """Bounds are wide, for machines that are busy; what grows with the square breaks them."""
    place = workspace(tmp_path)
    page_path = write_report(place, record(place, many(place.uploaded, 10_000))).page
    assert page_path.stat().st_size < 9_000_000
    async with browser.reading(page_path) as page:
        await expect(page.locator("#shown")).to_have_text("1–100 of 10,000")
        spent = await page.evaluate("""() => {
          const field = document.getElementById("search");
          const start = performance.now();
          for (const text of ["1", "ID-1A2B00", "no such file", ""]) {
            field.value = text;
            field.dispatchEvent(new Event("input"));
          }
          return performance.now() - start;
        }""")
        assert spent < 5_000
    async with browser.reading(page_path, java_script_enabled=False) as page:
        assert await page.locator("table.files tbody tr").count() == 10_000
