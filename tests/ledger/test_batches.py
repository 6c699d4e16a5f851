from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve

from creative_flow.creative import Outcome, Status
from creative_flow.errors import LedgerError
from creative_flow.ledger import Intent, Ledger
from ledger.samples import A, P, batch, entry, outcome, snapshot


def run_of(ledger: Ledger) -> str:
    return ledger.start_run(P, A, login="ana", campaign="17", total=2)


def begun(ledger: Ledger, *names: str) -> tuple[str, int]:
    run = run_of(ledger)
    return run, ledger.write_intent(run, batch(*names), snapshot("7", "6"), "17")


def open_names(ledger: Ledger) -> list[str]:
    return [intent.path.name for intent in ledger.open_intents(P, A)]


def only_intent(ledger: Ledger) -> Intent:
    (intent,) = ledger.open_intents(P, A)
    return intent


def test_an_intent_holds_all_that_settling_needs(database: str) -> None:
    with Ledger.open(database) as ledger:
        run, batch_id = begun(ledger, "a.png")
    with Ledger.open(database) as ledger:
        intent = only_intent(ledger)
        assert intent.run == run
        assert intent.batch_id == batch_id
        assert intent.snapshot == snapshot("7", "6")
        assert intent.key == "a"
        assert intent.campaign == "17"
        assert intent.status is Status.PENDING
        assert intent.sending_began_at is None
        assert intent.unique_id == "ID-1A2B3C4D"


def test_sending_is_marked_with_an_aware_time(ledger: Ledger) -> None:
    _, batch_id = begun(ledger, "a.png")
    ledger.mark_sending(batch_id)
    began = only_intent(ledger).sending_began_at
    assert began is not None
    assert began.utcoffset() is not None


def test_a_finished_batch_has_outcomes_and_entries(ledger: Ledger) -> None:
    run, batch_id = begun(ledger, "a.png", "b.png")
    ledger.mark_sending(batch_id)
    done = [outcome("a.png", Status.SUCCESS, "8"), outcome("b.png", Status.REJECTED, error="no")]
    ledger.finish_batch(batch_id, done, [entry("8", "a.png")])
    assert ledger.outcomes(run) == tuple(done)
    assert ledger.open_intents(P, A) == ()
    assert [e.creative_id for e in ledger.entries(P, A)] == ["8"]


def test_what_belongs_together_is_recorded_together_or_not_at_all(ledger: Ledger) -> None:
    run, batch_id = begun(ledger, "a.png")
    ledger.mark_sending(batch_id)
    with pytest.raises(LedgerError, match="no creative of batch"):
        ledger.finish_batch(
            batch_id,
            [outcome("a.png", Status.SUCCESS, "8"), outcome("other.png", Status.SUCCESS, "9")],
            [entry("8", "a.png")],
        )
    elsewhere = evolve(entry("8", "a.png"), account="other")
    with pytest.raises(LedgerError, match="is not one of"):
        ledger.finish_batch(batch_id, [outcome("a.png", Status.SUCCESS, "8")], [elsewhere])
    assert [o.status for o in ledger.outcomes(run)] == [Status.PENDING]
    assert open_names(ledger) == ["a.png"]
    assert list(ledger.entries(P, A)) == []


def test_a_creative_without_an_outcome_stays_open(ledger: Ledger) -> None:
    run, batch_id = begun(ledger, "a.png", "b.png")
    ledger.mark_sending(batch_id)
    ledger.finish_batch(batch_id, [outcome("a.png", Status.SUCCESS, "8")], [])
    assert open_names(ledger) == ["b.png"]
    assert [o.status for o in ledger.outcomes(run)] == [Status.SUCCESS, Status.PENDING]


def test_an_unknown_id_stays_open_until_it_is_settled(ledger: Ledger) -> None:
    run, batch_id = begun(ledger, "a.png")
    ledger.mark_sending(batch_id)
    ledger.finish_batch(batch_id, [outcome("a.png", Status.UNKNOWN_ID, error="late")], [])
    ledger.finish_run(run)
    intent = only_intent(ledger)
    assert intent.status is Status.UNKNOWN_ID
    ledger.settle(intent, outcome("a.png", Status.UNKNOWN_ID, error="still late"))
    assert open_names(ledger) == ["a.png"]
    ledger.settle(only_intent(ledger), outcome("a.png", Status.SUCCESS, "8"), [entry("8", "a.png")])
    assert ledger.open_intents(P, A) == ()
    assert ledger.outcomes(run) == (outcome("a.png", Status.SUCCESS, "8"),)
    assert set(ledger.by_name(P, A, "static_banner", {"a"})) == {"a"}


