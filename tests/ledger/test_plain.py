"""A ledger that was opened without SQLAlchemy: the same record, by other means."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from attrs import evolve

from creative_flow.creative import Outcome, Status
from creative_flow.errors import LedgerError
from creative_flow.ledger import Ledger, Part, Prepared
from creative_flow.ledger.anyledger import AnyLedger
from creative_flow.ledger.database import Database
from creative_flow.ledger.files import Hashes, Read
from creative_flow.ledger.plain import PRAGMAS, PlainFile, tables_sql
from creative_flow.ledger.plainledger import PlainLedger
from creative_flow.ledger.version import VERSION
from ledger.samples import A, P, entry

ODD = "raw \udcff \x1a \x00 100 % ? 'x'"


def opened(database: str, kind: str) -> AnyLedger:
    if kind != "plain":
        return Ledger.open(database)
    ledger = PlainLedger.in_file(file_of(database))
    assert ledger is not None
    return ledger


def file_of(database: str) -> Path:
    return Path(database.removeprefix("sqlite:///"))


@pytest.fixture(params=["plain", "sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def any_database(kind: str, database: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("shared_database")) if kind == "postgresql" else database


@pytest.fixture
def any_ledger(any_database: str, kind: str) -> Iterator[AnyLedger]:
    with opened(any_database, kind) as ledger:
        yield ledger


def row(number: int, **changes: Any) -> Prepared:
    unique_id = f"ID-{number:08X}"
    it = Prepared(
        unique_id,
        session="20260504-120000",
        source_sha256=f"{number:064x}",
        source=f"source_files/{ODD}/{number}.png",
        path=f"uploaded/{ODD} {unique_id}.png",
        sha256=f"{number:064x}",
        size=5_000_000_000,
        facts={"category": ODD, "new_filename": f"{unique_id}.png"},
        notes=ODD,
    )
    return evolve(it, **changes)


# ---- what any ledger does


def test_a_row_comes_back_as_it_was_given(any_ledger: AnyLedger) -> None:
    inventory = any_ledger.inventory()
    inventory.plan([row(1), row(2)])
    assert inventory.unready() == (row(1), row(2))
    assert list(inventory.rows()) == []
    assert inventory.is_empty()

    made = row(1, path=f"uploaded/other {ODD}", size=7, notes="made")
    inventory.finish([made])
    assert inventory.unready() == (row(2),)
    assert inventory.unmoved() == (evolve(made, ready=True),)

    inventory.moved({"ID-00000001": f"archive/{ODD}"})
    stands = evolve(made, ready=True, archived=f"archive/{ODD}")
    assert inventory.unmoved() == ()
    assert list(inventory.rows()) == [stands]
    assert not inventory.is_empty()

    inventory.annotate({"ID-00000001": f"mine: {ODD}"}, {"ID-00000001": {ODD: "own"}})
    stands = evolve(stands, notes=f"mine: {ODD}", extra={ODD: "own"})
    assert inventory.by_unique_id(["ID-00000001", "ID-0000000F"]) == {"ID-00000001": stands}
    assert inventory.by_source([f"{1:064x}", "none"]) == {f"{1:064x}": (stands,)}


def test_a_row_that_is_planned_anew_is_changed(any_ledger: AnyLedger) -> None:
    inventory = any_ledger.inventory()
    inventory.plan([row(1)])
    inventory.annotate({}, {"ID-00000001": {"own": "1"}})
    again = row(1, path="uploaded/again.png", facts={})
    inventory.plan([again, row(2)])
    assert inventory.unready() == (evolve(again, extra={"own": "1"}), row(2))
    [first, second] = inventory.unready()
    assert first.position < second.position


def test_rows_are_told_apart_by_session_and_pair(any_ledger: AnyLedger) -> None:
    inventory = any_ledger.inventory()
    assert inventory.last_session() == ""
    halves = [row(n, native_pair_id=f"ID-{ODD}", part=p) for n, p in enumerate(Part, 1)]
    other = row(9, session="20260505-120000")
    inventory.plan([*halves, other])
    inventory.finish([*halves, other])
    ready = [evolve(it, ready=True) for it in halves]
    assert inventory.pairs([f"ID-{ODD}", "none"]) == {f"ID-{ODD}": tuple(ready)}
    assert list(inventory.rows(session="20260504-120000")) == ready
    assert inventory.last_session() == "20260505-120000"


def test_more_rows_than_a_page_or_a_statement_holds(any_ledger: AnyLedger) -> None:
    inventory = any_ledger.inventory()
    rows = [row(number) for number in range(1, 2_102)]
    inventory.plan(rows)
    inventory.finish(rows)
    assert [it.unique_id for it in inventory.rows()] == [it.unique_id for it in rows]
    assert len(inventory.by_source([it.source_sha256 for it in rows])) == len(rows)
    assert len(inventory.known_ids([it.unique_id for it in rows])) == len(rows)


def test_what_became_of_a_file_is_found_by_its_id(
    any_ledger: AnyLedger, any_database: str, kind: str
) -> None:
    inventory = any_ledger.inventory()
    inventory.plan([row(1), row(2)])
    at = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    with Ledger.open(any_database) as ledger:
        for number, (status, creative_id) in enumerate(
            [
                (Status.FAILED, ""),
                (Status.SUCCESS, "1000000011"),
                (Status.SKIPPED, "1000000011"),
                (Status.FAILED, ""),
            ]
        ):
            run = ledger.start_run(P, A, login="", campaign=f"{ODD}{number}", total=1)
            outcome = Outcome(
                path=Path(row(1).path),
                ad_format="static_banner",
                size=1,
                sha256="",
                status=status,
                creative_id=creative_id,
                unique_id="ID-00000001",
                at=at,
            )
            ledger.record(run, [outcome])
    found = inventory.uploads(["ID-00000001", "ID-00000002"])
    assert list(found) == ["ID-00000001"], kind
    [fact] = found["ID-00000001"]
    assert (fact.platform, fact.account, fact.creative_id) == (P, A, "1000000011")
    assert (fact.status, fact.at, fact.campaign) == (Status.SUCCESS, at, f"{ODD}1")
    assert inventory.known_ids(["ID-00000001", "ID-00000003"]) == {"ID-00000001"}


def test_an_id_of_another_workspace_is_refused(shared_database: str) -> None:
    with Ledger.open(shared_database) as ledger:
        ledger.inventory("here").plan([row(1)])
        with pytest.raises(LedgerError, match="ID-00000001 was given to another creative"):
            ledger.inventory("there").plan([row(2), row(1)])
        assert ledger.inventory("there").unready() == ()


def test_a_file_is_read_once(any_ledger: AnyLedger, any_database: str, tmp_path: Path) -> None:
    file = tmp_path / "raw \udcff \x1a %.png"
    file.write_bytes(b"content")
    os.utime(file, (1_000_000_000, 1_000_000_000))
    digest = any_ledger.sha256(file)
    any_ledger.close()
    # Same size, same times, same inode: whoever answers with the old hash has not read the file.
    file.write_bytes(b"CONTENT")
    os.utime(file, (1_000_000_000, 1_000_000_000))
    with Ledger.open(any_database) as ledger:
        assert ledger.sha256(file) == digest
        file.write_bytes(b"CONTENTS")
        assert ledger.sha256(file) != digest


def test_the_state_of_a_mirror_is_remembered(any_ledger: AnyLedger, tmp_path: Path) -> None:
    path = tmp_path / "mirror \udcff %.csv"
    assert any_ledger.mirror_state(path) is None
    for state in ({"print": [1, 2], "own": [ODD]}, {"print": [3]}):
        any_ledger.remember_mirror(path, state)
        assert any_ledger.mirror_state(path) == state


def test_look_alikes_are_found(any_ledger: AnyLedger, any_database: str) -> None:
    look = f"{7:064x}"
    with Ledger.open(any_database) as ledger:
        ledger.add_entries(P, A, [entry("1", sha256="ab" * 32)])
    any_ledger.add_looks({"ab" * 32: (look,)})
    assert any_ledger.looks(["ab" * 32, "none"]) == {"ab" * 32: (look,)}
    for _ in range(2):
        assert any_ledger.near({"it": (look,)}, most=0, moments=1) == {"it": {"ab" * 32: 0}}


def test_what_fails_in_the_middle_is_undone(any_ledger: AnyLedger) -> None:
    def rows() -> Iterator[Prepared]:
        yield from (row(number) for number in range(1, 700))
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        any_ledger.inventory().plan(rows())
    assert any_ledger.inventory().unready() == ()
    any_ledger.inventory().plan([row(1)])
    assert any_ledger.inventory().unready() == (row(1),)


def test_threads_do_not_mix_their_work(any_ledger: AnyLedger) -> None:
    inventory = any_ledger.inventory()

    def plan(number: int) -> None:
        rows = [row(number * 1_000 + at) for at in range(20)]
        inventory.plan(rows)
        inventory.finish(rows)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(plan, range(1, 25)))
    assert len(list(inventory.rows())) == 480


def test_hashes_may_be_kept_while_others_are_written(tmp_path: Path) -> None:
    class Nothing:
        """Executes nothing, so that all the time goes into what is tested."""

        def __call__(self, statement: str, values: Sequence[object] = ()) -> Sequence[Any]:
            return ()

        def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
            assert all(len(row) == 6 for row in rows)

    hashes, done = Hashes(), Event()
    reads = [
        Read(tmp_path / f"{number}.png", "ab" * 32, {"size": 1, "mtime_ns": 1, "inode": "1"})
        for number in range(200)
    ]

    def keep() -> None:
        while not done.is_set():
            for read in reads:
                hashes.keep(read)
            hashes.written()

    was = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(1) as thread:
            keeping = thread.submit(keep)
            try:
                for _ in range(3_000):
                    hashes.write(Nothing())
            finally:
                done.set()
            keeping.result()
    finally:
        sys.setswitchinterval(was)


# ---- the file


def test_the_tables_are_those_that_sqlalchemy_makes(database: str, tmp_path: Path) -> None:
    """To write them down anew: they stand in ``sqlite_master`` of a ledger made by `Database`."""
    Database(database).close()
    plain = PlainLedger.in_file(tmp_path / "plain.db")
    assert plain is not None
    plain.close()

    def tables(file: Path) -> dict[str, str]:
        with closing(sqlite3.connect(file)) as connection:
            found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql <> ''")
            return {name: " ".join(sql.split()) for name, sql in found}

    expected = tables(file_of(database))
    assert tables(tmp_path / "plain.db") == expected
    assert len(tables_sql().split(";\n")) == len(expected)


def test_the_file_is_durable_and_its_owner_s_alone(database: str) -> None:
    file = file_of(database)
    plain = PlainFile.open(file, make=True)
    assert plain is not None
    sides = (plain._reader, plain._writer)
    answers = {
        name: [it for side in sides for (it,) in side(f"PRAGMA {name}")]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    assert len(PRAGMAS) == len(answers) + 1  # fullfsync shows on macOS only
    assert answers == {
        "journal_mode": ["wal", "wal"],
        "synchronous": [3, 3],
        "foreign_keys": [1, 1],
        "busy_timeout": [30_000, 30_000],
    }
    assert {stat.S_IMODE(it.stat().st_mode) for it in file.parent.iterdir()} == {0o600}
    plain.close()


@pytest.mark.parametrize("damage", ["older", "newer", "no database", "foreign", "a folder"])
def test_what_is_out_of_the_ordinary_is_left_to_the_ledger(database: str, damage: str) -> None:
    file = file_of(database)
    with opened(database, "plain"):
        pass
    if damage in {"older", "newer"}:
        step = "- 1" if damage == "older" else "+ 1"
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute(f"UPDATE schema_version SET version = version {step}")
    elif damage == "no database":
        file.write_bytes(b"no database at all" * 1000)
    elif damage == "foreign":
        file.unlink()
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("CREATE TABLE recipes (name TEXT)")
    else:
        file.unlink()
        file.mkdir()
    assert PlainLedger.in_file(file) is None


def test_who_reads_does_not_wait_for_who_writes(database: str) -> None:
    plain = PlainFile.open(file_of(database), make=True)
    assert plain is not None
    ledger = PlainLedger(plain)
    with ThreadPoolExecutor(1) as thread, plain.writing() as execute:
        execute("DELETE FROM schema_version")
        assert thread.submit(ledger.inventory().unready).result(timeout=5) == ()
        execute("INSERT INTO schema_version (version) VALUES (?)", [VERSION])
    ledger.close()


def test_to_open_it_one_does_not_wait_for_who_writes(database: str) -> None:
    with opened(database, "plain") as first, ThreadPoolExecutor(1) as thread:
        first.inventory().plan([row(1)])
        with closing(sqlite3.connect(file_of(database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            second = thread.submit(opened, database, "plain").result(timeout=5)
            assert second.inventory().unready() == (row(1),)
        second.close()


def test_to_open_it_again_does_not_set_it_free(database: str) -> None:
    """Else another process that closes it takes it for its own, and removes what was not merged."""
    look = (
        "import sqlite3, sys; it = sqlite3.connect(sys.argv[1]); "
        "print(it.execute('SELECT count(*) FROM inventory').fetchone()[0]); it.close()"
    )

    def seen() -> str:
        command = [sys.executable, "-c", look, str(file_of(database))]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    with opened(database, "plain") as first:
        first.inventory().plan([row(1)])
        for kind in ("plain", "sqlite"):
            opened(database, kind).close()
            assert seen() == "1"
        first.inventory().plan([row(2)])
        assert seen() == "2"


def test_it_is_closed_once_what_is_being_written_stands(database: str) -> None:
    """After Ctrl+C a thread may still be at work. The interpreter crashed at this."""
    plain = PlainFile.open(file_of(database), make=True)
    assert plain is not None
    begun, ended = Event(), Event()

    def write() -> None:
        with plain.writing() as execute:
            begun.set()
            assert not ended.wait(0.2)
            execute("INSERT INTO files VALUES ('here', 'a', 1, 1, '1', 'ab')")

    with ThreadPoolExecutor(1) as thread:
        writing = thread.submit(write)
        assert begun.wait(5)
        plain.close()
        ended.set()
        writing.result()
    with closing(sqlite3.connect(file_of(database))) as connection:
        assert connection.execute("SELECT path FROM files").fetchall() == [("a",)]


def test_who_comes_after_it_was_closed_gets_one_line(database: str) -> None:
    plain = PlainFile.open(file_of(database), make=True)
    assert plain is not None
    plain.close()
    with pytest.raises(LedgerError, match="can't be used: Cannot operate on a closed"):
        PlainLedger(plain).inventory().unready()


def test_many_may_make_it_at_once(database: str) -> None:
    file = file_of(database)
    with ThreadPoolExecutor(8) as threads:
        ledgers = list(threads.map(lambda _: PlainLedger.in_file(file), range(8)))
    for number, ledger in enumerate(ledgers):
        assert ledger is not None
        ledger.inventory().plan([row(number)])
        ledger.close()
    with Ledger.open(database) as whole:
        assert len(whole.inventory().unready()) == 8


def test_what_is_wrong_later_is_one_line(database: str) -> None:
    plain = PlainFile.open(file_of(database), make=True)
    assert plain is not None
    ledger = PlainLedger(plain)
    plain._writer("PRAGMA query_only = ON")
    with pytest.raises(LedgerError, match="can't be used: attempt to write a readonly") as caught:
        ledger.inventory().plan([row(1)])
    assert str(file_of(database)) in caught.value.message
    assert caught.value.hint == "Check who may read and write it and its folder."
    ledger.close()


@pytest.mark.parametrize("damage", ["facts = '{'", "part = 'HALF'"])
def test_a_row_that_means_nothing_is_one_line(database: str, damage: str) -> None:
    with opened(database, "plain") as ledger:
        ledger.inventory().plan([row(1)])
        with closing(sqlite3.connect(file_of(database), isolation_level=None)) as connection:
            connection.execute(f"UPDATE inventory SET {damage}")
        with pytest.raises(LedgerError, match="a row of the inventory that can't be read"):
            ledger.inventory().unready()


def test_process_does_without_sqlalchemy(tmp_path: Path) -> None:
    """Its import takes longer than a small folder: the first run and the next do without."""
    from PIL import Image

    folder = tmp_path / "source_files" / "Summer"
    folder.mkdir(parents=True)
    Image.new("RGB", (300, 250), "teal").save(folder / "one.png")
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("TJ_", "CFU_"))}
    script = (
        "import sys; from creative_flow.process import process; "
        f"report = process(workspace={str(tmp_path)!r}, platform='tj'); "
        "print(report.exit_code, len(report.items), 'sqlalchemy' in sys.modules)"
    )
    command = [sys.executable, "-c", script]
    for found in ("0 1 False", "0 0 False"):
        ran = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
        assert ran.stdout.strip() == found
