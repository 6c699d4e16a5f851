"""The control API and its page: the truth can be read, and nonsense is refused in one line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from attrs import fields
from playwright.async_api import expect

from creative_flow_tj.sandbox.settings import Settings

from .support import Connect, Start, Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_settings_can_be_read_and_changed_while_it_runs(
    start: Start, program: Connect
) -> None:
    client = program(await start())
    before = (await client.call("GET", "settings")).body
    assert set(before) == {field.name for field in fields(Settings)}
    answer = await client.call("PATCH", "settings", {"cards_per_page": 3, "captcha": "auto"})
    assert answer.body == before | {"cards_per_page": 3, "captcha": "auto"}
    await client.call("POST", "library", {"count": 5, "ad_format": "native_image"})
    await client.call("PATCH", "settings", {"captcha": "none"})
    await client.sign_in()
    assert (await client.list("native_image")).body["rows"].count("data-id") == 3


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"captha": "none"}, "'captcha'"),
        ({"captcha": "robot"}, "person, auto, none"),
        ({"cookie_banner": 1}, "true or false"),
        ({"list_seconds": "1"}, "a number from 0 to 600"),
        ({"list_seconds": -1}, "a number from 0 to 600"),
        ({"cards_per_page": 1.5}, "a whole number from 1 to 100"),
        ({"banner_sizes": ["300 x 250"]}, "300x250"),
        ({"accounts": {}}, "user name and password"),
        ({"accounts": {"a": ""}}, "1 to 200 characters"),
        ({"in_stream_min_seconds": 32}, "in_stream_max_seconds"),
        (["captcha"], "JSON object"),
    ],
)
async def test_a_setting_that_makes_no_sense_is_refused_in_one_line(
    start: Start, program: Connect, changes: object, word: str
) -> None:
    client = program(await start())
    before = (await client.call("GET", "settings")).body
    answer = await client.call("PATCH", "settings", changes)
    assert answer.status == 400
    assert word in answer.body["error"]
    assert "\n" not in answer.body["error"]
    assert (await client.call("GET", "settings")).body == before


async def test_a_library_can_be_filled_with_names_that_repeat(
    start: Start, program: Connect
) -> None:
    sandbox = await start()
    client = program(sandbox)
    twice = [{"name": "twin", "ad_format": "native_image", "review_status": "approved"}] * 2
    ids = (await client.call("POST", "library", {"creatives": twice})).body["ids"]
    assert len(set(ids)) == 2
    assert {creative.review_status for creative in sandbox.state.creatives()} == {"approved"}
    found = (await client.call("GET", "state?name=twin&ad_format=native_image")).body
    assert [creative["id"] for creative in found["creatives"]] == ids
    assert (await client.call("GET", "state?name=other")).body["creatives"] == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "count"),
        ({"count": 0, "ad_format": "native_image"}, "count"),
        ({"count": 1, "ad_format": "poster"}, "static_banner"),
        ({"count": 1, "ad_format": "native_image", "account": "nobody"}, "'nobody'"),
        ({"creatives": [{"ad_format": "native_image"}]}, "name"),
        ({"creatives": [{"name": "\ud800", "ad_format": "native_image"}]}, "name"),
        (
            {"creatives": [{"name": "a", "ad_format": "native_image", "review_status": 1}]},
            "pending",
        ),
        ({"creatives": [1]}, "object"),
        ({"creatives": []}, "creatives"),
    ],
)
async def test_a_library_that_makes_no_sense_is_refused_whole(
    start: Start, program: Connect, body: object, word: str
) -> None:
    sandbox = await start()
    answer = await program(sandbox).call("POST", "library", body)
    assert answer.status == 400
    assert word in answer.body["error"]
    assert sandbox.state.creatives() == []


async def test_a_removed_creatives_id_never_comes_back(start: Start, program: Connect) -> None:
    sandbox = await start()
    client = program(sandbox)
    one = {"count": 1, "ad_format": "native_image"}
    [first] = (await client.call("POST", "library", one)).body["ids"]
    assert (await client.call("DELETE", f"creatives/{first}")).status == 200
    assert (await client.call("DELETE", f"creatives/{first}")).status == 404
    [second] = (await client.call("POST", "library", one)).body["ids"]
    assert int(second) > int(first)


async def test_a_reset_forgets_all_but_the_settings(
    start: Start, program: Connect, samples: list[Path]
) -> None:
    sandbox = await start(cards_per_page=7)
    client = program(sandbox)
    await client.sign_in()
    content = samples[0].read_bytes()
    await client.upload(content, ad_format="static_banner", name="a.png")
    await client.call("POST", "faults", {"path": "list", "kind": "reset"})
    await client.call("POST", "reset")
    assert (await client.call("GET", "state")).body == {
        "creatives": [],
        "arrivals": [],
        "drift": [],
    }
    assert (await client.call("GET", "faults")).body == {"faults": []}
    assert set((await client.call("GET", "requests")).body.values()) == {0}
    assert (await client.list("static_banner")).status == 401
    digest = hashlib.sha256(content).hexdigest()
    assert (await client.call("GET", f"files/{digest}")).status == 404
    assert (await client.call("GET", "settings")).body["cards_per_page"] == 7


async def test_after_a_reset_files_take_as_long_as_they_did_at_first(
    start: Start, program: Connect
) -> None:
    sandbox = await start()
    at_first = [sandbox.site.luck.random() for _ in range(3)]
    await program(sandbox).call("POST", "reset")
    assert [sandbox.site.luck.random() for _ in range(3)] == at_first


async def test_requests_are_counted_by_kind(
    start: Start, program: Connect, samples: list[Path]
) -> None:
    client = program(await start())
    await client.sign_in()
    await client.list("static_banner")
    await client.upload(samples[0].read_bytes(), ad_format="static_banner", name="a.png")
    await client.get("/assets/site.css")
    counts = (await client.call("GET", "requests")).body
    counts = {kind: count for kind, count in counts.items() if count}
    assert counts == {"page": 1, "list": 1, "upload": 1, "sign_in": 1, "other": 1}


GARBAGE: tuple[tuple[str, str, bytes, dict[str, str]], ...] = (
    ("PATCH", "/_sandbox/settings", b"{", {}),
    ("PATCH", "/_sandbox/settings", b"\xff\xfe\x00", {}),
    ("POST", "/_sandbox/faults", b"[" * 100_000, {}),
    ("POST", "/_sandbox/creatives/1", b"null", {}),
    ("GET", "/_sandbox/files/..%2f..%2fetc%2fpasswd", b"", {}),
    ("GET", "/_sandbox/files/%00", b"", {}),
    ("GET", "/assets/..%2fpages.py", b"", {}),
    ("GET", "/media-library/thumbnail/%F0%9F%98%80", b"", {}),
    ("GET", "/media-library/list?ad_format=static_banner&page=-1", b"", {}),
    ("GET", "/media-library/list?ad_format=static_banner&page=%D9%A3", b"", {}),
    ("GET", "/media-library/list?ad_format=static_banner&page=" + "9" * 400, b"", {}),
    ("GET", "/media-library/list?ad_format=%00", b"", {}),
    ("POST", "/media-library/upload", b"no form", {"Content-Type": "text/plain"}),
    ("POST", "/media-library/upload", b"--x", {"Content-Type": "multipart/form-data; boundary=x"}),
    ("POST", "/media-library/upload", b"x", {"Content-Type": "multipart/form-data"}),
    (
        "POST",
        "/media-library/upload",
        b'--x\r\nContent-Disposition: form-data; name="ad_format"\r\n\r\n' + b"a" * 9000,
        {"Content-Type": "multipart/form-data; boundary=x"},
    ),
    (
        "POST",
        "/sign-in",
        b"username=%FF&password=\x00",
        {"Content-Type": "application/x-www-form-urlencoded"},
    ),
    ("POST", "/sign-in", b"x", {"Content-Type": "multipart/form-data"}),
    (
        "POST",
        "/_sandbox/",
        b"action=fault&nth=x",
        {"Content-Type": "application/x-www-form-urlencoded"},
    ),
    ("POST", "/sign-in/captcha?token=%00", b"", {}),
    ("GET", "/media-library", b"", {"Cookie": "tj_session=" + "%" * 3000}),
    ("DELETE", "/media-library", b"", {}),
    ("GET", "/nowhere", b"", {}),
)


@pytest.mark.parametrize(("method", "path", "body", "headers"), GARBAGE)
async def test_garbage_is_never_answered_with_a_crash(
    start: Start,
    program: Connect,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    body: object,
    headers: dict[str, str],
) -> None:
    sandbox = await start()
    client = program(sandbox)
    await client.sign_in()
    async with client.http.request(
        method, sandbox.url + path, data=body, headers=headers, allow_redirects=False
    ) as response:
        assert response.status < 500
        await response.read()
    assert caplog.records == []


async def test_a_page_that_is_not_there_says_so_and_says_that_it_is_a_sandbox(
    start: Start, program: Connect
) -> None:
    answer = await program(await start()).get("/nowhere")
    assert answer.status == 404
    assert "SANDBOX — a stand-in for rehearsal; nothing here reaches TrafficJunky" in answer.body


@pytest.mark.browser
async def test_a_person_can_turn_the_knobs_on_the_page(start: Start, visit: Visit) -> None:
    sandbox = await start()
    visitor = visit(sandbox)
    page = visitor.page
    await page.goto(f"{visitor.url}/_sandbox/")
    await page.select_option("#knob_panel_close", "escape")
    await page.fill("#knob_list_seconds", "0.25")
    await page.click("text=Change settings")
    await expect(page.get_by_role("status")).to_contain_text("The settings are changed")
    assert sandbox.site.settings.panel_close == "escape"
    assert sandbox.site.settings.list_seconds == 0.25
    await page.fill("#knob_cards_per_page", "many")
    await page.click("text=Change settings")
    await expect(page.get_by_role("alert")).to_contain_text("a whole number from 1 to 100")
    await page.click("button[value=library]")
    await expect(page.get_by_role("status")).to_have_text("Added 30 creatives.")
    await page.click("button[value=fault]")
    await expect(page.get_by_role("status")).to_contain_text("status at upload")
    assert len(sandbox.site.faults.as_json()) == 1
    assert len(sandbox.state.creatives()) == 30
    await page.click("button[value=reset]")
    await expect(page.get_by_role("status")).to_contain_text("Everything is forgotten")
    assert sandbox.state.creatives() == []
