"""``cfu resolve``: open questions listed, and settled by a person at a real terminal."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import CFU, Terminal
from cli.screen import Screen, at_a_terminal
from creative_flow.creative import Batch, Creative, Outcome, Snapshot, Status
from creative_flow.ledger import Intent, Ledger
from creative_flow.workspace import Workspace

UPLOAD = ("upload", "banners", "--platform", "acme", "--live", "--headless")
RESOLVE = ("resolve", "--platform", "acme")
CHOICES = "[q]uit\r\n> "
ID = "2000000001"


def interrupt(terminal: Terminal, *names: str) -> list[Path]:
    """Leave the record as a run does that is killed while it sends banners."""
    return _leave_open(terminal, names, [])


def swallow(terminal: Terminal, *names: str) -> list[Path]:
    """Leave the record as a run does whose banners were taken and never shown."""
    evidence = terminal.workspace / "data" / "screenshots" / "20260102-030405-000006Z-batch.html"
    evidence.parent.mkdir(parents=True)
    evidence.write_text("<p>nothing new here</p>")
    return _leave_open(terminal, names, [str(evidence.relative_to(terminal.workspace))])


def _leave_open(terminal: Terminal, names: Sequence[str], evidence: Sequence[str]) -> list[Path]:
    place = Workspace(terminal.workspace)
    place.prepare()
    place.settings.store({"ACME_USERNAME": "ann", "ACME_PASSWORD": "right ${password}"})
    paths = [terminal.banner(f"{name}.png", number) for number, name in enumerate(names)]
    creatives = tuple(
        Creative(path, "banner", path.stat().st_size, sha256(path.read_bytes()).hexdigest())
        for path in paths
    )
    with Ledger.open(place.ledger_url) as ledger:
        ledger.bind_account("acme", "default", "ann")
        run = ledger.start_run("acme", "default", login="ann", campaign="", total=len(paths))
        before = Snapshot("banner", (), complete=True, taken_at=datetime.now(UTC))
        batch = ledger.write_intent(run, Batch(1, "banner", creatives), before, "")
        ledger.mark_sending(batch)
        if evidence:
            why = "Acme took the file, but no entry of its name came within 2 s"
            unknown = [
                Outcome(path, Status.UNKNOWN_ID, "banner", error=why, evidence=tuple(evidence))
                for path in paths
            ]
            ledger.finish_batch(batch, unknown, [])
    return paths


def still_open(terminal: Terminal) -> list[Intent]:
    with Ledger.open(Workspace(terminal.workspace).ledger_url) as ledger:
        return list(ledger.open_intents("acme", "default"))


def listed(terminal: Terminal) -> list[dict[str, Any]]:
    done = terminal.cfu(*RESOLVE, "--json")
    content = json.loads(done.out)
    assert done.code == (1 if content["open"] else 0)
    found: list[dict[str, Any]] = content["open"]
    return found


def next_status(terminal: Terminal) -> dict[str, str]:
    """Upload again; return each file's status."""
    [run] = json.loads(terminal.cfu(*UPLOAD, "--json").out)["runs"]
    return {outcome["name"]: outcome["status"] for outcome in run["outcomes"]}


def resolving(terminal: Terminal, **environ: str) -> AbstractContextManager[Screen]:
    return at_a_terminal(terminal, *RESOLVE, **environ)


def test_where_nothing_is_open_it_says_so(terminal: Terminal) -> None:
    done = terminal.cfu(*RESOLVE)
    assert (done.code, done.out) == (0, "Nothing is open.\n")
    assert listed(terminal) == []


def test_without_a_terminal_what_is_open_is_listed_and_nothing_asked(terminal: Terminal) -> None:
    [path] = swallow(terminal, "summer")
    done = terminal.cfu(*RESOLVE, feed="n\ny\n")
    assert done.code == 1
    [evidence] = (terminal.workspace / "data" / "screenshots").glob("*.html")
    for known in ("summer.png (banner)", str(path), "unknown_id", "no entry of its name"):
        assert known in done.out
    assert str(evidence.relative_to(terminal.workspace)) in done.out
    assert "In a terminal this command goes through them" in done.out
    [only] = listed(terminal)
    assert (only["path"], only["status"]) == (str(path), "unknown_id")
    assert only["evidence"] == [str(evidence.relative_to(terminal.workspace))]


