"""Ads made by a CSV: what the site checks, what it creates, and what faults leave behind."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from creative_flow_tj.sandbox.campaigns.csv_check import ISSUES, NOT_VALID
from creative_flow_tj.sandbox.campaigns.records import NATIVE_COLUMNS

from .ads import Ads, csv_of
from .support import Connect, Start, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def make(start: Start, program: Connect, **settings: object) -> Ads:
    return await Ads.of(program(await start(**settings)))


@pytest.mark.parametrize("kind", ["pre_roll", "native"])
async def test_a_csv_becomes_ads_with_every_cell_as_it_came(
    start: Start, program: Connect, kind: str
) -> None:
    ads = await make(start, program)
    campaign_id = await ads.add(kind=kind, ads=1)
    url = "https://example.com/a?b=%20&sub11=Gr%C3%B6%C3%9Fe&{CampaignName}={BanID}|x"
    row = (ads.native if kind == "native" else ads.pre_roll)('Ü "a", b', Target_URL=url)
    previewed = await ads.preview(campaign_id, csv_of(kind, row, *ads.rows(kind, 49)))
    ids = [ads.video, ads.image] if kind == "native" else [ads.in_stream]
    assert previewed.body["rows"][0] == ['Ü "a", b', url, ", ".join(ids)]
    assert (await ads.table(campaign_id)).body["recordsTotal"] == 1
    assert (await ads.confirm(campaign_id, previewed.body["token"])).body == {"success": True}
    truth = await ads.truth(campaign_id)
    made = truth["ads"][1]
    assert (made["name"], made["target_url"], made["creative_ids"]) == ('Ü "a", b', url, ids)
    assert {name: cell for name, cell in made["cells"].items() if cell} == row
    [confirmation] = truth["confirmations"]
    assert {ad["request"] for ad in truth["ads"]} == {0, confirmation["number"]}
    assert (confirmation["result"], confirmation["created"]) == ("created", 50)
    assert (await ads.table(campaign_id)).body["recordsTotal"] == 51


async def test_the_site_takes_the_same_ads_twice(start: Start, program: Connect) -> None:
    ads = await make(start, program)
    campaign_id = await ads.add()
    content = csv_of("pre_roll", ads.pre_roll("twin"))
    await ads.create(campaign_id, content)
    await ads.create(campaign_id, content)
    truth = await ads.truth(campaign_id)
    assert [ad["name"] for ad in truth["ads"]] == ["twin", "twin"]
    [told] = truth["csv_files"]
    counts = {name: told[name] for name in ("rows", "previews", "confirmations", "ads_created")}
    assert counts == {"rows": 1, "previews": 2, "confirmations": 2, "ads_created": 2}


@pytest.mark.parametrize(("again", "created"), [("ignored", 2), ("creates", 4)])
async def test_a_preview_that_is_confirmed_again_may_create_nothing_more(
    start: Start, program: Connect, again: str, created: int
) -> None:
    ads = await make(start, program, confirm_again=again)
    campaign_id = await ads.add()
    answer = await ads.preview(campaign_id, csv_of("pre_roll", *ads.rows("pre_roll", 2)))
    for _ in range(2):
        assert (await ads.confirm(campaign_id, answer.body["token"])).body == {"success": True}
    truth = await ads.truth(campaign_id)
    assert len(truth["ads"]) == truth["csv_files"][0]["ads_created"] == created
    assert truth["csv_files"][0]["confirmations"] == 2


async def test_what_was_refused_or_never_sent_can_not_be_confirmed(
    start: Start, program: Connect
) -> None:
    ads = await make(start, program)
    campaign_id, other_id = await ads.add(), await ads.add()
    assert (await ads.preview(campaign_id, b"nonsense")).status == 422
    [refused] = ads.sandbox.campaigns.csv_files(campaign_id)
    elsewhere = (await ads.preview(other_id, csv_of("pre_roll", ads.pre_roll()))).body["token"]
    for token in (refused.token, "never", elsewhere):
        assert (await ads.confirm(campaign_id, token)).status == 409
    assert await ads.results(campaign_id) == [("unknown", 0, "409")] * 3
    assert (await ads.truth(campaign_id))["ads"] == []


# What is checked


async def test_a_file_that_is_no_ads_csv_is_refused_whole(start: Start, program: Connect) -> None:
    ads = await make(start, program, csv_max_bytes=5000)
    campaign_id = await ads.add()
    good = csv_of("pre_roll", ads.pre_roll())
    wrong = {
        b"": "columns must be: Ad Name, Target URL, Creative ID",
        good.replace(b"Ad Name", b"Name"): "columns must be",
        csv_of("native", ads.native()): "columns must be",
        csv_of("pre_roll"): "1 to 50 ads",
        csv_of("pre_roll", *[ads.pre_roll("a")] * 51): "1 to 50 ads",
        good + b"one,two\r\n": "Row 2: it must have 10 cells, not 2",
        good.replace(b"EN", b"\xff"): "can't be read",
        good + b'"open': "can't be read",
        good + b"\r\n" * 5000: "larger than 5 KB",
    }
    for content, word in wrong.items():
        [issue] = await ads.issues(campaign_id, content)
        assert word in issue
    for content in (good, b"\xef\xbb\xbf" + good, good.replace(b"\r\n", b"\n") + b"\n\n"):
        assert await ads.issues(campaign_id, content) == []


@pytest.mark.parametrize(
    ("cells", "issue"),
    [
        ({"Ad_Name": "a" * 65}, "Ad Name may have 64 characters at most."),
        ({"Ad_Name": " "}, "Ad Name is required."),
        ({"Headline": "ü" * 88}, "Headline may have 87 characters at most."),
        ({"Brand_Name": "a" * 26}, "Brand Name may have 25 characters at most."),
        ({"Headline": ""}, "Headline is required."),
        ({"Target_URL": ""}, "Target URL is required."),
        ({"Target_URL": "example.com"}, "Target URL is not a valid URL."),
        ({"Target_URL": "ftp://example.com"}, "Target URL is not a valid URL."),
        ({"Target_URL": "https://example.com/a b"}, "Target URL is not a valid URL."),
        ({"Target_URL": "https://{SiteName}/"}, "Target URL is not a valid URL."),
        ({"Target_URL": "https://[/"}, "Target URL is not a valid URL."),
        ({"Video_Creative_ID": ""}, "Video Creative ID is required."),
    ],
)
async def test_a_row_that_breaks_a_limit_is_told_with_its_number(
    start: Start, program: Connect, cells: dict[str, str], issue: str
) -> None:
    ads = await make(start, program)
    campaign_id = await ads.add(kind="native")
    limits = ads.native("a" * 64, Headline="ü" * 87, Brand_Name="a" * 25)
    content = csv_of("native", limits, ads.native(**cells))
    answer = await ads.preview(campaign_id, content)
    assert answer.body == {"message": ISSUES, "issues": [f"Row 2: {issue}"]}


async def test_limits_that_are_only_believed_can_be_lifted(start: Start, program: Connect) -> None:
    ads = await make(start, program, texts_required=False, csv_max_ads=60, ad_name_max=100)
    campaign_id = await ads.add(kind="native")
    row = ads.native("a" * 100, Headline="", Brand_Name="")
    assert await ads.issues(campaign_id, csv_of("native", *[row] * 60)) == []


@pytest.mark.parametrize("messages", ["joined", "each"])
async def test_creatives_of_another_content_category_are_not_valid(
    start: Start, program: Connect, messages: str
) -> None:
    ads = await make(start, program, invalid_creatives=messages)
    campaign_id = await ads.add(kind="native", content_category="cartoon")
    content = csv_of("native", ads.native("a"), ads.native("b"))
    assert await ads.issues(campaign_id, content) == []
    for creative_id in (ads.image, ads.video):
        body = {"content_category": "couples"}
        assert (await ads.client.call("POST", f"creatives/{creative_id}", body)).status == 200
    joined = [NOT_VALID.format(f"{ads.video}, {ads.image}")]
    each = [NOT_VALID.format(ads.video), NOT_VALID.format(ads.image)]
    assert await ads.issues(campaign_id, content) == (joined if messages == "joined" else each)
    body = {"content_category": "cartoon"}
    for creative_id in (ads.image, ads.video):
        await ads.client.call("POST", f"creatives/{creative_id}", body)
    assert await ads.issues(campaign_id, content) == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("9999999999", "does not exist."),
        ("image", "is of another ad format."),
        ("rejected", "was rejected."),
        ("pending", "is not approved yet."),
        ("somebody's", "does not exist."),
    ],
)
async def test_a_creative_that_can_not_be_used_is_told(
    start: Start, program: Connect, wrong: str, reason: str
) -> None:
    accounts = {"sandbox": "sandbox-password", "ben": "second"}
    ads = await make(start, program, accounts=accounts, pending_creatives=False)
    campaign_id = await ads.add()
    item = {"name": "x", "ad_format": "in_stream_video"}
    if wrong in {"rejected", "pending"}:
        item["review_status"] = wrong
    body = {"account": "ben" if wrong == "somebody's" else "sandbox", "creatives": [item]}
    [made] = (await ads.client.call("POST", "library", body)).body["ids"]
    creative_id = {"9999999999": wrong, "image": ads.image}.get(wrong, made)
    content = csv_of("pre_roll", ads.pre_roll(Creative_ID=creative_id))
    assert await ads.issues(campaign_id, content) == [NOT_VALID.format(creative_id)]
    await ads.client.call("PATCH", "settings", {"other_creatives": "row"})
    told = [f"Row 1: Creative ID {creative_id} {reason}"]
    assert await ads.issues(campaign_id, content) == told


async def test_columns_in_another_order_are_refused(start: Start, program: Connect) -> None:
    ads = await make(start, program)
    campaign_id = await ads.add(kind="native")
    content = csv_of("native", ads.native(), columns=NATIVE_COLUMNS[::-1])
    assert len(await ads.issues(campaign_id, content)) == 1


# What goes wrong


@pytest.mark.parametrize(("creates", "made"), [("none", 0), ("all_but_last", 2)])
async def test_ads_can_silently_not_be_created(
    start: Start, program: Connect, creates: str, made: int
) -> None:
    ads = await make(start, program, confirm_creates=creates)
    campaign_id = await ads.add()
    answer = await ads.create(campaign_id, csv_of("pre_roll", *ads.rows("pre_roll", 3)))
    assert answer.body == {"success": True}
    assert len((await ads.truth(campaign_id))["ads"]) == made
    assert await ads.results(campaign_id) == [("partial" if made else "nothing", made, "200")]


async def test_one_confirmation_of_many_can_be_the_silent_one(
    start: Start, program: Connect
) -> None:
    ads = await make(start, program)
    campaign_id = await ads.add()
    fault = {"path": "confirm", "kind": "silent", "nth": 2, "name": campaign_id}
    assert (await ads.client.call("POST", "faults", fault)).status == 200
    await ads.create(await ads.add(), csv_of("pre_roll", ads.pre_roll()))
    for _ in range(3):
        answer = await ads.create(campaign_id, csv_of("pre_roll", ads.pre_roll()))
        assert answer.body == {"success": True}
    results = [result for result, _, _ in await ads.results(campaign_id)]
    assert results == ["created", "nothing", "created"]


@pytest.mark.parametrize(
    ("when", "result", "created"),
    [("before", "dropped", 0), ("during", "partial", 2), ("after", "created", 4)],
)
@pytest.mark.parametrize("kind", ["status", "reset", "timeout"])
async def test_a_confirmation_can_fail_before_in_the_middle_of_and_after_its_ads(
    start: Start, program: Connect, when: str, result: str, created: int, kind: str
) -> None:
    ads = await make(start, program)
    campaign_id = await ads.add()
    answer = await ads.preview(campaign_id, csv_of("pre_roll", *ads.rows("pre_roll", 4)))
    fault = {"path": "confirm", "kind": kind, "when": when, "status": 502, "seconds": 0.1}
    await ads.client.call("POST", "faults", fault)
    if kind == "status":
        assert (await ads.confirm(campaign_id, answer.body["token"])).status == 502
    else:
        with pytest.raises(aiohttp.ClientError):
            await ads.confirm(campaign_id, answer.body["token"])
    told = (result, created, "502" if kind == "status" else kind)

    async def concluded() -> bool:
        return (await ads.results(campaign_id))[0] == told

    await until(concluded)
    assert len((await ads.truth(campaign_id))["ads"]) == created


@pytest.mark.parametrize("form", ["unauthorized", "login_page"])
@pytest.mark.parametrize(("when", "result"), [("before", "unauthorized"), ("after", "created")])
async def test_a_session_can_end_at_a_confirmation(
    start: Start, program: Connect, form: str, when: str, result: str
) -> None:
    ads = await make(start, program, expired_list=form)
    campaign_id = await ads.add()
    await ads.client.call("POST", "faults", {"path": "confirm", "kind": "expire", "when": when})
    answer = await ads.create(campaign_id, csv_of("pre_roll", ads.pre_roll()))
    assert answer.status == (401 if form == "unauthorized" else 200)
    assert ("submitBtn" in answer.body) == (form == "login_page")
    assert [each[:2] for each in await ads.results(campaign_id)] == [
        (result, int(result == "created"))
    ]


async def test_a_preview_can_fail_and_creates_nothing(start: Start, program: Connect) -> None:
    ads = await make(start, program)
    campaign_id = await ads.add()
    content = csv_of("pre_roll", ads.pre_roll())
    faults = ({"kind": "status"}, {"kind": "status", "when": "after"}, {"kind": "expire"})
    for nth, fault in enumerate(faults, start=1):
        await ads.client.call("POST", "faults", {"path": "preview", "nth": nth, **fault})
    assert [(await ads.preview(campaign_id, content)).status for _ in range(3)] == [500, 500, 401]
    truth = await ads.truth(campaign_id)
    assert (truth["ads"], truth["confirmations"]) == ([], [])


async def test_an_answer_can_come_in_drips(start: Start, program: Connect) -> None:
    ads = await make(start, program)
    campaign_id = await ads.add()
    await ads.client.call("POST", "faults", {"path": "confirm", "kind": "drip", "seconds": 0.3})
    began = time.monotonic()
    answer = await ads.create(campaign_id, csv_of("pre_roll", ads.pre_roll()))
    assert time.monotonic() - began >= 0.25
    assert answer.body == {"success": True}


async def test_each_step_can_take_its_time(start: Start, program: Connect) -> None:
    steps = ("campaign_page_seconds", "preview_seconds", "confirm_seconds", "ads_table_seconds")
    ads = await make(start, program, **dict.fromkeys(steps, 0.1))
    campaign_id = await ads.add()
    began = time.monotonic()
    await ads.client.get(f"/campaign/{campaign_id}/ad-settings")
    await ads.create(campaign_id, csv_of("pre_roll", ads.pre_roll()))
    await ads.table(campaign_id)
    assert time.monotonic() - began >= 0.4


async def test_ads_are_created_though_nobody_waits_for_the_answer(
    start: Start, program: Connect
) -> None:
    """What a browser that is killed has sent is done all the same."""
    ads = await make(start, program, confirm_seconds=0.3)
    campaign_id = await ads.add()
    answer = await ads.preview(campaign_id, csv_of("pre_roll", ads.pre_roll()))
    waiting = asyncio.create_task(ads.confirm(campaign_id, answer.body["token"]))

    async def arrived() -> bool:
        return bool(ads.sandbox.campaigns.confirmations(campaign_id))

    await until(arrived)
    waiting.cancel()

    async def created() -> bool:
        return len(ads.sandbox.campaigns.ads(campaign_id)) == 1

    await until(created)


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("csv-preview", b"no form", {"Content-Type": "text/plain"}),
        ("csv-preview", b"--x", {"Content-Type": "multipart/form-data; boundary=x"}),
        ("csv-preview", b"x", {"Content-Type": "multipart/form-data"}),
        ("csv-preview", b"massAdsCsv=a", {"Content-Type": "application/x-www-form-urlencoded"}),
        ("csv-confirm", b"", {}),
        ("csv-confirm", b"[" * 100_000, {}),
        ("csv-confirm", b'{"token": 1}', {}),
        ("csv-confirm", b'{"token": "\\ud800"}', {}),
        ("csv-confirm", b"\xff", {}),
    ],
)
async def test_garbage_is_refused_and_changes_nothing(
    start: Start,
    program: Connect,
    caplog: pytest.LogCaptureFixture,
    path: str,
    body: bytes,
    headers: dict[str, str],
) -> None:
    ads = await make(start, program)
    campaign_id = await ads.add()
    url = f"{ads.sandbox.url}/campaign/{campaign_id}/ads/{path}"
    async with ads.client.http.post(url, data=body, headers=headers) as response:
        assert response.status == 400
    truth = await ads.truth(campaign_id)
    assert (truth["csv_files"], truth["confirmations"], caplog.records) == ([], [], [])


@pytest.mark.parametrize(
    "query", ["", "length=-5", "start=%D9%A3&length=10", "start=" + "9" * 400, "draw=%00"]
)
async def test_a_table_is_answered_whatever_is_asked(
    start: Start, program: Connect, query: str
) -> None:
    ads = await make(start, program)
    campaign_id = await ads.add(ads=1)
    assert (await ads.client.get(f"/campaign/{campaign_id}/ads/list?{query}")).status == 200
