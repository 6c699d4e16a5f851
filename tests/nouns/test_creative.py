from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TypeVar

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from creative_flow.creative import (
    AdFormat,
    Certainty,
    Creative,
    Kind,
    Limit,
    Media,
    Outcome,
    Report,
    Status,
    may_be_shown_as,
    name_key,
)

T = TypeVar("T")


def limit(value: T, certainty: Certainty = Certainty.KNOWN, key: str = "a.key") -> Limit[T]:
    return Limit(value, certainty, "the tests", key)


VIDEO = AdFormat(
    "native_video",
    "Native Video",
    Kind.VIDEO,
    limit(frozenset({"mp4"})),
    dimensions=limit(frozenset({(640, 360)})),
    seconds=limit((5.0, 31.0), Certainty.LIKELY, "formats.native_video.seconds"),
    max_bytes=limit(1000, Certainty.UNKNOWN, "formats.native_video.max_bytes"),
    folders=("Native/Video",),
    name_pattern="VID_.*-VID",
)
GOOD = Media(Kind.VIDEO, "mp4", 640, 360, 8.0)


@pytest.mark.parametrize(
    ("media", "size", "messages"),
    [
        (GOOD, 1000, []),
        (evolve(GOOD, seconds=5.0), 10, []),
        (evolve(GOOD, seconds=31.0), 10, []),
        (evolve(GOOD, seconds=None), 10, []),
        (evolve(GOOD, file_type="mov"), 10, ["type is mov, allowed: mp4"]),
        (evolve(GOOD, width=641), 10, ["size is 641x360 pixels, allowed: 640x360"]),
        (evolve(GOOD, seconds=4.99), 10, ["duration is 4.99 s, allowed: 5 to 31 s"]),
        (evolve(GOOD, seconds=31.04), 10, ["duration is 31.04 s, allowed: 5 to 31 s"]),
        (GOOD, 1001, ["file has 1,001 bytes, allowed: 1,000"]),
        (Media(Kind.IMAGE, "png", 640, 360), 10, ["native_video takes a video, this is a image"]),
        (
            evolve(GOOD, height=1, seconds=99.0),
            10,
            [
                "size is 640x1 pixels, allowed: 640x360",
                "duration is 99.00 s, allowed: 5 to 31 s",
            ],
        ),
    ],
)
def test_every_limit_has_its_say(media: Media, size: int, messages: list[str]) -> None:
    assert [finding.message for finding in VIDEO.check(media, size)] == messages


def test_what_is_known_rejects_what_is_likely_names_its_key_what_is_unknown_warns() -> None:
    bad = evolve(GOOD, width=1, seconds=1.0)

    size, duration, bytes_ = VIDEO.check(bad, 5000)

    assert (size.rejects, size.setting) == (True, "")
    assert (duration.rejects, duration.setting) == (True, "formats.native_video.seconds")
    assert (bytes_.rejects, bytes_.setting) == (False, "formats.native_video.max_bytes")


@pytest.mark.parametrize(
    ("path", "claimed"),
    [
        ("/w/uploaded/Native/Video/a.mp4", True),
        ("/w/uploaded/native/video/a.mp4", True),
        ("/w/native_video/a.mp4", True),
        ("/w/Native/Image/a.mp4", False),
        ("/w/Native/a.mp4", False),
        ("/w/MyNative/Video/a.mp4", False),
    ],
)
def test_a_folder_chooses_by_its_whole_ending(path: str, claimed: bool) -> None:
    assert VIDEO.claims(Path(path)) is claimed


@pytest.mark.parametrize(
    ("name", "claimed"),
    [("VID_a-VID.mp4", True), ("VID_a.mp4", False), ("xVID_a-VID.mp4", False)],
)
def test_a_name_chooses_by_its_whole_stem(name: str, claimed: bool) -> None:
    assert VIDEO.claims_name(Path(name).stem) is claimed


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("a  b\t c", "a b c"),
        (" a ", "a"),
        (unicodedata.normalize("NFD", "Bänner"), unicodedata.normalize("NFC", "Bänner")),
        ('5"', "5%22"),
    ],
)
def test_names_that_no_page_can_tell_apart_have_one_key(mine: str, theirs: str) -> None:
    assert name_key(mine) == name_key(theirs)


@pytest.mark.parametrize(
    ("mine", "theirs"), [("a", "A"), ("a#1", "a1"), ("a", "ä"), ("50%", "50"), ("a_b", "a b")]
)
def test_names_that_differ_on_the_page_have_different_keys(mine: str, theirs: str) -> None:
    assert name_key(mine) != name_key(theirs)


@pytest.mark.parametrize(
    ("shown", "maybe"),
    [
        ("EN_Summer_Garden_Ana", True),
        ("EN_Summer_Garden", False),
        ("EN_Summer…", True),
        ("EN_Su...", True),
        ("en summer garden ana 4sec id 1", True),
        ("EN_Summer_Garden_Ben", False),
        ("EN_Summer_Garden_Ana_4sec_ID-12", False),
        ("DE…", False),
    ],
)
def test_a_name_that_a_platform_changed_is_told_from_another_name(shown: str, maybe: bool) -> None:
    assert may_be_shown_as("EN_Summer_Garden_Ana_4sec_ID-1", shown) is maybe


@given(st.text())
def test_a_key_is_its_own_key(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


def test_a_creative_is_known_by_its_stem_with_line_ends_as_browsers_send_them() -> None:
    assert Creative(Path("/w/a.b.png"), "static_banner", 1, "").key == "a.b"
    assert Creative(Path("/w/a\nb.png"), "static_banner", 1, "").key == "a%0Ab"


def report(*statuses: Status, error: str = "", code: int = 0) -> Report:
    outcomes = tuple(Outcome(Path(f"/w/{n}.png"), it) for n, it in enumerate(statuses))
    return Report("r", "tj", "T", "default", True, outcomes, error=error, error_exit_code=code)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.SUCCESS, 0),
        (Status.DUPLICATE, 0),
        (Status.SKIPPED, 0),
        (Status.DRY_RUN, 0),
        (Status.PENDING, 0),
        (Status.REJECTED, 1),
        (Status.FAILED, 1),
        (Status.UNKNOWN_ID, 1),
        (Status.FILE_NOT_FOUND, 1),
    ],
)
def test_one_creative_that_is_not_well_decides_the_exit_code(status: Status, code: int) -> None:
    assert report(Status.SUCCESS, status).exit_code == code


def test_what_stopped_a_run_decides_its_exit_code() -> None:
    assert report(Status.PENDING, error="The site is down.", code=7).exit_code == 7
    assert report(Status.SUCCESS, error="Something.").exit_code == 1


def test_a_report_counts_only_what_occurs() -> None:
    counts = report(Status.SUCCESS, Status.SUCCESS, Status.FAILED).to_dict()["counts"]
    assert counts == {"success": 2, "failed": 1}
