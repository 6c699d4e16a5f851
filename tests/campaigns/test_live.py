"""Whole runs over campaigns of the sandbox, in a real browser."""

from __future__ import annotations

import csv

import pytest

from campaigns.conftest import Stage, only, statuses

pytestmark = pytest.mark.browser


async def test_campaigns_get_their_ads_once_and_under_their_names(stage: Stage) -> None:
    one, two = stage.campaign("Größe & <b>x</b>"), stage.campaign("Spring 50%", ads=3)
    stage.csv("a.csv", "a1", "a2")
    stage.csv("b.csv", "b1")
    mapping = stage.mapping((one, "a.csv", "Größe & <b>x</b>"), (two, "b.csv", "another"))

    dry = await stage.run(mapping, live=False)
    assert statuses(dry) == ["dry_run_success"] * 2
    assert stage.checkpoint()[one]["status"] == "dry_run_success"
    assert not stage.confirmations(one)

    report = await stage.run(mapping)
    assert statuses(report) == ["success"] * 2, report
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

    stage.edit(lambda campaigns: campaigns[one].update(status="pending"))
    edited = await stage.run(mapping)
    assert "all 2 ads are there already" in edited.outcomes[0].note
    assert stage.ads(one) == ["a1", "a2"]
    forced = await stage.run(ads=stage.csv("b.csv", "b1"), campaigns=[two], force=True, fresh=True)
    assert only(forced).ads_created == 1
    assert stage.ads(two)[3:] == ["b1", "b1"]
