"""The log of a run: one line per event, no secret, its owner's alone."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from creative_flow.creative import Batch, Outcome, Report, Status
from creative_flow.errors import SettingsError
from creative_flow.events import (
    BatchFinished,
    BatchStarted,
    Noticed,
    OutcomeKnown,
    RunFinished,
    RunStarted,
)
from creative_flow.report.log import RunLog
from creative_flow.report.redact import Redactor, masked

STARTED = RunStarted("r1", "acme", "Acme", "default", "ann", True, 3, 4_000, 1)


def text_of(log: RunLog) -> str:
    log.close()
    assert log.path is not None
    return log.path.read_text()


def test_a_run_is_told_event_by_event(tmp_path: Path) -> None:
    log = RunLog(tmp_path)
    batch = Batch(1, "banner", ())
    log(STARTED)
    log(BatchStarted(batch, 1))
    log(OutcomeKnown(Outcome(Path("a.png"), Status.SUCCESS, creative_id="1000000001")))
    log(OutcomeKnown(Outcome(Path("b.png"), Status.FAILED, error="broke", evidence=("e.png",))))
    log(BatchFinished(batch))
    finished = Report("r1", "acme", "Acme", "default", True, (), error="lost")
    log(RunFinished(evolve(finished, ads_remarks=("Headline is empty.",))))
    lines = text_of(log).splitlines()
    assert [line.split()[1] for line in lines] == [
        *("INFO", "INFO", "INFO", "WARNING", "INFO", "WARNING", "ERROR"),
    ]
    assert "account default (login ann): 3 files, 4.0 kB, 1 batch" in lines[0]
    assert lines[2].endswith("success Creative ID 1000000001 a.png")
    assert lines[3].endswith("failed b.png: broke (see e.png)")
    assert lines[5].endswith("Headline is empty.")
    assert lines[6].endswith("stopped: lost")


def test_a_log_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    log = RunLog(tmp_path)
    log(STARTED)
    assert log.path is not None
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    log.close()


def test_two_runs_in_one_second_get_two_logs(tmp_path: Path) -> None:
    logs = [RunLog(tmp_path) for _ in range(3)]
    for log in logs:
        log(STARTED)
    for log in logs:
        log.close()
    assert len({log.path for log in logs}) == 3


def test_no_log_is_made_before_something_happens(tmp_path: Path) -> None:
    with RunLog(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_message_cannot_forge_a_line(tmp_path: Path) -> None:
    log = RunLog(tmp_path)
    log(Noticed("one\n2020-01-01T00:00:00 ERROR   forged\r\x1b[2K"))
    assert text_of(log).count("\n") == 1


def test_what_libraries_say_is_kept_out_unless_it_is_a_warning(tmp_path: Path) -> None:
    log = RunLog(tmp_path, level="DEBUG")
    log(STARTED)
    logging.getLogger("creative_flow_acme.pages").debug("looked at page %d", 3)
    logging.getLogger("asyncio").debug("selector noise")
    logging.getLogger("asyncio").warning("slow callback")
    text = text_of(log)
    assert "looked at page 3" in text
    assert "selector noise" not in text
    assert "slow callback" in text


def test_closing_leaves_logging_as_it_was(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    log = RunLog(tmp_path, level="DEBUG")
    log(STARTED)
    assert (root.level, root.handlers) != before
    log.close()
    log.close()
    assert (root.level, root.handlers) == before


def test_a_traceback_is_kept_without_secrets(tmp_path: Path) -> None:
    log = RunLog(tmp_path, secrets={"hush"})
    log(STARTED)
    try:
        raise LookupError("the password is hush")
    except LookupError:
        logging.getLogger("creative_flow.ledger").exception("a listener failed: %s", "hush")
    text = text_of(log)
    assert "LookupError: the password is ***" in text
    assert "hush" not in text


def test_ids_can_be_masked(tmp_path: Path) -> None:
    log = RunLog(tmp_path, mask_ids=True)
    log(OutcomeKnown(Outcome(Path("a.png"), Status.SUCCESS, creative_id="1032530511")))
    log(OutcomeKnown(Outcome(Path("b.png"), Status.REJECTED, error="name taken by Creative ID 77")))
    text = text_of(log)
    assert "1032530511" not in text
    assert "Creative ID …511" in text
    assert masked("run 20260304-050607-ab12") == "run 20260304-050607-ab12"


def test_a_folder_that_is_gone_costs_the_log_and_not_the_run(tmp_path: Path) -> None:
    told: list[str] = []
    log = RunLog(tmp_path / "gone", complain=told.append)
    log(STARTED)
    log(STARTED)
    log.close()
    assert len(told) == 1
    assert "No log is kept" in told[0]


def test_a_disk_that_is_full_is_told_once() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no full device")
    told: list[str] = []
    from creative_flow.report import log as room

    handler = room._Handler(full.open("w", buffering=1), full, told.append)
    for _ in range(3):
        handler.handle(logging.LogRecord("creative_flow", 20, "", 1, "line", (), None))
    handler.close()
    assert told[0] == "The log /dev/full can't be written any more: No space left on device."
    assert len(told) <= 2


def test_an_unknown_level_is_named() -> None:
    with pytest.raises(SettingsError, match="LOG_LEVEL must be one of DEBUG, INFO"):
        RunLog(Path(), level="loud")


@pytest.mark.parametrize(
    "line",
    [
        "Cookie: session=abcdef; other=1",
        "set-cookie: session=abcdef; HttpOnly",
        "Authorization: Bearer abcdef",
        '{"csrf_token": "abcdef"}',
        "POST /login?password=abcdef&user=ann",
        "postgresql://team:abcdef@db/creatives",
    ],
)
def test_what_looks_like_a_secret_is_taken_out(line: str) -> None:
    assert "abcdef" not in Redactor(())(line)


def test_ordinary_lines_stay_as_they_are() -> None:
    line = "batch 1 of 3: 10 files as in_stream_video, password and token pages look fine"
    assert Redactor({"hush"})(line) == line


@given(
    secret=st.text(min_size=4, max_size=12), before=st.text(max_size=9), after=st.text(max_size=9)
)
def test_no_form_of_a_secret_survives(secret: str, before: str, after: str) -> None:
    from html import escape
    from urllib.parse import quote

    redact = Redactor({secret})
    if secret in "***" or secret in before + after:
        return
    for form in (secret, quote(secret, safe=""), escape(secret), repr(secret)[1:-1]):
        assert form not in redact(f"{before} {form} {after}").replace("***", "")
