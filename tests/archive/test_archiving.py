"""What is up goes to a folder per run; all else stays, and nothing is ever lost."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.shelf import NAME, Shelf, archived, why
from creative_flow.creative import Status
from creative_flow.errors import PluginMissing, UsageError, WorkspaceError
from creative_flow.events import Event, Progressed
from creative_flow.ledger import Ledger
from creative_flow.ledger.locks import FileLock
from reliability.failing_disk import leave_room, small_disk

PAIR = ("Native/Video/VID_{}-VID.mp4", "Native/Image/IMG_{}-IMG.png")
VIDEO, IMAGE = (name.format(NAME) for name in PAIR)


# ── What moves, and where to ─────────────────────────────────────────────────────────────────────


def test_what_is_up_moves_with_its_sub_folders_and_is_listed_with_its_id(shelf: Shelf) -> None:
    run = shelf.up("EN_Summer.png", "Native/Video/EN_Clip.mp4")

    report = shelf.archive()

    assert report.exit_code == 0
    assert report.batches == {shelf.batch(run): 2}
    assert shelf.waiting() == {}
    assert archived(shelf.batch(run)) == shelf.contents
    [banner, clip] = shelf.rows(run)
    assert list(banner)[:4] == ["name", "size", "sha256", "creative_id"]
    assert banner["creative_id"] == "1032530511"
    assert banner["sha256"] == hashlib.sha256(shelf.contents["EN_Summer.png"]).hexdigest()
    assert int(banner["size"]) == len(shelf.contents["EN_Summer.png"])
    assert (clip["name"], clip["path"]) == ("EN_Clip.mp4", "uploaded/Native/Video/EN_Clip.mp4")
    assert (clip["platform"], clip["account"], clip["run"]) == ("acme", "default", run)


def test_each_run_has_its_folder_and_a_file_sent_again_goes_to_the_newest(shelf: Shelf) -> None:
    first = shelf.up("EN_Summer_1.png", "EN_Summer_2.png")
    second = shelf.upload("EN_Summer_2.png")
    shelf.archive()
    assert [row["name"] for row in shelf.rows(first)] == ["EN_Summer_1.png"]
    assert [row["name"] for row in shelf.rows(second)] == ["EN_Summer_2.png"]


def test_only_the_files_that_are_named_move(shelf: Shelf) -> None:
    shelf.up("a/EN_Summer_1.png", "b/EN_Summer_2.png", "b/EN_Summer_3.png")
    uploaded = shelf.root / "uploaded"
    shelf.archive(uploaded / "a", uploaded / "b" / "EN_Summer_2.png")
    assert set(shelf.waiting()) == {"b/EN_Summer_3.png"}


def test_only_what_is_up_on_the_named_platform_and_account_moves(shelf: Shelf) -> None:
    shelf.add("EN_Summer_1.png")
    shelf.add("EN_Summer_2.png")
    shelf.upload("EN_Summer_1.png", platform="acme", account="default")
    shelf.upload("EN_Summer_2.png", platform="acme", account="second")
    report = shelf.archive(platform="acme", account="second")
    assert [moved.path.name for moved in report.moved] == ["EN_Summer_2.png"]
    with pytest.raises(PluginMissing, match="There is no platform 'acne'"):
        shelf.archive(platform="acne")
    with pytest.raises(UsageError, match=r"No account 'third' .* There are default, second\."):
        shelf.archive(account="third")


def test_the_folder_uploaded_may_be_a_link_to_another_place(shelf: Shelf, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shelf.root.mkdir()
    (shelf.root / "uploaded").symlink_to(elsewhere)
    run = shelf.up("EN_Summer.png", "sub/EN_Summer_2.png")
    shelf.archive(elsewhere / "sub")
    shelf.archive()
    assert archived(shelf.batch(run)) == shelf.contents


def test_a_dry_run_tells_what_would_move_and_moves_nothing(shelf: Shelf) -> None:
    run = shelf.up("EN_Summer.png")
    report = shelf.archive(dry_run=True)
    [moved] = report.moved
    assert moved.to == shelf.batch(run) / "EN_Summer.png"
    assert shelf.waiting() == shelf.contents
    assert not (shelf.root / "archive").exists()


# ── What stays ───────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_up_stays_and_is_told_why(shelf: Shelf) -> None:
    for name in ("new.png", "failed.png", "open.png", "forgotten.png", "ORG_clip.mp4", ".hidden"):
        shelf.add(name)
    shelf.up("changed.png")
    shelf.upload("failed.png", status=Status.FAILED)
    shelf.upload("open.png", status=Status.UNKNOWN_ID)
    run = shelf.upload("forgotten.png")
    with Ledger.open(shelf.place.ledger_url) as ledger:
        [gone] = ledger.outcomes(run)
        ledger.forget("acme", "default", [("banner", gone.creative_id)])
    shelf.add("changed.png", b"another picture")
    (shelf.root / "uploaded" / "link.png").symlink_to(shelf.root / "uploaded" / "changed.png")
    os.mkfifo(shelf.root / "uploaded" / "pipe.png")
    before = set((shelf.root / "uploaded").iterdir())

    report = shelf.archive()

    assert set((shelf.root / "uploaded").iterdir()) == before
    assert report.moved == ()
    assert report.exit_code == 0
    reasons = why(report)
    assert reasons["new.png"] == "not uploaded from here"
    assert reasons["changed.png"] == "changed since it was uploaded as Creative ID 1032530511"
    assert reasons["failed.png"].startswith("not up: failed in run ")
    assert "cfu resolve" in reasons["open.png"]
    assert "was forgotten" in reasons["forgotten.png"]
    assert "never uploaded" in reasons["ORG_clip.mp4"]
    assert "link" in reasons["link.png"]
    assert "no plain file" in reasons["pipe.png"]
    assert ".hidden" not in reasons


def test_same_size_and_name_but_other_content_is_not_what_was_uploaded(shelf: Shelf) -> None:
    shelf.up("EN_Summer.png")
    other = bytes(len(shelf.contents["EN_Summer.png"]))
    shelf.add("EN_Summer.png", other)
    report = shelf.archive()
    assert shelf.waiting() == {"EN_Summer.png": other}
    assert why(report)["EN_Summer.png"].startswith("changed since")


def test_a_native_pair_moves_only_as_a_whole(shelf: Shelf) -> None:
    shelf.add(IMAGE)
    shelf.up(VIDEO)
    report = shelf.archive()
    assert set(shelf.waiting()) == {VIDEO, IMAGE}
    assert why(report)[Path(VIDEO).name] == "its other half (…ID-1A2B3C4D-IMG) is not up"

    shelf.upload(IMAGE)
    assert shelf.archive().left == ()
    assert shelf.waiting() == {}


def test_a_half_whose_other_half_was_changed_stays_with_it(shelf: Shelf) -> None:
    shelf.up(VIDEO, IMAGE)
    shelf.add(IMAGE, b"a better picture")
    shelf.archive()
    assert set(shelf.waiting()) == {VIDEO, IMAGE}


def test_a_half_on_one_platform_and_the_other_on_another_are_no_pair(shelf: Shelf) -> None:
    shelf.add(VIDEO)
    shelf.add(IMAGE)
    shelf.upload(VIDEO, platform="acme")
    shelf.upload(IMAGE, platform="emca")
    shelf.archive()
    assert set(shelf.waiting()) == {VIDEO, IMAGE}


def test_a_half_whose_other_half_was_archived_before_follows_it(shelf: Shelf) -> None:
    shelf.up(VIDEO, IMAGE)
    shelf.archive(shelf.root / "uploaded" / "Native" / "Video")
    assert set(shelf.waiting()) == {IMAGE}
    shelf.archive()
    assert shelf.waiting() == {}


def test_paths_that_are_not_the_workspaces_or_its_own_records_are_refused(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.up("EN_Summer.png")
    for path in (tmp_path, shelf.root / "tracking", shelf.root / "archive" / "batch_AB12-20261121"):
        with pytest.raises(UsageError, match=r"outside the workspace|not for archiving"):
            shelf.archive(path)
    report = shelf.archive(shelf.root / "uploaded" / "no such file.png")
    assert report.exit_code == 1
    assert why(report) == {"no such file.png": "there is no such file"}


def test_a_folder_that_is_no_workspace_is_not_made_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder uploaded/"):
        Shelf(tmp_path).archive()
    assert list(tmp_path.iterdir()) == []


# ── Nothing is lost or overwritten ───────────────────────────────────────────────────────────────


@pytest.fixture(params=["link", "copy", "another file system"])
def way(request: pytest.FixtureRequest, shelf: Shelf) -> Iterator[dict[str, bool]]:
    """Have the archive where files are linked, copied, or must be copied."""
    if request.param == "another file system":
        other = Path("/dev/shm")
        if not other.is_dir() or other.stat().st_dev == shelf.root.parent.stat().st_dev:
            pytest.skip("there is no second file system here")
        import tempfile

        with tempfile.TemporaryDirectory(dir=other) as folder:
            shelf.root.mkdir()
            (shelf.root / "archive").symlink_to(folder)
            yield {}
    else:
        yield {"by_copy": request.param == "copy"}


def test_it_moves_there_and_back_again_however_files_are_moved(
    shelf: Shelf, way: dict[str, bool]
) -> None:
    run = shelf.up("EN_Summer.png", VIDEO, IMAGE)
    times = {path.name: path.stat().st_mtime_ns for path in shelf.root.rglob("*.png")}
    for _ in range(2):
        assert shelf.archive(**way).exit_code == 0
        assert shelf.waiting() == {}
        assert archived(shelf.batch(run)) == shelf.contents
        assert shelf.restore(**way).exit_code == 0
        assert shelf.waiting() == shelf.contents
        assert archived(shelf.batch(run)) == {}
    assert times == {path.name: path.stat().st_mtime_ns for path in shelf.root.rglob("*.png")}
    assert [bool(row["restored_at"]) for row in shelf.rows(run)] == [True] * 6


def test_another_file_of_that_name_in_the_archive_is_not_overwritten(
    shelf: Shelf, way: dict[str, bool]
) -> None:
    run = shelf.up("sub/EN_Summer.png")
    mine = shelf.batch(run) / "sub" / "EN_Summer.png"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"the user's own")
    for _ in range(2):
        shelf.archive(**way)
        there = {"sub/EN_Summer.png": b"the user's own"}
        there["sub/EN_Summer (2).png"] = shelf.contents["sub/EN_Summer.png"]
        assert archived(shelf.batch(run)) == there
        row = shelf.rows(run)[-1]
        assert (row["name"], row["path"]) == ("EN_Summer (2).png", "uploaded/sub/EN_Summer.png")
        shelf.restore(**way)
        assert shelf.waiting() == shelf.contents


def test_what_is_in_the_archive_already_is_not_kept_twice(
    shelf: Shelf, way: dict[str, bool]
) -> None:
    """An archived file that is dropped in again goes; its row and its copy stay as they are."""
    run = shelf.up("EN_Summer.png")
    shelf.archive(**way)
    shelf.add("EN_Summer.png")
    report = shelf.archive(**way)
    assert [moved.already for moved in report.moved] == [True]
    assert shelf.waiting() == {}
    assert archived(shelf.batch(run)) == shelf.contents
    assert len(shelf.rows(run)) == 1


def test_a_file_that_changes_while_it_is_archived_stays_as_it_is(
    shelf: Shelf, way: dict[str, bool]
) -> None:
    run = shelf.up("EN_Summer_1.png", "EN_Summer_2.png")
    edited = shelf.root / "uploaded" / "EN_Summer_1.png"

    def edit(event: Event) -> None:
        if isinstance(event, Progressed) and (event.what, event.done) == ("checking", 2):
            edited.write_bytes(b"an edit at the last moment")

    report = shelf.archive(on_event=edit, **way)

    assert report.exit_code == 1
    assert why(report) == {"EN_Summer_1.png": "it was changed meanwhile"}
    assert shelf.waiting() == {"EN_Summer_1.png": b"an edit at the last moment"}
    assert set(archived(shelf.batch(run))) == {"EN_Summer_2.png"}
    assert [row["name"] for row in shelf.rows(run)] == ["EN_Summer_2.png"]


def test_two_files_of_one_content_and_name_in_two_folders_both_keep_their_place(
    shelf: Shelf,
) -> None:
    shelf.add("a/EN_Summer.png", b"one picture")
    run = shelf.upload("a/EN_Summer.png")
    shelf.add("b/EN_Summer.png", b"one picture")
    shelf.archive()
    assert archived(shelf.batch(run)) == shelf.contents
    shelf.restore()
    assert shelf.waiting() == shelf.contents


def test_what_lies_beside_and_below_uploaded_under_one_name_comes_back_to_both_places(
    shelf: Shelf,
) -> None:
    run = shelf.up("banners/EN_Summer.png")
    beside = shelf.root / "banners" / "EN_Summer.png"
    beside.parent.mkdir()
    beside.write_bytes(shelf.contents["banners/EN_Summer.png"])
    shelf.archive()
    shelf.archive(beside)
    assert set(archived(shelf.batch(run))) == {"banners/EN_Summer.png", "banners/EN_Summer (2).png"}
    shelf.restore()
    assert beside.exists()
    assert shelf.waiting() == shelf.contents


def test_a_full_disk_is_told_once_and_the_rest_goes_on(shelf: Shelf, tmp_path: Path) -> None:
    big = os.urandom(900_000)
    shelf.add("EN_Big.png", big)
    shelf.add("EN_Small.png")
    run = shelf.upload("EN_Big.png", "EN_Small.png")
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        (shelf.root / "archive").symlink_to(disk)
        filler = leave_room(disk, 300)
        report = shelf.archive()
        assert why(report) == {"EN_Big.png": "No space left on device"}
        assert shelf.waiting() == {"EN_Big.png": big}
        assert set(archived(shelf.batch(run))) == {"EN_Small.png"}
        assert [row["name"] for row in shelf.rows(run)] == ["EN_Small.png"]
        filler.unlink()
        assert shelf.archive().exit_code == 0
        assert archived(shelf.batch(run)) == shelf.contents


def test_a_disk_without_room_for_the_manifest_keeps_every_file_where_it_is(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.up("EN_Summer_1.png", "EN_Summer_2.png")
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        (shelf.root / "archive").symlink_to(disk)
        leave_room(disk, 0)
        report = shelf.archive()
        assert report.exit_code == 1
        assert all("No space left on device" in reason for reason in why(report).values())
        assert shelf.waiting() == shelf.contents


def test_two_at_once_do_not_meet(shelf: Shelf) -> None:
    shelf.up("EN_Summer.png")
    lock = FileLock(shelf.place.session_dir / "archive.lock")
    assert lock.take() is None
    with pytest.raises(WorkspaceError, match="Another `cfu archive` is at work"):
        shelf.archive()
    (shelf.root / "archive" / "batch_AB12-20261121").mkdir(parents=True)
    (shelf.root / "archive" / "batch_AB12-20261121" / "manifest.csv").write_text("")
    with pytest.raises(WorkspaceError, match="Another `cfu archive` is at work"):
        shelf.restore()
    lock.release()
    assert shelf.archive().exit_code == 0


# ── The manifest ─────────────────────────────────────────────────────────────────────────────────


def test_a_torn_last_line_of_the_manifest_is_as_if_not_written(shelf: Shelf) -> None:
    run = shelf.up("EN_Summer_1.png")
    shelf.archive()
    manifest = shelf.batch(run) / "manifest.csv"
    with manifest.open("a") as file:
        file.write('"EN_Summer, torn.png",12,ab')
    shelf.add("EN_Summer_1.png")
    (shelf.batch(run) / "EN_Summer_1.png").unlink()  # so that there is something to write
    manifest.write_bytes(manifest.read_bytes().replace(b"EN_Summer_1", b"EN_Summer_0"))
    shelf.archive()
    assert [row["name"] for row in shelf.rows(run)] == ["EN_Summer_0.png", "EN_Summer_1.png"]


def test_a_manifest_that_a_spreadsheet_has_saved_still_counts(shelf: Shelf) -> None:
    run = shelf.up("EN_Summer_1.png", "EN_Summer_2.png")
    shelf.archive(shelf.root / "uploaded" / "EN_Summer_1.png")
    manifest = shelf.batch(run) / "manifest.csv"
    saved = manifest.read_text().replace(",", ";").replace("1032530511", "1,032,530,511")
    manifest.write_text(saved, "utf-16")
    report = shelf.archive()
    assert [row["creative_id"] for row in shelf.rows(run)] == ["1032530511", "1032530521"]
    [notice] = report.notices
    assert "was saved by another program" in notice
    [kept] = (shelf.root / "tracking" / "kept_aside").iterdir()
    assert kept.read_text("utf-16") == saved


def test_no_spreadsheet_takes_a_name_for_a_formula(shelf: Shelf) -> None:
    names = ("=1+1.png", '-EN, "quoted".png', "two\nlines.png")
    run = shelf.up(*names)
    shelf.archive()
    with (shelf.batch(run) / "manifest.csv").open(newline="") as file:
        cells = [row["name"] for row in csv.DictReader(file)]
    assert {cell[:1] for cell in cells} == {"'", "t"}
    shelf.restore()
    assert shelf.waiting() == shelf.contents


def test_a_second_call_finds_nothing_to_do(shelf: Shelf) -> None:
    run = shelf.up("EN_Summer.png")
    shelf.archive()
    before = (shelf.batch(run) / "manifest.csv").stat()
    report = shelf.archive()
    assert (report.moved, report.left) == ((), ())
    assert (shelf.batch(run) / "manifest.csv").stat().st_mtime_ns == before.st_mtime_ns
