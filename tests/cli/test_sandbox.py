"""``cfu sandbox``: a stand-in that is told how to be reached, and stops when asked."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli.conftest import CFU, Terminal


@contextmanager
def serving(terminal: Terminal, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``cfu sandbox``; yield the process and what it printed once it serves."""
    process = subprocess.Popen(
        [CFU, "sandbox", "--platform", "tj", *arguments],
        env={**terminal.environ, "PYTHONUNBUFFERED": "1"},
        cwd=terminal.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl+C" in line:
                break
        yield process, "".join(lines)
    finally:
        process.kill()
        process.communicate()


def test_it_prints_its_address_and_how_to_aim_cfu_at_it(terminal: Terminal) -> None:
    with serving(terminal) as (_, shown):
        address = re.search(r"http://127\.0\.0\.1:\d+", shown)
        assert address is not None
        for name in ("TJ_BASE_URL", "TJ_LOGIN_URL", "TJ_USERNAME", "TJ_PASSWORD"):
            assert f"  export {name}=" in shown
        with urllib.request.urlopen(address.group(), timeout=10) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(terminal: Terminal, number: signal.Signals) -> None:
    with serving(terminal) as (process, _):
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "has stopped" in out
        assert err == ""


def test_its_settings_can_be_set_and_a_wrong_one_is_one_line(terminal: Terminal) -> None:
    with serving(terminal, "--set", "captcha=auto", "--set", "captcha_seconds=1.5"):
        pass
    for wrong in ("captcha", "captcha=perhaps", "no_such_setting=1"):
        done = terminal.cfu("sandbox", "--platform", "tj", "--set", wrong)
        assert done.code == 2
        assert done.err.startswith("cfu: ")
        assert done.err.count("\n") == 1


def test_a_taken_port_is_one_line(terminal: Terminal) -> None:
    with serving(terminal) as (_, shown):
        address = re.search(r"http://127\.0\.0\.1:(\d+)", shown)
        assert address is not None
        done = terminal.cfu("sandbox", "--platform", "tj", "--port", address.group(1))
        assert done.code == 2
        assert address.group(1) in done.err
        assert done.err.count("\n") == 1


def test_a_platform_without_a_sandbox_says_so(terminal: Terminal) -> None:
    done = terminal.cfu("sandbox", "--platform", "acme")
    assert done.code == 6
    assert "Acme has no sandbox" in done.err
