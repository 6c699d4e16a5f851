"""Whole runs over campaigns of the sandbox, in a real browser."""

from __future__ import annotations

import asyncio
import csv

import pytest

from campaigns.conftest import Stage, only, statuses
from creative_flow.events import CampaignKnown, Event, StepChanged
from upload.test_killed import kill_browsers

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


async def test_campaigns_get_their_ads_once_and_under_their_names(stage: Stage) -> None:
    one, two = stage.campaign("Größe & <b>x</b>"), stage.campaign("Spring 50%", ads=3)
    stage.csv("a.csv", "a1", "a2")
    stage.csv("b.csv", "b1")
    mapping = stage.mapping((one, "a.csv", "Größe & <b>x</b>"), (two, "b.csv", "another"))

    old = stage.workspace().screenshots / "20200101-000000-000000Z-tj-page.html"
    old.write_text("<p>seen</p>")

    dry = await stage.run(mapping, live=False)
    assert statuses(dry) == ["dry_run_success"] * 2
    assert old.exists(), "a dry run clears nothing away"
    assert stage.checkpoint()[one]["status"] == "dry_run_success"
    assert not stage.confirmations(one)

    report = await stage.run(mapping, parallel=2)
    assert statuses(report) == ["success"] * 2, report
    assert stage.sandbox.site.requests["sign_in"] == 1
    assert not old.exists()
    assert [it.ads_created for it in report.outcomes] == [2, 1]
    assert report.outcomes[1].name == "Spring 50%"
    assert "another" in report.outcomes[1].note
    assert stage.ads(one) == ["a1", "a2"]
    urls = {ad.target_url for ad in stage.sandbox.campaigns.ads(one)}
    name = "Gr%C3%B6%C3%9Fe%20%26%20%3Cb%3Ex%3C%2Fb%3E"
    assert urls == {f"https://go.ads-sample.net/?sub11={name}&m={{CampaignID}}"}
    assert stage.checkpoint()[one]["ads_created"] == 2
    assert report.summary_csv is not None
    with report.summary_csv.open(newline="") as file:
        told = [(row["campaign_id"], row["status"]) for row in csv.DictReader(file)]
    assert told == [(one, "success"), (two, "success")]

    again = await stage.run(mapping)
    assert statuses(again) == ["skipped"] * 2
    assert (again.exit_code, stage.confirmations(one)) == (0, 1)


@pytest.mark.reliability
async def test_edits_of_the_checkpoint_and_force_count(stage: Stage) -> None:
    one, two = stage.campaign(), stage.campaign()
    stage.csv("a.csv", "a1", "a2")
    stage.csv("b.csv", "b1")
    mapping = stage.mapping((one, "a.csv"), (two, "b.csv"))
    assert statuses(await stage.run(mapping)) == ["success"] * 2
    stage.edit(lambda campaigns: campaigns[one].update(status="pending"))
    edited = await stage.run(mapping)
    assert "all 2 ads are there already" in edited.outcomes[0].note
    assert stage.ads(one) == ["a1", "a2"]
    forced = await stage.run(ads=stage.csv("b.csv", "b1"), campaigns=[two], force=True, fresh=True)
    assert only(forced).ads_created == 1
    assert stage.ads(two) == ["b1", "b1"]


@pytest.mark.reliability
async def test_more_ads_than_a_csv_may_have_go_in_several(stage: Stage) -> None:
    campaign = stage.campaign()
    names = [f"ad {number}" for number in range(53)]
    report = await stage.run(ads=stage.csv("a.csv", *names), campaigns=[campaign])
    assert (only(report).status, only(report).ads_created) == ("success", 53)
    assert stage.confirmations(campaign) == 2
    stage.check({campaign: names})


@pytest.mark.reliability
async def test_ads_that_a_campaign_has_are_not_added_twice(stage: Stage) -> None:
    creative = stage.creative()
    row = {"Ad Name": "a1", "Target URL": "https://x.net/", "Creative ID": creative}
    there = stage.campaign(ads=[row, {**row, "Ad Name": "a2", "Creative ID": "1999999991"}])
    report = await stage.run(ads=stage.csv("a.csv", "a1", "a2"), campaigns=[there])
    assert only(report).ads_created == 1
    assert stage.ads(there) == ["a1", "a2", "a2"]  # the second is of another creative
    assert stage.sandbox.campaigns.ads(there)[-1].creative_ids == (creative,)


@pytest.mark.reliability
async def test_ads_that_cannot_be_told_apart_are_not_sent(stage: Stage) -> None:
    row = {"Ad Name": "EN_Summer_F_Real", "Target URL": "https://x.net/", "Creative ID": "1"}
    there = stage.campaign(ads=[row])
    stage.turn(ads_show_creative_id=False, name_limit=12)
    report = await stage.run(ads=stage.csv("a.csv", "EN_Summer_F_Real"), campaigns=[there])
    assert only(report).status == "failed"
    assert "it can't be told whether the campaign has these ads" in only(report).error
    assert not stage.confirmations(there)


