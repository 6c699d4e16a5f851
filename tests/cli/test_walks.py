"""``cfu library refresh`` and ``sync-status`` with a platform that has no web page."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from cli.conftest import Terminal
from warm import Done

CREATIVES = [
    {"id": "1000000031", "name": "three", "status": "pending"},
    {"id": "1000000021", "name": "two", "status": "pending"},
    {"id": "1000000011", "name": "one", "status": "approved"},
]


def put(terminal: Terminal, *creatives: dict[str, str]) -> None:
    terminal.store.write_text(json.dumps(creatives))


def rows(terminal: Terminal) -> dict[str, str]:
    with (terminal.workspace / "tracking" / "Acme_Library.csv").open(newline="") as file:
        return {row["creative_id"]: row["review_status"] for row in csv.DictReader(file)}


def library(terminal: Terminal, *arguments: str, fault: str = "") -> Done:
    return terminal.cfu(
        *("library", *arguments, "--platform", "acme", "--headless"), environ={"ACME_FAULT": fault}
    )


def document(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.out)
    assert found["schema"] == 1
    return found


@pytest.fixture
def signed_up(terminal: Terminal) -> Terminal:
    terminal.sign_up()
    put(terminal, *CREATIVES)
    return terminal


def test_a_refresh_says_what_is_new_changed_and_gone(signed_up: Terminal) -> None:
    done = library(signed_up, "refresh")
    assert done.code == 0, done.err
    assert "Banner: 3 creatives on 1 page; 3 new; 2 waiting for a verdict" in done.out

    three, two, one = CREATIVES
    put(signed_up, {**three, "status": "rejected", "reason": "No logo."}, one)
    done = library(signed_up, "refresh")
    assert done.code == 0, done.err
    assert "removed: two (1000000021)" in done.out
    assert "rejected: three (1000000031): No logo." in done.out
    assert rows(signed_up) == {
        "1000000031": "rejected",
        "1000000021": "removed",
        "1000000011": "approved",
    }

    put(signed_up, three, {**two, "status": ""}, one)
    done = library(signed_up, "refresh", "--json")
    [banner] = document(done)["ad_formats"]
    assert [it["name"] for it in banner["back"]["first"]] == ["two"]
    assert rows(signed_up)["1000000021"] == ""


@pytest.mark.slow
def test_what_a_refresh_says_is_gone_can_be_sent_again(signed_up: Terminal) -> None:
    library(signed_up, "refresh")
    signed_up.banner("two.png")
    upload = ("upload", "banners", "--platform", "acme", "--json")
    [outcome] = document(signed_up.cfu(*upload))["runs"][0]["outcomes"]
    assert outcome["status"] == "skipped"

    put(signed_up, CREATIVES[0], CREATIVES[2])
    library(signed_up, "refresh")
    [outcome] = document(signed_up.cfu(*upload))["runs"][0]["outcomes"]
    assert outcome["status"] == "dry_run"


@pytest.mark.slow
def test_a_sync_says_what_was_approved_rejected_or_removed(signed_up: Terminal) -> None:
    library(signed_up, "refresh")
    three, _, one = CREATIVES
    put(signed_up, {**three, "status": "approved"}, one)

    done = library(signed_up, "sync-status", "--json")

    assert done.code == 0, done.err
    [banner] = document(done)["ad_formats"]
    assert [it["now"] for it in banner["reviewed"]["first"]] == ["approved"]
    assert [it["name"] for it in banner["removed"]["first"]] == ["two"]
    assert "Nothing waits for a verdict." in library(signed_up, "sync-status").out
    put(signed_up, three, {**one, "status": "rejected", "reason": "Blurred."})
    assert "rejected: one (1000000011): Blurred." in library(signed_up, "sync-status", "--all").out


def test_all_gone_at_once_is_not_believed_without_being_told(signed_up: Terminal) -> None:
    library(signed_up, "refresh")
    put(signed_up)
    done = library(signed_up, "refresh")
    assert done.code == 1
    assert "3 of 3 known creatives are not shown any more" in done.out
    assert "removed" not in rows(signed_up).values()

    assert library(signed_up, "refresh", "--accept-removed").code == 0
    assert set(rows(signed_up).values()) == {"removed"}


@pytest.mark.slow
def test_what_stops_a_walk_is_one_line_with_its_exit_code(terminal: Terminal) -> None:
    done = library(terminal, "refresh", "--json")
    assert (done.code, document(done)["ad_formats"]) == (3, [])
    assert done.err.count("\n") == 1
    terminal.sign_up()
    put(terminal, *CREATIVES)
    assert library(terminal, "refresh").code == 0
    put(terminal, CREATIVES[0])

    done = library(terminal, "refresh", "--json", fault="list")
    assert (done.code, document(done)["error"]) == (4, "There is no list.")
    assert "removed" not in rows(terminal).values()
    assert library(terminal, "refresh", fault="down").code == 7
    assert library(terminal, "refresh", "--ad-format", "poster").code == 2
    exoclick = terminal.cfu("library", "refresh", "--platform", "exoclick", "--json")
    assert exoclick.code == 6
    assert document(exoclick)["error"]


@pytest.mark.slow
def test_older_habits_walk_before_an_upload_or_in_its_place(signed_up: Terminal) -> None:
    banner = signed_up.banner("one.png")
    done = signed_up.cfu("upload", "--platform", "acme", "--refresh-library", "--json")
    assert (done.code, document(done)["runs"]) == (0, [])
    assert [it["what"] for it in document(done)["library"]] == ["refresh"]

    put(signed_up, {**CREATIVES[0], "status": "approved"}, *CREATIVES[1:])
    done = signed_up.cfu("upload", banner, "--platform", "acme", "--sync-status", "--json")
    assert done.code == 0, done.err
    assert [it["what"] for it in document(done)["library"]] == ["sync-status"]
    assert document(done)["runs"][0]["outcomes"][0]["creative_id"] == "1000000011"

    done = signed_up.cfu(
        *("upload", banner, "--platform", "acme", "--refresh-library", "--json"),
        environ={"ACME_FAULT": "list"},
    )
    assert (done.code, document(done)["runs"]) == (4, [])
    assert document(done)["library"][0]["error"] == "There is no list."
