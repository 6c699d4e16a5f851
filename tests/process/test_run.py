"""From raw files to creatives: what stands in the end, what is left alone, what is said."""

from __future__ import annotations

import csv
import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from creative_flow.errors import UsageError
from creative_flow.events import Event, Noticed, Progressed
from creative_flow.naming import Grammar
from creative_flow.process import process
from creative_flow.process.run import _ENCODED_AS, _GROUP
from creative_flow.processed import Fate, ProcessReport
from creative_flow.workspace import Workspace
from probe.media import make_image, make_sound, make_video


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path / "w", environ={})
    made.prepare()
    return made


def banner(path: Path, colour: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (300, 250), (colour, 90, 90)).save(path)
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def fates(report: ProcessReport) -> dict[str, str]:
    return {item.source.name: item.fate.value for item in report.items}


def errors(report: ProcessReport) -> dict[str, str]:
    return {item.source.name: item.error for item in report.items if item.error}


def test_a_file_is_named_recorded_and_its_source_put_away(place: Workspace) -> None:
    source = banner(place.source_files / "Summer" / "raw.png")
    content = source.read_bytes()

    report = process(workspace=place)

    assert report.exit_code == 0
    (row,) = report.items[0].made
    fields = Grammar().parse(Path(row.path).stem)
    assert fields is not None
    assert (fields.category, fields.unique_id) == ("Summer", row.unique_id)
    assert (place.root / row.path).read_bytes() == content
    assert not source.exists()
    assert (place.archived_sources / "Summer" / "raw.png").read_bytes() == content
    (told,) = read(place.session_csv)
    assert told["original_filename"] == "raw.png"
    assert told["new_filename"] == Path(row.path).name
    assert told["creative_type"] == "static_banner"
    assert (told["width_px"], told["height_px"], told["aspect_ratio"]) == ("300", "250", "6:5")
    assert [it["unique_id"] for it in read(place.master_csv)] == [row.unique_id]


def test_what_was_processed_is_skipped_whatever_its_name(place: Workspace) -> None:
    source = banner(place.source_files / "raw.png")
    copy = source.read_bytes()
    process(workspace=place)
    (place.source_files / "another name.png").write_bytes(copy)

    report = process(workspace=place)

    assert fates(report) == {"another name.png": "skipped"}
    assert (place.source_files / "another name.png").exists()
    assert len(list(place.uploaded.iterdir())) == 1


def test_what_came_of_a_source_is_made_again_if_it_is_gone(place: Workspace) -> None:
    source = banner(place.source_files / "raw.png")
    content = source.read_bytes()
    (first,) = process(workspace=place).items[0].made
    (place.root / first.path).unlink()
    (place.source_files / "raw.png").write_bytes(content)

    (again,) = process(workspace=place).items[0].made

    assert again.unique_id == first.unique_id
    assert (place.root / again.path).read_bytes() == content


def test_runs_that_begin_in_one_second_are_sessions_of_their_own(place: Workspace) -> None:
    sessions = []
    for number in range(4):
        banner(place.source_files / f"{number}.png", number)
        report = process(workspace=place)
        sessions.append(report.session)
        assert [row["unique_id"] for row in read(place.session_csv)] == [
            made.unique_id for item in report.items for made in item.made
        ]
    assert sorted(set(sessions)) == sessions


def test_of_two_files_with_equal_content_one_is_processed(place: Workspace) -> None:
    banner(place.source_files / "a.png")
    shutil.copy(place.source_files / "a.png", place.source_files / "b.png")

    report = process(workspace=place)

    assert fates(report) == {"a.png": "processed", "b.png": "skipped"}
    assert "a.png" in errors(report)["b.png"]
    assert (place.source_files / "b.png").exists()


def test_a_dry_run_makes_and_moves_nothing(place: Workspace) -> None:
    banner(place.source_files / "raw.png")

    report = process(workspace=place, dry_run=True)

    assert fates(report) == {"raw.png": "to process"}
    assert report.items[0].made[0].path.startswith("uploaded/")
    assert (place.source_files / "raw.png").exists()
    assert list(place.uploaded.iterdir()) == []
    assert not place.master_csv.exists()


def _text(path: Path) -> None:
    path.write_text("these are no pictures")


def _truncated(path: Path) -> None:
    make_video(path, "mp4")
    path.write_bytes(path.read_bytes()[:-500])


def _link_to_nothing(path: Path) -> None:
    path.symlink_to("nowhere.mp4")


