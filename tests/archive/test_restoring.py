"""What was archived comes back to where it was, and nothing gives way to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.shelf import Shelf, archived, why
from creative_flow.errors import UsageError


def test_only_the_batches_that_are_named_come_back(shelf: Shelf) -> None:
    first = shelf.up("EN_Summer_1.png")
    second = shelf.up("EN_Summer_2.png")
    third = shelf.up("EN_Summer_3.png")
    shelf.archive()
    short = shelf.batch(second).name.removeprefix("batch_").partition("-")[0].lower()
    shelf.restore(shelf.batch(first).name, short)
    assert set(shelf.waiting()) == {"EN_Summer_1.png", "EN_Summer_2.png"}
    with pytest.raises(UsageError, match=r"There is no batch 'nope' .*batch_"):
        shelf.restore("nope")
    shelf.restore(str(shelf.batch(third)))
    assert shelf.waiting() == shelf.contents


def test_a_file_that_has_taken_its_place_stays(shelf: Shelf) -> None:
    run = shelf.up("EN_Summer.png")
    shelf.archive()
    old = dict(shelf.contents)
    shelf.add("EN_Summer.png", b"a new one")
    report = shelf.restore()
    assert report.exit_code == 1
    assert "nothing is overwritten" in why(report)["EN_Summer.png"]
    assert shelf.waiting() == {"EN_Summer.png": b"a new one"}
    assert archived(shelf.batch(run)) == old
    assert shelf.rows(run)[0]["restored_at"] == ""


def test_the_same_file_in_its_place_is_enough(shelf: Shelf) -> None:
    run = shelf.up("EN_Summer.png")
    shelf.archive()
    shelf.add("EN_Summer.png")
    assert shelf.restore().exit_code == 0
    assert shelf.waiting() == shelf.contents
    assert archived(shelf.batch(run)) == {}


def test_what_is_no_longer_what_was_archived_is_left_alone(shelf: Shelf) -> None:
    run = shelf.up("EN_Summer_1.png", "EN_Summer_2.png")
    shelf.archive()
    (shelf.batch(run) / "EN_Summer_1.png").write_bytes(b"edited in the archive")
    (shelf.batch(run) / "EN_Summer_2.png").unlink()
    report = shelf.restore()
    assert report.exit_code == 1
    assert why(report) == {
        "EN_Summer_1.png": "its content is no longer what the manifest says",
        "EN_Summer_2.png": "it is not in the archive any more, nor where it came from",
    }
    assert archived(shelf.batch(run)) == {"EN_Summer_1.png": b"edited in the archive"}


@pytest.mark.parametrize("path", ["../outside.png", "/tmp/outside.png", "a/../../outside.png"])
def test_a_manifest_can_not_send_files_out_of_the_workspace(shelf: Shelf, path: str) -> None:
    run = shelf.up("EN_Summer.png")
    shelf.archive()
    manifest = shelf.batch(run) / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("uploaded/EN_Summer.png", path))
    report = shelf.restore()
    assert report.moved == ()
    assert "can't be read" in report.notices[0]
    assert archived(shelf.batch(run)) == shelf.contents
    assert not Path("/tmp/outside.png").exists()


def test_a_dry_run_brings_nothing_back(shelf: Shelf) -> None:
    run = shelf.up("EN_Summer.png")
    shelf.archive()
    assert len(shelf.restore(dry_run=True).moved) == 1
    assert shelf.waiting() == {}
    assert shelf.rows(run)[0]["restored_at"] == ""


def test_a_workspace_without_archive_has_nothing_to_restore(shelf: Shelf) -> None:
    assert shelf.restore().moved == ()
    assert not shelf.root.exists()
