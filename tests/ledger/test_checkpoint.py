"""The checkpoint file: what it holds, and what becomes of edits, crashes and damage."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from creative_flow.campaign import CampaignOutcome, CampaignStatus
from creative_flow.errors import UsageError
from creative_flow.ledger import AdJob, CheckpointMirror, IntentState, Ledger, SentAd
from creative_flow.ledger.adjobs import AdJobs
from ledger.samples import A, P

S = CampaignStatus
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@define
class Shelf:
    """A job with its file."""

    ledger: Ledger
    file: Path
    told: list[str] = field(factory=list)

    @property
    def jobs(self) -> AdJobs:
        return self.ledger.ad_jobs()

    @property
    def job(self) -> AdJob:
        return self.jobs.begin(P, A, "preroll", "")

    def mirror(self) -> CheckpointMirror:
        return CheckpointMirror(
            self.ledger,
            self.jobs,
            self.file,
            job=(P, A, "preroll", ""),
            kept_aside=self.file.parent / "aside",
            notify=self.told.append,
        )

    def finish(self, campaign_id: str, status: CampaignStatus, **more: Any) -> None:
        run = self.jobs.start_run(P, A, login="ana", slot="", total=1)
        outcome = CampaignOutcome(campaign_id, status, "Größe", "ads.csv", at=AT, **more)
        self.jobs.finish(run, self.job, outcome, "digest")

    def next_start(self) -> dict[str, CampaignStatus]:
        mirror = self.mirror()
        mirror.take_in()
        mirror.follow()
        return {name: entry.status for name, entry in self.jobs.entries(self.job).items()}

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        document = json.loads(self.file.read_text())
        change(document["campaigns"])
        self.file.write_text(json.dumps(document))


@pytest.fixture
def shelf(ledger: Ledger, tmp_path: Path) -> Shelf:
    shelf = Shelf(ledger, tmp_path / "session" / "upload_checkpoint.json")
    shelf.finish("11", S.SUCCESS, ads_created=2)
    shelf.finish("12", S.FAILED, error="no", invalid=("1032530511",))
    shelf.mirror().follow()
    return shelf


def test_the_file_is_as_the_design_says(shelf: Shelf) -> None:
    document = json.loads(shelf.file.read_text())
    assert list(document) == ["session_id", "started_at", "last_updated", "campaigns"]
    assert document["campaigns"]["12"] == {
        "status": "failed",
        "ads_created": 0,
        "timestamp": AT.astimezone().isoformat(),
        "campaign_name": "Größe",
        "csv_file": "ads.csv",
        "error": "no",
        "invalid_creatives_count": 1,
    }
    assert document["campaigns"]["11"]["error"] is None
    plain = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    assert shelf.file.read_text() == plain, "what is put together by hand is laid out as ever"


def test_statuses_that_somebody_changed_count(shelf: Shelf) -> None:
    def change(campaigns: dict[str, Any]) -> None:
        campaigns["11"]["status"] = "pending"
        campaigns["12"]["status"] = " Pending "
        campaigns["13"] = {"status": "success"}

    shelf.edit(change)
    assert shelf.next_start() == {"11": S.PENDING, "12": S.PENDING, "13": S.SUCCESS}
    assert json.loads(shelf.file.read_text())["campaigns"]["12"]["status"] == "pending"


def test_a_deleted_entry_starts_afresh_and_a_deleted_file_all_of_them(shelf: Shelf) -> None:
    shelf.edit(lambda campaigns: campaigns.pop("11"))
    assert shelf.next_start() == {"12": S.FAILED}
    before = shelf.job.session_id
    shelf.file.unlink()
    assert shelf.next_start() == {}
    assert shelf.job.session_id != before


def test_a_file_that_a_crash_left_behind_is_no_edit(shelf: Shelf) -> None:
    older = shelf.file.read_bytes()
    shelf.finish("12", S.SUCCESS)
    assert shelf.next_start() == {"11": S.SUCCESS, "12": S.SUCCESS}
    shelf.file.write_bytes(older)
    assert shelf.next_start() == {"11": S.SUCCESS, "12": S.SUCCESS}
    assert shelf.told == []


def test_an_edit_of_a_file_that_a_crash_left_behind_counts(shelf: Shelf) -> None:
    older = shelf.file.read_bytes()
    shelf.finish("13", S.SUCCESS)
    shelf.mirror().follow()
    shelf.file.write_bytes(older)
    shelf.edit(lambda campaigns: campaigns["11"].update(status="pending"))
    assert shelf.next_start() == {"11": S.PENDING, "12": S.FAILED, "13": S.SUCCESS}


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"campaigns": 3}', b"\xff\xfe\0", b"[" * 90_000]
)
def test_a_damaged_file_is_kept_aside_and_made_anew(shelf: Shelf, damage: bytes) -> None:
    good = shelf.file.read_bytes()
    shelf.file.write_bytes(damage)
    assert shelf.next_start() == {"11": S.SUCCESS, "12": S.FAILED}
    assert shelf.file.read_bytes() == good
    [kept] = (shelf.file.parent / "aside").iterdir()
    assert kept.read_bytes() == damage
    assert "no checkpoint" in shelf.told[0]


def test_a_status_that_is_none_is_told_and_changes_nothing(shelf: Shelf) -> None:
    shelf.edit(lambda campaigns: campaigns["11"].update(status="sucess"))
    assert shelf.next_start() == {"11": S.SUCCESS, "12": S.FAILED}
    assert "campaign 11 has the status 'sucess'" in shelf.told[0]


def test_a_file_from_elsewhere_counts_as_the_users_word(ledger: Ledger, tmp_path: Path) -> None:
    shelf = Shelf(ledger, tmp_path / "upload_checkpoint.json")
    shelf.file.write_text('{"campaigns": {"7": {"status": "success", "ads_created": 4}}}')
    assert shelf.next_start() == {"7": S.SUCCESS}
    assert shelf.jobs.entries(shelf.job)["7"].ads_created == 4


def test_edits_made_while_a_run_goes_on_are_not_lost(shelf: Shelf) -> None:
    mirror = shelf.mirror()
    mirror.take_in()
    mirror.follow()
    shelf.edit(lambda campaigns: campaigns["12"].update(status="pending"))
    shelf.finish("13", S.SUCCESS)
    mirror.follow()
    assert shelf.next_start() == {"11": S.SUCCESS, "12": S.PENDING, "13": S.SUCCESS}


def test_an_outcome_counts_what_is_known_and_leaves_open_what_is_not(shelf: Shelf) -> None:
    jobs, job = shelf.jobs, shelf.job
    run = jobs.start_run(P, A, login="ana", slot="", total=1)
    ads = [SentAd("a", ("1",)), SentAd("b", ("2",), had=1)]
    first = jobs.write_intent(run, job, "11", ads, 5)
    second = jobs.write_intent(run, job, "11", ads[:1], 7)
    for intent in (first, second):
        jobs.mark_sending(intent)
    jobs.know(first, [1])
    assert [it.state for it in jobs.intents(job)["11"]] == [IntentState.KNOWN, IntentState.OPEN]
    assert jobs.intents(job)["11"][0].created_ads == (ads[1],)
    shelf.finish("11", S.UNKNOWN)
    assert len(jobs.intents(job)["11"]) == 2
    assert jobs.entries(job)["11"].status is S.PENDING
    jobs.know(second, [])
    shelf.finish("11", S.SUCCESS)
    assert jobs.intents(job) == {}


def test_other_slots_ask_about_what_is_open_and_count_only_their_own(shelf: Shelf) -> None:
    jobs, other = shelf.jobs, shelf.jobs.begin(P, A, "preroll", "spring")
    run = jobs.start_run(P, A, login="ana", slot="", total=1)
    intent = jobs.write_intent(run, shelf.job, "11", [SentAd("a", ("1",))], 0)
    jobs.mark_sending(intent)
    assert [it.intent_id for it in jobs.intents(other)["11"]] == [intent.intent_id]
    jobs.know(intent, [0])
    assert jobs.intents(other) == {}
    assert len(jobs.intents(shelf.job)["11"]) == 1


def test_nothing_is_sent_for_an_intent_that_is_closed(shelf: Shelf) -> None:
    run = shelf.jobs.start_run(P, A, login="ana", slot="", total=1)
    intent = shelf.jobs.write_intent(run, shelf.job, "11", [SentAd("a", ())], 0)
    shelf.jobs.abandon(intent)
    with pytest.raises(Exception, match="closed"):
        shelf.jobs.mark_sending(intent)


def test_evidence_is_kept_while_it_is_open_what_a_campaign_has(shelf: Shelf) -> None:
    run = shelf.jobs.start_run(P, A, login="ana", slot="", total=1)
    shelf.finish("21", S.FAILED, evidence=("failed.png",))
    shelf.finish("22", S.UNKNOWN, evidence=("first.png",))
    intent = shelf.jobs.write_intent(run, shelf.job, "22", [SentAd("a", ("1",))], 0)
    shelf.jobs.mark_sending(intent)
    shelf.finish("22", S.UNKNOWN, evidence=("second.png",))
    shelf.finish("23", S.FAILED, evidence=("over.png",))
    shelf.finish("23", S.SUCCESS, evidence=("done.png",))
    assert shelf.ledger.open_evidence() == {"failed.png", "first.png", "second.png"}
    shelf.jobs.know(intent, [0])
    shelf.finish("22", S.SUCCESS)
    assert shelf.ledger.open_evidence() == {"failed.png"}


def test_a_file_that_cannot_be_read_is_told_once_and_left_alone_until_it_can(shelf: Shelf) -> None:
    good = shelf.file.read_bytes()
    shelf.file.unlink()
    shelf.file.mkdir()  # what nobody can read, not even root
    mirror = shelf.mirror()
    mirror.take_in()
    assert "can't be read" in shelf.told[0]
    shelf.finish("13", S.SUCCESS)
    mirror.follow()
    assert shelf.file.is_dir()
    assert len(shelf.told) == 1

    shelf.file.rmdir()
    shelf.file.write_bytes(good)
    shelf.edit(lambda campaigns: campaigns["11"].update(status="pending"))
    mirror.follow()
    statuses = {
        name: it["status"] for name, it in json.loads(shelf.file.read_text())["campaigns"].items()
    }
    assert statuses == {"11": "pending", "12": "failed", "13": "success"}


def test_the_file_of_another_platform_s_job_is_not_taken_for_one_s_own(shelf: Shelf) -> None:
    before = shelf.file.read_bytes()
    shelf.ledger.bind_account("other", A, "ana")
    names = ("other", A, "preroll", "")
    theirs = CheckpointMirror(
        shelf.ledger,
        shelf.jobs,
        shelf.file,
        job=names,
        kept_aside=shelf.file.parent / "aside",
        notify=shelf.told.append,
    )
    with pytest.raises(UsageError, match="another job: preroll ads on tj"):
        theirs.take_in()
    assert shelf.file.read_bytes() == before
    assert shelf.jobs.job(*names) is None
    shelf.file.unlink()  # then it is free
    theirs.take_in()
    shelf.jobs.begin(*names)
    theirs.follow()
    with pytest.raises(UsageError, match="another job: preroll ads on other"):
        shelf.next_start()
    assert set(shelf.jobs.entries(shelf.job)) == {"11", "12"}
