"""``cfu campaigns`` as a command: what is refused, what a dry run shows, status, and the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.conftest import Terminal
from creative_flow.campaign import CampaignOutcome, CampaignStatus
from creative_flow.ledger import Ledger, SentAd
from creative_flow.workspace import Workspace

HEADINGS = (
    "Ad Name,Target URL,Creative ID,Custom CTA Text,Custom CTA URL,Banner CTA Creative ID,"
    "Banner CTA Title,Banner CTA Subtitle,Banner CTA URL,Tracking Pixel"
)
TJ = ("--platform", "tj")


def ads(terminal: Terminal, name: str, *rows: str) -> None:
    path = terminal.folder / name
    path.write_text("\n".join((HEADINGS, *(f"{row},,,,,,," for row in rows))) + "\n")


def mapping(terminal: Terminal, *rows: str) -> Path:
    path = terminal.folder / "campaign_mapping.csv"
    path.write_text("\n".join(("campaign_id,csv_filename,campaign_name,enabled", *rows)) + "\n")
    return path


def test_everything_that_is_wrong_stands_on_a_line_of_its_own(terminal: Terminal) -> None:
    ads(terminal, "a.csv", "a,nowhere,1032530511", "b,https://go.ads-sample.net/,12")
    file = mapping(terminal, "1,a.csv", "2,b.csv")
    done = terminal.cfu("campaigns", "upload", file, *TJ, "--live", "--headless")
    assert done.code == 2
    lines = [line for line in done.err.splitlines() if not line.startswith("Warning")]
    assert "a.csv, line 2, Target URL: it is 'nowhere': it must begin with http:// or" in lines[0]
    assert lines[1].startswith("a.csv, line 3, Creative ID: it is '12', which is no Creative ID")
    assert lines[2].startswith("campaign_mapping.csv, line 3, csv_filename: there is no file")
    assert lines[3].startswith("cfu: 3 things are wrong")
    told = json.loads(terminal.cfu("campaigns", "upload", file, *TJ, "--json").out)
    assert len(told["runs"][0]["problems"]) == 3
    assert told["runs"][0]["campaigns"] == []


def test_a_single_thing_that_is_wrong_is_one_line(terminal: Terminal) -> None:
    ads(terminal, "a.csv", "a,https://go.ads-sample.net/,12")
    done = terminal.cfu("campaigns", "upload", mapping(terminal, "1,a.csv"), *TJ)
    [line] = [line for line in done.err.splitlines() if not line.startswith("Warning")]
    assert line == (
        "cfu: a.csv, line 2, Creative ID: it is '12', which is no Creative ID. "
        "Nothing was sent. Mend it and run again."
    )


def test_a_dry_run_shows_what_could_go_in_and_status_shows_it_again(terminal: Terminal) -> None:
    ads(terminal, "a.csv", "a,https://go.ads-sample.net/?sub11=x,1032530511")
    file = mapping(terminal, "1013000001,a.csv,Spring,", "1013000011,a.csv,,no")
    done = terminal.cfu("campaigns", "upload", file, *TJ)
    assert done.code == 0, done.err
    assert "0 successful, 0 failed, 1 remaining" in done.err
    assert "not known to the ledger" in done.err
    assert "1013000001  dry_run_success  0        a.csv  Spring" in done.out
    assert "1 ad to go in, less those that are there already" in done.out
    shown = terminal.cfu("campaigns", "status", *TJ)
    assert "1 campaign: 1 dry_run_success" in shown.out
    told: dict[str, Any] = json.loads(terminal.cfu("campaigns", "status", *TJ, "--json").out)
    assert told["jobs"][0]["campaigns"][0]["status"] == "dry_run_success"
    other = terminal.cfu("campaigns", "status", *TJ, "--slot", "spring")
    assert "Nothing was put into campaigns yet in slot spring" in other.out


def test_status_shows_what_was_cut_short_and_what_failed(terminal: Terminal) -> None:
    workspace = Workspace(terminal.workspace)
    workspace.prepare()
    with Ledger.open(workspace.ledger_url) as ledger:
        ledger.bind_account("tj", "default", "ana")
        jobs = ledger.ad_jobs(workspace.identity)
        run = jobs.start_run("tj", "default", login="ana", slot="", total=2)
        job = jobs.begin("tj", "default", "preroll", "")
        bad = CampaignOutcome("12", CampaignStatus.FAILED, "Bad", "b.csv", error="It is full.")
        jobs.finish(run, job, bad, "")
        sent = SentAd("a", ("1032530511",))
        jobs.mark_sending(jobs.write_intent(run, job, "13", [sent], 0))
    shown = terminal.cfu("campaigns", "status", *TJ)
    assert "preroll ads, account default: data/session/upload_checkpoint.json\n" in shown.out
    assert "2 campaigns: 1 failed, 1 pending; 0 ads created\n" in shown.out
    assert "\n13        pending  0\n    confirming was interrupted: the next run" in shown.out
    assert shown.out.endswith("What failed is taken up again only with --retry-failed.\n")
    told: dict[str, Any] = json.loads(terminal.cfu("campaigns", "status", *TJ, "--json").out)
    found = {it["campaign_id"]: it["to_settle"] for it in told["jobs"][0]["campaigns"]}
    assert found == {"12": False, "13": True}


def test_ads_that_an_upload_wrote_go_in_as_they_are(terminal: Terminal) -> None:
    ads(terminal, "Batch.csv", "a,https://go.ads-sample.net/,1032530511")
    wanted = ("--campaign", "11", "--campaign", "12")
    done = terminal.cfu(
        "campaigns", "upload", "--ads", terminal.folder / "Batch.csv", *wanted, *TJ, "--json"
    )
    [run] = json.loads(done.out)["runs"]
    assert [it["campaign_id"] for it in run["campaigns"]] == ["11", "12"]
    assert run["counts"] == {"dry_run_success": 2}


def test_what_makes_no_sense_is_wrong_usage(terminal: Terminal) -> None:
    for arguments in ((), ("a.csv", "--ads", "a.csv"), ("--ads", "a.csv")):
        done = terminal.cfu("campaigns", "upload", *arguments, *TJ)
        assert (done.code, done.err[:5]) == (2, "cfu: ")


def test_a_platform_without_campaigns_says_so(terminal: Terminal) -> None:
    file = mapping(terminal, "1,a.csv")
    done = terminal.cfu("campaigns", "upload", file, "--platform", "acme")
    assert (done.code, "takes no ads by CSV" in done.err) == (6, True)


def test_a_live_run_without_credentials_begins_nothing(terminal: Terminal) -> None:
    ads(terminal, "a.csv", "a,https://go.ads-sample.net/,1032530511")
    done = terminal.cfu("campaigns", "upload", mapping(terminal, "1,a.csv"), *TJ, "--live")
    assert done.code == 3
    assert not list((terminal.workspace / "tracking").glob("upload_summary_*"))


def test_a_run_over_campaigns_has_its_page(terminal: Terminal) -> None:
    workspace = Workspace(terminal.workspace)
    workspace.prepare()
    with Ledger.open(workspace.ledger_url) as ledger:
        jobs = ledger.ad_jobs(workspace.identity)
        run = jobs.start_run("tj", "default", login="ana", slot="", total=3)
        job = jobs.begin("tj", "default", "preroll", "")
        well = CampaignOutcome("11", CampaignStatus.SUCCESS, "Good", "a.csv", 4)
        evidence = ("data/screenshots/seen.png",)
        bad = CampaignOutcome(
            "12", CampaignStatus.FAILED, "<b>Bad</b>", "b.csv", error="no", evidence=evidence
        )
        jobs.finish(run, job, well, "")
        jobs.finish(run, job, bad, "")
        jobs.finish_run(run)
    listed = terminal.cfu("report")
    assert f"{run}" in listed.out
    assert "1 success, 1 failed in campaigns" in listed.out
    done = terminal.cfu("report", "last", "--no-open")
    page = Path(done.out.strip()).read_text()
    assert "&lt;b&gt;Bad&lt;/b&gt;" in page
    assert "../../data/screenshots/seen.png" in page
    assert page.index("Bad") < page.index("Good")
