"""The summary of a run: whatever the width, nothing that matters is missing."""

from __future__ import annotations

import io
import re
import unicodedata
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from creative_flow.creative import Outcome, Report, Status
from creative_flow.report.advice import problems
from creative_flow.report.summary import show
from creative_flow.report.text import clean, shown_size, shown_time

ROOT = Path("/ads")
NAME = "EN_Summer_F_Real_SFW_Generic_Ana_{}sec_ID-1A2B3C4D.mp4"


class Screen(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


def outcome(number: int, status: Status = Status.SUCCESS, error: str = "") -> Outcome:
    return Outcome(
        ROOT / "uploaded" / NAME.format(number),
        status,
        ad_format="in_stream_video",
        creative_id=str(1_000_000_000 + number) if status is Status.SUCCESS else "",
        error=error,
        size=1_000 + number,
        batch=number // 10 + 1,
    )


def report(*outcomes: Outcome, live: bool = True, error: str = "") -> Report:
    return Report(
        run="20260304-050607-ab12",
        platform="acme",
        title="Acme",
        account="default",
        live=live,
        outcomes=outcomes,
        login="ann@example.com",
        error=error,
    )


def on_screen(shown: Report, width: int = 120, status_csv: Path | None = None) -> str:
    screen = Screen()
    show(shown, screen, root=ROOT, width=width, status_csv=status_csv)
    return re.sub(r"\x1b\[[\d;]*m", "", screen.getvalue())


def in_file(shown: Report) -> str:
    file = io.StringIO()
    show(shown, file, root=ROOT)
    return file.getvalue()


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 160, 240])
def test_no_width_cuts_a_name_an_id_or_a_reason(width: int) -> None:
    shown = report(
        *(outcome(number) for number in range(12)),
        outcome(77, Status.REJECTED, "size is 641x360 pixels, allowed: 640x360"),
    )
    text = on_screen(shown, width)
    for each in shown.outcomes:
        assert each.name in text
        assert each.creative_id in text
    assert "size is 641x360 pixels, allowed: 640x360" in text
    assert "in_stream_video" in text
    assert "ann@example.com" in text


def test_columns_are_used_where_they_fit() -> None:
    text = on_screen(report(outcome(1), outcome(2)), width=140)
    [heading] = [line for line in text.splitlines() if line.startswith("File ")]
    assert heading.split() == ["File", "Ad", "format", "Batch", "Size", "Status", "Creative", "ID"]
    for line in text.splitlines():
        assert len(line) <= 140


def test_a_file_gets_no_escape_sequences_and_every_creative() -> None:
    shown = report(*(outcome(number) for number in range(500)))
    text = in_file(shown)
    assert "\x1b" not in text
    for each in shown.outcomes:
        assert each.creative_id in text


def test_ten_thousand_creatives_show_every_problem_and_say_what_is_left_out() -> None:
    bad = range(37, 10_000, 997)
    shown = report(
        *(
            outcome(number, Status.FAILED, f"broke at {number}")
            if number in bad
            else outcome(number)
            for number in range(10_000)
        )
    )
    text = on_screen(shown, status_csv=ROOT / "tracking" / "status.csv")
    for number in bad:
        assert f"broke at {number}" in text
    assert text.count("\n") < 120
    hidden = sum(int(gap.replace(",", "")) for gap in re.findall(r"… ([\d,]+) more", text))
    listed = sum(each.creative_id in text for each in shown.outcomes if each.creative_id)
    assert hidden + listed == 10_000 - len(bad)
    assert "tracking/status.csv" in text
    assert outcome(0).name in text
    assert outcome(9_999).name in text


def test_a_cut_list_without_a_file_of_all_says_how_to_get_it() -> None:
    shown = report(*(outcome(number, Status.DRY_RUN) for number in range(100)), live=False)
    assert "--json" in on_screen(shown)


