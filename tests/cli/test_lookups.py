"""``cfu library show``, ``search``, ``export`` and ``rebuild``."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Terminal
from warm import Done

FIRST, SECOND, THIRD = "2000000001", "2000000011", "2000000021"
STATUS = (
    "unique_id,file_path,file_name,upload_date,upload_time,platform,campaign_id,"
    "acme_creative_id,status,error_message,batch_id,native_pair_id,retries\n"
)


def library(terminal: Terminal, *arguments: object) -> Done:
    return terminal.cfu("library", *arguments, "--platform", "acme")


def add(terminal: Terminal, name: str, creative_id: str, status: str = "approved") -> None:
    done = library(
        *(terminal, "add", "--ad-format", "banner", "--name", name, "--id", creative_id),
        *("--status", status),
    )
    assert done.code == 0, done.err


def document(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.out)
    assert found["schema"] == 1
    return found


@pytest.mark.slow
def test_a_creative_is_shown_by_its_id_and_by_its_name(terminal: Terminal) -> None:
    add(terminal, "EN_Summer.png", FIRST)
    for wanted in (FIRST, "EN_Summer.png", "EN_Summer"):
        done = library(terminal, "show", wanted, "--json")
        assert done.code == 0
        [entry] = document(done)["entries"]
        assert (entry["creative_id"], entry["name"]) == (FIRST, "EN_Summer.png")
        assert (entry["origin"], entry["review_status"]) == ("user", "approved")
    shown = library(terminal, "show", FIRST).out
    assert "known by    your word" in shown
    missing = library(terminal, "show", "EN_Winter")
    assert missing.code == 1
    assert "Nothing is known of 'EN_Winter'" in missing.out


@pytest.mark.slow
def test_a_search_finds_parts_of_names_in_any_case_and_beginnings_of_ids(
    terminal: Terminal,
) -> None:
    add(terminal, "EN_Summer_100%.png", FIRST)
    add(terminal, "EN_Winter.png", SECOND, "rejected")
    add(terminal, "DE_Winter.png", THIRD)

    def names(*arguments: str) -> list[str]:
        return [
            it["name"]
            for it in document(library(terminal, "search", *arguments, "--json"))["entries"]
        ]

    assert names("winter") == ["DE_Winter.png", "EN_Winter.png"]
    assert names("0%") == ["EN_Summer_100%.png"]
    assert names("N_S") == ["EN_Summer_100%.png"]
    assert names(FIRST[:9]) == ["EN_Summer_100%.png"]
    assert names("", "--status", "Rejected") == ["EN_Winter.png"]
    limited = library(terminal, "search", "--limit", "2")
    assert limited.out.count("Winter") == 2
    assert "more than 2" in limited.out
    assert library(terminal, "search", "spring").code == 1
    assert library(terminal, "search", "x", "--ad-format", "poster").code == 2


@pytest.mark.slow
def test_an_export_holds_all_and_overwrites_nothing_unasked(terminal: Terminal) -> None:
    add(terminal, "=EN_Summer.png", FIRST)
    add(terminal, "EN_Winter.png", SECOND)
    file = terminal.folder / "out.csv"
    assert library(terminal, "export", file).code == 0
    with file.open(newline="") as opened:
        found = list(csv.DictReader(opened))
    assert [row["filename"] for row in found] == ["'=EN_Summer.png", "EN_Winter.png"]
    assert [row["origin"] for row in found] == ["user", "user"]

    refused = library(terminal, "export", file)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "is there already" in refused.err
    assert library(terminal, "export", file, "--overwrite", "--format", "json").code == 0
    exported = json.loads(file.read_text())
    assert [it["name"] for it in exported["entries"]] == ["=EN_Summer.png", "EN_Winter.png"]
    nowhere = library(terminal, "export", terminal.folder)
    assert (nowhere.code, nowhere.err.count("\n")) == (2, 1)


def tracking(terminal: Terminal, name: str, content: str) -> Path:
    path = terminal.workspace / "tracking" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def lose_the_record(terminal: Terminal) -> None:
    for path in (terminal.workspace / "data" / "session").glob("ledger.db*"):
        path.unlink()


def test_a_lost_record_is_rebuilt_from_all_that_tells_of_it(terminal: Terminal) -> None:
    add(terminal, "one.png", FIRST)
    tracking(
        terminal,
        "upload_status_20260102-030405.csv",
        STATUS
        + f",/x/two.png,two.png,2026-01-02,03:04:05,Acme,,{SECOND},success,,1,,0\n"
        + ",/x/open.png,open.png,2026-01-02,03:04:05,Acme,,,unknown_id,who knows,1,,0\n",
    )
    tracking(
        terminal,
        "creative_inventory.csv",
        "unique_id,new_filename,creative_type,width_px,height_px,file_format,acme_creative_id\n"
        f"ID-1A2B3C4D,three.png,image,30,20,png,{THIRD}\n",
    )
    lose_the_record(terminal)

    dry = library(terminal, "rebuild", "--dry-run", "--json")
    assert dry.code == 0, dry.err
    assert document(dry)["new"] == 3
    assert document(dry)["still_open"] == ["/x/open.png"]
    assert not (terminal.workspace / "data" / "session" / "ledger.db").exists()

    done = library(terminal, "rebuild")
    assert done.code == 0, done.err
    assert "Taken in: 3 new" in done.out
    assert "Of 1 file nobody knows" in done.out
    for creative_id, name in ((FIRST, "one.png"), (SECOND, "two.png"), (THIRD, "three.png")):
        [entry] = document(library(terminal, "show", creative_id, "--json"))["entries"]
        assert (entry["name"], entry["origin"], entry["ad_format"]) == (name, "user", "banner")
    assert document(library(terminal, "rebuild", "--json"))["known"] == 3


def test_what_contradicts_what_is_known_is_told_by_file_line_and_column(
    terminal: Terminal,
) -> None:
    add(terminal, "one.png", FIRST)
    tracking(
        terminal,
        "upload_status_20260102-030405.csv",
        STATUS
        + f",/x/other.png,other.png,2026-01-02,03:04:05,Acme,,{FIRST},success,,1,,0\n"
        + ",/x/two.png,two.png,2026-01-02,03:04:05,Acme,,2.0E+09,success,,1,,0\n"
        + f",/x/three.mp4,three.mp4,2026-01-02,03:04:05,Acme,,{THIRD},success,,1,,0\n"
        + f",/x/one.png,one.png,2026-01-02,03:04:05,Acme,,{FIRST},skipped,,1,,0\n"
        + f",/x/else.png,else.png,2026-01-02,03:04:05,Exo,,{SECOND},success,,1,,0\n",
    )
    done = library(terminal, "rebuild", "--json")
    assert done.code == 1
    told = document(done)
    assert (told["new"], told["filled"], told["not_counted"]) == (0, 1, 3)
    where = "upload_status_20260102-030405.csv line "
    first, second, third = sorted(told["conflicts"])
    assert first.startswith(f"{where}2, acme_creative_id: Creative ID {FIRST} of 'other.png'")
    assert second.startswith(f"{where}3, acme_creative_id: '2.0E+09' is no Creative ID")
    assert third.startswith(f"{where}4, acme_creative_id: 'three.mp4' is of no ad format")
    [entry] = document(library(terminal, "show", FIRST, "--json"))["entries"]
    assert (entry["name"], entry["upload_date"]) == ("one.png", "2026-01-02")


def test_a_damaged_file_is_told_and_the_others_count(terminal: Terminal) -> None:
    tracking(terminal, "upload_status_20260102-030405.csv", "nothing,of,use\n1,2,3\n")
    tracking(
        terminal,
        "upload_status_20260102-030406.csv",
        f"{STATUS},/x/two.png,two.png,2026-01-02,03:04:05,Acme,,{SECOND},success,,1,,0\n",
    )
    done = library(terminal, "rebuild")
    assert done.code == 1
    assert "upload_status_20260102-030405.csv: its header line can't be read." in done.out
    assert "Taken in: 1 new" in done.out


@pytest.mark.slow
@pytest.mark.slow
def test_each_account_is_rebuilt_from_its_own_files(terminal: Terminal) -> None:
    row = f",/x/two.png,two.png,2026-01-02,03:04:05,Acme,,{SECOND},success,,1,,0\n"
    tracking(terminal, "upload_status_20260102-030405_second.csv", STATUS + row)
    tracking(
        terminal,
        "creative_inventory.csv",
        "new_filename,creative_type,file_format,acme_creative_id\n"
        f"two.png,image,png,{SECOND}\nthree.png,image,png,{THIRD}\n",
    )
    assert document(library(terminal, "rebuild", "--json"))["new"] == 1
    assert document(library(terminal, "rebuild", "--json", "--account", "second"))["new"] == 1
    assert document(library(terminal, "show", THIRD, "--json"))["entries"]
    assert not document(library(terminal, "show", SECOND, "--json"))["entries"]


def test_what_was_removed_is_not_added_by_hand(terminal: Terminal) -> None:
    add(terminal, "one.png", FIRST, "removed")
    done = library(terminal, "add", "--ad-format", "banner", "--name", "one.png", "--id", FIRST)
    assert done.code == 2
    assert "marked as removed" in done.err
