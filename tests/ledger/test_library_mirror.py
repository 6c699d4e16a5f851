from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import define, evolve, field

from creative_flow.errors import WorkspaceError
from creative_flow.ledger import Edits, KnownEntry, Ledger, LibraryMirror, Origin
from ledger.samples import FORMATS, A, P, entry

HEADER = "creative_id,filename,upload_date,dimensions,file_type,creative_type,review_status"


@define
class Desk:
    """A ledger, its mirror, and what the user was told."""

    ledger: Ledger
    path: Path
    aside: Path
    told: list[str] = field(factory=list)

    def mirror(self) -> LibraryMirror:
        return LibraryMirror(
            self.ledger,
            self.path,
            platform=P,
            account=A,
            ad_formats=FORMATS,
            kept_aside=self.aside,
        )

    def add(self, *entries: KnownEntry) -> None:
        self.ledger.add_entries(P, A, entries)
        self.mirror().follow()

    def take_in(self, confirm: Callable[[int], bool] | None = None) -> Edits:
        self.told.clear()
        return self.mirror().take_in(notify=self.told.append, confirm_forget=confirm)

    def known(self) -> dict[str, KnownEntry]:
        return {e.creative_id: e for e in self.ledger.entries(P, A)}

    def lines(self) -> list[str]:
        return self.path.read_text().split("\n")[:-1]

    def edit(self, old: str, new: str) -> None:
        text = self.path.read_text()
        assert old in text
        self.path.write_text(text.replace(old, new, 1))


@pytest.fixture
def desk(ledger: Ledger, tmp_path: Path) -> Desk:
    path = tmp_path / "tracking" / "TJ_Creative_Library.csv"
    return Desk(ledger, path, tmp_path / "tracking" / "kept_aside")


@pytest.fixture
def full(desk: Desk) -> Desk:
    desk.add(
        entry("1032530511", "a.png", review_status="approved"),
        entry("1032530512", "b.png"),
        entry("1032530513", "c.mp4", ad_format="native_video", dimensions="640x360"),
    )
    return desk


ROWS = [
    HEADER,
    "1032530511,a.png,2026-03-14,300x250,png,static_banner,approved",
    "1032530512,b.png,2026-03-14,300x250,png,static_banner,",
    "1032530513,c.mp4,2026-03-14,640x360,png,native_video,",
]


def test_the_columns_are_exact(full: Desk) -> None:
    assert full.lines() == ROWS


def test_a_new_workspace_has_no_file_until_there_is_something_to_say(desk: Desk) -> None:
    assert desk.take_in() == Edits()
    assert not desk.path.exists()
    desk.mirror().follow()
    assert desk.lines() == [HEADER]


def test_following_appends_and_leaves_the_rest_alone(full: Desk) -> None:
    inode = full.path.stat().st_ino
    full.add(entry("1032530514", "d.png"))
    assert full.path.stat().st_ino == inode
    assert full.lines()[:-1] == ROWS
    assert full.lines()[-1].startswith("1032530514,d.png,")


def test_following_without_news_writes_nothing(full: Desk) -> None:
    before = full.path.stat()
    full.mirror().follow()
    assert full.path.stat().st_mtime_ns == before.st_mtime_ns


def test_a_changed_row_is_written_anew(full: Desk) -> None:
    seen = entry("1032530512", "b", origin=Origin.PLATFORM, review_status="removed")
    full.add(seen)
    assert full.lines()[2].endswith(",static_banner,removed")


def test_an_untouched_file_is_no_edit(full: Desk) -> None:
    assert full.take_in() == Edits()
    assert full.take_in() == Edits()


@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("lacks_end", [False, True])
def test_a_row_appended_by_hand_counts(full: Desk, end: str, *, lacks_end: bool) -> None:
    if lacks_end:
        full.path.write_text(full.path.read_text().rstrip("\n"))
    with full.path.open("a") as file:
        file.write(f"1032530599,my one.png,2026-03-20,300x250,png,Static Banner,{end}")
    edits = full.take_in()
    assert edits.rows_added == 1
    assert (edits.restored, edits.kept_aside, full.told) == (0, None, [])
    known = full.known()["1032530599"]
    assert known.origin is Origin.USER
    assert (known.name, known.key, known.ad_format) == ("my one.png", "my one", "static_banner")
    full.add(entry("1032530600", "after.png"))
    assert full.lines()[-1].startswith("1032530600,")
    assert full.take_in() == Edits()
    assert len(full.known()) == 5


