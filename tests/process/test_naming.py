"""Names: what `format` writes, `parse` reads, whatever the values and the template."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from creative_flow.errors import UsageError
from creative_flow.naming import (
    HALVES,
    MOST_BYTES,
    PREFIXES,
    VALUES,
    Fields,
    Grammar,
    clean,
    ids_in,
)

GRAMMAR = Grammar()
NAME = "EN_Summer_F_Real_SFW_Generic_Ana_4sec_ID-1A2B3C4D"
SUMMER = Fields(
    language="EN",
    category="Summer",
    rating="SFW",
    type="Generic",
    creator="Ana",
    model_sex="F",
    style="Real",
    seconds=4,
    unique_id="ID-1A2B3C4D",
)
AWKWARD = [
    *("4sec", "T-5", "T", "ID-1A2B3C4D", "ID-1A2B3C4D-VID", "SFW", "NSFW", "F", "Real", "VID"),
    *("IMG", "ORG", "EN", "Ана", "夏", "عنا", "Ünïcode", "ක්‍රී", "한국어", "0", "x-VID"),
]


def cleaned(field: str, text: str) -> str:
    try:
        return clean(field, text)
    except UsageError:
        assume(False)
        raise


def free(field: str) -> st.SearchStrategy[str]:
    texts = st.sampled_from(AWKWARD) | st.text(min_size=1, max_size=60)
    return texts.map(lambda text: cleaned(field, text))


def one_of(field: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(VALUES[field]))


@st.composite
def fields(draw: st.DrawFn) -> Fields:
    shown = draw(st.booleans())
    return Fields(
        language=draw(one_of("language")),
        category=draw(free("category")),
        rating=draw(one_of("rating")),
        type=draw(free("type")),
        creator=draw(free("creator")),
        model_sex=draw(one_of("model_sex")) if shown else "",
        style=draw(one_of("style")) if shown else "",
        seconds=draw(st.none() | st.integers(0, 999_999)),
        test_id=draw(st.just("") | free("test_id")),
        unique_id=f"ID-{draw(st.integers(0, 2**32 - 1)):08X}",
        prefix=draw(st.sampled_from(["", *PREFIXES])),
        half=draw(st.sampled_from(["", *HALVES])),
    )


@st.composite
def templates(draw: st.DrawFn) -> str:
    always = ["{Language}", "{Category}", "{Rating}", "{Type}", "{Creator}"]
    kept = draw(st.lists(st.sampled_from(always), unique=True))
    sometimes = ["{ModelSex}", "{Style}", "{Duration}", "{TestID}"]
    for group in draw(st.lists(st.lists(st.sampled_from(sometimes), min_size=1, max_size=2))):
        kept.append("[" + "_".join(group) + "]")
    letters = st.sampled_from(["", "", "", "T-", "sec", "VID", "4", "x-"])
    text = ""
    for part in draw(st.permutations(kept)):
        inner = part.strip("[]")
        inner = f"{draw(letters)}{inner}{draw(letters)}"
        text += f"[{inner}_]" if part.startswith("[") else f"{inner}_"
    return f"{text}{{ID}}"


@given(fields())
def test_a_name_tells_all_that_it_was_made_of(x: Fields) -> None:
    name = GRAMMAR.format(x)
    assert GRAMMAR.parse(name) == x
    assert GRAMMAR.shown(x) == x
    half = f"-{x.half}" if x.half else ""
    assert ids_in(name) == (x.unique_id + half, x.unique_id if half else "")


@given(templates(), st.data())
def test_whatever_template_is_taken_its_names_are_read_back(
    template: str, data: st.DataObject
) -> None:
    try:
        grammar = Grammar(template)
    except UsageError:
        return
    x = data.draw(fields())
    try:
        name = grammar.format(x)
    except UsageError as error:
        assert "begin with" in error.message  # noqa: PT017
        return
    assert grammar.parse(name) == grammar.shown(x)
    assert len(name.encode()) <= 240


@given(fields())
def test_a_name_is_good_for_a_file_and_for_a_spreadsheet(x: Fields) -> None:
    name = GRAMMAR.format(x)
    assert len(f"{name}.webm".encode()) < 255
    assert name[0] not in "=+-@\t\r"
    assert not set('/\\:*?"<>|%.&\0') & set(name)
    assert name.isprintable()
    assert unicodedata.normalize("NFC", name) == name
    assert Path(f"{name}.mp4").stem == name


@given(st.text(max_size=40) | st.just(NAME).map(lambda name: name.replace("4sec", "04sec")))
def test_only_what_could_have_been_written_is_read(stem: str) -> None:
    found = GRAMMAR.parse(stem)
    assert found is None or GRAMMAR.format(found) == unicodedata.normalize("NFC", stem)


@pytest.mark.parametrize(
    ("x", "name"),
    [
        (SUMMER, NAME),
        (evolve(SUMMER, prefix="VID", half="VID"), f"VID_{NAME}-VID"),
        (evolve(SUMMER, prefix="ORG"), f"ORG_{NAME}"),
        (evolve(SUMMER, model_sex="", style=""), "EN_Summer_SFW_Generic_Ana_4sec_ID-1A2B3C4D"),
        (
            evolve(SUMMER, seconds=None, test_id="B2"),
            "EN_Summer_F_Real_SFW_Generic_Ana_T-B2_ID-1A2B3C4D",
        ),
    ],
)
def test_names_look_as_documented(x: Fields, name: str) -> None:
    assert GRAMMAR.format(x) == name
    assert GRAMMAR.parse(name) == x


@pytest.mark.parametrize(
    "stem",
    [
        "",
        "holiday",
        NAME + "-",
        NAME + ".mp4",
        NAME + "\n",
        f"x{NAME}",
        f"VID_VID_{NAME}",
        NAME.lower(),
        NAME.replace("SFW", "XXX"),
        NAME.replace("_F_", "_FF_"),
        NAME.replace("Summer", "Summer Sale"),
        NAME.replace("_ID-1A2B3C4D", ""),
    ],
)
def test_what_is_no_such_name_is_not_read(stem: str) -> None:
    assert GRAMMAR.parse(stem) is None


def test_a_name_from_a_file_system_that_takes_letters_apart_is_read() -> None:
    x = evolve(SUMMER, creator="Zoë")
    assert GRAMMAR.parse(unicodedata.normalize("NFD", GRAMMAR.format(x))) == x


def test_a_model_sex_without_a_style_is_told_and_left_out() -> None:
    lone = evolve(SUMMER, style="")
    assert GRAMMAR.left_out(lone) == {"model_sex": ["style"]}
    assert GRAMMAR.shown(lone) == evolve(lone, model_sex="")
    assert GRAMMAR.parse(GRAMMAR.format(lone)) == evolve(lone, model_sex="")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"language": ""}, "language"),
        ({"language": "en"}, "'en'"),
        ({"creator": ""}, "creator"),
        ({"creator": "A_B"}, "'A_B'"),
        ({"creator": "-A"}, "'-A'"),
        ({"seconds": -4}, "'-4'"),
        ({"unique_id": ""}, "unique id"),
        ({"unique_id": "ID-1a2b3c4d"}, "unique id"),
        ({"prefix": "XXX"}, "prefix"),
        ({"half": "ORG"}, "half"),
    ],
)
def test_a_value_that_could_not_be_read_back_is_not_written(
    changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        GRAMMAR.format(evolve(SUMMER, **changes))


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("", "must end in _{ID}"),
        ("{Category}", "must end in _{ID}"),
        ("{ID}_{Category}", "must end in _{ID}"),
        ("{Category}[_{ID}]", "ever empty"),
        ("{Foo}_{ID}", "no field {Foo}"),
        ("{}_{ID}", "no field {}"),
        ("{Category_{ID}", "'{' may not stand in it"),
        ("{Category}_{Category}_{ID}", "twice"),
        ("{Language}{Category}_{ID}", "can't be told apart"),
        ("{Category}-{Type}_{ID}", "can't be told apart"),
        ("[{Style}_{ID}", "brackets"),
        ("[[{Style}_]]{ID}", "brackets"),
        ("{Style}_{ID}", "{Style} may be empty"),
        ("{Category}[_x]_{ID}", "ever empty"),
        ("{Category}/{Type}_{ID}", "'/' may not stand in it"),
        ("é_{Category}_{ID}", "'é' may not stand in it"),
        ("-{Category}_{ID}", "formula"),
        ("[{Style}_]-x_{ID}", "formula"),
        ("VID_{Category}_{ID}", "VID_"),
        ("x" * 250 + "_{Category}_{ID}", "too long"),
        ("{Category}[_{TestID}][_{Duration}sec]_{ID}", "can be read as"),
        ("{Category}[_{Duration}][_4{TestID}]_{ID}", "can be read as"),
        ("{Category}[_{ModelSex}][_{TestID}]_{ID}", "can be read as"),
    ],
)
def test_a_template_that_could_not_be_read_back_is_refused_in_one_line(
    template: str, why: str
) -> None:
    with pytest.raises(UsageError) as caught:
        Grammar(template)
    assert why in caught.value.message
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{Category}_{ID}",
        "x_{Creator}_{Language}_{ID}",
        "{Category}[_{Style}][_{ModelSex}][_T-{TestID}][_{Duration}s]_{ID}",
        "[{Duration}sec_]{Category}_{ID}",
    ],
)
def test_other_templates_are_taken(template: str) -> None:
    grammar = Grammar(template)
    x = evolve(SUMMER, style="", test_id="B2")
    assert grammar.parse(grammar.format(x)) == grammar.shown(x)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("language", " en ", "EN"),
        ("rating", "nsfw", "NSFW"),
        ("model_sex", "f", "F"),
        ("model_sex", "m, f", "MF"),
        ("style", "ANIME", "Anime"),
        ("category", "Summer Sale_2026", "Summer-Sale-2026"),
        ("category", "  -a / b- ", "a-b"),
        ("creator", "=cmd|'/c calc'!A0", "cmdc-calcA0"),
        ("creator", "@ana", "ana"),
        ("creator", "v1.5", "v1-5"),
        ("creator", "a\u200b\u202eb\0c\ud800d", "abcd"),
        ("creator", "Zoe\u0308", "Zoë"),
        ("creator", "पहली", "पहली"),
        ("creator", "Ана夏عنا한국어", "Ана夏عنا한국어"),
        ("type", "50% off!", "50-off"),
        ("type", "a–b — c", "a-b-c"),
        ("test_id", "T-5", "5"),
        ("test_id", "B2", "B2"),
    ],
)
def test_values_are_cleaned(field: str, text: str, value: str) -> None:
    assert clean(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("language", "ENG"),
        ("language", "E"),
        ("language", "Ää"),
        ("rating", "PG"),
        ("model_sex", "FF"),
        ("model_sex", "X"),
        ("model_sex", ""),
        ("style", "Cartoon"),
        ("creator", "?!"),
        ("creator", "a" + "\u0301" * 100),
        ("test_id", "-"),
    ],
)
def test_values_that_nothing_is_left_of_are_refused_in_one_line(field: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        clean(field, text)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


@given(st.sampled_from(["category", "type", "creator", "test_id"]), st.text())
def test_what_has_been_cleaned_stays_as_it_is(field: str, text: str) -> None:
    value = cleaned(field, text)
    assert clean(field, value) == value
    assert 0 < len(value.encode()) <= MOST_BYTES


def test_a_long_value_is_cut_between_letters() -> None:
    assert clean("category", "é" * 30) == "é" * 20
    whole = "क" + "ि"
    assert clean("category", whole * 30) == whole * 6


@pytest.mark.parametrize(
    ("stem", "ids"),
    [
        ("x_ID-1A2B3C4D", ("ID-1A2B3C4D", "")),
        ("VID_x_ID-1A2B3C4D-VID", ("ID-1A2B3C4D-VID", "ID-1A2B3C4D")),
        ("x_ID-1A2B3C4D-IMG", ("ID-1A2B3C4D-IMG", "ID-1A2B3C4D")),
        ("x_ID-1a2b3c4d", ("", "")),
        ("ID-1A2B3C4D", ("", "")),
        ("x_ID-1A2B3C4D-ORG", ("", "")),
        ("x_ID-1A2B3C4D_y", ("", "")),
    ],
)
def test_ids_are_read_at_a_names_end(stem: str, ids: tuple[str, str]) -> None:
    assert ids_in(stem) == ids
