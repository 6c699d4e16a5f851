"""Every way in which the page's word and the list can go together, and what it amounts to."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import frozen

from creative_flow.creative import Creative, LibraryEntry, Snapshot, Status
from creative_flow.platform import API_VERSION, PlatformInfo, SendResult, Verdict
from creative_flow.proof import Walk
from creative_flow.uploading.judge import judge

INFO = PlatformInfo(
    title="Acme",
    api_version=API_VERSION,
    ad_formats=(),
    library_mirror="Acme.csv",
    column_prefix="acme",
    batch_size=10,
    duplicate_seconds=8,
    appear_seconds=60,
    settle_seconds=75,
    poll_seconds=1,
)
NAME = "EN_Summer_F_Real_SFW_Generic_Ana_4sec_ID-1A2B3C4D"
OLD = ("21", "22", "23")
ACCEPTED, REFUSED, UNCLEAR = Verdict.ACCEPTED, Verdict.REFUSED, Verdict.UNCLEAR


def entry(creative_id: str, name: str) -> LibraryEntry:
    return LibraryEntry("native_video", creative_id, name)


def walk(*listed: tuple[str, str], complete: bool = False, to_end: bool = True) -> Walk:
    """Return a walk through what is listed now; before, the three old ones stood on top."""
    before = tuple(entry(creative_id, f"old {creative_id}") for creative_id in OLD)
    walked = Walk(Snapshot("native_video", before, complete, datetime.now(UTC)))
    walked.add([entry(*it) for it in listed], last=to_end)
    return walked


TOP = tuple((creative_id, f"old {creative_id}") for creative_id in OLD)


@frozen
class Case:
    verdict: Verdict
    listed: tuple[tuple[str, str], ...]
    waited: float
    status: Status | None
    creative_id: str = ""
    says: str = ""


CASES = {
    "there": Case(ACCEPTED, (("31", NAME), *TOP), 0, Status.SUCCESS, "31"),
    "there after an error": Case(UNCLEAR, (("31", NAME), *TOP), 0, Status.SUCCESS, "31"),
    "there though refused": Case(REFUSED, (("31", NAME), *TOP), 0, Status.SUCCESS, "31"),
    "there beside an old one": Case(
        ACCEPTED, (("31", NAME), *TOP, ("12", NAME)), 0, Status.SUCCESS, "31"
    ),
    "there twice": Case(
        ACCEPTED, (("32", NAME), ("31", NAME), *TOP), 0, Status.UNKNOWN_ID, says="32, 31"
    ),
    "refused": Case(REFUSED, TOP, 0, Status.REJECTED, says="Acme says: too large"),
    "accepted and not there yet": Case(ACCEPTED, TOP, 59, None),
    "accepted and never there": Case(
        ACCEPTED, TOP, 60, Status.UNKNOWN_ID, says="no entry of its name came within 60 s"
    ),
    "unclear and not there yet": Case(UNCLEAR, TOP, 74, None),
    "unclear and not there": Case(UNCLEAR, TOP, 75, Status.FAILED, says="it can be sent again"),
    "an old one, too early to call it a duplicate": Case(ACCEPTED, (*TOP, ("12", NAME)), 7, None),
    "an old one": Case(ACCEPTED, (*TOP, ("12", NAME)), 8, Status.DUPLICATE, "12"),
    "two old ones": Case(
        ACCEPTED, (*TOP, ("12", NAME), ("11", NAME)), 8, Status.DUPLICATE, says="12, 11"
    ),
    "unclear beside an old one, too early": Case(UNCLEAR, (*TOP, ("12", NAME)), 74, None),
    "unclear beside an old one": Case(UNCLEAR, (*TOP, ("12", NAME)), 75, Status.DUPLICATE, "12"),
    "the order changed": Case(
        ACCEPTED, (TOP[1], TOP[0], ("31", NAME), TOP[2]), 60, Status.UNKNOWN_ID, says="order"
    ),
    "the order changed, perhaps not for long": Case(
        ACCEPTED, (TOP[1], TOP[0], ("31", NAME), TOP[2]), 59, None
    ),
    "nothing of before is left": Case(
        UNCLEAR, (("31", NAME), ("32", "b")), 75, Status.UNKNOWN_ID, says="order"
    ),
    "a list that has lost all that stood there": Case(
        UNCLEAR, (), 75, Status.UNKNOWN_ID, says="may not be the whole"
    ),
    "the name came back cut": Case(
        UNCLEAR, (("31", NAME[:40]), *TOP), 75, Status.UNKNOWN_ID, says=f"31 .*{NAME[:40]}"
    ),
    "the name came back cut short, and says so": Case(
        UNCLEAR, (("31", "EN_Su…"), *TOP), 75, Status.UNKNOWN_ID, says="may be it"
    ),
    "the name came back with other signs": Case(
        ACCEPTED,
        (("31", NAME.replace("_", " ").upper()), *TOP),
        60,
        Status.UNKNOWN_ID,
        says="may be it",
    ),
    "a cut name that stood there before": Case(
        UNCLEAR, (*TOP, ("12", NAME[:40])), 75, Status.FAILED
    ),
    "a shorter name of the same batch": Case(
        UNCLEAR, (("31", f"{NAME[:30]} 1"), *TOP), 75, Status.FAILED
    ),
    "a name that only begins alike": Case(UNCLEAR, (("31", "EN_Su"), *TOP), 75, Status.FAILED),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_judgement(case: Case) -> None:
    creative = Creative(Path(f"/w/{NAME}.mp4"), "native_video", 1, "")
    result = SendResult(creative, case.verdict, "too large")

    found = judge(
        result, walk(*case.listed), case.waited, INFO, to_end=True, sent={f"{NAME[:30]} 1", NAME}
    )

    if case.status is None:
        assert found is None
        return
    assert found is not None
    assert found.outcome.status is case.status
    assert found.outcome.creative_id == case.creative_id
    assert re.search(case.says, found.outcome.error)
    assert (found.entry.creative_id if found.entry else "") == case.creative_id


@pytest.mark.parametrize("verdict", [ACCEPTED, UNCLEAR])
def test_what_was_not_looked_for_to_the_end_is_not_judged(verdict: Verdict) -> None:
    creative = Creative(Path(f"/w/{NAME}.mp4"), "native_video", 1, "")

    found = judge(SendResult(creative, verdict), walk(*TOP, to_end=False), 1000, INFO, to_end=False)

    assert found is None


def test_a_name_that_stood_there_before_is_judged_by_a_snapshot_of_the_whole_list() -> None:
    creative = Creative(Path("/w/old 22.mp4"), "native_video", 1, "")

    found = judge(SendResult(creative, ACCEPTED), walk(*TOP, complete=True), 8, INFO, to_end=True)

    assert found is not None
    assert (found.outcome.status, found.outcome.creative_id) == (Status.DUPLICATE, "22")
