"""Names and pages that mean harm do none: to the terminal, to a spreadsheet, to files, to JSON."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Dialog, async_playwright

from creative_flow.browser import launch_options, require_chromium
from creative_flow.evidence import save_evidence
from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.seeds import seeds_of
from otherside import Knobs, OtherSite
from reliability.rehearsal import QUICK, WAITS
from reliability.traces import Traces

FORMULA = "=cmd|' /C calc'!A0"
OSC_8 = "\x1b]8;;http://127.0.0.1/evil\x07click\x1b]8;;\x07"
OSC_52 = "\x1b]52;c;ZXZpbA==\x07"
HOSTILE = {
    "html": "<img src=x onerror=alert(1)><script>alert(2)</script>",
    "formula": FORMULA,
    "plus": "+1+cmd|' /C calc'!A0",
    "at": "@SUM(1+9)*cmd",
    "minus": "-2+3",
    "tab": "\t=1+1",
    "apostrophe": "'=1+1",
    "path": "../../x",
    "colour": "\x1b[31mred\x1b[2J\x1b[H",
    "link": OSC_8,
    "clipboard": OSC_52,
    "eight bits": "\x9b31mred",
    "right to left": "\u202egnp.exe",
    "lines": "a\nb\r\nc\u2028d",
    "long": "L" * 196,
    "quotes": "a\"b'c,d;e",
    "rich": "[bold red]no[/] :warning:",
    "percent": "%2e%2e%2fx%00",
}
"""What a creative may be called. A file's name has the same with another slash."""