@pytest.mark.parametrize(
    ("name", "spoil", "why"),
    [
        ("zero.mp4", Path.touch, "empty"),
        ("text.jpg", _text, "neither an image nor a video"),
        ("cut.mp4", _truncated, "cut short"),
        ("sound.mp4", make_sound, "no video in it"),
        ("link.mp4", _link_to_nothing, "link to nothing"),
    ],
)
def test_a_file_that_is_no_creative_gets_one_line_and_the_rest_goes_on(
    place: Workspace, name: str, spoil: Callable[[Path], object], why: str
) -> None:
    bad = place.source_files / name
    spoil(bad)
    banner(place.source_files / "good.png")

    report = process(workspace=place)

    assert fates(report) == {name: "failed", "good.png": "processed"}
    assert why in errors(report)[name]
    assert "\n" not in errors(report)[name]
    assert os.path.lexists(bad)
    assert report.exit_code == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(place: Workspace) -> None:
    banner(place.source_files / "secret.png").chmod(0)
    assert "can't be read" in errors(process(workspace=place))["secret.png"]


def test_a_wrong_extension_is_put_right_and_told(place: Workspace) -> None:
    banner(place.source_files / "raw.png").rename(place.source_files / "raw.jpg")

    item = process(workspace=place).items[0]

    assert item.fate is Fate.MADE
    assert item.made[0].path.endswith(".png")
    assert "png by content but named .jpg" in item.notes[0]


def test_a_loop_of_links_ends(place: Workspace) -> None:
    banner(place.source_files / "a" / "raw.png")
    (place.source_files / "a" / "loop").symlink_to(place.source_files)
    assert fates(process(workspace=place)) == {"raw.png": "processed"}


def test_two_sources_of_one_name_are_both_kept(place: Workspace) -> None:
    for colour in (1, 2):
        banner(place.source_files / "Summer" / "raw.png", colour)
        assert process(workspace=place).exit_code == 0
    kept = sorted(path.name for path in (place.archived_sources / "Summer").iterdir())
    assert kept == ["raw (2).png", "raw.png"]


def test_the_id_in_a_name_is_kept_unless_another_file_had_it(place: Workspace) -> None:
    name = "EN_Summer_SFW_Generic_Ana_ID-1A2B3C4D.png"
    banner(place.source_files / name, 1)
    assert process(workspace=place).items[0].made[0].unique_id == "ID-1A2B3C4D"
    banner(place.source_files / name, 2)
    assert process(workspace=place).items[0].made[0].unique_id != "ID-1A2B3C4D"


def test_a_folder_given_twice_is_told_with_both_lines_and_its_files_wait(place: Workspace) -> None:
    place.metadata_csv.write_text(
        "folder_path,category_name,creator_name\nSummer,Summer,Ana\nWinter,Winter,Ben\n"
        "summer/,Summer,Cleo\n"
    )
    banner(place.source_files / "Summer" / "a.png", 1)
    banner(place.source_files / "Winter" / "b.png", 2)
    told: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, Noticed):
            told.append(event.message)

    report = process(workspace=place, on_event=listen)

    assert fates(report) == {"a.png": "failed", "b.png": "processed"}
    assert any("line 2" in line and "line 4" in line for line in told)
    assert "_Ben_" in report.items[1].made[0].path


def test_an_unknown_folder_is_asked_about_once_and_remembered(place: Workspace) -> None:
    banner(place.source_files / "Box" / "a.png", 1)
    banner(place.source_files / "Box" / "b.png", 2)
    asked: list[str] = []

    def ask(question: str, default: str) -> str:
        asked.append(question)
        return {"Category": "Spring", "Creator": "Dana"}.get(
            question.split(" ", maxsplit=1)[0], default
        )

    report = process(workspace=place, ask=ask)
    number = len(asked)
    banner(place.source_files / "Box" / "c.png", 3)
    again = process(workspace=place, ask=ask)

    assert all("_Spring_" in item.made[0].path for item in (*report.items, *again.items))
    assert all("_Dana_" in item.made[0].path for item in (*report.items, *again.items))
    assert len(asked) == number > 0


def test_a_file_outside_the_workspace_stays_where_it_is(place: Workspace, tmp_path: Path) -> None:
    source = banner(tmp_path / "elsewhere" / "raw.png")
    report = process([source.parent], workspace=place)
    assert fates(report) == {"raw.png": "processed"}
    assert source.exists()


def test_a_path_that_is_not_there_stops_the_run(place: Workspace) -> None:
    with pytest.raises(UsageError, match="no file or folder"):
        process(["nowhere"], workspace=place)


def test_a_still_picture_of_a_type_nobody_takes_is_converted(place: Workspace) -> None:
    Image.new("RGB", (300, 250), (9, 9, 9)).save(place.source_files / "raw.bmp")
    item = process(workspace=place).items[0]
    assert item.fate is Fate.MADE
    assert item.made[0].path.endswith(".png")
    assert item.made[0].facts["creative_type"] == "static_banner"


