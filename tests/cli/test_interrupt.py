"""Ctrl+C: one line, exit code 130, and nothing left in doubt."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from cli.conftest import CFU, Terminal
from cli.test_account import read_until
from probe.media import make_video


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


def processing(terminal: Terminal) -> subprocess.Popen[str]:
    """Begin to process what lies in the workspace."""
    return subprocess.Popen(
        [CFU, "process", "--platform", "tj", "--workspace", terminal.workspace],
        env=terminal.environ,
        cwd=terminal.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_interrupted_processing_ends_with_130_and_leaves_no_half(terminal: Terminal) -> None:
    folder = terminal.workspace / "source_files" / "native"
    folder.mkdir(parents=True)
    source = make_video(folder / "clip.mp4", "mp4", size=(160, 120), frames=100)
    process = processing(terminal)
    halves = terminal.workspace / "uploaded" / "Native"
    is_begun = retry_if_result(lambda there: not there)
    Retrying(retry=is_begun, stop=stop_after_delay(30), wait=wait_fixed(0.02))(
        (halves / "Image").is_dir
    )
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, out + err
    assert "Traceback" not in err
    assert "Run the same command again to go on." in out
    assert source.exists()
    assert [path for path in halves.rglob("*") if path.is_file()] == []


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


def pictures(folder: Path, count: int) -> set[str]:
    """Make so many, no two alike; return their names."""
    folder.mkdir(parents=True)
    for number in range(count):
        picture = Image.new("RGB", (30, 20), (number % 256, number // 256, 9))
        picture.save(folder / f"raw {number:03}.png")
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("distance", [0.003, 0.02])
@pytest.mark.parametrize("presses", [2, 6])
def test_ctrl_c_more_than_once_stops_at_once_with_one_line(
    terminal: Terminal, presses: int, distance: float
) -> None:
    """Whoever holds the keys down: nothing hangs, no traceback, and the next run does the rest."""
    names = pictures(terminal.workspace / "source_files" / "Summer", 300)
    process = processing(terminal)
    made = terminal.workspace / "uploaded"
    is_begun = retry_if_result(lambda there: not there)
    Retrying(retry=is_begun, stop=stop_after_delay(30), wait=wait_fixed(0.01))(made.is_dir)
    for _ in range(presses):
        process.send_signal(signal.SIGINT)
        select.select([], [], [], distance)
    _, err = process.communicate(timeout=10)
    # A shell calls both 130: after its last line the process ends by the signal itself.
    assert process.returncode in {130, -signal.SIGINT}, err
    assert "Traceback" not in err
    assert err.count("cfu: ") == 1, err
    again = terminal.cfu("process", "--platform", "tj")
    assert again.code == 0, again.err
    sources = terminal.workspace / "archive" / "sources" / "Summer"
    assert {path.name for path in sources.iterdir()} == names
    assert len([path for path in made.rglob("*") if path.is_file()]) == 300
