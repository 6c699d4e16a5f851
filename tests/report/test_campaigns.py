"""What a run over campaigns shows while it goes on, and at its end."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from attrs import evolve

from creative_flow.campaign import CampaignOutcome, CampaignsReport, CampaignStatus
from creative_flow.events import (
    CampaignKnown,
    CampaignsFinished,
    CampaignsStarted,
    CampaignStarted,
    StepChanged,
)
from creative_flow.report.campaigns import CampaignsProgress, Pace, show_campaigns

WELL = CampaignOutcome("11", CampaignStatus.SUCCESS, "Good", "a.csv", 3)
BAD = CampaignOutcome("12", CampaignStatus.FAILED, "Odd [bold]\x1b[2J", "b.csv", error="no")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def started(**more: int) -> CampaignsStarted:
    counts = {"successful": 0, "failed": 0, "remaining": 2, **more}
    return CampaignsStarted(
        run="r", platform="tj", title="T", account="default", login="ana", live=True, **counts
    )


def test_the_pace_is_that_of_the_last_ten() -> None:
    pace = Pace(0.0)
    assert pace.line(5) == ""
    for second in range(1, 6):
        pace.done(second * 60.0)  # five slow ones
    assert pace.line(2) == "1.0/min, 2 min 0 s left"
    for second in range(1, 11):
        pace.done(300.0 + second * 2)
    assert pace.line(30) == "30.0/min, 1 min 0 s left"


def test_it_says_where_it_goes_on_and_what_failed() -> None:
    out = io.StringIO()
    with CampaignsProgress(out) as bar:
        bar(started(successful=7, failed=1))
        bar(CampaignStarted("11", "Good"))
        bar(CampaignKnown(WELL))
        bar(CampaignKnown(BAD))
    lines = out.getvalue().splitlines()
    assert lines[0] == (
        "T, account default (login ana): 7 successful, 1 failed (--retry-failed takes them up), "
        "2 remaining"
    )
    assert lines[1] == r"failed  12 (Odd [bold]\x1b[2J): no"
    assert lines[-1] == "2 of 2 campaigns done"


def test_in_a_terminal_a_bar_tells_how_far_it_is() -> None:
    out = Terminal()
    with CampaignsProgress(out) as bar:
        bar(started())
        bar(CampaignStarted("12", "Odd [bold]"))
        bar(StepChanged("handing over [red]2 ads"))
        bar(CampaignKnown(BAD))
        bar.refresh()
        bar(CampaignsFinished(report()))
    shown = out.getvalue()
    assert "1/2 campaigns" in shown
    assert "[red]2 ads" in shown
    assert "\x1b[2J" not in shown


def test_the_table_tells_of_each_campaign_and_cuts_only_what_is_well() -> None:
    many = tuple(
        CampaignOutcome(str(number), CampaignStatus.SUCCESS, "N", "a.csv", 1)
        for number in range(100, 200)
    )
    whole, cut = io.StringIO(), Terminal()
    for out in (whole, cut):
        show_campaigns(report(*many, BAD, error="Stopped by hand."), out, root=Path("/"))
    assert whole.getvalue().count("success") == 101
    assert "… 40 more that are well" in cut.getvalue()
    for out in (whole, cut):
        assert r"Odd [bold]\x1b[2J" in out.getvalue()
        assert "101 campaigns: 1 failed, 100 success; 100 ads created" in out.getvalue()
        assert "Stopped: Stopped by hand." in out.getvalue()


@pytest.mark.parametrize(
    ("statuses", "error", "safe", "retry"),
    [
        (["success", "failed"], "", False, True),
        (["success", "unknown"], "", True, False),
        (["failed", "pending"], "Interrupted.", True, True),
        (["success"], "", False, False),
    ],
)
def test_the_last_lines_say_what_to_do_next(
    statuses: list[str], error: str, *, safe: bool, retry: bool
) -> None:
    found = [CampaignOutcome(it, CampaignStatus(it), "N", "a.csv") for it in statuses]
    out = io.StringIO()
    show_campaigns(report(*found, error=error), out, root=Path("/"))
    assert ("it goes on where this run stopped" in out.getvalue()) is safe
    assert ("only with --retry-failed" in out.getvalue()) is retry


@pytest.mark.parametrize(
    ("statuses", "earlier", "last"),
    [
        (["dry_run_success", "skipped"], [False, True], "To send it, run the same command with"),
        (["skipped", "skipped"], [True, True], "All of it is done: there is nothing to send."),
        (["skipped", "failed"], [True, True], "What failed is taken up again only with"),
    ],
)
def test_a_dry_run_says_whether_there_is_something_to_send(
    statuses: list[str], earlier: list[bool], last: str
) -> None:
    found = [
        CampaignOutcome(it, CampaignStatus(it), "N", "a.csv", earlier=old)
        for it, old in zip(statuses, earlier, strict=True)
    ]
    out = io.StringIO()
    show_campaigns(evolve(report(*found), live=False), out, root=Path("/"))
    assert out.getvalue().splitlines()[-1].startswith(last)


def report(*outcomes: CampaignOutcome, error: str = "") -> CampaignsReport:
    return CampaignsReport("r", "tj", "T", "default", True, outcomes, error=error)
