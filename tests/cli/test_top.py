"""The top of the command line: help, start-up, errors nobody foresaw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli.conftest import CFU, Terminal
from creative_flow.cli.commands import cfu

NAMES = cfu.list_commands(click.Context(cfu))
HEAVY = (
    *("playwright", "sqlalchemy", "av", "PIL", "aiohttp", "rich"),
    *("asyncio", "attr", "pluggy", "dotenv"),
)


def loaded_by(*arguments: str) -> set[str]:
    """Return the packages that a command imports."""
    program = (
        "import sys\n"
        "from creative_flow.cli import main\n"
        f"main({list(arguments)!r})\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in done.stderr.split()}


def test_help_imports_nothing_heavy() -> None:
    loaded = loaded_by("--help")
    assert "click" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_listing_platforms_imports_no_browser_and_no_database() -> None:
    loaded = loaded_by("platforms")
    assert "creative_flow_tj" in loaded
    assert loaded.isdisjoint({"playwright", "sqlalchemy", "av", "PIL", "aiohttp"})


@pytest.mark.parametrize("name", NAMES)
def test_the_list_of_commands_says_what_each_commands_help_says(name: str) -> None:
    command = cfu.get_command(click.Context(cfu), name)
    assert command is not None
    first_line = (command.help or "").splitlines()[0]
    shown = cfu.get_help(click.Context(cfu, info_name="cfu", terminal_width=100))
    assert f"{name} " in shown
    assert first_line in shown


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_and_takes_a_workspace(name: str) -> None:
    for option in ("-h", "--help"):
        done = CliRunner().invoke(cfu, [name, option], prog_name="cfu")
        assert done.exit_code == 0
        assert done.output.startswith(f"Usage: cfu {name}")
        for shown in _commands_of(name, option) or [done.output]:
            assert "--workspace DIR" in shown


def _commands_of(name: str, option: str) -> list[str]:
    """Return the helps of a group's commands."""
    group = cfu.get_command(click.Context(cfu), name)
    if not isinstance(group, click.Group):
        return []
    return [
        CliRunner().invoke(cfu, [name, each, option], prog_name="cfu").output
        for each in group.list_commands(click.Context(group))
    ]


def needs_platform() -> list[tuple[str, ...]]:
    """Return the command lines, without options, of all commands that need a platform."""

    def walk(group: click.Group, *names: str) -> Iterator[tuple[str, ...]]:
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from walk(command, *names, name)
            elif any(it.name == "platform" and it.required for it in command.params):
                wanted = [it for it in command.params if isinstance(it, click.Argument)]
                yield (*names, name, *("x" for it in wanted if it.required))

    named = {name: cfu.get_command(click.Context(cfu), name) for name in NAMES}
    return list(walk(click.Group(commands={k: v for k, v in named.items() if v is not None})))


@pytest.mark.parametrize("line", needs_platform(), ids=" ".join)
def test_a_platform_that_is_not_named_is_asked_for(
    line: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cfu, line, prog_name="cfu")
    assert done.exit_code == 2
    assert "Missing option '--platform'." in done.output
    assert not list(tmp_path.iterdir())


def test_bare_cfu_shows_the_help() -> None:
    bare = subprocess.run([CFU], capture_output=True, text=True, check=True)
    asked = subprocess.run([CFU, "--help"], capture_output=True, text=True, check=True)
    assert bare.stdout == asked.stdout
    assert "cfu demo" in bare.stdout