def test_a_row_glued_to_an_empty_last_cell_counts(full: Desk) -> None:
    full.path.write_text(full.path.read_text().rstrip("\n") + "1032530599,z.png,,300x250\n")
    assert full.take_in().rows_added == 1
    assert full.known()["1032530599"].name == "z.png"
    assert full.known()["1032530513"].review_status == ""


def test_appending_by_hand_does_not_rewrite_the_file(full: Desk) -> None:
    inode = full.path.stat().st_ino
    with full.path.open("a") as file:
        file.write("1032530599,z.png,,300x250,,image,\n")
    assert full.take_in().rows_added == 1
    assert full.path.stat().st_ino == inode


@pytest.mark.parametrize(
    ("word", "name", "dimensions", "expected"),
    [
        ("static_banner", "x.png", "", "static_banner"),
        ("Static Banner", "x.png", "", "static_banner"),
        ("STATIC-BANNER", "x.png", "", "static_banner"),
        ("Native Video", "x.mp4", "", "native_video"),
        ("In-Stream Video", "x.mp4", "", "in_stream_video"),
        ("preroll", "x.mp4", "", "in_stream_video"),
        ("Pre-Roll", "x.mp4", "", "in_stream_video"),
        ("native", "x.mp4", "640x360", "native_video"),
        ("native", "x.png", "640x360", "native_image"),
        ("image", "x.png", "300x250", "static_banner"),
        ("video", "x.mp4", "1920x1080", "in_stream_video"),
        ("", "x.png", "300 x 250", "static_banner"),
        ("image", "x.jpeg", "", "static_banner"),
    ],
)
def test_older_words_for_ad_formats_are_understood(
    full: Desk, word: str, name: str, dimensions: str, expected: str
) -> None:
    with full.path.open("a") as file:
        file.write(f"1032530599,{name},,{dimensions},,{word},\n")
    assert full.take_in().rows_added == 1
    assert full.known()["1032530599"].ad_format == expected


@pytest.mark.parametrize("word", ["video", "", "hologram"])
def test_a_word_that_does_not_decide_is_told_by_line_and_column(full: Desk, word: str) -> None:
    row = f"1032530599,x.mp4,,640x360,,{word},\n"
    with full.path.open("a") as file:
        file.write(row)
    edits = full.take_in()
    assert edits.rows_added == 0
    assert "TJ_Creative_Library.csv line 5, creative_type: " in full.told[0]
    assert edits.kept_aside is not None
    assert edits.kept_aside.read_text().endswith(row)
    assert full.lines() == ROWS


@pytest.mark.parametrize(
    "cell", ["1032530599.0", '"1,032,530,599"', "1 032 530 599", "'1032530599"]
)
def test_ids_as_spreadsheets_show_them_are_read(full: Desk, cell: str) -> None:
    with full.path.open("a") as file:
        file.write(f"{cell},x.png,,300x250,,image,\n")
    assert full.take_in().rows_added == 1
    assert "1032530599" in full.known()


def test_an_id_that_lost_digits_is_restored(full: Desk) -> None:
    full.edit("1032530512,b.png", "1.03E+09,b.png")
    edits = full.take_in()
    assert (edits.rows_added, edits.restored) == (0, 1)
    assert "line 3, creative_id: '1.03E+09'" in full.told[0]
    assert "'1032530512'" in full.told[0]
    assert full.lines() == ROWS
    assert edits.kept_aside is not None
    assert "1.03E+09" in edits.kept_aside.read_text()


def test_an_unknown_row_whose_id_lost_digits_does_not_count(full: Desk) -> None:
    with full.path.open("a") as file:
        file.write("1.03E+09,new.png,,300x250,,image,\n")
    edits = full.take_in()
    assert (edits.rows_added, edits.restored) == (0, 1)
    assert "line 5, creative_id" in full.told[0]
    assert len(full.known()) == 3


def test_a_changed_id_is_restored(full: Desk) -> None:
    full.edit("1032530512", "1032530999")
    edits = full.take_in()
    assert (edits.rows_added, edits.restored) == (0, 1)
    assert "line 3, creative_id" in full.told[0]
    assert full.lines() == ROWS
    assert "1032530999" not in full.known()