def test_failures_are_grouped_by_reason_with_what_to_do() -> None:
    wrong_size = "size is {} pixels, allowed: 640x360"
    shown = report(
        outcome(1, Status.REJECTED, wrong_size.format("1x1")),
        outcome(2, Status.REJECTED, "name taken by Creative ID 1000000009"),
        outcome(3, Status.REJECTED, wrong_size.format("22x2")),
        outcome(4, Status.REJECTED, wrong_size.format("3x3")),
        outcome(5, Status.UNKNOWN_ID, "two entries bear this name"),
    )
    groups = problems(shown.outcomes)
    assert [len(group.outcomes) for group in groups] == [3, 1, 1]
    text = on_screen(shown)
    assert "3 creatives rejected: size is 1x1 pixels, allowed: 640x360 (and the like)" in text
    assert "Rename the file" in text
    assert "asked before anything is sent again" in text


def test_what_stopped_a_run_is_told_once() -> None:
    error = "Acme does not answer."
    shown = report(
        *(outcome(number, Status.PENDING, f"not sent: {error}") for number in range(9)), error=error
    )
    text = on_screen(shown)
    assert text.count(error) == 1
    assert f"Stopped: {error}" in text


@pytest.mark.parametrize(
    ("status", "live", "said"),
    [
        (Status.DRY_RUN, False, "--live"),
        (Status.SKIPPED, False, "nothing to send"),
        (Status.SKIPPED, True, "Nothing was sent"),
        (Status.SUCCESS, True, "All is well."),
        (Status.FAILED, True, "not sent twice"),
        (Status.PENDING, True, "1 creative left to send"),
    ],
)
def test_the_last_line_says_what_to_do_next(status: Status, live: bool, said: str) -> None:
    text = in_file(report(outcome(1, status), live=live))
    assert said in text.splitlines()[-1]


def test_a_duplicate_whose_id_is_not_proved_needs_attention() -> None:
    assert "Rename the file" in in_file(report(outcome(1, Status.DUPLICATE, "refused")))


def test_files_of_several_folders_are_told_apart() -> None:
    twins = (
        Outcome(ROOT / "uploaded" / "a" / "x.png", Status.SUCCESS, creative_id="1"),
        Outcome(ROOT / "uploaded" / "b" / "x.png", Status.SUCCESS, creative_id="2"),
    )
    text = in_file(report(*twins))
    assert "a/x.png" in text
    assert "b/x.png" in text
    assert "Files in uploaded" in text


@given(st.text(max_size=40))
def test_clean_text_cannot_steer_a_terminal(text: str) -> None:
    cleaned = clean(text)
    for character in cleaned:
        category = unicodedata.category(character)
        assert category[0] != "C" or character in "\u200c\u200d" or category == "Cn"
    cleaned.encode()


@given(st.binary(max_size=20))
def test_every_file_name_can_be_printed(name: bytes) -> None:
    clean(name.decode("utf-8", "surrogateescape")).encode()


def test_sizes_and_times_read_well() -> None:
    assert [shown_size(size) for size in (0, 999, 1_000, 999_960, 12_345_678, 5 * 10**12)] == [
        *("0 B", "999 B", "1.0 kB", "1.0 MB", "12.3 MB", "5.0 TB"),
    ]
    assert [shown_time(seconds) for seconds in (0.34, 59.94, 61, 3_725)] == [
        *("0.3 s", "59.9 s", "1 min 1 s", "1 h 2 min"),
    ]


def test_a_native_pair_with_one_half_up_is_told() -> None:
    video, image = outcome(1), outcome(2, Status.REJECTED, "too large")
    halves = [
        evolve(video, native_pair_id="ID-1A2B3C4D", creative_id="1032530511"),
        evolve(image, native_pair_id="ID-1A2B3C4D", creative_id=""),
    ]
    said = in_file(report(*halves))
    assert f"Native pair ID-1A2B3C4D is half up: {image.name} is missing." in said
    whole = [evolve(half, creative_id="1032530511") for half in halves]
    assert "half up" not in in_file(report(*whole))