HARM = re.compile(
    "\x1b\\][^a-z]|\x1b\\[2J|\x1b\\[H|\x1b\\[31mred|[\x07\x08\x0b\x0c\x0e-\x1a\x80-\x9f"
    "\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
"""What may not reach a terminal, even where colours and a bar do."""

UPLOAD = ("upload", "uploaded", "--platform", "tj", "--headless")
REFUSAL = f"{FORMULA} <script>alert(1)</script> {OSC_52}{OSC_8}\x1b[2J\u202e\nsecond line"


def file_names() -> list[str]:
    return [f"{name.replace('/', '∕')}.png" for name in HOSTILE.values()]


@asynccontextmanager
async def sandbox(root: Path) -> AsyncIterator[tuple[Traces, TjSandbox]]:
    made = TjSandbox(settings=QUICK)
    await made.start()
    try:
        yield Traces(root, made.environment()), made
    finally:
        await made.stop()


def make_files(root: Path) -> list[Path]:
    folder = root / "place" / "uploaded"
    folder.mkdir(parents=True)
    (root / "place" / "config").mkdir()
    (root / "place" / "config" / "tj.toml").write_text(WAITS)
    paths = [folder / name for name in file_names()]
    for number, path in enumerate(paths):
        Image.new("RGB", (300, 250), (number, 0, 0)).save(path, format="PNG")
    return paths


def check_said(traces: Traces) -> None:
    """No run said anything that steers a terminal."""
    for said in traces.said:
        text = said.decode(errors="surrogateescape")
        found = HARM.search(text)
        assert found is None, f"{found} in {text!r}"


def check_files(traces: Traces) -> None:
    """Every CSV is whole and runs nothing, and nothing was written where it does not belong."""
    tables = list((traces.place / "tracking").rglob("*.csv"))
    for table in tables:
        with table.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        for row in rows:
            assert len(row) == len(header), f"{table}: {row}"
            for cell in row:
                assert not re.match(r"\s*[=+\-@]|[\t\r\n]", cell), f"{table}: {cell!r}"
    strangers = [path for path in traces.root.iterdir() if path.name not in _OURS]
    assert strangers == []
    assert {path.name for path in traces.place.iterdir()} <= _WORKSPACE


_OURS = {"place", "home", "tmp", "state"}
_WORKSPACE = {
    *("source_files", "uploaded", "tracking", "data", "config", "archive", ".gitignore"),
}


async def test_a_plan_of_hostile_names_is_harmless(root: Path) -> None:
    paths = make_files(root)
    traces = Traces(root, {})
    code, said = await traces.cfu(*UPLOAD)
    assert code == 0, said
    code, out, err = await traces.quietly(*UPLOAD)
    assert code == 0, err
    assert "\x1b" not in out + err
    code, out, _ = await traces.quietly(*UPLOAD, "--json")
    outcomes = json.loads(out)["runs"][0]["outcomes"]
    assert {outcome["path"] for outcome in outcomes} == set(map(str, paths))
    traces.said.pop(-2)  # a document holds every name as it is, escaped as JSON does
    check_said(traces)
    check_files(traces)


async def test_a_session_csv_can_not_lead_out_of_the_workspace(root: Path) -> None:
    make_files(root)
    outside = root / "home" / "x.png"
    outside.parent.mkdir()
    Image.new("RGB", (300, 250)).save(outside)
    tracking = root / "place" / "tracking"
    tracking.mkdir()
    lines = ["new_filename", "../../home/x.png", str(outside), "..", "."]
    (tracking / "creative_inventory_session.csv").write_text("\n".join(lines) + "\n")
    traces = Traces(root, {})
    code, out, err = await traces.quietly("upload", "--platform", "tj", "--json")
    assert code == 1, err
    for outcome in json.loads(out)["runs"][0]["outcomes"]:
        assert outcome["status"] in {"file_not_found", "failed"}
        assert Path(outcome["path"]).is_relative_to(root / "place" / "uploaded")


@pytest.mark.slow
async def test_hostile_names_added_by_hand_are_harmless(root: Path) -> None:
    traces = Traces(root, {})
    traces.place.mkdir()
    for number, name in enumerate(("formula", "clipboard", "lines", "path", "apostrophe")):
        code, out, err = await traces.quietly(
            *("library", "add", "--platform", "tj", "--ad-format", "static_banner"),
            *("--name", HOSTILE[name], "--id", f"10325305{number}1", "--status", FORMULA),
        )
        assert code == 0, err
        assert "\x1b" not in out + err
    check_said(traces)
    check_files(traces)
    with (traces.place / "tracking" / "TJ_Creative_Library.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["creative_id"] for row in rows] == [f"10325305{number}1" for number in range(5)]
    assert rows[0]["filename"] == f"'{FORMULA}"


@pytest.mark.browser
@pytest.mark.reliability
@pytest.mark.timeout(300)
async def test_hostile_names_go_up_and_come_back_harmless(root: Path) -> None:
    """Their ids are proved, or it is said that they can't be; the record reads back as it was."""
    paths = make_files(root)
    async with sandbox(root) as (traces, made):
        seeds = [{"name": name, "ad_format": "static_banner"} for name in ("../../x", "../x.png")]
        made.state.add_creatives(seeds_of({"creatives": seeds}, made.site.settings))
        code, said = await traces.cfu(*UPLOAD, "--live")
        assert code in {0, 1}, said
        check_said(traces)
        check_files(traces)
        code, _, err = await traces.quietly(*UPLOAD, "--live", "--json")
        assert code in {0, 1}, err
        document = traces.said.pop(-2)
        check_said(traces)
        check_files(traces)
        assert not list((traces.place / "tracking").glob("kept_aside/*")), err
        outcomes = json.loads(document)["runs"][0]["outcomes"]
        assert len(outcomes) == len(paths)
        truth = {creative.id: creative for creative in made.state.creatives()}
        known = [outcome for outcome in outcomes if outcome["creative_id"]]
        # The sandbox understands no request in whose head a control character stands.
        unheard = {path.name for path in paths if re.search("[\x00-\x08\x0b-\x1f]", path.stem)}
        never = {outcome["name"] for outcome in outcomes if not outcome["creative_id"]}
        assert never <= unheard, outcomes
        contents = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
        for outcome in known:
            assert truth[outcome["creative_id"]].sha256 == contents[outcome["path"]]


@pytest.mark.browser
@pytest.mark.reliability
@pytest.mark.timeout(300)
async def test_a_page_that_means_harm_does_none(root: Path) -> None:
    """It refuses every file with words that steer terminals and spreadsheets, and names alike."""
    [path, *_] = make_files(root)
    for other in path.parent.iterdir():
        if other != path:
            other.unlink()
    site = OtherSite(Knobs(refuse_all=REFUSAL, captcha="none"))
    site.seed("static_banner", [*HOSTILE.values()])
    await site.start()
    try:
        given = {
            "TJ_BASE_URL": site.base_url,
            "TJ_LOGIN_URL": site.login_url,
            "TJ_USERNAME": site.username,
            "TJ_PASSWORD": site.password,
        }
        traces = Traces(root, given)
        path.rename(path.with_name("EN_Summer.png"))
        code, said = await traces.cfu(*UPLOAD, "--live")
        assert code == 1, said
        assert "TrafficJunky says: =cmd" in said
        code, out, err = await traces.quietly(*UPLOAD, "--live", "--json")
        assert code == 1, err
        [outcome] = json.loads(out)["runs"][0]["outcomes"]
        assert outcome["status"] == "rejected"
        traces.said.pop(-2)
        check_said(traces)
        check_files(traces)
        for log in (traces.place / "tracking" / "upload_logs").iterdir():
            assert HARM.search(log.read_text("utf-8")) is None
    finally:
        await site.stop()


EVIL_PAGE = """<!DOCTYPE html><html onclick="alert('html')"><head>
<base href="{site}/">
<meta http-equiv="refresh" content="2;url={site}/r">
<link rel="stylesheet" href="{site}/s.css">
<script src="{site}/a.js"></script><script>alert(1)</script>
<style>@import "{site}/i.css"; p { background: url({site}/b.png) }</style>
</head><body onload="alert(2)"><img src="{site}/p.png" onerror="alert(3)"><p>text</p>
<svg onload="alert(4)"><script>alert(5)</script>
<a xlink:href="javascript:alert(6)"><text id="svg" y="20">svg</text></a></svg>
<iframe src="javascript:parent.alert(7)"></iframe>
<iframe srcdoc="<script>alert(8)</script>"></iframe>
<object data="data:text/html,<script>alert(9)</script>"></object>
<embed src="{site}/e"><a id="link" href=" java&#10;script:alert(10)">a link</a>
<form action="javascript:alert(11)"><button id="send">send</button></form>
<div class="creativeContainer" data-id="1032530511">seen</div></body></html>"""


@pytest.mark.browser
async def test_evidence_of_a_hostile_page_does_nothing_when_it_is_opened(root: Path) -> None:
    """What is saved is opened in a browser, and its links and buttons are clicked."""
    happened: list[str] = []
    visited, alerted = asyncio.Event(), asyncio.Event()

    async def note_dialog(dialog: Dialog) -> None:
        happened.append(f"dialog {dialog.message}")
        alerted.set()
        await dialog.dismiss()

    async def note_visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser may connect ahead of a request that it then does not make.
        if await reader.readline():
            happened.append("visit")
            visited.set()
        writer.close()

    server = await asyncio.start_server(note_visit, "127.0.0.1", 0)
    evil = EVIL_PAGE.replace("{site}", "http://{}:{}".format(*server.sockets[0].getsockname()))
    async with async_playwright() as playwright:
        options = launch_options(require_chromium(), headless=True)
        async with await playwright.chromium.launch(**options) as browser:
            closed = await browser.new_context(java_script_enabled=False, offline=True)
            page = await closed.new_page()
            await page.set_content(evil, wait_until="commit")
            saved = await save_evidence(page, root, "evil")
            [file] = [path for path in saved if path.suffix == ".html"]

            page = await browser.new_page()
            page.on("dialog", note_dialog)
            await page.goto(file.as_uri())
            assert await page.locator("[data-id='1032530511']").inner_text() == "seen"
            for target in ("#link", "#send", "#svg"):
                await page.locator(target).dispatch_event("click")
            # Longer than the page would wait before it goes elsewhere by itself.
            await page.wait_for_function("() => performance.now() > 2500")
            assert page.url == file.as_uri()
            assert happened == []

            page = await browser.new_page()
            page.on("dialog", note_dialog)
            await page.set_content(evil, wait_until="commit")
            async with asyncio.timeout(30):  # the page as it was does mean harm
                await asyncio.gather(visited.wait(), alerted.wait())
    server.close()
    await server.wait_closed()
