from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from creative_flow.errors import LedgerError, WrongAccount
from creative_flow.ledger import Ledger
from creative_flow.ledger.database import Database
from creative_flow.ledger.schema import bring_up_to_date
from creative_flow.ledger.version import VERSION
from ledger.samples import A, P, entry


def file_of(database: str) -> Path:
    return Path(database.removeprefix("sqlite:///"))


def refusal(url: str) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        Ledger.open(url)
    assert "\n" not in str(caught.value)
    return caught.value


def test_asking_for_the_room_does_not_load_sqlalchemy() -> None:
    code = "import sys, creative_flow.ledger; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_file_is_its_owner_s_alone(database: str) -> None:
    with Ledger.open(database) as ledger:
        ledger.add_entries(P, A, [entry("1")])
        for file in file_of(database).parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_every_connection_is_durable(database: str) -> None:
    open_database = Database(database)
    with open_database.reading() as connection:
        answers = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    open_database.close()
    assert answers == {"journal_mode": "wal", "synchronous": 3, "foreign_keys": 1}


def test_what_is_no_database_is_left_as_it_is(database: str) -> None:
    file = file_of(database)
    file.parent.mkdir()
    file.write_bytes(b"creative_id,filename\n1,a.png\n" * 400)
    before = file.read_bytes()
    assert "not a database" in str(refusal(database))
    assert file.read_bytes() == before


def test_a_damaged_database_is_not_trusted(database: str) -> None:
    with Ledger.open(database) as ledger:
        ledger.add_entries(P, A, [entry(str(n), f"{n}.png") for n in range(1, 3_000)])
    file = file_of(database)
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40_000] = os.urandom(40_000)
    file.write_bytes(content)
    error = refusal(database)
    assert str(file) in error.message
    assert error.hint


def test_a_database_cut_short_is_not_trusted(database: str) -> None:
    with Ledger.open(database) as ledger:
        ledger.add_entries(P, A, [entry(str(n), f"{n}.png") for n in range(1, 3_000)])
    file = file_of(database)
    os.truncate(file, file.stat().st_size // 2)
    assert refusal(database).hint


def test_somebody_else_s_database_is_left_alone(database: str) -> None:
    file = file_of(database)
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE runs (mine TEXT)")
    connection.close()
    assert "not the ledger's" in str(refusal(database))


def test_a_newer_version_is_refused(database: str) -> None:
    Ledger.open(database).close()
    with sqlite3.connect(file_of(database)) as connection:
        connection.execute("UPDATE schema_version SET version = ?", (VERSION + 1,))
    connection.close()
    assert f"version {VERSION + 1}" in str(refusal(database))


def _with_colour(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE library ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"))


def _broken(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE library ADD COLUMN half TEXT"))
    raise LedgerError("This step can't be done.")


def test_migrations_go_forward_step_by_step_and_keep_what_is_there(database: str) -> None:
    with Ledger.open(database) as ledger:
        ledger.add_entries(P, A, [entry("1")])
    old = Database(database)
    with old.transaction() as connection:
        bring_up_to_date(connection, version=VERSION + 1, steps={VERSION + 1: _with_colour})
    with old.reading() as connection:
        rows = connection.execute(text("SELECT creative_id, colour FROM library")).all()
        version = connection.execute(text("SELECT version FROM schema_version")).scalar_one()
    old.close()
    assert [tuple(row) for row in rows] == [("1", "red")]
    assert version == VERSION + 1


def test_a_ledger_of_an_earlier_version_becomes_like_a_new_one(database: str) -> None:
    with Ledger.open(database) as ledger:
        ledger.add_entries(P, A, [entry("1")])
        new = _shape(ledger._database)
    old = Database(database)
    with old.transaction() as connection:
        for statement in (
            "DROP TABLE look_bands",
            "DROP TABLE looks",
            "DROP TABLE ad_intents",
            "DROP TABLE ad_outcomes",
            "DROP TABLE ad_runs",
            "DROP TABLE ad_campaigns",
            "DROP TABLE ad_jobs",
            "DROP TABLE inventory",
            "DROP TABLE look_searches",
            "DROP INDEX uploads_by_unique_id",
            "DROP INDEX uploads_by_name",
            "UPDATE schema_version SET version = 1",
        ):
            connection.execute(text(statement))
    old.close()
    with Ledger.open(database) as ledger:
        assert _shape(ledger._database) == new
        assert [known.creative_id for known in ledger.entries(P, A)] == ["1"]


def test_looks_that_were_cut_otherwise_are_found_again(database: str) -> None:
    looks = {f"{number:064x}": (f"{number * 12345:064x}",) for number in range(1, 200)}
    with Ledger.open(database) as ledger:
        ledger.add_looks({**looks, "0" * 64: ("",)})
        ledger.add_entries(P, A, [entry(str(n), sha256=sha) for n, sha in enumerate(looks)])
    old = Database(database)
    with old.transaction() as connection:
        connection.execute(text("DELETE FROM look_bands"))
        connection.execute(text("DROP TABLE look_searches"))
        connection.execute(text("UPDATE schema_version SET version = 5"))
    old.close()
    with Ledger.open(database) as ledger:
        for content, hashes in looks.items():
            found = ledger.near({content: hashes}, most=0, moments=1)
            assert found == {content: {content: 0}}


def _shape(database: Database) -> dict[str, object]:
    """Return every table's columns and indexes, as the database has them."""
    with database.reading() as connection:
        found = inspect(connection)
        return {
            name: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)],
                sorted((i["name"], tuple(i["column_names"])) for i in found.get_indexes(name)),
                found.get_pk_constraint(name)["constrained_columns"],
                [u["column_names"] for u in found.get_unique_constraints(name)],
            )
            for name in found.get_table_names()
        }


