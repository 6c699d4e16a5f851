"""What is cleared away at the start of a live run, and what is not."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.conftest import Terminal
from cli.test_resolve import UPLOAD, swallow
from creative_flow.evidence import remove_old_evidence
from creative_flow.ledger import Ledger
from creative_flow.workspace import Workspace

DAY = 24 * 3600


def evidence(folder: Path, days_ago: float, label: str = "tj-page.html") -> Path:
    """Make a file as evidence is named, of that age."""
    folder.mkdir(parents=True, exist_ok=True)
    when = datetime.now(UTC) - timedelta(days=days_ago)
    path = folder / f"{when:%Y%m%d-%H%M%S-%f}Z-{label}"
    path.write_text("<p>seen</p>")
    return path


def age(path: Path, days: float) -> None:
    then = time.time() - days * DAY
    os.utime(path, (then, then))


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.fixture
def screenshots(terminal: Terminal) -> Path:
    return terminal.workspace / "data" / "screenshots"


def test_what_is_old_by_its_name_or_by_its_date_goes(tmp_path: Path) -> None:
    old = evidence(tmp_path, 31)
    picture = evidence(tmp_path, 31, "run-batch-1.jpg")
    dated = evidence(tmp_path, 0, "dated.html")
    age(dated, 31)
    young = evidence(tmp_path, 29)
    assert remove_old_evidence(tmp_path, days=30) == 3
    assert not any(path.exists() for path in (old, picture, dated))
    assert young.exists()


def test_only_what_is_named_as_evidence_goes(tmp_path: Path) -> None:
    folder = tmp_path / "shots"
    mine = [folder / name for name in ("notes.txt", "page.html", ".gitignore", "20200101.png")]
    folder.mkdir()
    for path in mine:
        path.write_text("mine")
        age(path, 1000)
    (folder / "20200101-000000-000000Z-folder.html").mkdir()
    assert remove_old_evidence(folder, days=30) == 0
    assert all(path.exists() for path in mine)
    assert remove_old_evidence(tmp_path / "nowhere", days=30) == 0


def test_a_link_is_removed_and_what_it_leads_to_is_not(tmp_path: Path) -> None:
    target = tmp_path / "precious.html"
    target.write_text("precious")
    link = tmp_path / "shots" / "20200101-000000-000000Z-link.html"
    link.parent.mkdir()
    link.symlink_to(target)
    assert remove_old_evidence(link.parent, days=30) == 1
    assert target.read_text() == "precious"


def test_a_live_run_clears_old_evidence_and_logs_it_in_one_line(
    terminal: Terminal, screenshots: Path
) -> None:
    terminal.sign_up()
    terminal.banner("b.png")
    files = [evidence(screenshots, 31), evidence(screenshots, 32)]
    assert terminal.cfu("upload", "banners", "--platform", "acme").code == 0
    assert all(path.exists() for path in files), "a dry run clears nothing"
    assert terminal.cfu(*UPLOAD, environ={"KEEP_EVIDENCE_DAYS": "0"}).code == 0
    assert all(path.exists() for path in files), "0 keeps all"

    assert terminal.cfu(*UPLOAD).code == 0
    assert not any(path.exists() for path in files)
    *_, log = sorted((terminal.workspace / "tracking" / "upload_logs").glob("upload_log_*.txt"))
    lines = [line for line in log.read_text().splitlines() if "evidence" in line]
    assert len(lines) == 1
    assert "removed 2 evidence files older than 30 days" in lines[0]


@pytest.mark.slow
def test_what_belongs_to_an_open_question_stays_until_it_is_settled(
    terminal: Terminal, screenshots: Path
) -> None:
    swallow(terminal, "summer")
    [needed] = screenshots.glob("*.html")
    age(needed, 1000)
    gone = evidence(screenshots, 31)
    place = Workspace(terminal.workspace)
    assert terminal.cfu(*UPLOAD, environ={"ACME_FAULT": "down"}).code == 7
    assert needed.exists()
    assert not gone.exists()
    with Ledger.open(place.ledger_url) as ledger:
        [intent] = ledger.open_intents("acme", "default")
        ledger.settle(intent, None)
    assert terminal.cfu(*UPLOAD).code == 0
    assert not needed.exists()


@pytest.mark.slow
def test_a_login_that_is_too_old_is_not_used_and_removed(terminal: Terminal) -> None:
    terminal.sign_up()
    session = terminal.workspace / "data" / "session" / "acme_session.json"
    session.parent.mkdir(parents=True, exist_ok=True)
    for number, (days, setting, forgotten) in enumerate(
        ((29, "", False), (31, "", True), (31, "0", False), (2, "1", True))
    ):
        session.write_text("the old login")
        age(session, days)
        terminal.banner(f"b{number}.png", number)
        environ = {"KEEP_LOGIN_DAYS": setting, "ACME_FAULT": "down"}
        done = terminal.cfu(*UPLOAD, environ=environ)
        assert done.code == 7
        assert ("has become too old" in done.err) is forgotten
        assert session.exists() is not forgotten


@pytest.mark.parametrize("name", ["KEEP_EVIDENCE_DAYS", "KEEP_LOGIN_DAYS"])
def test_an_age_that_is_no_number_is_one_line(terminal: Terminal, name: str) -> None:
    terminal.banner("b.png")
    done = terminal.cfu(*UPLOAD, environ={name: "soon"})
    assert done.code == 2
    assert f"{name} must be a number" in done.err