def test_what_was_interrupted_is_open_too(terminal: Terminal) -> None:
    interrupt(terminal, "summer", "winter")
    assert [(each["name"], each["status"]) for each in listed(terminal)] == [
        ("summer.png", "interrupted"),
        ("winter.png", "interrupted"),
    ]


def test_a_wrong_platform_gives_a_whole_document(terminal: Terminal) -> None:
    done = terminal.cfu("resolve", "--platform", "nowhere", "--json")
    assert done.code == 6
    content = json.loads(done.out)
    assert (content["platform"], content["open"]) == ("nowhere", [])
    assert "nowhere" in content["error"]


def test_an_id_that_the_user_found_settles_it(terminal: Terminal) -> None:
    swallow(terminal, "summer")
    with resolving(terminal) as screen:
        facts = screen.answer("i", CHOICES)
        assert "1 of 1" in facts
        assert "summer.png (banner)" in facts
        assert "data/screenshots/" in facts
        screen.answer("12x", "Creative ID (nothing: back): ")
        assert "no Creative ID of Acme" in screen.answer("i", CHOICES)
        screen.answer(ID, "Creative ID (nothing: back): ")
        screen.wait_for("Recorded on your word: summer.png is Creative ID 2000000001.")
        assert screen.ends() == 0
    assert still_open(terminal) == []
    assert next_status(terminal) == {"summer.png": "skipped"}
    assert ID in (terminal.workspace / "tracking" / "Acme_Library.csv").read_text()


@pytest.mark.slow
def test_not_there_is_asked_twice_and_then_the_file_is_sent_again(terminal: Terminal) -> None:
    swallow(terminal, "summer")
    with resolving(terminal) as screen:
        screen.answer("n", CHOICES)
        warning = screen.answer("", "[y/N]: ")
        assert "Have you looked" in warning
        assert "it will be there twice" in warning
        screen.answer("q", CHOICES)
        assert screen.ends() == 1
    assert len(still_open(terminal)) == 1
    with resolving(terminal) as screen:
        screen.answer("n", CHOICES)
        screen.answer("y", "[y/N]: ")
        screen.wait_for("free to be sent again, on your word")
        assert screen.ends() == 0
    assert next_status(terminal) == {"summer.png": "success"}


@pytest.mark.slow
def test_a_look_asks_the_platform_about_all_that_is_open(terminal: Terminal) -> None:
    interrupt(terminal, "summer", "winter")
    terminal.store.write_text(json.dumps([{"id": ID, "name": "summer"}]))
    with resolving(terminal) as screen:
        screen.answer("l", CHOICES)
        screen.wait_for("summer.png: success, Creative ID 2000000001")
        screen.wait_for("winter.png: not there; it is free to be sent again")
        assert screen.ends() == 0
    assert still_open(terminal) == []
    assert next_status(terminal) == {"summer.png": "skipped", "winter.png": "success"}


@pytest.mark.slow
def test_a_look_that_fails_says_why_and_leaves_it_open(terminal: Terminal) -> None:
    interrupt(terminal, "summer")
    with resolving(terminal, ACME_FAULT="down") as screen:
        screen.answer("l", CHOICES)
        assert "Acme does not answer" in screen.answer("s", CHOICES)
        assert screen.ends() == 1
    assert len(still_open(terminal)) == 1


