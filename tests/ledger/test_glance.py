"""A dry run's quick look into the ledger sees what the ledger sees, or leaves it to the ledger."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from attrs import evolve, frozen

from creative_flow.creative import Status
from creative_flow.ledger import KnownEntry, Ledger, LibraryMirror
from creative_flow.ledger.glance import Glance
from creative_flow.ledger.lookups import Lookups
from creative_flow.ledger.mirrors.disk import Stamp
from creative_flow.ledger.mirrors.state import State
from ledger.samples import FORMATS, A, P, batch, creative, entry, outcome, snapshot

LOGIN = "ana.buyer"
ODD = "EN_Summer_\udcff_\x1a_Ana_ID-1A2B3C4D"


@frozen
class Shelf:
    """A ledger on disk with its library mirror."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "what?a#file%20.db"

    @property
    def csv(self) -> Path:
        return self.folder / "TJ_Creative_Library.csv"

    def ledger(self) -> Ledger:
        from sqlalchemy import URL

        return Ledger.open(str(URL.create("sqlite", database=str(self.file))))

    def mirror(self, ledger: Ledger) -> LibraryMirror:
        return LibraryMirror(
            ledger,
            self.csv,
            platform=P,
            account=A,
            ad_formats=FORMATS,
            kept_aside=self.folder / "kept_aside",
        )

    def glance(self, login: str = LOGIN) -> Glance | None:
        return Glance.open(self.file, P, A, login, self.csv)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Fill a ledger: entries of every kind, a run with failures, all of it mirrored."""
    shelf = Shelf(tmp_path)
    shelf.folder.joinpath("what?a#file%20.db").touch()
    with Ledger.open(f"sqlite:///{tmp_path}/first.db") as ledger:
        ledger.bind_account(P, A, LOGIN)
        ledger.bind_account(P, "second", "someone.else")
        ledger.add_entries(
            P,
            A,
            [
                entry("1000000011", sha256="ab" * 32, notes="a note", review_status="approved"),
                entry("1000000021", sha256="ab" * 32, ad_format="native_image"),
                entry("1000000031", f"{ODD}.png", sha256="cd" * 32),
                entry("1000000041", review_status="removed"),
            ],
        )
        ledger.add_entries(
            P,
            "second",
            [
                evolve(entry("2000000011", sha256="ab" * 32), account="second"),
                evolve(entry("2000000021", f"{ODD}.png", sha256="cd" * 32), account="second"),
            ],
        )
        ledger.forget(P, A, [("static_banner", "1000000041")])
        run = ledger.start_run(P, A, login=LOGIN, campaign="", total=2)
        first = ledger.write_intent(run, batch("one.png", f"{ODD}.png"), snapshot(), "")
        ledger.mark_sending(first)
        ledger.finish_batch(
            first,
            [
                outcome("one.png", Status.FAILED, error="it was too large"),
                outcome(f"{ODD}.png", Status.REJECTED, error=f"no: {ODD}"),
            ],
            [],
        )
        ledger.finish_run(run)
        shelf.mirror(ledger).follow()
    tmp_path.joinpath("first.db").rename(shelf.file)
    return shelf


def looked_up(ledger: Lookups) -> list[object]:
    keys = [entry("1").key, entry("1", f"{ODD}.png").key, "nobody's"]
    return [
        *(ledger.by_name(P, A, ad_format, keys) for ad_format in ("static_banner", "native_image")),
        ledger.by_content(P, A, ["ab" * 32, "cd" * 32, "", "ef" * 32]),
        ledger.elsewhere(P, A, ["ab" * 32, "cd" * 32, "", "ef" * 32]),
        ledger.last_attempts(
            P, A, "static_banner", [creative(name).key for name in ("one.png", f"{ODD}.png", "x")]
        ),
        ledger.open_intents(P, A),
    ]


def places(found: object) -> list[tuple[int, int]]:
    """Return what entries are not compared by."""
    assert isinstance(found, dict)
    entries = [it for group in found.values() for it in group if isinstance(it, KnownEntry)]
    return [(it.position, it.revision) for it in entries]


def test_it_finds_what_the_ledger_finds(shelf: Shelf) -> None:
    glance = shelf.glance()
    assert glance is not None
    with shelf.ledger() as ledger:
        expected, found = looked_up(ledger), looked_up(glance)
    glance.close()
    assert found == expected
    assert all(found[:5])
    assert [places(it) for it in found[:4]] == [places(it) for it in expected[:4]]


def test_looks_are_the_same_to_both(shelf: Shelf) -> None:
    with shelf.ledger() as ledger:
        ledger.add_looks({"ab" * 32: (f"{3:064x}", "", f"{5:064x}")})
    glance = shelf.glance()
    assert glance is not None
    glance.add_looks({"cd" * 32: (f"{7:064x}", f"{9:064x}", f"{5:064x}"), "ab" * 32: ("1",)})
    contents = ["ab" * 32, "cd" * 32, "ef" * 32]
    with shelf.ledger() as ledger:
        for known in (ledger, glance):
            assert known.looks(contents) == {
                "ab" * 32: (f"{3:064x}", "", f"{5:064x}"),
                "cd" * 32: (f"{7:064x}", f"{9:064x}", f"{5:064x}"),
            }
            hashes = (f"{7:064x}", f"{9:064x}", f"{4:064x}")
            near = partial(known.near, {"it": hashes})
            assert near(most=1, moments=2) == {"it": {"ab" * 32: 1, "cd" * 32: 0}}
            assert near(most=0, moments=2) == {"it": {"cd" * 32: 0}}
            assert near(most=1, moments=3) == {"it": {"cd" * 32: 1}}
            picture = known.near({"other": hashes[:1]}, most=1, moments=1)
            assert picture == {"other": {}}, "a picture is no clip"
    glance.close()


def test_what_looks_alike_is_found_also_where_that_can_not_be_kept(shelf: Shelf) -> None:
    look = f"{7:064x}"
    with shelf.ledger() as ledger:
        ledger.add_looks({"ab" * 32: (look,)})
    glance = shelf.glance()
    assert glance is not None
    glance._file._writer("PRAGMA query_only = ON")
    for _ in range(2):
        assert glance.near({"it": (look,)}, most=0, moments=1) == {"it": {"ab" * 32: 0}}
    glance.close()


def test_a_hash_it_computed_is_known_to_the_ledger(shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / f"{ODD}.png"
    file.write_bytes(b"content")
    os.utime(file, (1_000_000_000, 1_000_000_000))
    glance = shelf.glance()
    assert glance is not None
    digest = glance.sha256(file)
    glance.close()
    # Same size, same times, same inode: whoever answers with the old hash has not read the file.
    file.write_bytes(b"CONTENT")
    os.utime(file, (1_000_000_000, 1_000_000_000))
    with shelf.ledger() as ledger:
        assert ledger.sha256(file) == digest
    again = shelf.glance()
    assert again is not None
    assert again.sha256(file) == digest
    again.close()


def test_an_open_fate_is_left_to_the_ledger(shelf: Shelf) -> None:
    with shelf.ledger() as ledger:
        run = ledger.start_run(P, A, login=LOGIN, campaign="", total=1)
        ledger.mark_sending(ledger.write_intent(run, batch("two.png"), snapshot(), ""))
    assert shelf.glance() is None


def test_another_login_or_none_on_record_is_left_to_the_ledger(shelf: Shelf) -> None:
    assert shelf.glance(login="somebody.else") is None
    without = shelf.glance(login="")
    assert without is not None
    without.close()
    assert Glance.open(shelf.file, P, "third", "", shelf.csv) is None


def test_an_edited_or_missing_mirror_is_left_to_the_ledger(shelf: Shelf) -> None:
    content = shelf.csv.read_bytes()
    shelf.csv.write_bytes(content + b"1000000051,by hand.png,,,,,\n")
    assert shelf.glance() is None
    shelf.csv.unlink()
    assert shelf.glance() is None


def test_what_was_just_written_is_read_to_be_sure_of_it(shelf: Shelf) -> None:
    with shelf.ledger() as ledger:
        state = ledger.mirror_state(shelf.csv)
        assert state is not None
        before = shelf.csv.stat()
        changed = shelf.csv.read_bytes().replace(b"approved", b"rejected")
        shelf.csv.write_bytes(changed)
        os.utime(shelf.csv, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert shelf.csv.stat().st_mtime_ns == state["stamp"]["mtime_ns"]
    assert shelf.glance() is None


def test_what_was_read_to_be_sure_is_not_read_the_next_time(shelf: Shelf) -> None:
    with closing(sqlite3.connect(shelf.file, isolation_level=None)) as connection:
        (packed,) = connection.execute("SELECT state FROM mirrors").fetchone()
        state = json.loads(packed)
        # As if it had been looked at in the moment in which it was written, an hour ago.
        hour_ago = shelf.csv.stat().st_mtime_ns - 3600 * 10**9
        os.utime(shelf.csv, ns=(hour_ago, hour_ago))
        state["stamp"]["mtime_ns"] = state["checked_ns"] = hour_ago
        connection.execute("UPDATE mirrors SET state = ?", [json.dumps(state)])
        glance = shelf.glance()
        assert glance is not None
        glance.close()

        (packed,) = connection.execute("SELECT state FROM mirrors").fetchone()

    after = State.read(json.loads(packed))
    stamp = Stamp.of(shelf.csv)
    assert stamp is not None
    assert after.is_untouched(stamp)
    assert evolve(after, checked_ns=hour_ago) == State.read(state)


@pytest.mark.parametrize("damage", ["no file", "another version", "no database", "no tables"])
def test_what_is_wrong_with_the_file_is_for_the_ledger_to_say(shelf: Shelf, damage: str) -> None:
    import sqlite3

    if damage == "no file":
        shelf.file.unlink()
    elif damage == "another version":
        with sqlite3.connect(shelf.file) as database:
            database.execute("UPDATE schema_version SET version = version + 1")
        database.close()
    elif damage == "no database":
        shelf.file.write_bytes(b"no database at all" * 1000)
    else:
        shelf.file.write_bytes(b"")
    assert shelf.glance() is None
    assert shelf.file.exists() == (damage != "no file")


def test_a_dry_run_does_without_sqlalchemy(shelf: Shelf, tmp_path: Path) -> None:
    """Its import alone takes longer than the rest: 10 files are to take half a second."""
    from PIL import Image

    from creative_flow.workspace import Workspace

    place = Workspace(tmp_path / "workspace", environ={})
    place.prepare()
    Image.new("RGB", (300, 250), "teal").save(place.uploaded / "one.png")
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("TJ_", "CFU_"))}
    script = (
        "import sys; from creative_flow import upload; "
        f"report = upload('tj', [{str(place.uploaded)!r}], workspace={str(place.root)!r}); "
        "print(report.outcomes[0].status, 'sqlalchemy' in sys.modules)"
    )

    def run() -> str:
        return subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environ
        ).stdout.strip()

    assert run() == "dry_run True"  # the ledger is made
    with Ledger.open(place.ledger_url) as ledger:
        ledger.bind_account(P, A, LOGIN)
    assert run() == "dry_run False"
