"""Faults that are ordered: which request they hit, what happens to it, and what is kept."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from creative_flow_tj.sandbox import TjSandbox

from .support import Connect, Program, Start, Visit, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def content(samples: list[Path]) -> bytes:
    return samples[0].read_bytes()


async def order(client: Program, **fault: object) -> None:
    answer = await client.call("POST", "faults", fault)
    assert answer.status == 200, answer.body


async def outcome(sandbox: TjSandbox) -> list[tuple[str, str]]:
    """Return what the sandbox tells of arrivals, when none is under way any more."""

    async def concluded() -> bool:
        results = [arrival.result for arrival in sandbox.state.arrivals()]
        return bool(results) and "processing" not in results

    await until(concluded)
    return [(arrival.result, arrival.answer) for arrival in sandbox.state.arrivals()]


@pytest.mark.parametrize(
    ("when", "result", "kept"), [("before", "dropped", 0), ("after", "created", 1)]
)
async def test_a_500_can_come_before_or_after_a_creative_is_kept(
    start: Start, program: Connect, content: bytes, when: str, result: str, kept: int
) -> None:
    sandbox = await start()
    client = program(sandbox)
    await client.sign_in()
    await order(client, path="upload", kind="status", status=503, when=when)
    answer = await client.upload(content, ad_format="static_banner", name="a.png")
    assert answer.status == 503
    assert len(sandbox.state.creatives()) == kept
    assert await outcome(sandbox) == [(result, "503")]
    again = await client.upload(content, ad_format="static_banner", name="a.png")
    assert again.status == 200
    times = [arrival["times"] for arrival in (await client.call("GET", "state")).body["arrivals"]]
    assert times == [2, 2]


@pytest.mark.parametrize(
    ("when", "result", "kept"),
    [
        ("before", "dropped", 0),
        ("during", "incomplete", 0),
        ("after", "created", 1),
    ],
)
async def test_a_connection_can_be_reset(
    start: Start,
    program: Connect,
    content: bytes,
    when: str,
    result: str,
    kept: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sandbox = await start()
    client = program(sandbox)
    await client.sign_in()
    await order(client, path="upload", kind="reset", when=when, name="unlucky")
    lucky = await client.upload(content, ad_format="static_banner", name="a.png")
    assert lucky.status == 200
    with pytest.raises(aiohttp.ClientError):
        await client.upload(content, ad_format="static_banner", name="unlucky.png")
    assert (await outcome(sandbox))[1] == (result, "reset")
    assert len(sandbox.state.creatives()) == 1 + kept
    assert caplog.records == []


@pytest.mark.browser
async def test_a_browser_resends_what_was_reset_and_the_creative_is_there_once(
    start: Start, visit: Visit, samples: list[Path]
) -> None:
    sandbox = await start()
    visitor = visit(sandbox)
    await visitor.open_library()
    sandbox.site.faults.order({"path": "upload", "kind": "reset", "when": "after", "count": 5})
    await visitor.upload(samples[0])
    await expect(visitor.page.locator("[data-dz-errormessage]")).to_have_text(
        "Server responded with 0 code."
    )
    results = [arrival.result for arrival in sandbox.state.arrivals()]
    assert results == ["created"] + ["duplicate"] * (len(results) - 1)


async def test_a_request_can_hang_and_is_cut_in_the_end(start: Start, program: Connect) -> None:
    client = program(await start())
    await client.sign_in()
    # The client asks once more when a connection that it had used before is cut.
    await order(client, path="list", kind="timeout", seconds=0.4, count=2)
    began = time.monotonic()
    with pytest.raises(aiohttp.ClientError):
        await client.list("static_banner")
    assert time.monotonic() - began >= 0.4
    assert (await client.list("static_banner")).status == 200


async def test_a_hanging_request_does_not_keep_the_sandbox_from_stopping(
    start: Start, program: Connect
) -> None:
    sandbox = await start()
    client = program(sandbox)
    await client.sign_in()
    await order(client, path="list", kind="timeout", seconds=600)
    hanging = asyncio.create_task(client.list("static_banner"))

    async def hit() -> bool:
        return not sandbox.site.faults.as_json()

    await until(hit)
    async with asyncio.timeout(5):
        await sandbox.stop()
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_an_answer_can_come_in_drips_and_is_whole(start: Start, program: Connect) -> None:
    client = program(await start())
    await client.sign_in()
    whole = await client.list("static_banner")
    await order(client, path="list", kind="drip", seconds=0.4)
    began = time.monotonic()
    assert await client.list("static_banner") == whole
    assert time.monotonic() - began >= 0.35


async def test_a_file_can_arrive_in_drips_and_is_whole(
    start: Start, program: Connect, content: bytes
) -> None:
    sandbox = await start()
    client = program(sandbox)
    await client.sign_in()
    await order(client, path="upload", kind="drip", when="during", seconds=0.4)
    began = time.monotonic()
    await client.upload(content, ad_format="static_banner", name="a.png")
    assert time.monotonic() - began >= 0.35
    assert await outcome(sandbox) == [("created", "200")]


@pytest.mark.parametrize(("when", "result"), [("before", "unauthorized"), ("after", "created")])
async def test_a_session_can_end_in_the_middle_of_an_upload(
    start: Start, program: Connect, content: bytes, when: str, result: str
) -> None:
    sandbox = await start()
    client = program(sandbox)
    await client.sign_in()
    await order(client, path="upload", kind="expire", when=when)
    answer = await client.upload(content, ad_format="static_banner", name="a.png")
    assert answer.status == 401
    assert await outcome(sandbox) == [(result, "401")]
    assert (await client.list("static_banner")).status == 401


async def test_a_fault_hits_the_requests_it_names_and_no_other(
    start: Start, program: Connect
) -> None:
    client = program(await start())
    await client.sign_in()
    await order(client, path="list", kind="status", status=502, nth=2, count=2)
    statuses = [(await client.list("static_banner")).status for _ in range(5)]
    assert statuses == [200, 502, 502, 200, 200]
    await order(client, path="page", kind="status")
    assert (await client.list("static_banner")).status == 200
    assert (await client.get("/media-library")).status == 500
    await order(client, path="any", kind="status", count=10)
    assert (await client.list("static_banner")).status == 500
    assert (await client.call("DELETE", "faults")).body == {"faults": []}
    assert (await client.list("static_banner")).status == 200


async def test_a_sign_in_can_fail(start: Start, program: Connect) -> None:
    client = program(await start())
    await order(client, path="sign_in", kind="status", status=500)
    await client.sign_in()
    assert (await client.list("static_banner")).status == 401
    await client.sign_in()
    assert (await client.list("static_banner")).status == 200


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ([], "JSON object"),
        ({}, "path"),
        ({"path": "upload"}, "kind"),
        ({"path": "moon", "kind": "reset"}, "any, page, list, upload, sign_in"),
        ({"path": "list", "kind": "reset", "nth": 0}, "nth"),
        ({"path": "list", "kind": "reset", "count": 1e9}, "count"),
        ({"path": "list", "kind": "timeout", "seconds": 601}, "seconds"),
        ({"path": "list", "kind": "status", "status": 200}, "status"),
        ({"path": "list", "kind": "reset", "name": "a"}, "name"),
        ({"path": "upload", "kind": "reset", "when": "never"}, "when"),
        ({"path": "upload", "kind": "reset", "wen": "after"}, "'wen'"),
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused_in_one_line(
    start: Start, program: Connect, fault: object, word: str
) -> None:
    answer = await program(await start()).call("POST", "faults", fault)
    assert answer.status == 400
    assert word in answer.body["error"]
    assert "\n" not in answer.body["error"]