@pytest.mark.slow
def test_a_look_that_can_not_tell_keeps_the_evidence(terminal: Terminal) -> None:
    """Nobody but a person settles what the platform shows twice."""
    swallow(terminal, "summer")
    twice = [{"id": ID, "name": "summer"}, {"id": "2000000011", "name": "summer"}]
    terminal.store.write_text(json.dumps(twice))
    with resolving(terminal) as screen:
        screen.answer("l", CHOICES)
        assert "still open: several new entries bear its name" in screen.answer("q", CHOICES)
        assert screen.ends() == 1
    [still] = still_open(terminal)
    assert still.evidence


def test_each_is_shown_in_turn_and_can_be_skipped(terminal: Terminal) -> None:
    swallow(terminal, "summer", "winter")
    with resolving(terminal) as screen:
        assert "summer.png" in screen.answer("s", CHOICES)
        assert "winter.png" in screen.answer("x", CHOICES)
        assert "one of the letters in brackets" in screen.answer("s", CHOICES)
        assert screen.ends() == 1
    assert len(still_open(terminal)) == 2


@pytest.mark.slow
def test_the_evidence_opens_in_the_browser(terminal: Terminal) -> None:
    swallow(terminal, "summer")
    seen = terminal.folder / "seen"
    browser = terminal.folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}\n')
    browser.chmod(0o700)
    with resolving(terminal, BROWSER=f"{browser} %s") as screen:
        screen.answer("o", CHOICES)
        screen.answer("q", CHOICES)
        assert screen.ends() == 1
    [evidence] = (terminal.workspace / "data" / "screenshots").glob("*.html")
    assert seen.read_text().strip() == evidence.as_uri()


@pytest.mark.parametrize(
    "question",
    [CHOICES, *(pytest.param(q, marks=pytest.mark.slow) for q in ("[y/N]: ", "(nothing: back): "))],
)
def test_ctrl_c_at_any_question_ends_with_130_and_changes_nothing(
    terminal: Terminal, question: str
) -> None:
    swallow(terminal, "summer")
    with resolving(terminal) as screen:
        if question != CHOICES:
            screen.answer("n" if "y/N" in question else "i", CHOICES)
        screen.wait_for(question)
        screen.interrupt()
        assert screen.ends() == 130
        assert "Traceback" not in screen.shown
    assert len(still_open(terminal)) == 1


@pytest.mark.slow
def test_ctrl_c_while_it_looks_leaves_it_open(terminal: Terminal) -> None:
    interrupt(terminal, "summer")
    with resolving(terminal, ACME_FAULT="hang") as screen:
        screen.answer("l", CHOICES)
        screen.wait_for("waiting for good")
        screen.interrupt()
        assert screen.ends() == 130
        assert "Traceback" not in screen.shown
    assert len(still_open(terminal)) == 1
    assert next_status(terminal) == {"summer.png": "success"}


@pytest.mark.slow
def test_a_run_that_holds_the_account_is_not_interfered_with(terminal: Terminal) -> None:
    interrupt(terminal, "summer")
    process = subprocess.Popen(
        [CFU, *UPLOAD, "--workspace", terminal.workspace],
        env={**terminal.environ, "ACME_FAULT": "hang"},
        cwd=terminal.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert any("waiting for good" in line for line in process.stderr)
    try:
        with resolving(terminal) as screen:
            screen.answer("n", CHOICES)
            screen.answer("y", "[y/N]: ")
            assert "Another run holds this account" in screen.answer("q", CHOICES)
            assert screen.ends() == 1
    finally:
        process.kill()
        process.communicate()
    assert len(still_open(terminal)) == 1


def test_a_hostile_name_does_nothing_to_the_terminal(terminal: Terminal) -> None:
    swallow(terminal, "a\x1b]52;c;ZXZpbA==\x07\u202egnp")
    done = terminal.cfu(*RESOLVE)
    assert "\\x1b]52" in done.out
    assert not {"\x1b", "\x07", "\u202e"} & set(done.out + done.err)
    with resolving(terminal) as screen:
        screen.answer("q", CHOICES)
        screen.ends()
        assert not {"\x07", "\u202e"} & set(screen.shown)
        assert "\x1b]" not in screen.shown
