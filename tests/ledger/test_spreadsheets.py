"""What spreadsheets do to the library's file, and what file names could do to a spreadsheet."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creative_flow.creative import name_key
from creative_flow.ledger import Edits, Ledger, LibraryMirror
from creative_flow.ledger.mirrors.cells import line, meant, read_dates, read_id, shown, shown_line
from ledger.samples import FORMATS, A, P, entry

ENTRIES = (
    entry("1032530511", 'Größe, "1"; x.png', review_status="approved", notes="süß; gut"),
    entry("1032530512", "=cmd|' /C calc'!A0.png", review_status="pending"),
    entry("1032530513", "-1+1.mp4", ad_format="native_video", dimensions="640x360"),
)


def mirror_of(ledger: Ledger, path: Path, account: str = A) -> LibraryMirror:
    return LibraryMirror(
        ledger,
        path,
        platform=P,
        account=account,
        ad_formats=FORMATS,
        kept_aside=path.parent / "aside",
    )


def saved_as(
    text: str,
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    end: str = "\n",
    quoting: int = csv.QUOTE_MINIMAL,
    order: tuple[int, ...] = tuple(range(8)),
    dates: str = "",
    shout: bool = False,
    before: str = "",
    empty_columns: int = 0,
    blank_lines: bool = False,
) -> bytes:
    """Return the file as another program would write it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    for number, cells in enumerate(csv.reader(io.StringIO(text))):
        row = [cells[column] for column in order]
        if shout and number == 0:
            row = [f" {cell.upper().replace('_', ' ')} " for cell in row]
        if dates and number:
            row = [dates if cell == "2026-12-31" else cell for cell in row]
        writer.writerow(row + [""] * empty_columns)
        if blank_lines:
            writer.writerow([""] * len(row))
    return (before + out.getvalue()).encode(encoding)


FORMS = {
    "with a BOM": {"encoding": "utf-8-sig"},
    "UTF-16": {"encoding": "utf-16"},
    "UTF-16 without BOM": {"encoding": "utf-16-le"},
    "big-endian UTF-16 without BOM": {"encoding": "utf-16-be"},
    "cp1252": {"encoding": "cp1252"},
    "CRLF": {"end": "\r\n"},
    "CR": {"end": "\r"},
    "all quoted": {"quoting": csv.QUOTE_ALL},
    "semicolons": {"delimiter": ";"},
    "tabs": {"delimiter": "\t", "encoding": "utf-16"},
    "sep line": {"delimiter": ";", "before": "sep=;\r\n", "end": "\r\n"},
    "re-ordered": {"order": (7, 3, 1, 6, 0, 2, 5, 4)},
    "loud header": {"shout": True},
    "empty columns": {"empty_columns": 3},
    "blank lines": {"blank_lines": True},
    "German dates": {"dates": "31.12.2026", "delimiter": ";"},
    "American dates": {"dates": "12/31/2026"},
    "short dates": {"dates": "12/31/26"},
    "dates with a time": {"dates": "2026-12-31 00:00:00"},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_another_form_of_the_same_table_is_no_edit(
    ledger: Ledger, tmp_path: Path, form: dict[str, object]
) -> None:
    entries = [evolve(e, upload_date="2026-12-31") for e in ENTRIES]
    ledger.add_entries(P, A, entries)
    path = tmp_path / "library.csv"
    mirror_of(ledger, path).follow()
    before = path.read_text()
    path.write_bytes(saved_as(before, **form))  # type: ignore[arg-type]
    told: list[str] = []
    edits = mirror_of(ledger, path).take_in(notify=told.append, confirm_forget=None)
    assert (edits, told) == (Edits(), [])
    assert sorted(path.read_text().split("\n")) == sorted(before.split("\n"))
    assert list(ledger.entries(P, A)) == entries


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_another_form_can_be_taken_in_as_new(
    ledger: Ledger, tmp_path: Path, form: dict[str, object]
) -> None:
    path = tmp_path / "library.csv"
    ledger.add_entries(P, A, [evolve(e, upload_date="2026-12-31") for e in ENTRIES])
    mirror_of(ledger, path).follow()
    text = path.read_text()
    path.write_bytes(saved_as(text, **form))  # type: ignore[arg-type]
    with Ledger.open(f"sqlite:///{tmp_path}/other.db") as other:
        edits = mirror_of(other, path).take_in(notify=pytest.fail, confirm_forget=None)
        assert edits == Edits(rows_added=3)
        taken = {e.creative_id: e for e in other.entries(P, A)}
    for known in ENTRIES:
        same = taken[known.creative_id]
        assert (same.name, same.key, same.ad_format) == (known.name, known.key, known.ad_format)
        assert (same.upload_date, same.extra) == ("2026-12-31", known.extra)


def _text() -> st.SearchStrategy[str]:
    dangerous = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "'", '"', " ", ";", "\x1a"])
    anything = st.characters(codec=None)
    return st.lists(dangerous | anything, max_size=8).map("".join)


