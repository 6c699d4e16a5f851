"""``cfu upload``: what is printed where, and with which exit code it ends."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Terminal
from warm import Done


def document(done: Done) -> dict[str, Any]:
    """Return the one document on standard output."""
    content: dict[str, Any] = json.loads(done.out)
    assert content["schema"] == 1
    return content


def the_run(done: Done) -> dict[str, Any]:
    [run] = document(done)["runs"]
    found: dict[str, Any] = run
    return found


def test_a_dry_run_shows_the_plan_and_sends_nothing(terminal: Terminal) -> None:
    terminal.banner("good.png")
    terminal.banner("wrong.png", size=(31, 20))
    done = terminal.cfu("upload", "banners", "--platform", "acme")
    assert done.code == 1
    assert "Dry run for Acme, account default" in done.out
    lines = {line.split()[0]: line for line in done.out.splitlines() if ".png" in line}
    assert "banner" in lines["good.png"]
    assert "dry_run" in lines["good.png"]
    assert "rejected" in lines["wrong.png"]
    assert "31x20" in lines["wrong.png"]
    assert "--live" in done.out.splitlines()[-1]
    assert terminal.store.read_text() == ""


def test_a_live_run_prints_each_creative_id_and_where_the_record_is(terminal: Terminal) -> None:
    terminal.sign_up()
    for number in range(3):
        terminal.banner(f"b{number}.png", number)
    done = terminal.cfu("upload", "banners", "--platform", "acme", "--live", "--headless")
    assert done.code == 0, done.err
    ids = [creative["id"] for creative in json.loads(terminal.store.read_text())]
    assert len(ids) == 3
    for creative_id in ids:
        assert creative_id in done.out
    assert "account default (login ann)" in done.out
    assert "tracking/upload_status_" in done.out
    assert "Batch 2 of 2" in done.err


def test_a_second_live_run_sends_nothing(terminal: Terminal) -> None:
    terminal.sign_up()
    terminal.banner("b.png")
    arguments = ("upload", "banners", "--platform", "acme", "--live", "--headless")
    assert terminal.cfu(*arguments).code == 0
    sent = terminal.store.read_text()
    done = terminal.cfu(*arguments)
    assert done.code == 0
    assert "skipped" in done.out
    assert "Nothing was sent" in done.out
    assert terminal.store.read_text() == sent


def test_json_puts_one_document_on_standard_output(terminal: Terminal) -> None:
    terminal.sign_up()
    path = terminal.banner("b.png")
    done = terminal.cfu(
        *("upload", path, "--platform", "acme", "--live", "--headless", "--json"),
        environ={"ACME_FAULT": "loud"},
    )
    assert done.code == 0, done.err
    run = the_run(done)
    [outcome] = run["outcomes"]
    assert run["live"] is True
    assert run["error"] is None
    assert run["counts"] == {"success": 1}
    assert outcome["creative_id"] == "1000000001"
    assert outcome["name"] == "b.png"
    assert "noise of a plugin" in done.err
    assert "1000000001" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("--no-such-option",), 2, "No such option"),
        (("--limit", "0"), 2, "limit"),
        (("--parallel", "0"), 2, "parallel"),
        (("--session", "banners"), 2, "exclude each other"),
        (("banners", "--account", "../x"), 2, "can't be an account's name"),
        (("banners", "--ad-format", "poster"), 2, "no ad format 'poster'"),
        (("nowhere.csv/..", "--live"), 2, ""),
    ],
)
def test_json_is_there_whatever_is_wrong_with_the_arguments(
    terminal: Terminal, arguments: tuple[str, ...], code: int, error: str
) -> None:
    (terminal.folder / "banners").mkdir()
    terminal.banner("b.png")
    done = terminal.cfu("upload", "--platform", "acme", "--json", *arguments)
    run = the_run(done)
    if error:
        assert done.code == code
        assert error in run["error"]
        assert run["outcomes"] == []
    assert done.err.count("cfu: ") <= 1


def test_json_is_there_when_the_plugin_is_missing(terminal: Terminal) -> None:
    done = terminal.cfu("upload", "x.png", "--platform", "nope", "--json")
    assert done.code == 6
    assert the_run(done)["platform"] == "nope"
    assert "There is no platform 'nope'" in the_run(done)["error"]


@pytest.mark.slow
def test_each_platform_gets_a_run_of_its_own(terminal: Terminal) -> None:
    terminal.banner("b.png")
    done = terminal.cfu(
        *("upload", "banners", "--platform", "nope", "--platform", "acme", "--json"),
    )
    runs = document(done)["runs"]
    assert [run["platform"] for run in runs] == ["nope", "acme"]
    assert runs[0]["error"]
    assert runs[1]["counts"] == {"dry_run": 1}
    assert done.code == 6


@pytest.mark.parametrize(
    ("fault", "password", "code", "said"),
    [
        ("down", "right ${password}", 7, "does not answer"),
        ("page", "right ${password}", 4, "no upload button"),
        ("", "wrong", 3, "does not accept"),
        ("", "", 3, "cfu setup"),
    ],
)
def test_what_stops_a_run_decides_the_exit_code(
    terminal: Terminal, fault: str, password: str, code: int, said: str
) -> None:
    terminal.banner("b.png")
    done = terminal.cfu(
        *("upload", "banners", "--platform", "acme", "--live", "--headless", "--json"),
        environ={"ACME_FAULT": fault, "ACME_USERNAME": "ann", "ACME_PASSWORD": password},
    )
    assert done.code == code, done.err
    run = the_run(done)
    assert said in run["error"]
    assert len(run["outcomes"]) == 1
    assert said in done.err


def test_a_missing_file_is_told_and_the_rest_goes_on(terminal: Terminal) -> None:
    path = terminal.banner("b.png")
    done = terminal.cfu("upload", path, "gone.png", "--platform", "acme")
    assert done.code == 1
    assert "2 creatives: 1 file_not_found, 1 dry_run" in done.out
    assert "Check the path" in done.out


def test_names_that_could_steer_the_terminal_are_shown_harmless(terminal: Terminal) -> None:
    terminal.banner("\x1b[2Jevil\u202e\n.png")
    done = terminal.cfu("upload", "banners", "--platform", "acme")
    assert r"\x1b[2Jevil\u202e\n.png" in done.out
    assert "\x1b" not in done.out + done.err
    assert "\u202e" not in done.out + done.err


@pytest.mark.slow
def test_the_log_of_a_run_holds_no_secret_and_is_its_owners(terminal: Terminal) -> None:
    terminal.sign_up()
    terminal.banner("b.png")
    done = terminal.cfu(
        *("upload", "banners", "--platform", "acme", "--live", "--headless"),
        environ={"ACME_FAULT": "crash", "MASK_IDS": "1", "LOG_LEVEL": "debug"},
    )
    assert done.code == 6
    assert "out of order" in done.err + done.out
    logs = list((terminal.workspace / "tracking" / "upload_logs").iterdir())
    assert logs
    for log in logs:
        assert "right ${password}" not in log.read_text()
        assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_old_logs_are_removed(terminal: Terminal) -> None:
    terminal.banner("b.png")
    logs = terminal.workspace / "tracking" / "upload_logs"
    logs.mkdir(parents=True)
    for number in range(5):
        (logs / f"upload_log_20200101-00000{number}.txt").touch()
    (logs / "mine.txt").touch()
    done = terminal.cfu("upload", "banners", "--platform", "acme", environ={"KEEP_LOGS": "3"})
    assert done.code == 0
    left = sorted(path.name for path in logs.iterdir())
    assert len(left) == 4
    assert left[:2] == ["mine.txt", "upload_log_20200101-000003.txt"]


def test_a_setting_that_says_dry_run_false_sends_nothing(terminal: Terminal) -> None:
    terminal.sign_up()
    terminal.banner("b.png")
    done = terminal.cfu("upload", "banners", "--platform", "acme", environ={"DRY_RUN": "False"})
    assert done.code == 0
    assert terminal.store.read_text() == ""


def test_a_workspace_that_is_a_file_is_one_line(terminal: Terminal, tmp_path: Path) -> None:
    terminal.banner("b.png")
    terminal.workspace.write_text("")
    done = terminal.cfu("upload", "banners", "--platform", "acme")
    assert done.code == 2
    assert done.err.startswith("cfu: ")
    assert done.err.count("\n") == 1


def test_a_reader_that_goes_away_is_no_error_on_the_screen(terminal: Terminal) -> None:
    import subprocess

    from cli.conftest import CFU

    for number in range(30):
        terminal.banner(f"b{number}.png", number)
    done = subprocess.run(
        f"'{CFU}' upload banners --platform acme --workspace w | true",
        shell=True,
        env=terminal.environ,
        cwd=terminal.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Broken" not in done.stderr
    assert "Traceback" not in done.stderr
