"""Whatever is no success names what was seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Terminal
from cli.test_resolve import UPLOAD, swallow
from creative_flow.workspace import Workspace


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def uploaded(terminal: Terminal, fault: str) -> list[dict[str, Any]]:
    """Run and return the outcomes; the evidence they name is there."""
    keep = {"KEEP_EVIDENCE_DAYS": "0"}
    done = terminal.cfu(*UPLOAD, "--json", environ=keep | {"ACME_FAULT": fault})
    [run] = json.loads(done.out)["runs"]
    outcomes: list[dict[str, Any]] = run["outcomes"]
    for outcome in outcomes:
        assert all((terminal.workspace / name).is_file() for name in outcome["evidence"])
    return outcomes


def on_the_platform(terminal: Terminal, *names: str) -> None:
    known = [{"id": str(1_000_000_001 + at), "name": name} for at, name in enumerate(names)]
    terminal.store.write_text(json.dumps(known))


def test_a_name_that_is_there_already(terminal: Terminal) -> None:
    terminal.sign_up()
    terminal.banner("summer.png")
    on_the_platform(terminal, "summer")
    [outcome] = uploaded(terminal, "watched")
    assert outcome["status"] == "duplicate"
    assert outcome["evidence"]


@pytest.mark.slow
def test_what_was_not_sent_because_the_run_stopped(terminal: Terminal) -> None:
    terminal.sign_up()
    terminal.banner("summer.png")
    [outcome] = uploaded(terminal, "page")
    assert outcome["status"] == "pending"
    assert "There is no upload button." in outcome["error"]
    assert outcome["evidence"]


@pytest.mark.slow
def test_what_an_earlier_run_left_open_or_failed(terminal: Terminal) -> None:
    swallow(terminal, "summer")
    on_the_platform(terminal, "summer", "summer")  # which of the two is it?
    [outcome] = uploaded(terminal, "")
    assert outcome["status"] == "unknown_id"
    assert outcome["evidence"] == ["data/screenshots/20260102-030405-000006Z-batch.html"]


def test_what_failed_earlier_names_what_was_seen_then(terminal: Terminal) -> None:
    from creative_flow.creative import Outcome, Status
    from creative_flow.ledger import Ledger

    [path] = swallow(terminal, "summer")
    with Ledger.open(Workspace(terminal.workspace).ledger_url) as ledger:
        [intent] = ledger.open_intents("acme", "default")
        failed = Outcome(path, Status.FAILED, "banner", error="no", evidence=intent.evidence)
        ledger.settle(intent, failed)
    [outcome] = uploaded(terminal, "")
    assert outcome["status"] == "failed"
    assert outcome["evidence"] == list(intent.evidence)
