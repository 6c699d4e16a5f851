"""The metadata file: read as people leave it, told all that is wrong, and added to with care."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creative_flow.errors import UsageError, WorkspaceError
from creative_flow.process.metadata import (
    COLUMNS,
    Metadata,
    MetadataRow,
    folder_key,
    read,
    remember,
)

HEADER = ",".join(COLUMNS)
SUMMER = MetadataRow("Summer", "Summer", "F", "Real", "Ana", "EN", "SFW", "Beach", "B2")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "tracking" / "metadata_defaults.csv"


def written(table: Path, *lines: str, header: str = HEADER) -> Path:
    table.parent.mkdir(exist_ok=True)
    table.write_text("".join(f"{line}\n" for line in (header, *lines)), encoding="utf-8")
    return table


def creator(found: Metadata, folder: str) -> str:
    row = found.nearest(folder)
    return row.creator_name if row else "nobody"


def plain(row: MetadataRow | None) -> MetadataRow | None:
    return row and evolve(row, where="")


def test_a_missing_or_empty_file_says_nothing(table: Path) -> None:
    assert read(table) == Metadata()
    table.parent.mkdir()
    table.touch()
    assert read(table) == Metadata()


def test_the_nearest_folder_upwards_that_has_a_row_counts(table: Path) -> None:
    written(table, "Summer,,,,Ana,,,,", "Summer/Beach/Night,,,,Bo,,,,")
    found = read(table)
    assert creator(found, "Summer") == "Ana"
    assert creator(found, "Summer/Beach") == "Ana"
    assert creator(found, "Summer/Beach/Night/Late") == "Bo"
    assert creator(found, "Summertime") == "nobody"
    assert creator(found, "") == "nobody"


def test_a_row_for_source_files_holds_for_all(table: Path) -> None:
    found = read(written(table, "source_files,,,,Ana,,,,"))
    assert creator(found, "") == creator(found, "a/b") == "Ana"


@pytest.mark.parametrize(
    "spelt",
    [
        "Été/Beach",
        "/Été/Beach/",
        "source_files/Été/Beach",
        "Été\\Beach",
        ".\\Source_Files\\été\\beach",
    ],
)
def test_a_folder_may_be_written_in_many_ways(table: Path, spelt: str) -> None:
    found = read(written(table, f"{spelt},,,,Ana,,,,"))
    assert creator(found, "E\u0301te\u0301/beach") == "Ana"


@given(st.text("aÉß/\\. İǅ", max_size=12))
def test_a_folder_written_as_it_is_found_is_the_same(folder: str) -> None:
    key = folder_key(folder)
    assert folder_key(f"/source_files/{folder}/") == key
    assert not key.startswith("/")


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + f"{HEADER}\r\nÉté,,,,Zoë,,,,\r\n".encode(),
        f"{HEADER}\r\nÉté,,,,Zoë,,,,\r\n".encode("utf-16"),
        f"{HEADER}\nÉté,,,,Zoë,,,,\n".encode("cp1252"),
        f"\n{HEADER}\n\n,,,,,,,,\nÉté,,,,Zoë,,,,\n\n".replace(",", ";").encode(),
        b"sep=;\r\nFolder Path;my own;CREATOR-NAME\r\n\xc3\x89t\xc3\xa9;1;Zo\xc3\xab\r\n",
        'creator_name,folder_path\n" Zoë ","Été"'.encode(),
        "folder_path\tcreator_name\rÉté\tZoë\r".encode(),
    ],
    ids=["excel", "utf-16", "cp1252", "blanks", "own columns", "quotes", "tabs"],
)
def test_what_spreadsheets_make_of_the_file_is_read(table: Path, data: bytes) -> None:
    table.parent.mkdir()
    table.write_bytes(data)
    found = read(table)
    assert found.problems == ()
    assert creator(found, "Été") == "Zoë"


def test_all_that_is_wrong_is_told_at_once_with_file_line_and_column(table: Path) -> None:
    written(
        table,
        "Summer,,X,,Ana,ENG,SFW,,",
        "",
        "Winter,,,,,EN,,,",
        "summer/,,,,Bo,,PG,,",
        ",,,,Bo,,,,",
        "Spring,a,b,c,d,e,f,g,h,i",
    )
    found = read(table)
    assert list(found.problems) == [
        (
            f"{table}, line 2, column model_sex: 'X' is no model sex. "
            "Give M, F, T or a combination such as MF, no letter twice."
        ),
        f"{table}, line 2, column language: 'ENG' is no language. Give two letters, such as EN.",
        f"{table}, line 5, column content_type: 'PG' is no rating. Give SFW or NSFW.",
        (
            f"{table}, line 2 and line 5, column folder_path: both are for the folder 'summer/'. "
            "Keep one of them."
        ),
        f"{table}, line 6, column folder_path: it is empty. Write source_files for all folders.",
        (
            f"{table}, line 7: it has more cells than there are columns. "
            "Put quotes around a cell that holds ','."
        ),
    ]
    twice, torn, well = (found.nearest(name) for name in ("Summer", "Spring", "Winter"))
    assert twice is not None
    assert "line 2 and line 5" in twice.problem
    assert torn is not None
    assert "more cells" in torn.problem
    assert well is not None
    assert not well.problem


def test_a_row_says_where_each_value_stands(table: Path) -> None:
    row = read(written(table, "", "Summer,,,,Ana,,,,")).nearest("Summer")
    assert row is not None
    assert row.says("creator") == ("Ana", f"{table}, line 3, column creator_name")


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"a,b\n1,2\n", b"\n  \n"])
def test_a_file_that_is_no_such_table_is_named_with_its_columns(table: Path, data: bytes) -> None:
    table.parent.mkdir()
    table.write_bytes(data)
    for act in (read, lambda path: remember(path, SUMMER)):
        with pytest.raises(UsageError) as caught:
            act(table)
        assert str(table) in caught.value.message
        assert HEADER in caught.value.hint
    assert table.read_bytes() == data


def test_a_file_that_cannot_be_read_is_named(table: Path) -> None:
    table.mkdir(parents=True)
    with pytest.raises(WorkspaceError, match="can't be read or written"):
        read(table)
    with pytest.raises(WorkspaceError, match="can't be read or written"):
        remember(table, SUMMER)


def test_the_first_row_makes_the_file(table: Path) -> None:
    remember(table, SUMMER)
    assert table.read_text() == f"{HEADER}\nSummer,Summer,F,Real,Ana,EN,SFW,Beach,B2\n"
    assert plain(read(table).nearest("Summer")) == SUMMER


@pytest.mark.parametrize(
    ("before", "added"),
    [
        (
            codecs.BOM_UTF8 + b"folder_path;mine;creator_name\r\na;1;Zo\xc3\xab\r\n",
            b"Summer;;Ana\r\n",
        ),
        (b"creator_name,folder_path\nBo,a", b"\nAna,Summer\n"),
        (b'"folder_path"\t"creator_name"\r"a"\t" Bo "\r\r', b"Summer\tAna\r"),
        (b'sep=;\nfolder_path;creator_name;note\na;"B;o";"two\nlines"\n', b"Summer;Ana;\n"),
    ],
    ids=["excel", "torn", "old mac", "quotes"],
)
def test_a_row_is_added_in_the_files_own_way_and_nothing_else_changes(
    table: Path, before: bytes, added: bytes
) -> None:
    table.parent.mkdir()
    table.write_bytes(before)
    remember(table, MetadataRow("Summer", creator_name="Ana"))
    assert table.read_bytes() == before + added
    assert creator(read(table), "Summer") == "Ana"


def test_a_column_that_is_lacking_is_added(table: Path) -> None:
    written(table, "a,1,Bo", header="folder_path,mine,creator_name")
    remember(table, MetadataRow("Summer", creator_name="Ana", language="EN"))
    assert table.read_text() == ("folder_path,mine,creator_name,language\na,1,Bo\nSummer,,Ana,EN\n")


def test_letters_that_an_old_code_page_lacks_cost_nothing(table: Path) -> None:
    table.parent.mkdir()
    table.write_bytes(f"{HEADER}\nÉté,,,,Zoë,,,,\n".encode("cp1252"))
    remember(table, MetadataRow("夏", creator_name="Ана"))
    assert creator(read(table), "Été") == "Zoë"
    assert creator(read(table), "夏") == "Ана"


def test_a_folder_that_has_a_row_gets_no_second_one(table: Path) -> None:
    before = written(table, "Summer,,,,Bo,,,,").read_bytes()
    with pytest.raises(UsageError, match="line 2: the folder 'Summer' has a row already"):
        remember(table, evolve(SUMMER, folder_path="summer/"))
    assert table.read_bytes() == before


def test_nothing_is_added_behind_a_quote_that_is_never_closed(table: Path) -> None:
    before = written(table, "a,,,,Bo,,,,", 'b,,,,"Bo,,,,').read_bytes()
    with pytest.raises(UsageError, match="line 3 a quote is opened and never closed"):
        remember(table, SUMMER)
    assert table.read_bytes() == before


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(
            st.characters(exclude_characters="/\\\r\n\0", exclude_categories=["Cs"]), max_size=8
        )
        .map(str.strip)
        .filter(folder_key),
        min_size=1,
        max_size=4,
        unique_by=folder_key,
    )
)
def test_folders_of_any_name_are_remembered(table: Path, folders: list[str]) -> None:
    table.unlink(missing_ok=True)
    for folder in folders:
        remember(table, MetadataRow(folder, creator_name="Ana"))
    found = read(table)
    assert found.problems == ()
    assert {folder_key(folder) for folder in folders} == set(found.rows)
