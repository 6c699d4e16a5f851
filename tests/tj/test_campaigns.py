"""A campaign's page, as the plugin works it: its ads, a CSV, and the two ways of confirming."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from attrs import frozen
from playwright.async_api import Route

from creative_flow import registry
from creative_flow.campaign import ListedAds
from creative_flow.checks import Check, CheckState
from creative_flow.errors import (
    CampaignUnavailable,
    LoginLost,
    PageNotUnderstood,
    PlatformUnreachable,
)
from creative_flow.platform import Confirmation, Verdict
from creative_flow.workspace import Workspace
from creative_flow_tj.auth import TjAuth
from creative_flow_tj.doctor import TjDoctor
from creative_flow_tj.publisher import TjAdPublisher
from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.campaigns.records import CREATIVE_COLUMNS
from creative_flow_tj.sandbox.campaigns.seeds import campaigns_of
from creative_flow_tj.sandbox.seeds import seeds_of
from creative_flow_tj.sandbox.site import SESSION_COOKIE
from creative_flow_tj.session import TjSession
from sandbox.ads import csv_of
from sandbox.support import FAST

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
SLOW = pytest.mark.reliability

WAITS = """\
[waits]
element = 3
at_rest = 0.6
list_reload = 3
quiet = 0.05
csv_check = 4
csv_confirm = 4
previews = 1.5
captcha_headless = 1
"""


@frozen
class Place:
    """A sandbox, and the plugin signed in there."""

    sandbox: TjSandbox
    publisher: TjAdPublisher
    session: TjSession
    folder: Path

    def turn(self, **settings: object) -> None:
        """Turn knobs; all others are as in the beginning."""
        site = self.sandbox.site
        site.settings = type(site.settings)().changed({**FAST, **settings})

    def fault(self, **fault: object) -> None:
        self.sandbox.site.faults.order(fault)

    def campaign(self, ads: int = 0, kind: str = "pre_roll", **more: object) -> str:
        asked = {"campaigns": [{"name": "A campaign", "kind": kind, "ads": ads, **more}]}
        taken = sum(not each.number for each in self.sandbox.campaigns.campaigns("sandbox"))
        [(campaign, made)] = campaigns_of(asked, "sandbox", self.sandbox.site.settings, taken)
        assert self.sandbox.campaigns.add(campaign, made)
        return campaign.id

    def csv(self, names: list[str], kind: str = "pre_roll", creative: str = "") -> Path:
        """Write an ads CSV with a creative of its own for all of its rows."""
        ids: dict[str, str] = {}
        for column, formats in CREATIVE_COLUMNS[kind].items():
            if "Banner" not in column:
                item = {"name": f"made for {names[0]}", "ad_format": formats[0]}
                seeds = seeds_of({"creatives": [item]}, self.sandbox.site.settings)
                [made] = self.sandbox.state.add_creatives(seeds)
                ids[column] = made.id
        texts = {"Target URL": "https://go.ads-sample.net/?a=1", "Headline": "H", "Brand Name": "B"}
        if creative:
            ids["Creative ID"] = creative
        file = self.folder / f"{names[0]}.csv"
        rows: list[dict[str, str]] = [{"Ad Name": name, **texts, **ids} for name in names]
        file.write_bytes(csv_of(kind, *rows))
        return file

    async def listed(self, campaign_id: str) -> ListedAds:
        await self.publisher.open(self.session, campaign_id)
        return await self.publisher.ads(self.session, campaign_id)

    async def examined(self, campaign_id: str) -> dict[str, Check]:
        doctor = TjDoctor(self.publisher.context)
        return {it.key: it async for it in doctor.examine_campaign(self.session, campaign_id)}

    async def send(self, campaign_id: str, csv: Path) -> Confirmation:
        async def gate() -> None:
            assert not self.sandbox.campaigns.confirmations(campaign_id)

        await self.publisher.open(self.session, campaign_id)
        verdict = await self.publisher.offer(self.session, campaign_id, csv)
        assert verdict.issues == ()
        return await self.publisher.confirm(self.session, campaign_id, gate)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def rooms(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("campaigns")
    sandbox = TjSandbox(settings={**FAST, "campaigns": 0})
    await sandbox.start()
    workspace = Workspace(folder / "workspace", overrides=sandbox.environment())
    workspace.prepare()
    workspace.overrides_file("tj").write_text(WAITS)
    info = registry.load("tj", workspace.overrides_file("tj")).info
    context = workspace.context(
        "tj", info, "default", headless=True, interactive=False, notify=lambda _: None
    )
    session = await TjAuth(context).open()
    yield Place(sandbox, TjAdPublisher(context), session, folder)
    await session.close()
    await sandbox.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def place(rooms: Place) -> AsyncIterator[Place]:
    rooms.turn(campaigns=0)
    yield rooms
    rooms.sandbox.site.faults.clear()


@pytest.mark.parametrize(
    ("table", "control"),
    [
        ("client", "select2"),
        ("server", "none"),
        pytest.param("client", "select", marks=SLOW),
        pytest.param("server", "select", marks=SLOW),
        pytest.param("server", "select2", marks=SLOW),
        pytest.param("client", "none", marks=SLOW),
    ],
)
async def test_all_ads_are_read_however_long_the_table_can_be_made(
    place: Place, table: str, control: str
) -> None:
    place.turn(campaigns=0, ads_table=table, ads_length=control)
    campaign_id = place.campaign(ads=118 if control != "none" else 23)
    listed = await place.listed(campaign_id)
    truth = [(ad.name, ad.creative_ids) for ad in place.sandbox.campaigns.ads(campaign_id)][::-1]
    assert [(ad.name, ad.creative_ids) for ad in listed.ads] == truth
    assert listed.complete


@pytest.mark.reliability
async def test_native_ads_come_with_both_ids_or_without_any(place: Place) -> None:
    campaign_id = place.campaign(ads=2, kind="native")
    both = [ad.creative_ids for ad in place.sandbox.campaigns.ads(campaign_id)][::-1]
    assert [ad.creative_ids for ad in (await place.listed(campaign_id)).ads] == both
    place.turn(campaigns=0, ads_show_creative_id=False)
    assert [ad.creative_ids for ad in (await place.listed(campaign_id)).ads] == [(), ()]


@pytest.mark.reliability
async def test_a_campaign_without_ads_may_hide_its_table(place: Place) -> None:
    campaign_id = place.campaign()
    for none in ("shown", "hidden"):
        place.turn(campaigns=0, ads_none=none, ads_table="server")
        assert await place.listed(campaign_id) == ListedAds(0, ())


@pytest.mark.reliability
async def test_a_total_that_counts_what_is_not_listed_yet_is_not_complete(place: Place) -> None:
    place.turn(campaigns=0, ads_table="server", ads_total="created", ads_visible_after_seconds=600)
    campaign_id = place.campaign()
    assert (await place.send(campaign_id, place.csv(["late"]))).verdict is Verdict.ACCEPTED
    listed = await place.listed(campaign_id)
    assert (listed.total, listed.ads) == (1, ())


@pytest.mark.parametrize(
    ("flow", "sent"),
    [
        ("modal", "preview"),
        ("button", "chosen"),
        pytest.param("modal", "chosen", marks=SLOW),
        pytest.param("button", "preview", marks=SLOW),
    ],
)
async def test_ads_are_created_in_both_flows_under_a_guide(
    place: Place, flow: str, sent: str
) -> None:
    place.turn(
        campaigns=0,
        csv_flow=flow,
        csv_sent=sent,
        guide="everywhere",
        csv_chosen=sent == "chosen",
        confirm_class="greenButton" if sent == "chosen" else "confirmAds",
        after_confirm="page" if flow == "modal" else "table",
    )
    await place.session.browser.clear_cookies(name="guide_closed")
    campaign_id = place.campaign(name="Größe & <b>bold</b>  x", kind="native")
    assert await place.publisher.open(place.session, campaign_id) == "Größe & <b>bold</b>  x"
    names = [f"{flow} {sent} 1", f"{flow} {sent} 2"]
    confirmation = await place.send(campaign_id, place.csv(names, "native"))
    assert confirmation.verdict is Verdict.ACCEPTED
    listed = await place.publisher.ads(place.session, campaign_id)
    assert sorted(ad.name for ad in listed.ads) == names


async def test_a_campaign_that_is_not_there_or_closed_is_told(place: Place) -> None:
    for missing, word in (("not_found", "status 404"), ("list", "another page")):
        place.turn(campaigns=0, missing_campaign=missing)
        with pytest.raises(CampaignUnavailable, match=word):
            await place.publisher.open(place.session, "999")
    closed = place.campaign(status="archived")
    with pytest.raises(CampaignUnavailable, match="paused or archived") as caught:
        await place.publisher.open(place.session, closed)
    assert caught.value.evidence


@pytest.mark.parametrize(
    ("where", "invalid"),
    [
        ("modal", "each"),
        pytest.param("page", "joined", marks=SLOW),
        pytest.param("page", "each", marks=SLOW),
        pytest.param("modal", "joined", marks=SLOW),
    ],
)
async def test_issues_are_read_with_their_rows(place: Place, where: str, invalid: str) -> None:
    place.turn(campaigns=0, issues_in=where, invalid_creatives=invalid)
    campaign_id = place.campaign()
    await place.publisher.open(place.session, campaign_id)
    csv = place.csv(["a" * 65, "b"], creative="1999999991")
    verdict = await place.publisher.offer(place.session, campaign_id, csv)
    first, second = verdict.issues
    assert (first.message, first.row) == ("Row 1: Ad Name may have 64 characters at most.", 1)
    assert second.message.endswith("not valid: 1999999991")
    assert verdict.evidence
    assert place.sandbox.campaigns.ads(campaign_id) == []


@pytest.mark.reliability
@pytest.mark.parametrize("failure", ["message", "nothing", "dialog"])
async def test_a_check_that_fails_is_a_passing_failure(place: Place, failure: str) -> None:
    place.turn(campaigns=0, csv_failure=failure)
    campaign_id = place.campaign()
    place.fault(path="preview", kind="status", status=502)
    with pytest.raises(PlatformUnreachable, match="could not check"):
        await place.send(campaign_id, place.csv(["a"]))


@pytest.mark.reliability
async def test_a_login_that_ends_is_noticed_at_every_step(place: Place) -> None:
    place.turn(campaigns=0, ads_table="server")
    campaign_id, csv = place.campaign(), place.csv(["a"])
    for path in ("page", "ads", "preview"):
        place.fault(path=path, kind="expire")
        with pytest.raises(LoginLost):
            await (place.send(campaign_id, csv) if path == "preview" else place.listed(campaign_id))
        await _sign_in_again(place)
    place.fault(path="confirm", kind="expire")
    confirmation = await place.send(campaign_id, csv)
    assert (confirmation.verdict, confirmation.login_lost) == (Verdict.UNCLEAR, True)
    await _sign_in_again(place)


@pytest.mark.parametrize(
    ("kind", "created"),
    [
        ("reset", 1),
        pytest.param("status", 1, marks=SLOW),
        pytest.param("timeout", 0, marks=SLOW),
    ],
)
async def test_a_confirmation_that_fails_is_unclear_whatever_came_of_it(
    place: Place, kind: str, created: int
) -> None:
    campaign_id = place.campaign()
    when = "after" if created else "before"
    place.fault(path="confirm", kind=kind, when=when, seconds=30)
    confirmation = await place.send(campaign_id, place.csv([f"{kind}"]))
    assert confirmation.verdict is Verdict.UNCLEAR
    assert len(place.sandbox.campaigns.ads(campaign_id)) == created


@pytest.mark.reliability
async def test_a_page_that_hangs_is_not_waited_for_for_ever(place: Place) -> None:
    campaign_id = place.campaign()
    place.turn(campaigns=0, ads_table="server", ads_table_seconds=30)
    await place.publisher.open(place.session, campaign_id)
    with pytest.raises(PlatformUnreachable, match="no answer"):
        await place.publisher.ads(place.session, campaign_id)


async def test_the_doctor_finds_all_of_a_campaign_s_page_and_changes_nothing(place: Place) -> None:
    campaign_id = place.campaign(ads=2)
    told = await place.examined(campaign_id)
    assert not [it for it in told.values() if it.state in {CheckState.MISSING, CheckState.FALLBACK}]
    assert told["selectors.campaign.preview"].state is CheckState.FOUND
    assert told["css.ads.table"].state is told["css.ads.info"].state is CheckState.FOUND
    assert told["css.csv.preview"].state is CheckState.NOT_CHECKED
    assert place.session.page.url == "about:blank"
    assert len(place.sandbox.campaigns.ads(campaign_id)) == 2
    assert not place.sandbox.campaigns.csv_files(campaign_id)


async def test_the_doctor_says_why_it_could_not_look_at_a_campaign(place: Place) -> None:
    closed = place.campaign(status="archived")
    for campaign_id, key, why in (
        ("", "selectors.campaign.input", "no campaign is known"),
        ("999", "addresses.campaign", "status 404"),
        (closed, "selectors.campaign.input", "takes no ads now"),
    ):
        told = await place.examined(campaign_id)
        assert told[key].state is CheckState.NOT_CHECKED
        assert why in told[key].why
        assert not any(it.is_trouble for it in told.values())


async def test_the_doctor_suggests_what_a_person_would_take_on_a_changed_page(place: Place) -> None:
    renames = {
        "CREATE YOUR AD(S)": "MAKE NEW ADS",
        "massAdsCsv": "bulkFile",
        'accept=".csv"': 'accept="text/csv"',
        "Mass create with CSV": "Bulk file",
        "adsTable": "allAds",
        "create-csv-preview-button": "check",
        "Create CSV Preview": "Check this CSV",
        "section_adSpecs": "section_ads",
    }

    async def rename(route: Route) -> None:
        answer = await route.fetch()
        text = await answer.text()
        for old, new in renames.items():
            text = text.replace(old, new)
        await route.fulfill(response=answer, body=text)

    campaign_id = place.campaign(ads=2)
    changed = re.compile(r"/ad-settings|\.js$")
    await place.session.page.route(changed, rename)
    try:
        told = await place.examined(campaign_id)
        with pytest.raises(PageNotUnderstood, match=r"missing: .*selectors\.campaign\.input"):
            await place.publisher.open(place.session, campaign_id)
    finally:
        await place.session.page.unroute(changed)
    missing = {key: it.suggestion for key, it in told.items() if it.is_trouble}
    assert missing.keys() == {
        "texts.campaign_heading",
        "selectors.campaign.method",
        "selectors.campaign.input",
        "selectors.campaign.preview",
        "css.ads.table",
        "css.ads.info",
    }
    assert "MAKE NEW ADS" in missing["texts.campaign_heading"]
    assert "#bulkFile" in missing["selectors.campaign.input"]
    assert "#allAds'" in missing["css.ads.table"]
    assert "#allAds_info" in missing["css.ads.info"]
    assert all(missing.values())
    assert told["selectors.campaign.input"].evidence


async def _sign_in_again(place: Place) -> None:
    token = place.sandbox.state.start_session("sandbox")
    url = place.sandbox.url
    await place.session.browser.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": url}])