@pytest.mark.slow
async def test_creatives_that_the_site_calls_invalid_are_recorded_and_can_be_left_out(
    stage: Stage,
) -> None:
    campaign = stage.campaign()
    stage.turn(issues_in="modal")
    csv_file = stage.csv("a.csv", "good")
    odd = stage.csv("odd.csv", "bad", **{"Creative ID": "1999999991"})
    csv_file.write_bytes(csv_file.read_bytes() + odd.read_bytes().splitlines()[1] + b"\n")

    refused = await stage.run(ads=csv_file, campaigns=[campaign])
    assert only(refused).invalid == ("1999999991",)
    assert "not valid: 1999999991" in only(refused).error
    assert only(refused).evidence
    assert stage.checkpoint()[campaign]["invalid_creatives_count"] == 1
    left = await stage.run(ads=csv_file, campaigns=[campaign], drop_invalid=True)
    assert (only(left).status, only(left).earlier) == ("failed", True)

    report = await stage.run(
        ads=csv_file, campaigns=[campaign], drop_invalid=True, retry_failed=True
    )
    assert (only(report).status, only(report).ads_created) == ("success", 1)
    assert "1999999991" in only(report).note
    assert "left out" in stage.warnings()
    assert stage.ads(campaign) == ["good"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "when",
    [
        pytest.param("before", marks=pytest.mark.reliability),
        "during",
        pytest.param("after", marks=pytest.mark.reliability),
    ],
)
async def test_a_confirmation_that_is_cut_off_is_proved_by_the_list(
    stage: Stage, when: str
) -> None:
    campaign = stage.campaign()
    stage.fault(path="confirm", kind="reset", when=when)
    report = await stage.run(ads=stage.csv("a.csv", "a1", "a2"), campaigns=[campaign])
    assert (only(report).status, only(report).ads_created) == ("success", 2)
    stage.check({campaign: ["a1", "a2"]})
    assert stage.confirmations(campaign) == (1 if when == "after" else 2)


@pytest.mark.reliability
async def test_a_total_that_did_not_grow_is_no_success(stage: Stage) -> None:
    one, two = stage.campaign(), stage.campaign()
    stage.fault(path="confirm", kind="silent", name=one)
    mapping = stage.mapping((one, "a.csv"), (two, "a.csv"))
    stage.csv("a.csv", "a1", "a2")
    report = await stage.run(mapping)
    assert statuses(report) == ["failed", "success"]
    assert "2 of 2 ads are not there" in report.outcomes[0].error
    assert stage.confirmations(one) == 1
    assert report.exit_code == 1
    assert statuses(await stage.run(mapping)) == ["failed", "skipped"]
    assert statuses(await stage.run(mapping, retry_failed=True)) == ["success", "skipped"]
    stage.check({one: ["a1", "a2"], two: ["a1", "a2"]})


@pytest.mark.reliability
async def test_growth_that_cannot_be_proved_is_unknown_and_settled_by_the_next_run(
    stage: Stage,
) -> None:
    campaign = stage.campaign()
    mapping = stage.mapping((campaign, "a.csv"))
    stage.csv("a.csv", "EN_Summer_F_Real_Ana")
    stage.turn(ads_show_creative_id=False, name_limit=12)  # which ad it is then can't be told
    report = await stage.run(mapping)
    assert only(report).status == "unknown"
    assert only(report).ads_created == 0
    assert stage.checkpoint()[campaign]["status"] == "pending"
    dry = await stage.run(mapping, live=False)
    assert "to settle" in only(dry).note

    stage.turn()
    settled = await stage.run(mapping)
    assert (only(settled).status, only(settled).ads_created) == ("success", 1)
    stage.check({campaign: ["EN_Summer_F_Real_Ana"]})
    assert stage.confirmations(campaign) == 1


@pytest.mark.reliability
@pytest.mark.parametrize("path", ["page", "preview", "confirm"])
async def test_a_login_that_ends_costs_a_sign_in_and_nothing_twice(stage: Stage, path: str) -> None:
    one, two = stage.campaign(), stage.campaign()
    stage.csv("a.csv", "a1")
    stage.once_signed_in = lambda: stage.fault(path=path, kind="expire", nth=2)
    report = await stage.run(stage.mapping((one, "a.csv"), (two, "a.csv")))
    assert statuses(report) == ["success", "success"], [it.error for it in report.outcomes]
    stage.check({one: ["a1"], two: ["a1"]})


