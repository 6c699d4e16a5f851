"""Campaigns: those from the start, their pages, the template, the table, and the truth."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from .ads import Ads, csv_of
from .support import Connect, Start

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST = "1013000001"
SECOND = "1013000011"


async def test_the_same_campaigns_are_there_every_time(start: Start, program: Connect) -> None:
    told = []
    for _ in range(2):
        client = program(await start(campaigns=400))
        told.append((await client.call("GET", "campaigns?ads=1")).body["campaigns"])
        for campaign in told[-1]:
            for ad in campaign["ads"]:
                del ad["created_at"], ad["visible_at"]
    assert told[0] == told[1]
    assert len({campaign["id"] for campaign in told[0]}) == 400
    names = "".join(campaign["name"] for campaign in told[0])
    assert set("öß&\"%<'+#? ") <= set(names)
    for kind in ("pre_roll", "native"):
        counts = {each["ad_count"] for each in told[0] if each["kind"] == kind}
        assert counts == set(range(7))


async def test_campaigns_are_added_while_it_runs_and_come_back_after_a_reset(
    start: Start, program: Connect
) -> None:
    sandbox = await start(campaigns=2)
    client = program(sandbox)
    before = sandbox.campaigns.campaigns()
    await client.call("PATCH", "settings", {"campaigns": 5})
    assert sandbox.campaigns.campaigns()[:2] == before
    assert len(sandbox.campaigns.campaigns()) == 5
    await client.call("DELETE", f"campaigns/{FIRST}")
    await client.call("POST", "reset")
    assert sandbox.campaigns.campaigns()[:2] == before


async def test_a_restart_finds_the_same_campaigns_ads_and_confirmations(
    start: Start, program: Connect, tmp_path: Path
) -> None:
    first = await start(state_dir=tmp_path)
    ads = await Ads.of(program(first))
    await ads.create(FIRST, csv_of("pre_roll", ads.pre_roll()))
    before = await ads.truth(FIRST)
    number = first.campaigns.begin(FIRST, "a token")
    await first.stop()
    ads.client.sandbox = await start(state_dir=tmp_path)
    after = await ads.truth(FIRST)
    assert after["ads"] == before["ads"]
    assert after["csv_files"] == before["csv_files"]
    assert [each["result"] for each in after["confirmations"]] == ["created", "interrupted"]
    assert after["confirmations"][1]["number"] == number


async def test_each_account_has_its_own_campaigns(start: Start, program: Connect) -> None:
    sandbox = await start(accounts={"ana": "first", "ben": "second"}, campaigns=3)
    client = program(sandbox)
    await client.sign_in("ben", "second")
    page = (await client.get("/campaigns")).body
    own = {campaign.id for campaign in sandbox.campaigns.campaigns("ben")}
    assert set(re.findall(r'data-campaign-id="(\d+)"', page)) == own
    assert len(own) == 3
    assert (await client.get(f"/campaign/{FIRST}/ad-settings")).status == 404
    assert (await client.get(f"/campaign/{FIRST}/ads/list")).status == 404
    assert (await client.get(f"/ad/mass-action/{FIRST}/template")).status == 404


async def test_the_list_of_campaigns_has_pages_and_a_search(start: Start, program: Connect) -> None:
    client = program(await start(campaigns=30, campaigns_per_page=12))
    await client.sign_in()
    counts = [
        (await client.get(f"/campaigns?page={page}")).body.count("data-campaign-id")
        for page in (1, 2, 3, 4)
    ]
    assert counts == [12, 12, 6, 6]
    assert "Showing 25 to 30 of 30 entries" in (await client.get("/campaigns?page=3")).body
    found = (await client.get("/campaigns?search=ÜBERMUT")).body
    assert found.count("data-campaign-id") == found.count("Größe &amp; Übermut") > 1
    assert (await client.get(f"/campaigns?search={FIRST}")).body.count("data-campaign-id") == 1
    assert "Showing 0 to 0 of 0 entries" in (await client.get("/campaigns?search=%00")).body


async def test_a_campaigns_page_names_it_in_its_heading(start: Start, program: Connect) -> None:
    ads = await Ads.of(program(await start()))
    name = "Größe & <i>\"50%\"</i> 'a+b'"
    campaign_id = await ads.add(name=name)
    for path in ("ad-settings", "overview/ads"):
        page = (await ads.client.get(f"/campaign/{campaign_id}/{path}")).body
        [heading] = re.findall(r"<h1>(.*?)</h1>", page, re.DOTALL)
        assert html.unescape(heading.strip()) == name


async def test_the_step_that_creates_ads_is_built_as_the_sites_is(
    start: Start, program: Connect
) -> None:
    client = program(await start())
    await client.sign_in()
    page = (await client.get(f"/campaign/{FIRST}/ad-settings")).body
    assert '<section class="box" id="section_adSpecs">' in page
    assert "STEP 5. CREATE YOUR AD(S)" in page
    assert "Mass create with CSV" in page
    assert (
        '<label class="greenButton smallButton file-button">Upload CSV'
        '<input type="file" data-name="massAdsCsv" accept=".csv" id="massAdsCsv"></label>'
    ) in page
    assert f'href="/ad/mass-action/{FIRST}/template"' in page


@pytest.mark.parametrize(
    ("status", "paused_takes_csv", "takes"),
    [
        ("active", False, True),
        ("paused", False, False),
        ("paused", True, True),
        ("archived", True, False),
    ],
)
async def test_a_closed_campaign_has_no_way_to_add_ads(
    start: Start, program: Connect, status: str, paused_takes_csv: bool, takes: bool
) -> None:
    ads = await Ads.of(program(await start(paused_takes_csv=paused_takes_csv)))
    campaign_id = await ads.add(status=status, ads=2)
    page = (await ads.client.get(f"/campaign/{campaign_id}/ad-settings")).body
    assert ("massAdsCsv" in page) == takes
    assert 'id="adsTable"' in page
    answer = await ads.preview(campaign_id, csv_of("pre_roll", ads.pre_roll()))
    assert answer.status == (200 if takes else 404)


async def test_a_campaign_closed_after_the_preview_gets_no_ads(
    start: Start, program: Connect
) -> None:
    ads = await Ads.of(program(await start()))
    campaign_id = await ads.add()
    token = (await ads.preview(campaign_id, csv_of("pre_roll", ads.pre_roll()))).body["token"]
    await ads.client.call("POST", f"campaigns/{campaign_id}", {"status": "archived"})
    assert (await ads.confirm(campaign_id, token)).status == 409
    assert await ads.results(campaign_id) == [("closed", 0, "409")]


async def test_some_campaigns_can_be_closed_from_the_start(start: Start) -> None:
    sandbox = await start(campaigns=8, closed_campaigns=3)
    statuses = [campaign.status for campaign in sandbox.campaigns.campaigns()]
    assert statuses == [
        *("active", "active", "paused", "active", "active", "archived", "active", "active")
    ]


@pytest.mark.parametrize("path", ["ad-settings", "overview/ads"])
async def test_a_campaign_that_does_not_exist_is_not_found(
    start: Start, program: Connect, path: str
) -> None:
    client = program(await start())
    await client.sign_in()
    answer = await client.get(f"/campaign/999/{path}")
    assert answer.status == 404
    assert "<h1>Not Found</h1>" in answer.body
    await client.call("PATCH", "settings", {"missing_campaign": "list"})
    assert "ALL CAMPAIGNS" in (await client.get(f"/campaign/999/{path}")).body


async def test_a_template_has_the_columns_of_its_campaign(start: Start, program: Connect) -> None:
    ads = await Ads.of(program(await start()))
    for kind, campaign_id in (("pre_roll", FIRST), ("native", SECOND)):
        text = (await ads.client.get(f"/ad/mass-action/{campaign_id}/template")).body
        assert text.replace("\r\n", "\n") == csv_of(kind).decode().replace("\r\n", "\n")


@pytest.mark.parametrize("form", ["sign_in", "login", "missed_you"])
async def test_a_page_shows_an_ended_session_as_other_pages_do(
    start: Start, program: Connect, form: str
) -> None:
    client = program(await start(expired_page=form))
    await client.sign_in()
    await client.call("POST", "faults", {"path": "page", "kind": "expire"})
    async with client.http.get(f"{client.sandbox.url}/campaign/{FIRST}/ad-settings") as response:
        ends = {"sign_in": "/sign-in", "login": "/login"}
        assert response.url.path == ends.get(form, f"/campaign/{FIRST}/ad-settings")
        assert ("We missed you" in await response.text()) == (form == "missed_you")


# The table of ads


async def test_a_part_of_the_table_is_answered_as_datatables_takes_it(
    start: Start, program: Connect
) -> None:
    ads = await Ads.of(program(await start()))
    campaign_id = await ads.add(ads=118)
    answer = (await ads.table(campaign_id, draw=7, start=100, length=100)).body
    assert (answer["draw"], answer["recordsTotal"], answer["recordsFiltered"]) == (7, 118, 118)
    truth = (await ads.truth(campaign_id))["ads"]
    assert [row["name"] for row in answer["data"]] == [ad["name"] for ad in truth[17::-1]]
    assert answer["data"][0]["creative"] == truth[17]["creative_ids"][0]
    everything = (await ads.table(campaign_id, length=-1)).body["data"]
    assert len(everything) == 118
    searched = (await ads.table(campaign_id, **{"search[value]": truth[3]["name"]})).body
    assert (searched["recordsTotal"], searched["recordsFiltered"]) == (118, 1)


async def test_the_table_can_be_in_the_order_of_creation(start: Start, program: Connect) -> None:
    ads = await Ads.of(program(await start(ads_order="oldest_first")))
    campaign_id = await ads.add(ads=3)
    names = [row["name"] for row in (await ads.table(campaign_id)).body["data"]]
    assert names == [ad["name"] for ad in (await ads.truth(campaign_id))["ads"]]


async def test_names_in_the_table_are_shown_as_other_names_are(
    start: Start, program: Connect
) -> None:
    settings = {"fold_white_space": True, "name_limit": 5, "name_limit_in": "label"}
    ads = await Ads.of(program(await start(**settings)))
    campaign_id = await ads.add(ads=[{"Ad Name": "a  name"}])
    [row] = (await ads.table(campaign_id)).body["data"]
    assert (row["name"], row["title"]) == ("a nam…", "a name")


@pytest.mark.parametrize(("total", "counted"), [("listed", [0, 1]), ("created", [3, 3])])
async def test_ads_can_be_listed_late_and_one_by_one(
    start: Start, program: Connect, total: str, counted: list[int]
) -> None:
    settings = {"ads_visible_after_seconds": 600, "ads_total": total, "ads_table": "server"}
    ads = await Ads.of(program(await start(**settings)))
    campaign_id = await ads.add()
    await ads.create(campaign_id, csv_of("pre_roll", *ads.rows("pre_roll", 3)))
    other_id = await ads.add()
    late = {"ads_visible_after_seconds": 0, "ads_trickle_seconds": 600}
    await ads.client.call("PATCH", "settings", late)
    await ads.create(other_id, csv_of("pre_roll", *ads.rows("pre_roll", 3)))
    answers = [(await ads.table(each)).body for each in (campaign_id, other_id)]
    assert [len(answer["data"]) for answer in answers] == [0, 1]
    assert [answer["recordsTotal"] for answer in answers] == counted
    assert [len((await ads.truth(each))["ads"]) for each in (campaign_id, other_id)] == [3, 3]


@pytest.mark.parametrize(("answer", "status"), [("unauthorized", 401), ("login_page", 200)])
async def test_a_request_of_the_table_can_find_the_session_gone(
    start: Start, program: Connect, answer: str, status: int
) -> None:
    client = program(await start(expired_list=answer))
    await client.sign_in()
    await client.call("POST", "faults", {"path": "ads", "kind": "expire"})
    got = await client.get(f"/campaign/{FIRST}/ads/list")
    assert got.status == status
    assert ("submitBtn" in got.body) == (answer == "login_page")


# The control API


@pytest.mark.parametrize(
    ("campaign", "word"),
    [
        ({}, "name"),
        ({"name": "a"}, "kind is one of: pre_roll, native"),
        ({"name": "a", "kind": "native", "id": "x"}, "digits"),
        ({"name": "a", "kind": "native", "status": "gone"}, "active, paused, archived"),
        ({"name": "a", "kind": "native", "content_category": 1}, "general"),
        ({"name": "a", "kind": "native", "ads": -1}, "ads"),
        ({"name": "a", "kind": "native", "ads": [{"Creative ID": "1"}]}, "Thumbnail Creative ID"),
        ({"name": "a", "kind": "native", "id": FIRST}, "already"),
        (1, "object"),
    ],
)
async def test_a_campaign_that_makes_no_sense_is_refused_in_one_line(
    start: Start, program: Connect, campaign: object, word: str
) -> None:
    answer = await program(await start()).call("POST", "campaigns", {"campaigns": [campaign]})
    assert answer.status == 400
    assert word in answer.body["error"]
    assert "\n" not in answer.body["error"]


async def test_campaigns_and_ads_can_be_changed_and_removed(start: Start, program: Connect) -> None:
    ads = await Ads.of(program(await start()))
    campaign_id = await ads.add(ads=2)
    changes = {"name": "Another", "status": "paused", "content_category": "couples"}
    await ads.client.call("POST", f"campaigns/{campaign_id}", changes)
    truth = await ads.truth(campaign_id)
    assert truth | changes == truth
    ad_id = truth["ads"][0]["id"]
    assert (await ads.client.call("DELETE", f"ads/{ad_id}")).status == 200
    assert (await ads.client.call("DELETE", f"ads/{ad_id}")).status == 404
    assert (await ads.truth(campaign_id))["ads"] == truth["ads"][1:]
    assert (await ads.client.call("DELETE", f"campaigns/{campaign_id}")).status == 200
    for method in ("GET", "POST", "DELETE"):
        assert (await ads.client.call(method, f"campaigns/{campaign_id}", {})).status == 404


async def test_the_page_of_the_controls_shows_campaigns(start: Start, program: Connect) -> None:
    ads = await Ads.of(program(await start()))
    campaign_id = await ads.add(name="Größe & <b>", ads=118)
    page = (await ads.client.get("/_sandbox/")).body
    assert "Größe &amp; &lt;b&gt;" in page
    assert f'href="/campaign/{campaign_id}/ad-settings#section_adSpecs"' in page
    assert "<td>118</td><td>0</td>" in page


async def test_a_drifted_site_still_has_its_campaigns(start: Start, program: Connect) -> None:
    ads = await Ads.of(program(await start(drift=29)))
    campaign_id = await ads.add(name="a & b")
    page = (await ads.client.get(f"/campaign/{campaign_id}/ad-settings")).body
    assert '<link rel="stylesheet" href="/assets/site.css">' in page
    assert (await ads.client.get("/assets/campaigns/csv.js")).status == 200
    assert "a &amp; b" in (await ads.client.get("/campaigns")).body
    await ads.create(campaign_id, csv_of("pre_roll", ads.pre_roll("<a> & b")))
    assert (await ads.table(campaign_id)).body["data"][0]["name"] == "<a> & b"
