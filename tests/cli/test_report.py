"""``cfu report``, and the page that every live upload leaves."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cli.conftest import Terminal

LIVE = ("upload", "banners", "--platform", "acme", "--live")


def uploaded(terminal: Terminal, *names: str) -> str:
    """Upload banners, live; return the run's id."""
    for name in names:
        terminal.banner(name, colour=40 + int(name[-5]))
    done = terminal.cfu(*LIVE, "--json")
    [run] = json.loads(done.out)["runs"]
    return str(run["run"])


@pytest.fixture
def signed_up(terminal: Terminal) -> Terminal:
    terminal.sign_up()
    return terminal


def test_every_live_upload_leaves_a_page_and_names_it(signed_up: Terminal) -> None:
    signed_up.banner("EN_Summer_1.png", colour=1)
    signed_up.banner("EN_Summer_2.png", colour=2, size=(31, 20))
    done = signed_up.cfu(*LIVE)
    assert done.code == 1
    [page] = (signed_up.workspace / "tracking" / "reports").glob("run_*.html")
    assert f"Report: tracking/reports/{page.name}" in done.out
    content = page.read_text().replace("<wbr>", "")  # where long names may be broken
    assert "EN_Summer_1.png" in content
    assert "Upload to Acme" in content
    assert page.with_name(f"{page.stem}_errors.csv").read_text().count("EN_Summer_2.png") == 2


def test_a_dry_run_leaves_none(signed_up: Terminal) -> None:
    signed_up.banner("EN_Summer_1.png")
    done = signed_up.cfu("upload", "banners", "--platform", "acme")
    assert done.code == 0
    assert "Report:" not in done.out
    assert not (signed_up.workspace / "tracking" / "reports").exists()


def test_a_page_that_cannot_be_written_costs_a_warning_and_no_outcome(signed_up: Terminal) -> None:
    (signed_up.workspace / "tracking").mkdir(exist_ok=True)
    (signed_up.workspace / "tracking" / "reports").write_text("a file in the way")
    signed_up.banner("EN_Summer_1.png")
    done = signed_up.cfu(*LIVE, "--json")
    assert done.code == 0
    assert json.loads(done.out)["runs"][0]["counts"] == {"success": 1}
    assert "Warning: no report was written; `cfu report 2" in done.err
    [log] = (signed_up.workspace / "tracking" / "upload_logs").iterdir()
    assert "The report of the run was not written" in log.read_text()


@pytest.mark.slow
@pytest.mark.slow
def test_the_list_is_newest_first_and_says_what_became_of_each(signed_up: Terminal) -> None:
    first = uploaded(signed_up, "EN_Summer_1.png", "EN_Summer_2.png")
    second = uploaded(signed_up, "EN_Summer_3.png")
    done = signed_up.cfu("report")
    assert done.code == 0, done.err
    rows = [line for line in done.out.splitlines() if "acme/default" in line]
    assert [row.split()[0] for row in rows] == [second, first]
    assert "1 success, 2 skipped" in rows[0]
    assert "2 success" in rows[1]
    limited = signed_up.cfu("report", "--limit", 1, "--json")
    [run] = json.loads(limited.out)["runs"]
    assert run["run"] == second
    assert run["counts"] == {"success": 1, "skipped": 2}
    assert run["live"] is True
    assert run["seconds"] > 0


def test_looking_where_nothing_was_uploaded_makes_nothing(terminal: Terminal) -> None:
    assert "No live run is recorded" in terminal.cfu("report").out
    assert json.loads(terminal.cfu("report", "--json").out) == {
        "schema": 1,
        "runs": [],
        "error": None,
    }
    for arguments in (("last",), ("--totals",)):
        done = terminal.cfu("report", *arguments, "--json")
        assert done.code == 2
        assert "No live run is recorded" in json.loads(done.out)["error"]
    assert not terminal.workspace.exists()


@pytest.mark.slow
def test_a_page_is_made_anew_and_opened_where_there_is_a_screen(signed_up: Terminal) -> None:
    run = uploaded(signed_up, "EN_Summer_1.png")
    page = signed_up.workspace / "tracking" / "reports" / f"run_{run}.html"
    page.unlink()
    opened = signed_up.folder / "opened"
    bin_ = signed_up.folder / "bin"
    bin_.mkdir()
    for name in ("xdg-open", "open"):
        (bin_ / name).write_text(
            f'#!/bin/sh\nprintf %s "$1" > "{opened}.new"\nmv "{opened}.new" "{opened}"\n'
        )
        (bin_ / name).chmod(0o755)
    path = {"PATH": f"{bin_}:{os.environ['PATH']}"}
    blind = signed_up.cfu("report", run[:13], environ=path)
    assert blind.code == 0, blind.err
    assert blind.out.split() == [str(page)]
    assert page.exists()
    screen = path | {"DISPLAY": ":99"}
    signed_up.cfu("report", "last", "--no-open", environ=screen)
    assert not opened.exists()
    signed_up.cfu("report", "last", environ=screen)
    wait_for(opened)
    assert opened.read_text().removeprefix("file://") == str(page)


def wait_for(path: Path) -> None:
    """Return when the file is there; the test's own limit says how long that may take."""
    import time

    while not path.exists():
        time.sleep(0.02)


def test_totals_are_a_page_of_their_own(signed_up: Terminal) -> None:
    uploaded(signed_up, "EN_Summer_1.png")
    done = signed_up.cfu("report", "--totals")
    assert done.code == 0, done.err
    [told] = done.out.split()
    assert Path(told).name == "totals.html"
    assert "Uploads over time" in Path(told).read_text()


def test_what_makes_no_sense_is_one_line(signed_up: Terminal) -> None:
    run = uploaded(signed_up, "EN_Summer_1.png")
    for arguments, said in (
        (("19990101",), "There is no run '19990101'."),
        ((run, "--totals"), "exclude each other"),
        (("--limit", "0"), "0"),
    ):
        done = signed_up.cfu("report", *arguments)
        assert done.code == 2
        assert said in done.err
        assert len(done.err.splitlines()) == 1
