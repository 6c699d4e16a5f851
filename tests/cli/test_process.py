"""``cfu process`` as users run it."""

from __future__ import annotations

import json

from PIL import Image

from cli.conftest import Terminal
from registry.packages import GOOD


def raw(terminal: Terminal, name: str, size: tuple[int, int] = (300, 250), colour: int = 0) -> None:
    path = terminal.workspace / "source_files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (colour, 0, 0)).save(path)


def test_the_dry_run_shows_old_and_new_names(terminal: Terminal) -> None:
    raw(terminal, "Summer/raw.png")
    done = terminal.cfu("process", "--platform", "tj", "--dry-run")
    assert done.code == 0
    assert "source_files/Summer/raw.png" in done.out
    assert "uploaded/EN_Summer_SFW_" in done.out
    assert not list((terminal.workspace / "uploaded").iterdir())
    assert "the ids are examples" in done.out


def test_the_document_names_every_file_and_what_came_of_it(terminal: Terminal) -> None:
    raw(terminal, "raw.png")
    (terminal.workspace / "source_files" / "empty.mp4").touch()
    done = terminal.cfu("process", "--platform", "tj", "--json")
    assert done.code == 1
    document = json.loads(done.out)
    files = {file["source"].rpartition("/")[2]: file for file in document["process"]["files"]}
    assert files["empty.mp4"]["fate"] == "failed"
    assert files["empty.mp4"]["error"] == "the file is empty"
    assert files["raw.png"]["made"][0]["creative_type"] == "static_banner"
    assert document["runs"] == []


def test_what_was_processed_is_what_an_upload_takes_up(terminal: Terminal) -> None:
    raw(terminal, "raw.png", colour=1)
    done = terminal.cfu("process", "--upload", "--platform", "tj")
    assert done.code == 0, done.err
    assert "dry_run" in done.out
    assert "Nothing was sent" in done.out


def test_nothing_is_made_for_a_platform_that_cannot_upload_it(terminal: Terminal) -> None:
    terminal.site.install("half", GOOD.replace("return AcmeAuth", "import no_such_module"))
    raw(terminal, "raw.png")
    done = terminal.cfu("process", "--upload", "--platform", "half")
    assert done.code == 6
    assert done.err.startswith("cfu: The plugin 'half' (creative-flow-half) can't be used: ")
    assert (terminal.workspace / "source_files" / "raw.png").exists()
    assert not (terminal.workspace / "uploaded").exists()


def test_an_empty_folder_says_what_to_do(terminal: Terminal) -> None:
    done = terminal.cfu("process", "--platform", "tj")
    assert done.code == 0
    assert "put images and videos into source_files/" in done.out


def test_live_without_upload_is_wrong_usage(terminal: Terminal) -> None:
    done = terminal.cfu("process", "--live")
    assert done.code == 2
    assert "--live and --archive go with --upload" in done.err