def test_the_help_of_upload_tells_the_exit_codes(terminal: Terminal) -> None:
    shown = subprocess.run([CFU, "upload", "-h"], capture_output=True, text=True, check=True).stdout
    for code in ("0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "6 ", "7 ", "130 "):
        assert f"\n    {code}" in shown


def test_the_version_is_the_packages(terminal: Terminal) -> None:
    from importlib.metadata import version

    done = subprocess.run([CFU, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"cfu {version('creative-flow')}\n"


@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["uplaod"], 2)])
def test_the_process_ends_with_the_commands_code_once_threads_and_handlers_are_through(
    arguments: list[str], code: int
) -> None:
    program = (
        "import atexit, sys, threading, time\n"
        "from creative_flow.cli import program\n"
        "class Held:\n"
        "    def __del__(self): print('taken apart')\n"
        "held = Held()\n"
        "def late():\n"
        "    time.sleep(0.3)\n"
        "    print('thread')\n"
        "    atexit.register(print, 'handler')\n"
        "threading.Thread(target=late).start()\n"
        f"sys.argv[1:] = {arguments!r}\n"
        "program()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == code
    assert done.stdout.endswith("thread\nhandler\n")


def test_another_program_that_runs_a_command_ends_as_it_wants_to() -> None:
    program = (
        "import atexit, runpy, sys\n"
        "sys.argv[1:] = ['--version']\n"
        "atexit.register(print, 'handler')\n"
        "try:\n"
        "    runpy.run_module('creative_flow.cli', run_name='__main__')\n"
        "except SystemExit as stop:\n"
        "    sys.exit(stop.code + 3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stdout.endswith("handler\n")


def test_a_mistyped_command_is_one_line_with_the_nearest(terminal: Terminal) -> None:
    done = terminal.cfu("uplaod")
    assert done.code == 2
    assert done.err == (
        "cfu: There is no command 'uplaod'. Did you mean 'upload'? Try `cfu --help`.\n"
    )


def test_platforms_lists_what_is_installed_and_what_is_broken(terminal: Terminal) -> None:
    terminal.site.install("broken", "raise RuntimeError('out of order')")
    done = terminal.cfu("platforms")
    assert done.code == 0
    lines = done.out.splitlines()
    acme = next(line for line in lines if line.startswith("acme"))
    assert acme.split() == ["acme", "Acme", "upload,", "library", "1.2.3", "creative-flow-acme"]
    assert "RuntimeError: out of order" in lines[[*map(_first, lines)].index("broken") + 1]


def test_platforms_as_json_is_one_document(terminal: Terminal) -> None:
    terminal.site.install("broken", "print('noise'); raise RuntimeError('out of order')")
    content = json.loads(terminal.cfu("platforms", "--json").out)
    found = {each["name"]: each for each in content["platforms"]}
    assert found["acme"]["capabilities"] == ["upload", "library"]
    assert found["acme"]["problem"] is None
    assert "out of order" in found["broken"]["problem"]


def test_an_error_nobody_foresaw_is_one_line_and_its_details_are_kept_without_secrets(
    terminal: Terminal,
) -> None:
    terminal.sign_up()
    done = terminal.cfu(
        *("setup", "--platform", "acme", "--headless"),
        feed="ann\nright ${password}\n",
        environ={"PYTHONPATH": with_a_broken_library(terminal)},
        cold=True,
    )
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("cfu: Something went wrong")
    [details] = (terminal.workspace / "tracking" / "upload_logs").glob("crash_*.txt")
    assert str(details) in done.err
    content = details.read_text()
    assert "LookupError" in content
    assert "right ${password}" not in content
    assert "***" in content
    assert details.stat().st_mode & 0o077 == 0


def with_a_broken_library(terminal: Terminal) -> str:
    """Return a path on which a library fails as no library should, and tells a secret."""
    folder = terminal.folder / "sabotage"
    folder.mkdir()
    (folder / "sqlalchemy.py").write_text("raise LookupError('ACME_PASSWORD=right ${password}')\n")
    return f"{folder}{os.pathsep}{terminal.site.folder}"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_each_shell(terminal: Terminal, shell: str) -> None:
    done = terminal.cfu("completion", shell)
    assert done.code == 0
    assert "_CFU_COMPLETE" in done.out


def test_bash_completes_commands_and_options(terminal: Terminal) -> None:
    def complete(*words: str) -> str:
        done = subprocess.run(
            [CFU],
            env={
                **terminal.environ,
                "_CFU_COMPLETE": "bash_complete",
                "COMP_WORDS": " ".join(words),
                "COMP_CWORD": str(len(words) - 1),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    assert complete("cfu", "up") == "plain,upload\n"
    assert "plain,--platform" in complete("cfu", "upload", "--pl")


@pytest.mark.parametrize("arguments", ["platforms", "platforms --json", "--help"])
@pytest.mark.parametrize(
    ("redirection", "said"),
    [("> /dev/full", "cfu: The output can't be written: No space left"), (">&-", ""), ("2>&-", "")],
)
def test_output_that_cannot_be_written_is_one_line_at_most(
    terminal: Terminal, arguments: str, redirection: str, said: str
) -> None:
    if "full" in redirection and not Path("/dev/full").exists():
        pytest.skip("this system has no full device")
    done = _in_a_shell(terminal, f"{arguments} {redirection}")
    assert done.stderr.count("\n") <= 1
    assert "Traceback" not in done.stderr
    assert said in done.stderr


@pytest.mark.parametrize("closed", ["<&-", "<&- >&- 2>&-"])
def test_what_is_closed_stops_nothing(terminal: Terminal, tmp_path: Path, closed: str) -> None:
    """As a launcher may start it; a closed standard input was a crash."""
    banner = terminal.banner("raw.png")
    sources = tmp_path / "here" / "source_files" / "Summer"
    sources.mkdir(parents=True)
    banner.rename(sources / banner.name)
    done = _in_a_shell(terminal, f"process --workspace '{tmp_path}/here' {closed}")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "here" / "uploaded").iterdir())) == 1


def test_names_beyond_ascii_are_printed_where_there_is_only_ascii(terminal: Terminal) -> None:
    terminal.banner("größe.png")
    done = terminal.cfu(
        *("upload", "banners", "--platform", "acme"), environ={"PYTHONIOENCODING": "ascii"}
    )
    assert done.code == 0, done.err
    assert r"gr\xf6\xdfe.png" in done.out


def _in_a_shell(terminal: Terminal, arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `cfu` with what only a shell can do to its streams."""
    return subprocess.run(
        f"'{CFU}' {arguments}",
        shell=True,
        env=terminal.environ,
        capture_output=True,
        text=True,
        check=False,
    )


def _first(line: str) -> str:
    return (line.split() or [""])[0]