def test_a_second_creative_of_one_name_is_no_changed_id(full: Desk) -> None:
    text = full.path.read_text().replace(HEADER, f"{HEADER}\n1032530999,b.png,,300x250,,image,")
    full.path.write_text(text)
    edits = full.take_in()
    assert (edits.rows_added, edits.restored) == (1, 0)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("b.png", "other.png", "filename"),
        ("2026-03-14", "2026-03-15", "upload_date"),
        ("640x360", "640x480", "dimensions"),
        (",png,", ",gif,", "file_type"),
        ("native_video", "native_image", "creative_type"),
        ("approved", "rejected", "review_status"),
        ("approved", "", "review_status"),
    ],
)
def test_what_does_not_count_is_restored(full: Desk, old: str, new: str, column: str) -> None:
    full.edit(old, new)
    edits = full.take_in()
    assert edits.restored == 1
    assert f", {column}: " in full.told[0]
    assert full.lines() == ROWS
    assert edits.kept_aside is not None
    assert edits.kept_aside.exists()
    assert full.take_in() == Edits()


def test_deleted_rows_come_back(full: Desk) -> None:
    full.edit(ROWS[2] + "\n", "")
    edits = full.take_in()
    assert edits.restored == 1
    assert "1032530512" in full.told[0]
    assert full.lines() == ROWS


def test_a_long_list_of_differences_is_cut(full: Desk) -> None:
    full.add(*(entry(str(2_000_000_000 + n), f"n{n}.png") for n in range(40)))
    full.path.write_text("\n".join(full.lines()[:4]) + "\n")
    edits = full.take_in()
    assert edits.restored == 40
    assert len(full.told) == 12
    assert "and 30 more" in full.told[10]


def test_a_review_status_filled_in_counts(full: Desk) -> None:
    full.edit(ROWS[2], ROWS[2] + "approved")
    edits = full.take_in()
    assert (edits.statuses_filled, edits.restored) == (1, 0)
    assert full.known()["1032530512"].review_status == "approved"
    assert full.known()["1032530512"].origin is Origin.PROVED


def test_columns_of_the_user_s_own_are_kept_at_the_end(full: Desk) -> None:
    text = "notes," + ROWS[0] + ",price\n"
    text += "good," + ROWS[1] + ",=1+1\n" + "," + ROWS[2] + ",\n" + '"a, ""b""",' + ROWS[3] + ",\n"
    full.path.write_text(text)
    edits = full.take_in()
    assert (edits.rows_noted, edits.restored) == (2, 0)
    assert full.lines()[0] == f"{HEADER},notes,price"
    assert full.lines()[1] == f"{ROWS[1]},good,=1+1"
    assert full.known()["1032530513"].extra == {"notes": 'a, "b"'}
    full.edit("good", "better")
    assert full.take_in().rows_noted == 1
    full.edit("better", "")
    full.take_in()
    assert full.known()["1032530511"].extra == {"price": "=1+1"}
    full.add(entry("1032530514", "d.png"))
    assert full.lines()[-1].endswith("static_banner,,,")


def test_a_column_taken_away_comes_back(full: Desk) -> None:
    full.path.write_text("\n".join([HEADER + ",notes", *(row + ",n" for row in ROWS[1:])]) + "\n")
    full.take_in()
    full.path.write_text("\n".join(ROWS) + "\n")
    edits = full.take_in()
    assert edits.restored == 1
    assert "notes" in full.told[0]
    assert full.lines()[1] == ROWS[1] + ",n"


def test_a_stale_copy_does_not_undo_newer_notes(full: Desk) -> None:
    full.path.write_text("\n".join([HEADER + ",notes", *(row + ",old" for row in ROWS[1:])]) + "\n")
    full.take_in()
    stale = full.path.read_text()
    full.edit("old", "new")
    full.take_in()
    full.add(entry("1032530514", "d.png"))
    full.path.write_text(stale)
    edits = full.take_in()
    assert edits.restored == 2
    assert full.known()["1032530511"].extra == {"notes": "new"}
    assert len(full.lines()) == 5