@pytest.mark.slow
async def test_lanes_share_one_login_and_renew_it_once(stage: Stage) -> None:
    ids = [stage.campaign() for _ in range(3)]
    stage.csv("a.csv", "a1")
    creating = 0

    def end_the_login(event: Event) -> None:
        nonlocal creating
        if isinstance(event, StepChanged) and event.what.startswith("creating"):
            creating += 1
            if creating == 2:
                stage.sandbox.state.end_sessions()

    stage.on_event = end_the_login
    report = await stage.run(stage.mapping(*((it, "a.csv") for it in ids)), parallel=2)
    assert statuses(report) == ["success"] * 3, [it.error for it in report.outcomes]
    stage.check({it: ["a1"] for it in ids})
    assert stage.sandbox.site.requests["sign_in"] == 2


@pytest.mark.reliability
async def test_a_campaign_that_is_not_there_fails_alone(stage: Stage) -> None:
    good = stage.campaign()
    closed = stage.campaign(status="archived")
    stage.csv("a.csv", "a1")
    mapping = stage.mapping(("999", "a.csv"), (closed, "a.csv"), ("998", "a.csv"), (good, "a.csv"))
    report = await stage.run(mapping)
    assert statuses(report) == ["failed", "failed", "failed", "success"]
    assert report.error == ""


@pytest.mark.reliability
async def test_pages_that_fail_one_after_the_other_stop_the_run(stage: Stage) -> None:
    ids = [stage.campaign() for _ in range(5)]
    stage.csv("a.csv", "a1")
    fault = {"path": "page", "kind": "status", "status": 503, "count": 99}
    stage.once_signed_in = lambda: stage.fault(**fault)
    mapping = stage.mapping(*((it, "a.csv") for it in ids))
    report = await stage.run(mapping)
    assert report.exit_code == 7, report.error
    assert statuses(report) == ["failed"] * 3 + ["pending"] * 2
    assert stage.checkpoint().keys() == set(ids[:3])
    stage.sandbox.site.faults.clear()
    report = await stage.run(mapping, retry_failed=True, parallel=3)
    assert statuses(report) == ["success"] * 5
    stage.check({it: ["a1"] for it in ids})


@pytest.mark.reliability
async def test_another_csv_under_the_same_name_is_not_taken_for_done(stage: Stage) -> None:
    campaign = stage.campaign()
    mapping = stage.mapping((campaign, "a.csv"))
    stage.csv("a.csv", "a1")
    assert only(await stage.run(mapping)).ads_created == 1
    stage.csv("a.csv", "a1", "a2")
    assert only(await stage.run(mapping)).ads_created == 1
    assert stage.ads(campaign) == ["a1", "a2"]
    slot = await stage.run(mapping, slot="spring")
    assert "there already" in only(slot).note


@pytest.mark.reliability
async def test_a_page_that_hangs_costs_its_campaign_and_no_other(stage: Stage) -> None:
    one, two = stage.campaign(), stage.campaign()
    stage.turn(ads_table="server")
    stage.csv("a.csv", "a1")
    stage.fault(path="ads", kind="timeout", seconds=60, count=3)
    mapping = stage.mapping((one, "a.csv"), (two, "a.csv"))
    report = await stage.run(mapping)
    assert statuses(report) == ["failed", "success"], [it.error for it in report.outcomes]
    assert report.outcomes[0].evidence
    assert statuses(await stage.run(mapping, retry_failed=True)) == ["success", "skipped"]
    stage.check({one: ["a1"], two: ["a1"]})


@pytest.mark.reliability
async def test_a_browser_that_is_killed_while_ads_are_created_is_opened_again(
    stage: Stage,
) -> None:
    one, two = stage.campaign(), stage.campaign()
    stage.turn(confirm_seconds=1)
    stage.csv("a.csv", "a1", "a2")

    def kill_once(event: Event) -> None:
        if isinstance(event, StepChanged) and event.what.startswith("creating"):
            asyncio.get_running_loop().call_later(0.6, kill_browsers)
            stage.on_event = None

    stage.on_event = kill_once
    report = await stage.run(stage.mapping((one, "a.csv"), (two, "a.csv")))
    assert statuses(report) == ["success", "success"], [it.error for it in report.outcomes]
    stage.check({one: ["a1", "a2"], two: ["a1", "a2"]})


@pytest.mark.reliability
async def test_a_checkpoint_that_cannot_be_written_costs_a_warning(stage: Stage) -> None:
    one, two = stage.campaign(), stage.campaign()
    stage.csv("a.csv", "a1")
    mapping = stage.mapping((one, "a.csv"), (two, "a.csv"))
    file = stage.workspace().checkpoint_file("default", "", native=False)

    def block(event: Event) -> None:
        if isinstance(event, CampaignKnown):
            file.unlink(missing_ok=True)
            file.mkdir()
            stage.on_event = None

    stage.on_event = block
    report = await stage.run(mapping)
    assert statuses(report) == ["success", "success"]
    assert "The ledger has it all" in stage.warnings()
    file.rmdir()  # a file that is gone means: all of it afresh; what is there is not added again
    assert "start afresh" in "".join(
        [it.note for it in (await stage.run(mapping)).outcomes] + [stage.warnings()]
    )
    stage.check({one: ["a1"], two: ["a1"]})