@given(_text())
def test_a_cell_is_read_back_as_it_was_meant(text: str) -> None:
    cell = shown(text)
    assert meant(cell) == text
    assert cell[:1] not in {"=", "+", "-", "@", "\t", "\r"}
    assert cell.encode().decode() == cell


@given(st.lists(_text(), min_size=2, max_size=5))
def test_a_line_is_read_back_as_it_was(texts: list[str]) -> None:
    written = line(shown(text) for text in texts)
    (cells,) = csv.reader(io.StringIO(written, newline=""))
    assert [meant(cell) for cell in cells] == texts


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
@given(names=st.lists(_text().filter(str.strip), min_size=1, max_size=4), again=st.booleans())
def test_a_file_with_any_names_is_read_back_without_a_difference(
    ledger: Ledger, tmp_path: Path, names: list[str], *, again: bool
) -> None:
    account = repr(names)
    path = tmp_path / f"{abs(hash(account))}.csv"
    entries = [
        evolve(entry(str(10 + number)), account=account, name=name, key=name_key(name))
        for number, name in enumerate(names)
    ]
    ledger.add_entries(P, account, entries)
    mirror_of(ledger, path, account).follow()
    before = path.read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + before if again else before + b"\n")
    edits = mirror_of(ledger, path, account).take_in(notify=pytest.fail, confirm_forget=None)
    assert edits == Edits()
    assert path.read_bytes().rstrip(b"\n") == before.rstrip(b"\n")
    assert list(ledger.entries(P, account)) == entries


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1032530511", "1032530511"),
        (" 1032530511 ", "1032530511"),
        ("1032530511.0", "1032530511"),
        ("1032530511,00", "1032530511"),
        ("1,032,530,511", "1032530511"),
        ("1.032.530.511,00", "1032530511"),
        ("1'032'530'511", "1032530511"),
        ("1\u202f032\u00a0530\u00a0511", None),
        ("1\u00a0032\u00a0530\u00a0511", "1032530511"),
        ('="1032530511"', "1032530511"),
        ("1.032530511E+09", "1032530511"),
        ("0012", "0012"),
        ("1.03E+09", None),
        ("1,03E+09", None),
        ("1E+09", None),
        ("1.032530511E+10", None),
        ("1032530511.5", None),
        ("1,03,530", None),
        ("1,032,53", None),
        ("-1", None),
        ("١٢٣", None),
        ("abc", None),
        ("", None),
    ],
)
def test_ids(cell: str, expected: str | None) -> None:
    assert read_id(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-12-31", ("2026-12-31",)),
        ("2026/12/31", ("2026-12-31",)),
        ("2026-12-31T10:00:00", ("2026-12-31",)),
        ("31.12.2026", ("2026-12-31",)),
        ("31.12.26", ("2026-12-31",)),
        ("12/31/2026", ("2026-12-31",)),
        ("31/12/2026", ("2026-12-31",)),
        ("3/4/2026", ("2026-03-04", "2026-04-03")),
        ("3.4.2026", ("2026-04-03", "2026-03-04")),
        ("31.31.2026", ()),
        ("soon", ()),
        ("", ()),
    ],
)
def test_dates(cell: str, expected: tuple[str, ...]) -> None:
    assert read_dates(cell) == expected


@given(st.lists(_text() | st.from_regex(r"[\w .,;:/\"-]{0,12}", fullmatch=True), min_size=1))
def test_a_line_that_is_written_quickly_is_the_same(texts: list[str]) -> None:
    assert shown_line(texts) == line(map(shown, texts))