def test_a_row_that_lags_behind_the_ledger_is_no_edit(full: Desk) -> None:
    full.ledger.add_entries(
        P, A, [entry("1032530512", "b", origin=Origin.PLATFORM, review_status="rejected")]
    )
    full.path.write_text("\ufeff" + full.path.read_text())
    edits = full.take_in()
    assert edits == Edits()
    assert full.lines()[2].endswith(",rejected")


def test_a_deleted_file_forgets_nothing(full: Desk) -> None:
    full.path.unlink()
    full.take_in()
    assert "written again" in full.told[0]
    assert full.lines() == ROWS
    assert not any(e.forgotten for e in full.known().values())


def test_an_empty_file_is_damage_and_no_wish(full: Desk) -> None:
    full.path.write_bytes(b"")
    full.take_in(confirm=lambda _: True)
    assert full.lines() == ROWS
    assert not any(e.forgotten for e in full.known().values())


@pytest.mark.parametrize("answer", [None, False])
def test_clearing_without_a_yes_forgets_nothing(full: Desk, *, answer: bool | None) -> None:
    full.path.write_text(HEADER + "\n")
    full.take_in(confirm=None if answer is None else lambda _: False)
    assert full.lines() == ROWS
    assert "nothing is forgotten" in full.told[0]
    assert not any(e.forgotten for e in full.known().values())


@pytest.mark.parametrize("rest", ["\n", "", "\r\n\r\n", "\n,,,,,,\n"])
def test_clearing_to_the_header_forgets_if_confirmed(full: Desk, rest: str) -> None:
    full.path.write_text(HEADER + rest)
    asked: list[int] = []

    def confirm(count: int) -> bool:
        asked.append(count)
        return True

    assert full.take_in(confirm=confirm).forgotten == 3
    assert asked == [3]
    assert all(e.forgotten for e in full.known().values())
    assert full.lines() == [HEADER]
    assert full.take_in(confirm=confirm) == Edits()
    with full.path.open("a") as file:
        file.write(ROWS[1] + "\n")
    full.take_in()
    assert [e.creative_id for e in full.known().values() if not e.forgotten] == ["1032530511"]


def test_nothing_in_a_message_can_drive_a_terminal(full: Desk) -> None:
    rows = [HEADER + ",\x1b[31mred", *(row + ",n" for row in ROWS[1:])]
    full.path.write_text("\n".join(rows) + "\n")
    full.take_in()
    full.path.write_text("\n".join(ROWS).replace("b.png", "\x1b[2Jb.png") + "\n")
    assert full.take_in().restored == 2
    assert all(message.isprintable() for message in full.told)


def test_a_row_without_an_id_waits_until_it_is_filled_in(full: Desk) -> None:
    with full.path.open("a") as file:
        file.write(",later.png,,300x250,,image,\n")
    edits = full.take_in()
    assert (edits.rows_added, edits.restored) == (0, 0)
    full.add(entry("1032530514", "d.png"))
    full.path.unlink()
    full.take_in()
    assert ",later.png,,300x250,,image," in full.lines()
    full.edit(",later.png", "1032530777,later.png")
    assert full.take_in().rows_added == 1
    assert full.known()["1032530777"].name == "later.png"
    assert sum("later.png" in row for row in full.lines()) == 1


def test_conflicting_duplicates_are_told(full: Desk) -> None:
    with full.path.open("a") as file:
        file.write("1032530599,x.png,,300x250,,image,\n1032530599,y.png,,300x250,,image,\n")
    edits = full.take_in()
    assert (edits.rows_added, edits.restored) == (1, 1)
    assert "line 6" in full.told[0]


def test_the_same_row_twice_is_one_row(full: Desk) -> None:
    with full.path.open("a") as file:
        file.write(ROWS[1] + "\n")
    edits = full.take_in()
    assert (edits.rows_added, edits.restored) == (0, 0)
    assert full.lines() == ROWS


def test_an_existing_file_without_a_ledger_is_taken_in(desk: Desk) -> None:
    desk.path.parent.mkdir()
    desk.path.write_text("\n".join(ROWS) + "\n")
    assert desk.take_in().rows_added == 3
    assert desk.lines() == ROWS
    assert {e.origin for e in desk.known().values()} == {Origin.USER}


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 50,
        b"\xff\xfe\x00\xd8" * 10,
        b"some words\nand more\n",
        b"\n\n\n",
        ("\n".join(ROWS[1:]) + "\n").encode(),
        ("\n".join(ROWS) + '\n"1,' + "x" * 2_000_000).encode(),
    ],
)
def test_what_is_no_table_is_kept_aside_and_restored(full: Desk, content: bytes) -> None:
    full.path.write_bytes(content)
    edits = full.take_in()
    assert edits.restored >= 1
    assert full.lines() == ROWS
    assert edits.kept_aside is not None
    assert edits.kept_aside.read_bytes() == content