def test_a_migration_that_fails_leaves_the_version_before(database: str) -> None:
    old = Database(database)
    steps = {VERSION + 1: _with_colour, VERSION + 2: _broken}
    with pytest.raises(LedgerError, match="step"), old.transaction() as connection:
        bring_up_to_date(connection, version=VERSION + 2, steps=steps)
    with old.reading() as connection:
        columns = connection.execute(text("SELECT name FROM pragma_table_info('library')"))
        assert not {"colour", "half"} & set(columns.scalars())
    old.close()
    Ledger.open(database).close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:s3cr3t@127.0.0.1:1/ledger",
        "postgresql://ana@127.0.0.1:1/ledger?password=s3cr3t",
        "postgres//ana:s3cr3t@host",
        "mysql://ana:s3cr3t@host/db",
        "postgresql://ana:s3cr3t@host:port/db",
    ],
)
def test_the_password_is_never_shown(url: str) -> None:
    error = refusal(url)
    assert "s3cr3t" not in str(error)
    assert error.hint
    assert error.__suppress_context__ or error.__context__ is None


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_ledger_in_memory_is_none(url: str) -> None:
    assert "file" in str(refusal(url))


def test_a_place_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert "data" in str(refusal(f"sqlite:///{tmp_path}/data/ledger.db"))


def test_an_account_keeps_its_login(ledger: Ledger) -> None:
    ledger.bind_account(P, A, "ana")
    ledger.bind_account(P, A, "ana")
    ledger.bind_account(P, "second", "bea")
    with pytest.raises(WrongAccount) as caught:
        ledger.bind_account(P, A, "bea")
    assert "--account" in caught.value.hint
    assert "cfu setup" in caught.value.hint
    ledger.bind_account(P, A, "bea", rebind=True)
    ledger.bind_account(P, A, "bea")


def test_an_account_used_before_its_login_was_known(ledger: Ledger) -> None:
    ledger.add_entries(P, A, [entry("1")])
    ledger.bind_account(P, A, "ana")
    with pytest.raises(WrongAccount):
        ledger.bind_account(P, A, "bea")


def test_two_clients_wait_for_each_other(database: str) -> None:
    with Ledger.open(database) as one, Ledger.open(database) as other:

        def fill(ledger: Ledger, first: int) -> None:
            for number in range(first, first + 40):
                ledger.add_entries(P, A, [entry(str(number), f"{number}.png")])

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(fill, one, 1_000), pool.submit(fill, other, 2_000)]:
                done.result()
        entries = list(one.entries(P, A))
    assert len(entries) == 80
    assert [e.position for e in entries] == list(range(1, 81))


def test_one_ledger_serves_one_thread_after_another(ledger: Ledger) -> None:
    with ThreadPoolExecutor(4) as pool:
        for number in range(1, 30):
            pool.submit(ledger.add_entries, P, A, [entry(str(number), f"{number}.png")]).result()
    assert len(list(ledger.entries(P, A))) == 29


def test_many_may_create_it_at_once(database: str) -> None:
    code = (
        "import sys; from creative_flow.ledger import Ledger;"
        "ledger = Ledger.open(sys.argv[1]); ledger.bind_account('tj', 'default', 'ana')"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, database]) for _ in range(4)]
    assert [process.wait() for process in started] == [0, 0, 0, 0]
