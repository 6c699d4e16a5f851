"""Looking back: what the ledger tells of runs, whatever their size."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from creative_flow.creative import Status
from creative_flow.ledger import Ledger

from .samples import NOON, A, P, batch, outcome, snapshot


def test_runs_are_told_newest_first_with_what_became_of_them(ledger: Ledger) -> None:
    first = ledger.start_run(P, A, login="ana", campaign="77", total=2)
    ledger.record(first, [outcome("a.png", Status.REJECTED, error="no")])
    ledger.finish_run(first, error="stopped")
    second = ledger.start_run(P, "second", login="ben", campaign="", total=0)
    newest, older = ledger.history().past_runs()
    assert (newest.run, newest.account, newest.seconds, newest.counts) == (
        second,
        "second",
        None,
        {},
    )
    assert (older.run, older.login, older.campaign, older.total) == (first, "ana", "77", 2)
    assert older.counts == {Status.REJECTED: 1}
    assert older.sizes == {Status.REJECTED: 1234}
    assert older.error == "stopped"
    assert older.seconds is not None
    assert older.seconds >= 0
    assert [it.run for it in ledger.history().past_runs(limit=1)] == [second]
    assert [it.run for it in ledger.history().past_runs(prefix=first)] == [first]
    assert ledger.history().past_runs(prefix="%") == ()


def test_outcomes_come_with_the_times_of_their_batch(ledger: Ledger) -> None:
    run = ledger.start_run(P, A, login="", campaign="", total=3)
    ledger.record(run, [outcome("c.png", Status.SKIPPED)])
    row = ledger.write_intent(run, batch("a.png", "b.png"), snapshot("1"), "")
    [intended] = ledger.history().past_batches(run)
    assert (intended.sending_began_at, intended.closed_at) == (None, None)
    ledger.mark_sending(row)
    ledger.finish_batch(row, [outcome("a.png", Status.SUCCESS, "5")], [])
    [closed] = ledger.history().past_batches(run)
    assert closed.sending_began_at is not None
    assert closed.closed_at is not None
    assert closed.intended_at <= closed.sending_began_at <= closed.closed_at
    assert (closed.files, closed.size) == (2, 2468)
    found = list(ledger.history().past_outcomes(run))
    assert [it.outcome for it in found] == list(ledger.outcomes(run))
    assert [it.batch for it in found] == [None, closed, closed]


def test_a_long_run_is_told_whole(ledger: Ledger) -> None:
    run = ledger.start_run(P, A, login="", campaign="", total=4_001)
    ledger.record(run, [outcome(f"{number}.png", Status.SKIPPED) for number in range(4_001)])
    names = [it.outcome.name for it in ledger.history().past_outcomes(run)]
    assert names == [f"{number}.png" for number in range(4_001)]


def test_halves_of_pairs_that_are_up_are_found_over_all_runs(ledger: Ledger) -> None:
    def half(name: str, creative_id: str) -> object:
        known = outcome(
            f"{name}.png", Status.SUCCESS if creative_id else Status.FAILED, creative_id
        )
        return evolve(known, unique_id=name, native_pair_id=name[:4])

    for halves in ([half("ID-1-VID", "5"), half("ID-2-VID", "6")], [half("ID-1-IMG", "7")]):
        run = ledger.start_run(P, A, login="", campaign="", total=2)
        ledger.record(run, [*halves, half("ID-2-IMG", "")])  # type: ignore[list-item]
    elsewhere = ledger.start_run(P, "second", login="", campaign="", total=1)
    ledger.record(elsewhere, [half("ID-2-IMG", "9")])  # type: ignore[list-item]
    up = ledger.history().halves_up(P, A, {"ID-1", "ID-2", "ID-3"})
    assert up == {"ID-1": {"ID-1-VID", "ID-1-IMG"}, "ID-2": {"ID-2-VID"}}


def test_tallies_and_failures_count_every_outcome_once(ledger: Ledger) -> None:
    run = ledger.start_run(P, A, login="", campaign="", total=5)
    later = NOON + timedelta(minutes=1, seconds=59)
    ledger.record(
        run,
        [
            outcome("a.png", Status.SUCCESS, "1"),
            outcome("b.png", Status.SUCCESS, "2"),
            evolve(outcome("c.png", Status.FAILED, error="broke"), at=later),
            outcome("d.png", Status.DUPLICATE, "3"),
            outcome("e.png", Status.DUPLICATE),
        ],
    )
    ledger.finish_run(run)
    told = [(it.minute, it.status, it.number, it.size) for it in ledger.history().tallies()]
    assert told == [
        (NOON, Status.DUPLICATE, 2, 2468),
        (NOON, Status.SUCCESS, 2, 2468),
        (NOON + timedelta(minutes=1), Status.FAILED, 1, 1234),
    ]
    assert sorted(ledger.history().failures()) == [
        (Status.DUPLICATE, "", 1),
        (Status.FAILED, "broke", 1),
    ]
    assert ledger.history().run_totals().runs == 1
