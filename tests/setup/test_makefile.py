"""The set-up finds a Python that will do, works once, and again only when something changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")

PYTHON = """#!/bin/sh
echo "$(basename "$0") $*" >> "{log}"
case "$1" in
--version) echo Python 3.12.9 ;;
-m) if [ "$2" = venv ]; then mkdir -p .venv/bin && cp "$0" .venv/bin/python; fi ;;
esac
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project of which the set-up sees no more than it needs."""
    names = ("Makefile", "constraints.txt", "pyproject.toml")
    plugins = ("plugins/tj/pyproject.toml", "plugins/exoclick/pyproject.toml")
    for name in (*names, *plugins):
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, path)
    return tmp_path / "project"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return the only folder that programs are found in; it has no Python yet."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("make", "sh", "sed", "touch", "basename", "mkdir", "cp", "echo"):
        program = shutil.which(name)
        assert program is not None
        (folder / name).symlink_to(program)
    return folder


def add(programs: Path, name: str, text: str) -> None:
    path = programs / name
    path.write_text(text)
    path.chmod(0o755)


def make(project: Path, programs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    return subprocess.run(
        ["make", *arguments],
        cwd=project,
        env={**environment, "PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_alone_says_what_there_is_to_make(project: Path, programs: Path) -> None:
    shown = make(project, programs)
    assert (shown.returncode, shown.stderr) == (0, "")
    for target in ("demo", "test", "lint", "types", "clean"):
        assert re.search(rf"^  make {target} +\w", shown.stdout, re.MULTILINE)
    assert not (project / ".venv").exists()


def test_without_a_python_that_will_do_one_line_says_what_to_install(
    project: Path, programs: Path
) -> None:
    add(programs, "python3", "#!/bin/sh\necho too old >&2\nexit 1\n")
    shown = make(project, programs, "set-up")
    assert shown.returncode == 2
    first, *rest = shown.stderr.splitlines()
    assert first.startswith("No Python >= 3.11 with venv was found")
    assert "apt install python3-venv" in first
    assert [line for line in rest if not line.startswith("make")] == []
    assert not (project / ".venv").exists()


def test_a_python_that_does_not_start_is_passed_over(
    project: Path, programs: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    add(programs, "python3.13", "#!/bin/sh\necho no such version >&2\nexit 127\n")
    add(programs, "python3.12", PYTHON.format(log=log))
    shown = make(project, programs, "set-up")
    assert shown.returncode == 0, shown.stderr
    assert "making .venv with Python 3.12.9" in shown.stdout
    assert "python3.12 -m venv --clear .venv" in log.read_text()


def test_set_up_is_done_once_and_again_when_the_needs_change(
    project: Path, programs: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    add(programs, "python3", PYTHON.format(log=log))
    assert make(project, programs, "set-up").returncode == 0
    done = log.read_text()
    assert done.count(" install ") == 3
    assert "-m creative_flow.browser --install" in done

    assert make(project, programs, "set-up").returncode == 0
    assert log.read_text() == done

    stamp = (project / ".venv" / ".ready").stat().st_mtime
    os.utime(project / "plugins" / "tj" / "pyproject.toml", (stamp + 1, stamp + 1))
    assert make(project, programs, "set-up").returncode == 0
    again = log.read_text().removeprefix(done)
    assert again.count(" install ") == 3
    assert "-m venv" not in again


def test_a_set_up_that_failed_is_not_taken_for_done(
    project: Path, programs: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    text = PYTHON.format(log=log)
    add(programs, "python3", text + 'case "$*" in *--group*) exit 1 ;; esac\n')
    assert make(project, programs, "set-up").returncode != 0
    assert not (project / ".venv" / ".ready").exists()


def test_every_pin_is_an_exact_release_from_an_index() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []
