"""Files that a crash or a power cut left half written."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from creative_flow.creative import Outcome, Status
from creative_flow.errors import WorkspaceError
from creative_flow.ledger import Edits, Ledger, LibraryMirror, Origin, StatusMirror
from ledger.samples import FORMATS, NOON, A, P, entry, outcome

EVERY = pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
"""How far apart the cuts are: every byte counts where time does not."""
NAME = 'x, "y"\nz.png'


def mirror_of(ledger: Ledger, path: Path) -> LibraryMirror:
    return LibraryMirror(
        ledger,
        path,
        platform=P,
        account=A,
        ad_formats=FORMATS,
        kept_aside=path.parent / "aside",
    )


def quietly(mirror: LibraryMirror) -> Edits:
    return mirror.take_in(notify=pytest.fail, confirm_forget=None)


@EVERY
def test_an_append_cut_at_any_byte_is_mended_without_a_word(
    ledger: Ledger, tmp_path: Path, every: int
) -> None:
    path = tmp_path / "library.csv"
    ledger.add_entries(P, A, [entry("1032530511", "a.png")])
    mirror_of(ledger, path).follow()
    before, state = path.read_bytes(), ledger.mirror_state(path)
    assert state is not None
    ledger.add_entries(P, A, [entry("1032530512", NAME), entry("1032530513", "c.png")])
    mirror_of(ledger, path).follow()
    after = path.read_bytes()
    for cut in {*range(len(before), len(after), every), len(after)}:
        path.write_bytes(after[:cut])
        ledger.remember_mirror(path, state)  # as it was when the crash came
        assert quietly(mirror_of(ledger, path)) == Edits(), cut
        mirror_of(ledger, path).follow()
        assert path.read_bytes() == after, cut
    assert not (tmp_path / "aside").exists()


@EVERY
def test_a_row_appended_behind_a_torn_line_never_makes_a_wrong_id(
    ledger: Ledger, tmp_path: Path, every: int
) -> None:
    path = tmp_path / "library.csv"
    ledger.add_entries(P, A, [entry("1032530511", "a.png")])
    mirror_of(ledger, path).follow()
    before, state = path.read_bytes(), ledger.mirror_state(path)
    assert state is not None
    ledger.add_entries(P, A, [entry("1032530512", "b.png")])
    mirror_of(ledger, path).follow()
    after = path.read_bytes()
    row = b"1032530599,mine.png,,300x250,,image,\n"
    lost = []
    for cut in {*range(len(before), len(after), every), len(after)}:
        path.write_bytes(after[:cut] + row)
        ledger.remember_mirror(path, state)
        told: list[str] = []
        edits = mirror_of(ledger, path).take_in(notify=told.append, confirm_forget=None)
        known = {e.creative_id: e.name for e in ledger.entries(P, A)}
        assert known.items() <= {
            ("1032530511", "a.png"),
            ("1032530512", "b.png"),
            ("1032530599", "mine.png"),
        }, cut
        if "1032530599" not in known:
            assert edits.kept_aside is not None, cut
            assert row in edits.kept_aside.read_bytes(), cut
            assert told, cut
            lost.append(cut)
        ledger.forget(P, A, [("static_banner", "1032530599")])
        mirror_of(ledger, path).follow()
    assert len(before) not in lost


@EVERY
def test_a_library_cut_anywhere_loses_nothing(ledger: Ledger, tmp_path: Path, every: int) -> None:
    path = tmp_path / "library.csv"
    entries = [entry("1032530511", "a.png", notes="n"), entry("1032530512", NAME)]
    ledger.add_entries(P, A, entries)
    mirror_of(ledger, path).follow()
    after = path.read_bytes()
    for cut in {*range(0, len(after), every), len(after) - 1}:
        path.write_bytes(after[:cut])
        mirror_of(ledger, path).take_in(notify=lambda _: None, confirm_forget=None)
        assert path.read_bytes() == after, cut
        assert list(ledger.entries(P, A)) == entries, cut


COLUMNS = (
    "unique_id,file_path,file_name,upload_date,upload_time,platform,campaign_id,tj_creative_id,"
    "status,error_message,batch_id,native_pair_id,retries"
)


def status_of(path: Path) -> StatusMirror:
    return StatusMirror(path, title="TrafficJunky", column_prefix="tj")


def append(path: Path, *outcomes: Outcome) -> None:
    status_of(path).append(outcomes, run="20260314-120000-abcd", campaign="17")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_status_file_s_columns_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "upload_status_20260314-120000.csv"
    append(path, outcome("a.png", Status.SUCCESS, "8"))
    local, file = NOON.astimezone(), "/w/uploaded/a.png"
    assert path.read_text().split("\n") == [
        COLUMNS,
        f"ID-1A2B3C4D,{file},a.png,{local:%Y-%m-%d,%H:%M:%S},TrafficJunky,17,8,success,,1,,0",
        "",
    ]


def test_a_status_file_cut_at_any_byte_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "status.csv"
    append(path, outcome("a.png", Status.SUCCESS, "8"))
    first = path.read_bytes()
    append(path, outcome("b\nc.png", Status.FAILED, error='he said "no",\nthen left'))
    whole = path.read_bytes()
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        append(path, outcome("z.png", Status.SUCCESS, "9"))
        names = [row["file_name"] for row in rows_of(path)]
        expected = ["a.png"] * (cut >= len(first)) + ["b\nc.png"] * (cut == len(whole))
        assert names == [*expected, "z.png"], cut


def test_no_outcomes_still_make_a_header(tmp_path: Path) -> None:
    path = tmp_path / "status.csv"
    append(path)
    append(path)
    assert path.read_text() == COLUMNS + "\n"


def test_a_status_file_saved_in_another_form_is_kept_beside(tmp_path: Path) -> None:
    path = tmp_path / "status.csv"
    append(path, outcome("a.png", Status.SUCCESS, "8"))
    for number in (1, 2):
        mine = path.read_bytes().replace(b",", b";")
        path.write_bytes(mine)
        append(path, outcome("b.png", Status.SUCCESS, "9"))
        assert (tmp_path / f"status_edited{number}.csv").read_bytes() == mine
        assert [row["file_name"] for row in rows_of(path)] == ["b.png"]


def test_a_status_file_can_be_put_in_order(tmp_path: Path) -> None:
    path = tmp_path / "status.csv"
    one, two = outcome("a.png", Status.SUCCESS, "8"), outcome("b.png", Status.SKIPPED, "9")
    append(path, two, one)
    status_of(path).rewrite([one, two], run="r", campaign="17")
    assert [row["file_name"] for row in rows_of(path)] == ["a.png", "b.png"]


def test_a_file_name_is_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "status.csv"
    append(path, outcome("=1+1.png", Status.FAILED, error="@SUM(A1)"))
    (row,) = rows_of(path)
    assert (row["file_name"], row["error_message"]) == ("'=1+1.png", "'@SUM(A1)")


def test_a_status_file_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "tracking").write_text("a file")
    with pytest.raises(WorkspaceError, match=r"status\.csv"):
        append(tmp_path / "tracking" / "status.csv", outcome("a.png", Status.SUCCESS, "8"))


def test_a_full_disk_leaves_the_library_as_it_was(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "library.csv"
    ledger.add_entries(P, A, [entry("1032530511", "a.png")])
    mirror_of(ledger, path).follow()
    before = path.read_bytes()
    script = (
        "import resource, signal, sys; from pathlib import Path;"
        "from creative_flow.ledger.mirrors import disk;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "path = Path(sys.argv[1]);"
        "disk.replace(path, [b'x' * 5000], disk.Stamp.of(path))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=False
    )
    assert "WorkspaceError" in done.stderr
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.glob(".*")] == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_kill_at_any_time_leaves_ledger_and_mirror_in_step(tmp_path: Path) -> None:
    url, path = f"sqlite:///{tmp_path}/ledger.db", tmp_path / "library.csv"
    script = (
        "import sys; from pathlib import Path; from creative_flow.ledger import Ledger;"
        "from ledger.samples import entry, P, A; from ledger.test_torn_files import mirror_of;"
        "ledger = Ledger.open(sys.argv[1]); mirror = mirror_of(ledger, Path(sys.argv[2]));"
        "first = int(sys.argv[3]);"
        "print('go', flush=True);"
        "[(ledger.add_entries(P, A, [entry(str(n), f'{n}.png')]), mirror.follow())"
        " for n in range(first, first + 500)]"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    for attempt in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", script, url, path, str(10_000 + attempt * 1_000)],
            env=environment,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"go\n"
            try:
                process.wait(0.03 + attempt * 0.06)
            except subprocess.TimeoutExpired:
                process.kill()
        with Ledger.open(url) as ledger:
            quietly(mirror_of(ledger, path))
            mirror_of(ledger, path).follow()
            known = [e.creative_id for e in ledger.entries(P, A)]
            assert {e.origin for e in ledger.entries(P, A)} <= {Origin.PROVED}
        assert [row["creative_id"] for row in rows_of(path)] == known
    assert not (tmp_path / "aside").exists()