def test_copies_that_are_recorded_by_turns_are_all_there_and_one_that_fails_stays(
    place: Workspace,
) -> None:
    many = 2 * _GROUP + 2
    for number in range(many):
        colour = (number % 256, number // 256, 9)
        Image.new("RGB", (300, 250), colour).save(place.source_files / f"{number:03}.png")
    seen: list[int] = []

    def spoil(event: Event) -> None:
        if isinstance(event, Progressed) and event.what == "Processing":
            seen.append(event.done)
            (place.source_files / f"{many - 1}.png").write_bytes(b"another")

    report = process(workspace=place, on_event=spoil)

    assert seen == [_GROUP, 2 * _GROUP, many]
    assert Counter(fates(report).values()) == {"processed": many - 1, "failed": 1}
    assert [path.name for path in place.source_files.rglob("*.*")] == [f"{many - 1}.png"]
    made = [path for path in place.uploaded.rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in made) == [".png"] * (many - 1)
    assert {row["new_filename"] for row in read(place.session_csv)} == {it.name for it in made}


def test_what_is_encoded_is_recorded_and_told_in_smaller_groups(place: Workspace) -> None:
    for number in range(30):
        Image.new("RGB", (300, 250), (number, 0, 9)).save(place.source_files / f"{number:02}.bmp")
    seen: list[int] = []

    def look(event: Event) -> None:
        if isinstance(event, Progressed) and event.what == "Processing":
            seen.append(event.done)

    report = process(workspace=place, on_event=look)

    assert seen == [_GROUP // _ENCODED_AS, 30]
    assert Counter(fates(report).values()) == {"processed": 30}
    assert {item.made[0].path[-4:] for item in report.items} == {".png"}


def test_an_image_over_its_limit_is_brought_under_it_and_that_is_noted(place: Workspace) -> None:
    make_image(place.source_files / "raw.png", (640, 360))
    item = process(workspace=place).items[0]
    assert item.fate is Fate.MADE
    made = place.root / item.made[0].path
    assert made.stat().st_size <= 300_000
    assert item.made[0].notes
    assert item.made[0].facts["creative_type"] == "native_image"
    with Image.open(made) as image:
        assert image.size == (640, 360)


def test_a_native_video_becomes_a_pair_and_its_original_is_kept(place: Workspace) -> None:
    source = place.source_files / "native" / "Summer" / "clip.mp4"
    source.parent.mkdir(parents=True)
    make_video(source, "mp4", size=(160, 120))
    content = source.read_bytes()

    report = process(workspace=place)

    assert fates(report) == {"clip.mp4": "processed"}
    video, image, original = report.items[0].made
    base = original.unique_id
    assert (video.unique_id, image.unique_id) == (f"{base}-VID", f"{base}-IMG")
    assert video.path.startswith("uploaded/Native/Video/VID_EN_Summer_")
    assert image.path.startswith("uploaded/Native/Image/IMG_EN_Summer_")
    assert Path(original.path).name.startswith("ORG_EN_Summer_")
    assert (place.root / original.path).read_bytes() == content
    assert not source.exists()
    rows = {row["unique_id"]: row for row in read(place.master_csv)}
    assert {row["native_pair_id"] for row in rows.values()} == {base}
    for half in (video, image):
        assert (rows[half.unique_id]["width_px"], rows[half.unique_id]["height_px"]) == (
            "640",
            "360",
        )
    again = process(workspace=place)
    assert again.items == ()


def test_a_video_that_was_processed_and_its_pair_are_two_creatives(place: Workspace) -> None:
    """The pair took the video's id, and its original the video's row."""
    source = place.source_files / "Summer" / "clip.mp4"
    source.parent.mkdir()
    make_video(source, "mp4", size=(160, 120))
    content = source.read_bytes()
    (video,) = process(workspace=place).items[0].made

    native = place.source_files / "native" / "clip.mp4"
    native.parent.mkdir()
    native.write_bytes(content)
    pair = process(workspace=place).items[0].made

    assert video.unique_id not in {row.native_pair_id for row in pair}
    rows = {row["unique_id"]: row["new_filename"] for row in read(place.master_csv)}
    assert rows[video.unique_id] == Path(video.path).name
    assert len(rows) == 1 + len(pair)


def test_what_is_to_be_said_of_one_half_is_not_said_of_the_other(place: Workspace) -> None:
    source = place.source_files / "native" / "clip.mp4"
    source.parent.mkdir(parents=True)
    make_video(source, "mp4", size=(64, 48), frames=5)  # mute; its noise is too large as png

    (item,) = process(workspace=place).items

    video, image, _ = item.made
    assert video.notes == "no sound"
    assert image.notes
    assert "sound" not in image.notes
    assert item.notes == (video.notes, image.notes)


def test_a_pair_that_cannot_be_made_leaves_no_half(place: Workspace) -> None:
    source = place.source_files / "native" / "clip.mp4"
    source.parent.mkdir(parents=True)
    make_video(source, "mp4", size=(160, 120), frames=100)
    place.uploaded.joinpath("Native").mkdir()
    place.uploaded.joinpath("Native", "Image").write_text("in the way")

    report = process(workspace=place)

    assert fates(report) == {"clip.mp4": "failed"}
    assert source.exists()
    left = [path for path in place.uploaded.rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["Image"]
