"""What the warm process starts is what a cold start would be, and nothing of it is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

import warm

ENVIRON = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}

LOOK = """
import os, signal, sys, tempfile
from creative_flow import failpoints
print(sys.argv[1:], os.getcwd(), sys.path[:2], tempfile.gettempdir(), failpoints._FAIL_AT)
print({name: os.environ[name] for name in sorted(os.environ) if name != "LC_CTYPE"}, input())
print(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGCHLD))
print(sys.stdout.encoding, sys.stdout.line_buffering, sys.stdout.errors, sys.stderr.errors)
print(*sorted(os.listdir("/dev/fd"))[:-1], file=sys.stderr)
sys.exit(7)
"""


@pytest.mark.parametrize("more", [{}, {"PYTHONIOENCODING": "ascii"}, {"CFU_FAIL_AT": "here"}])
def test_a_process_finds_all_as_it_would_when_started_cold(
    tmp_path: Path, more: dict[str, str]
) -> None:
    (tmp_path / "looking.py").write_text(LOOK)
    environ = {**ENVIRON, "PYTHONPATH": str(tmp_path), "TMPDIR": str(tmp_path), **more}
    cold = subprocess.run(
        [sys.executable, "-m", "looking", "a b", "--c"],
        env=environ,
        cwd=tmp_path,
        input=b"fed\n",
        capture_output=True,
        check=False,
    )
    process = warm.start(
        *("a b", "--c"), module="looking", environ=environ, cwd=tmp_path, feed="fed\n"
    )
    assert process.communicate() == (cold.stdout, cold.stderr)
    assert process.wait() == cold.returncode == 7


def test_a_signal_ends_it_as_it_would(tmp_path: Path) -> None:
    (tmp_path / "waiting.py").write_text("import sys\nprint('on', flush=True)\nwhile 1: pass\n")
    environ = {**ENVIRON, "PYTHONPATH": str(tmp_path)}
    for number, code in ((signal.SIGINT, -2), (signal.SIGTERM, -15), (signal.SIGKILL, -9)):
        process = warm.start(module="waiting", environ=environ, cwd=tmp_path)
        assert process.stdout.readline() == b"on\n"
        assert process.returncode is None
        process.send_signal(number)
        process.communicate()
        assert process.returncode == code


def test_the_warm_process_ends_with_whoever_started_it(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys, warm\n"
        "from pathlib import Path\n"
        "process = warm.start('--version', environ=dict(os.environ), cwd=Path())\n"
        "process.communicate()\n"
        "print(*[each.process.pid for each in warm._zygotes.values()], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**ENVIRON, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    Retrying(retry=retry_if_result(bool), stop=stop_after_delay(20), wait=wait_fixed(0.02))(
        runs, int(done.stdout)
    )


def runs(pid: int) -> bool:
    """Tell whether there is such a process, and not only what is left of one that ended."""
    shown = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(shown) and not shown.startswith("Z")