def test_what_the_platform_does_not_have_may_be_sent_again(ledger: Ledger) -> None:
    run, batch_id = begun(ledger, "a.png")
    ledger.mark_sending(batch_id)
    ledger.settle(only_intent(ledger), None)
    assert ledger.open_intents(P, A) == ()
    again = ledger.write_intent(run, batch("a.png", number=2), snapshot("7"), "17")
    assert only_intent(ledger).batch_id == again
    assert [o.batch for o in ledger.outcomes(run)] == [2]


def test_a_settled_fate_is_not_undone_by_a_late_answer(ledger: Ledger) -> None:
    _, batch_id = begun(ledger, "a.png")
    ledger.mark_sending(batch_id)
    intent = only_intent(ledger)
    ledger.settle(intent, outcome("a.png", Status.SUCCESS, "8"))
    for late in (None, outcome("a.png", Status.FAILED)):
        with pytest.raises(LedgerError, match="already"):
            ledger.settle(intent, late)
    assert ledger.open_intents(P, A) == ()
    with pytest.raises(LedgerError, match="already"):
        ledger.finish_batch(batch_id, [outcome("a.png", Status.FAILED)], [])


def test_an_abandoned_batch_was_never_sent(ledger: Ledger) -> None:
    run, batch_id = begun(ledger, "a.png")
    ledger.abandon_batch(batch_id)
    assert ledger.open_intents(P, A) == ()
    with pytest.raises(LedgerError, match="closed"):
        ledger.mark_sending(batch_id)
    failed = outcome("a.png", Status.FAILED, error="no session")
    ledger.record(run, [failed])
    assert ledger.outcomes(run) == (failed,)


def test_a_batch_whose_sending_began_can_not_be_abandoned(ledger: Ledger) -> None:
    _, batch_id = begun(ledger, "a.png")
    ledger.mark_sending(batch_id)
    ledger.abandon_batch(batch_id)
    assert open_names(ledger) == ["a.png"]


def test_nothing_is_sent_while_its_fate_is_open(ledger: Ledger) -> None:
    run, batch_id = begun(ledger, "a.png")
    with pytest.raises(LedgerError, match="fate is open"):
        ledger.write_intent(run, batch("b.png", "a.png", number=2), snapshot(), "")
    ledger.finish_batch(batch_id, [outcome("a.png", Status.SUCCESS, "8")], [])
    with pytest.raises(LedgerError, match="success"):
        ledger.write_intent(run, batch("a.png", number=2), snapshot(), "")
    assert [o.name for o in ledger.outcomes(run)] == ["a.png"]


def test_the_first_outcome_stands_unless_it_was_pending(ledger: Ledger) -> None:
    run = run_of(ledger)
    ledger.record(run, [outcome("a.png", Status.SKIPPED, "5"), outcome("b.png", Status.PENDING)])
    ledger.record(run, [outcome("a.png", Status.FAILED), outcome("b.png", Status.REJECTED)])
    ledger.record(run, [outcome("b.png", Status.FAILED)])
    assert [o.status for o in ledger.outcomes(run)] == [Status.SKIPPED, Status.REJECTED]


def test_recording_never_closes_an_open_fate(ledger: Ledger) -> None:
    run, batch_id = begun(ledger, "a.png")
    ledger.mark_sending(batch_id)
    ledger.record(run, [outcome("a.png", Status.FAILED)])
    assert open_names(ledger) == ["a.png"]


def test_many_outcomes_of_one_run_are_one_transaction(ledger: Ledger) -> None:
    run = run_of(ledger)
    names = [f"{number}.png" for number in range(1_300)]

    def broken() -> list[Outcome]:
        return [outcome(name, Status.SKIPPED) for name in names]

    def failing() -> Iterator[Outcome]:
        yield from broken()
        raise OSError("the list ends here")

    with pytest.raises(OSError, match="ends here"):
        ledger.record(run, failing())
    assert ledger.outcomes(run) == ()
    ledger.record(run, broken())
    assert [o.name for o in ledger.outcomes(run)] == names


def test_an_unknown_run_or_batch_is_said_so(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="no run"):
        ledger.record("20260101-000000-abcd", [])
    with pytest.raises(LedgerError, match="no batch"):
        ledger.finish_batch(99, [], [])


def test_a_run_id_begins_with_the_local_time(ledger: Ledger) -> None:
    ids = {run_of(ledger) for _ in range(50)}
    assert len(ids) == 50
    for run in ids:
        day, time, tail = run.split("-")
        assert (len(day), len(time), len(tail)) == (8, 6, 4)


def test_open_intents_belong_to_their_account(ledger: Ledger) -> None:
    begun(ledger, "a.png")
    assert ledger.open_intents(P, "other") == ()
    assert ledger.open_intents("exoclick", A) == ()
