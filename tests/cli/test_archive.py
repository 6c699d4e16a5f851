"""``cfu archive``, and ``cfu upload --archive``: what is printed, and how they end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cli.conftest import Terminal

UPLOAD = ("upload", "workspace/uploaded", "--platform", "acme", "--live", "--headless")


@pytest.fixture
def ready(terminal: Terminal) -> Terminal:
    """Have two creatives below ``uploaded/`` that acme takes, and the login."""
    terminal.sign_up()
    uploaded = terminal.workspace / "uploaded" / "sub"
    uploaded.mkdir(parents=True)
    for number in range(2):
        terminal.banner(f"EN_Summer_{number}.png", number).rename(
            uploaded / f"EN_Summer_{number}.png"
        )
    return terminal


def waiting(terminal: Terminal) -> list[str]:
    return sorted(path.name for path in (terminal.workspace / "uploaded").rglob("*.png"))


def batches(terminal: Terminal) -> list[Path]:
    return sorted((terminal.workspace / "archive").glob("batch_*"))


def test_an_uploaded_folder_goes_to_the_archive_and_comes_back(ready: Terminal) -> None:
    assert ready.cfu(*UPLOAD).code == 0
    dry = ready.cfu("archive", "--dry-run")
    assert dry.code == 0
    assert "uploaded/sub/EN_Summer_0.png → archive/batch_" in dry.out
    assert len(waiting(ready)) == 2

    shutil.copy(ready.banner("EN_New.png", 9), ready.workspace / "uploaded")
    done = ready.cfu("archive")

    assert done.code == 0, done.err
    [batch] = batches(ready)
    assert done.out.splitlines() == [
        f"Archived 2 files, {_size(batch)} B in archive/{batch.name}.",
        "uploaded/EN_New.png stays: not uploaded from here",
    ]
    assert waiting(ready) == ["EN_New.png"]
    back = ready.cfu("archive", "--restore", batch.name)
    assert back.code == 0
    assert back.out.startswith("Restored 2 files")
    assert waiting(ready) == ["EN_New.png", "EN_Summer_0.png", "EN_Summer_1.png"]


def _size(batch: Path) -> int:
    return sum(path.stat().st_size for path in batch.rglob("*.png"))


@pytest.mark.slow
def test_an_upload_archives_what_is_up_and_a_file_dropped_in_again_is_skipped(
    ready: Terminal,
) -> None:
    original = ready.workspace / "uploaded" / "sub" / "EN_Summer_0.png"
    again = ready.folder / "again.png"
    shutil.copy(original, again)
    ready.banner("wrong.png", size=(31, 20)).rename(ready.workspace / "uploaded" / "wrong.png")

    done = ready.cfu(*UPLOAD, "--archive")

    assert done.code == 1
    assert waiting(ready) == ["wrong.png"]
    [batch] = batches(ready)
    assert f"Archived 2 files, {_size(batch)} B in archive/{batch.name}." in done.out

    (ready.workspace / "uploaded" / "wrong.png").unlink()
    shutil.copy(again, original)
    done = ready.cfu(*UPLOAD, "--archive", "--json")
    assert done.code == 0
    document = json.loads(done.out)
    assert document["runs"][0]["counts"] == {"skipped": 1}
    assert [it["to"] for it in document["archive"]["archived"]] == [
        str(batch / "sub" / "EN_Summer_0.png")
    ]
    assert waiting(ready) == []
    assert batches(ready) == [batch]


@pytest.mark.slow
def test_an_upload_that_was_cut_short_before_the_archive_goes_on_there(ready: Terminal) -> None:
    assert ready.cfu(*UPLOAD).code == 0
    assert ready.cfu(*UPLOAD, "--archive").code == 0
    assert waiting(ready) == []


@pytest.mark.slow
def test_nothing_is_archived_after_a_run_that_was_stopped_or_only_rehearsed(
    ready: Terminal,
) -> None:
    dry = ready.cfu(*(word for word in UPLOAD if word != "--live"), "--archive")
    assert "Nothing is archived in a dry run." in dry.out
    assert ready.cfu(*UPLOAD).code == 0
    shutil.copy(ready.banner("EN_New.png", 9), ready.workspace / "uploaded")
    stopped = ready.cfu(*UPLOAD, "--archive", environ={"ACME_FAULT": "page"})
    assert stopped.code == 4
    assert "Nothing was archived: a run was stopped." in stopped.out
    assert len(waiting(ready)) == 3


def test_a_file_that_one_of_two_platforms_lacks_stays(ready: Terminal) -> None:
    both = (*UPLOAD, "--platform", "nope", "--archive")
    assert ready.cfu(*both).code == 6
    assert len(waiting(ready)) == 2


@pytest.mark.slow
def test_what_lies_elsewhere_is_not_archived_after_an_upload(terminal: Terminal) -> None:
    terminal.sign_up()
    banner = terminal.banner("EN_Summer.png")
    done = terminal.cfu(
        "upload", "banners", "--platform", "acme", "--live", "--headless", "--archive"
    )
    assert done.code == 0
    assert "none of the files that are up lies in uploaded/" in done.out
    assert banner.exists()


@pytest.mark.slow
def test_json_tells_every_file_whatever_is_wrong(ready: Terminal) -> None:
    assert ready.cfu(*UPLOAD).code == 0
    done = ready.cfu("archive", "--json")
    document = json.loads(done.out)
    assert [Path(it["path"]).name for it in document["archived"]] == [
        "EN_Summer_0.png",
        "EN_Summer_1.png",
    ]
    assert all(it["creative_id"] and it["run"] for it in document["archived"])
    for arguments in (("--bogus",), ("--restore", "nope"), ("--platform", "nope")):
        done = ready.cfu("archive", *arguments, "--json")
        assert done.code in {2, 6}
        assert json.loads(done.out)["error"]
        assert len(done.err.splitlines()) == 1


def test_many_files_that_stay_for_one_reason_are_counted(ready: Terminal) -> None:
    for number in range(12):
        ready.banner(f"EN_New_{number}.png", number).rename(
            ready.workspace / "uploaded" / f"EN_New_{number}.png"
        )
    done = ready.cfu("archive")
    assert done.code == 0
    assert "14 files stay: not uploaded from here (uploaded/EN_New_0.png and others)" in done.out
