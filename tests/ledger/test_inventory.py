"""The inventory: what was processed, what became of it, and its CSV that people edit."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from creative_flow.creative import Outcome, Status
from creative_flow.ledger import (
    InventoryMirror,
    Ledger,
    Part,
    PlatformColumns,
    Prepared,
)
from creative_flow.ledger.mirrors.inventory import write_session
from creative_flow.ledger.mirrors.inventory_columns import COLUMNS, session_line

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def whole(number: int, **changes: Any) -> Prepared:
    unique_id = f"ID-{number:08X}"
    row = Prepared(
        unique_id=unique_id,
        session="20260504-120000",
        source_sha256=f"{number:064x}",
        source=f"source_files/Summer/raw{number}.png",
        path=f"uploaded/EN_Summer_SFW_Generic_Ana_{unique_id}.png",
        sha256=f"{number:064x}",
        size=1000,
        facts={
            "new_filename": f"EN_Summer_SFW_Generic_Ana_{unique_id}.png",
            "category": "Summer",
            "creative_type": "static_banner",
        },
    )
    return evolve(row, **changes)


def pair(base: str) -> list[Prepared]:
    return [
        whole(
            7,
            unique_id=base + (f"-{part.value}" if part is not Part.ORIGINAL else ""),
            native_pair_id=base,
            part=part,
            path=f"uploaded/{part.value}_{base}.bin",
        )
        for part in (Part.VIDEO, Part.IMAGE, Part.ORIGINAL)
    ]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


@pytest.fixture
def mirror(ledger: Ledger, tmp_path: Path) -> InventoryMirror:
    return InventoryMirror(
        ledger,
        ledger.inventory(),
        tmp_path / "creative_inventory.csv",
        platforms=[
            PlatformColumns("tj", "tj", ("creative_id", "upload_date", "campaign_id")),
            PlatformColumns("exoclick", "exo", ("creative_id", "upload_date")),
        ],
        kept_aside=tmp_path / "kept_aside",
    )


def store(ledger: Ledger, *rows: Prepared) -> None:
    ledger.inventory().plan(rows)
    ledger.inventory().finish(rows)


def upload(ledger: Ledger, row: Prepared, status: Status, creative_id: str = "") -> None:
    run = ledger.start_run("tj", "default", login="", campaign="C1", total=1)
    outcome = Outcome(
        Path("/w") / row.path,
        status,
        ad_format="static_banner",
        creative_id=creative_id,
        unique_id=row.unique_id,
        native_pair_id=row.native_pair_id,
        at=AT,
    )
    ledger.record(run, [outcome])
    ledger.finish_run(run)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def edit(path: Path, change: str, into: str) -> None:
    text = path.read_text("utf-8")
    assert change in text
    path.write_text(text.replace(change, into), "utf-8")


def test_the_columns_are_exactly_those_of_the_format(
    ledger: Ledger, mirror: InventoryMirror, tmp_path: Path
) -> None:
    store(ledger, whole(1))
    mirror.follow()
    header = (tmp_path / "creative_inventory.csv").read_text().splitlines()[0]
    assert header == (
        "unique_id,original_filename,new_filename,creator_name,language,category,content_type,"
        "creative_type,duration_seconds,aspect_ratio,width_px,height_px,file_size_mb,file_format,"
        "date_processed,source_path,notes,native_pair_id,tj_creative_id,tj_upload_date,"
        "tj_campaign_id,exo_creative_id,exo_upload_date,upload_status"
    )


def test_an_outcome_shows_in_the_row_of_its_file(
    ledger: Ledger, mirror: InventoryMirror, tmp_path: Path
) -> None:
    store(ledger, whole(1), whole(2))
    upload(ledger, whole(1), Status.SUCCESS, "1032530511")
    mirror.follow()
    first, second = read(tmp_path / "creative_inventory.csv")
    assert (first["tj_creative_id"], first["tj_campaign_id"]) == ("1032530511", "C1")
    assert (first["tj_upload_date"], first["upload_status"]) == ("2026-05-04", "success")
    assert (second["tj_creative_id"], second["upload_status"]) == ("", "")


def test_a_later_run_that_skips_the_file_hides_nothing(
    ledger: Ledger, mirror: InventoryMirror, tmp_path: Path
) -> None:
    store(ledger, whole(1))
    upload(ledger, whole(1), Status.SUCCESS, "1032530511")
    upload(ledger, whole(1), Status.SKIPPED, "1032530511")
    upload(ledger, whole(1), Status.FAILED)
    mirror.follow()
    (row,) = read(tmp_path / "creative_inventory.csv")
    assert (row["tj_creative_id"], row["upload_status"]) == ("1032530511", "success")


@pytest.mark.parametrize(
    ("up", "shown"),
    [
        ((), ""),
        ((Part.VIDEO,), "half up: IMG missing"),
        ((Part.IMAGE,), "half up: VID missing"),
        ((Part.VIDEO, Part.IMAGE), "success"),
    ],
)
def test_a_native_pair_shows_which_half_is_missing(
    ledger: Ledger, mirror: InventoryMirror, tmp_path: Path, up: tuple[Part, ...], shown: str
) -> None:
    rows = pair("ID-0000000A")
    store(ledger, *rows)
    for row in rows:
        if row.part in up:
            upload(ledger, row, Status.SUCCESS, f"10325305{len(row.part.value)}{row.part.value}1")
    mirror.follow()
    original = read(tmp_path / "creative_inventory.csv")[2]
    assert (original["unique_id"], original["upload_status"]) == ("ID-0000000A", shown)


def test_notes_and_own_columns_of_the_user_stay(
    ledger: Ledger, mirror: InventoryMirror, tmp_path: Path
) -> None:
    store(ledger, whole(1), whole(2))
    mirror.follow()
    path = tmp_path / "creative_inventory.csv"
    lines = path.read_text().splitlines()
    lines = [lines[0] + ",Client", lines[1] + ",Acme", lines[2] + ","]
    lines[2] = lines[2].replace("raw2.png,,", "raw2.png,ask Ana,")
    path.write_text("\n".join(lines) + "\n")
    store(ledger, whole(3))
    assert mirror.follow() == ()
    rows = read(path)
    assert [row["Client"] for row in rows] == ["Acme", "", ""]
    assert [row["notes"] for row in rows] == ["", "ask Ana", ""]


def test_what_does_not_count_is_reported_kept_aside_and_restored(
    ledger: Ledger, mirror: InventoryMirror, tmp_path: Path
) -> None:
    store(ledger, whole(1))
    upload(ledger, whole(1), Status.SUCCESS, "1032530511")
    mirror.follow()
    path = tmp_path / "creative_inventory.csv"
    edit(path, "1032530511", "1.03E+09")
    told = mirror.follow()
    assert "line 2, tj_creative_id" in told[0]
    assert "1.03E+09" in told[0]
    assert read(path)[0]["tj_creative_id"] == "1032530511"
    (aside,) = (tmp_path / "kept_aside").iterdir()
    assert "1.03E+09" in aside.read_text()


def test_rows_that_the_ledger_does_not_know_are_taken_over_whole(
    ledger: Ledger, mirror: InventoryMirror, tmp_path: Path
) -> None:
    path = tmp_path / "creative_inventory.csv"
    path.write_text(
        "unique_id,new_filename,category,tj_creative_id,upload_status,Client\n"
        "ID-0000000B,old.png,Winter,1032530521,success,Acme\n"
    )
    store(ledger, whole(1))
    assert mirror.follow() == ()
    ours, theirs = sorted(read(path), key=lambda row: row["unique_id"])
    assert (ours["unique_id"], ours["Client"]) == ("ID-00000001", "")
    assert (theirs["category"], theirs["tj_creative_id"]) == ("Winter", "1032530521")
    assert (theirs["upload_status"], theirs["Client"]) == ("success", "Acme")
    assert ledger.inventory().known_ids(["ID-0000000B"]) == {"ID-0000000B"}


def test_deleted_rows_come_back_and_that_is_said(
    ledger: Ledger, mirror: InventoryMirror, tmp_path: Path
) -> None:
    store(ledger, whole(1), whole(2))
    mirror.follow()
    path = tmp_path / "creative_inventory.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:2]) + "\n")
    told = mirror.follow()
    assert "rows that are gone: 1" in told[0]
    assert len(read(path)) == 2


def test_what_is_no_table_is_kept_aside(
    ledger: Ledger, mirror: InventoryMirror, tmp_path: Path
) -> None:
    store(ledger, whole(1))
    path = tmp_path / "creative_inventory.csv"
    path.write_bytes(b"\0\1\2 no table")
    told = mirror.follow()
    assert len(told) == 2
    assert len(read(path)) == 1


def test_a_row_is_found_by_the_content_of_its_source(ledger: Ledger) -> None:
    store(ledger, whole(1))
    found = ledger.inventory().by_source([f"{1:064x}", f"{2:064x}"])
    assert {sha: [row.unique_id for row in rows] for sha, rows in found.items()} == {
        f"{1:064x}": ["ID-00000001"]
    }


def test_ids_are_never_given_twice(ledger: Ledger) -> None:
    store(ledger, whole(1))
    upload(ledger, whole(2), Status.SUCCESS, "1032530511")
    drawn = ledger.inventory().new_ids(500, avoid={"ID-00000003"})
    assert len(set(drawn)) == 500
    assert not {"ID-00000001", "ID-00000002", "ID-00000003"} & set(drawn)


def test_what_a_crash_left_is_told_from_what_stands(ledger: Ledger) -> None:
    inventory = ledger.inventory()
    inventory.plan([whole(1), whole(2)])
    inventory.finish([whole(2)])
    assert [row.unique_id for row in inventory.unready()] == ["ID-00000001"]
    assert [row.unique_id for row in inventory.unmoved()] == ["ID-00000002"]
    inventory.moved({"ID-00000002": "archive/sources/raw2.png"})
    assert inventory.unmoved() == ()


def test_the_session_csv_holds_the_columns_of_the_format(tmp_path: Path) -> None:
    write_session(tmp_path / "session.csv", [session_line(whole(1, notes="=cmd|' /C calc'!A0"))])
    (row,) = read(tmp_path / "session.csv")
    assert tuple(row) == COLUMNS
    assert row["notes"].startswith("'=")