def test_what_is_kept_aside_is_never_overwritten(full: Desk) -> None:
    copies = set()
    for number in range(3):
        full.path.write_text(f"garbage {number}\n")
        copies.add(full.take_in().kept_aside)
    texts = sorted(copy.read_text() for copy in copies if copy)
    assert texts == ["garbage 0\n", "garbage 1\n", "garbage 2\n"]


def test_an_edit_during_the_run_is_taken_in_by_following(full: Desk) -> None:
    mirror = full.mirror()
    mirror.take_in(notify=full.told.append, confirm_forget=None)
    full.edit("b.png", "other.png")
    with full.path.open("a") as file:
        file.write("1032530599,z.png,,300x250,,image,\n")
    full.ledger.add_entries(P, A, [entry("1032530514", "d.png")])
    mirror.follow()
    assert "filename" in full.told[0]
    ids = [row.split(",")[0] for row in full.lines()[1:]]
    assert sorted(ids) == sorted(full.known())
    assert len(ids) == 5


def test_a_mirror_in_a_place_that_is_none(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    desk = Desk(ledger, tmp_path / "file" / "library.csv", tmp_path)
    with pytest.raises(WorkspaceError) as caught:
        desk.mirror().follow()
    assert "library.csv" in str(caught.value)


def test_a_folder_in_the_file_s_place(desk: Desk) -> None:
    desk.path.mkdir(parents=True)
    with pytest.raises(WorkspaceError):
        desk.mirror().follow()


def test_a_link_stays_a_link(full: Desk, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.csv"
    full.path.rename(target)
    full.path.symlink_to(target)
    full.path.write_text("garbage\n")
    full.take_in()
    assert full.path.is_symlink()
    assert target.read_text().split("\n")[:-1] == ROWS


def test_another_account_s_file_is_its_own(full: Desk, tmp_path: Path) -> None:
    other = LibraryMirror(
        full.ledger,
        tmp_path / "other.csv",
        platform=P,
        account="second",
        ad_formats=FORMATS,
        kept_aside=full.aside,
    )
    full.ledger.add_entries(P, "second", [evolve(entry("5"), account="second")])
    other.follow()
    assert len((tmp_path / "other.csv").read_text().splitlines()) == 2
    assert full.lines() == ROWS


def test_a_large_file_grows_by_what_was_added_until_enough_of_it_is_out_of_date(
    desk: Desk,
) -> None:
    """What a run costs is what it added, not what the library has: a rewrite is rare."""
    ids = [str(1_000_000_001 + 10 * number) for number in range(2_400)]
    desk.add(*(entry(creative_id, review_status="pending") for creative_id in ids))
    inode = desk.path.stat().st_ino

    def approve(part: list[str]) -> None:
        desk.ledger.add_entries(
            P,
            A,
            [
                entry(creative_id, review_status="approved", origin=Origin.PLATFORM)
                for creative_id in part
            ],
        )
        desk.mirror().follow()

    for start in range(0, 100, 25):  # 100 of 2,400 rows: less than one in 20
        approve(ids[start : start + 25])
        desk.add(entry(str(2_000_000_001 + start)))
        assert desk.path.stat().st_ino == inode
        assert desk.lines()[-1].startswith(str(2_000_000_001 + start))
        state = desk.ledger.mirror_state(desk.path)
        assert state is not None
        assert (state["lagging"], state["counted"]) == (start + 25, desk.ledger.head(P, A))
        assert state["fresh"] == 2_400, "rows that lag must not pass for edits"
    assert sum("approved" in line for line in desk.lines()) == 0
    approve(ids[100:130])
    assert desk.path.stat().st_ino != inode
    assert sum("approved" in line for line in desk.lines()) == 130
    state = desk.ledger.mirror_state(desk.path)
    assert state is not None
    assert state["lagging"] == 0
    assert desk.take_in().messages == ()
