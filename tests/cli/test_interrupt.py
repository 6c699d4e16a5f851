"""Ctrl+C: one line, exit code 130, and nothing left in doubt."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess

from cli.conftest import CFU, Terminal
from cli.test_account import read_until


def test_an_interrupted_upload_ends_with_130_and_a_whole_document(terminal: Terminal) -> None:
    terminal.sign_up()
    terminal.banner("b.png")
    process = subprocess.Popen(
        [
            *(CFU, "upload", "banners", "--platform", "acme", "--live", "--headless", "--json"),
            *("--workspace", terminal.workspace),
        ],
        env={**terminal.environ, "ACME_FAULT": "hang"},
        cwd=terminal.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "waiting for good" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    [run] = json.loads(out)["runs"]
    assert run["error"]
    assert [outcome["status"] for outcome in run["outcomes"]] == ["pending"]
    assert terminal.store.read_text() == ""


def test_an_interrupted_question_ends_with_130(terminal: Terminal) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [CFU, "setup", "--platform", "acme", "--workspace", terminal.workspace],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=terminal.environ,
        cwd=terminal.folder,
        start_new_session=True,
    )
    os.close(theirs)
    read_until(ours, "user name")
    process.send_signal(signal.SIGINT)
    if not select.select([ours], [], [], 5)[0]:
        # It came in the moment between the question and the waiting for its answer.
        process.send_signal(signal.SIGINT)
    shown = read_until(ours, "cfu: Stopped.")
    assert process.wait(30) == 130
    os.close(ours)
    assert "Traceback" not in shown
    assert not (terminal.workspace / "config" / ".env").exists()
