"""What is known of a source file: the strongest source wins, and each says where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from creative_flow.creative import AdFormat, Certainty, Kind, Limit
from creative_flow.errors import SettingsError
from creative_flow.naming import DEFAULT_TEMPLATE, Fields, Grammar
from creative_flow.process.fields import Resolved, ask, category, grammar, resolve
from creative_flow.process.metadata import Metadata, MetadataRow, folder_key, read, remember
from creative_flow.settings import Settings

TYPES = Limit(frozenset({"mp4"}), Certainty.KNOWN, "the tests", "a.key")
FORMATS = (
    AdFormat("moving", "Moving", Kind.VIDEO, TYPES, folders=("Native/Video",)),
    AdFormat("still", "Still", Kind.IMAGE, TYPES, folders=("Native/Image",)),
)
GRAMMAR = Grammar()
NOTHING = Metadata()
DEFAULTS = Fields("EN", "General", "SFW", "Generic", "Unknown")
NAMED = Fields("DE", "Winter", "NSFW", "Teaser", "Ana")
ROW = MetadataRow(
    "Summer", "Beach", "F", "Real", "Bo", "FR", "NSFW", "Closeup", "B2", "m.csv, line 2"
)
AS_ROW = Fields("FR", "Beach", "NSFW", "Closeup", "Bo", "F", "Real", test_id="B2")


def set_to(**environ: str) -> Settings:
    return Settings(Path("no such file"), environ, {})


def rows(*found: MetadataRow) -> Metadata:
    return Metadata({folder_key(row.folder_path): row for row in found})


def known(
    name: str,
    folder: str = "",
    metadata: Metadata = NOTHING,
    *,
    template: str = DEFAULT_TEMPLATE,
    seconds: int | None = None,
    environ: Mapping[str, str] | None = None,
) -> Resolved:
    return resolve(
        name,
        folder,
        metadata=metadata,
        settings=set_to(**environ or {}),
        grammar=GRAMMAR if template == DEFAULT_TEMPLATE else Grammar(template),
        ad_formats=FORMATS,
        seconds=seconds,
    )


def test_where_nothing_else_tells_the_settings_do() -> None:
    found = known("holiday.mp4", seconds=4)
    assert found.fields == evolve(DEFAULTS, seconds=4)
    assert found.sources["creator"] == "the default DEFAULT_CREATOR"
    assert found.unknown
    assert not found.problems


def test_each_source_wins_over_the_weaker_ones() -> None:
    environ = {"DEFAULT_CREATOR": "Cy", "DEFAULT_CATEGORY": "Any"}
    assert known("x.mp4", "", environ=environ).fields.category == "Any"
    assert known("x.mp4", "Summer", environ=environ).fields.category == "Summer"
    by_row = known("x.mp4", "Summer/Day", rows(ROW), environ=environ)
    assert by_row.fields == AS_ROW
    assert by_row.sources["creator"] == "m.csv, line 2, column creator_name"
    assert not by_row.unknown
    by_name = known("DE_Winter_NSFW_Teaser_Ana.mp4", "Summer", rows(ROW), environ=environ)
    assert by_name.fields == evolve(NAMED, model_sex="F", style="Real", test_id="B2")
    assert by_name.sources["creator"] == "the name 'DE_Winter_NSFW_Teaser_Ana.mp4'"


def test_what_a_row_leaves_open_comes_from_the_next() -> None:
    found = known("x.mp4", "Summer", rows(MetadataRow("Summer", creator_name="Bo")))
    assert found.fields == evolve(DEFAULTS, category="Summer", creator="Bo")
    assert found.sources["category"] == "the folder 'Summer'"
    assert found.sources["language"] == "the default DEFAULT_LANGUAGE"


def test_a_dash_says_none_whatever_the_settings_say() -> None:
    row = MetadataRow("Summer", model_sex="-", style="-")
    found = known(
        "x.mp4", "Summer", rows(row), environ={"DEFAULT_MODEL_SEX": "F", "DEFAULT_STYLE": "Real"}
    )
    assert (found.fields.model_sex, found.fields.style) == ("", "")
    assert not found.problems


@pytest.mark.parametrize(
    ("stem", "fields", "own_id"),
    [
        ("DE_Winter_NSFW_Teaser_Ana", NAMED, ""),
        ("de_winter sale_nsfw_Teaser_Ana", evolve(NAMED, category="winter-sale"), ""),
        ("DE_Winter_NSFW_Teaser_Ana_4sec", NAMED, ""),
        ("DE_Winter_NSFW_Teaser_Ana_4sec_ID-1A2B3C4D", NAMED, "ID-1A2B3C4D"),
        ("DE_Winter_NSFW_Teaser_Ana_T-B2", evolve(NAMED, test_id="B2"), ""),
        ("DE_Winter_F_Real_NSFW_Teaser_Ana", evolve(NAMED, model_sex="F", style="Real"), ""),
        (
            "VID_DE_Winter_mf_real_NSFW_Teaser_Ana_4sec_T-B2_ID-1A2B3C4D-VID",
            evolve(NAMED, model_sex="MF", style="Real", test_id="B2"),
            "ID-1A2B3C4D-VID",
        ),
        ("ORG_DE_Winter_NSFW_Teaser_Ana_ID-1A2B3C4D", NAMED, "ID-1A2B3C4D"),
        ("IMG_DE_Winter_NSFW_Teaser_Ana-IMG", NAMED, ""),
        ("DE_Winter_NSFW_Teaser_4sec_4sec", evolve(NAMED, creator="4sec"), ""),
    ],
)
def test_a_structured_name_is_read_in_both_forms(stem: str, fields: Fields, own_id: str) -> None:
    found = known(f"{stem}.mp4", seconds=7)
    assert found.fields == evolve(fields, seconds=7)
    assert found.own_id == own_id
    assert not found.unknown
    assert not found.notes
    assert not found.problems


@pytest.mark.parametrize(
    "stem",
    [
        "DE_Winter_NSFW_Teaser",
        "DEU_Winter_NSFW_Teaser_Ana",
        "DE_Winter_XXX_Teaser_Ana",
        "DE_Winter_X_Real_NSFW_Teaser_Ana",
        "DE_Winter_F_Real_NSFW_Teaser",
        "a_cat_on_the_beach_at_night",
        "VID_20261121_120000",
        "_____",
        "VID",
    ],
)
def test_any_other_name_tells_nothing(stem: str) -> None:
    found = known(f"{stem}.mp4", "Summer")
    assert found.fields == evolve(DEFAULTS, category="Summer")
    assert found.unknown


def test_an_id_at_the_end_of_any_name_is_told() -> None:
    assert known("holiday_ID-1A2B3C4D-IMG.png").own_id == "ID-1A2B3C4D-IMG"


def test_parts_that_mean_nothing_are_noted_and_left_out() -> None:
    found = known("DE_Winter_NSFW_Teaser_Ana_final_4sec_v2_T-A_T-B.mp4")
    assert found.fields == evolve(NAMED, test_id="A")
    assert found.notes == ("These parts of its name are left out: final, v2, T-B.",)
    assert not found.problems


def test_a_name_of_another_template_is_read() -> None:
    template = "{Creator}_{Category}_{ID}"
    found = known("Ana_Winter_ID-1A2B3C4D.mp4", template=template)
    assert found.fields == evolve(DEFAULTS, creator="Ana", category="Winter")
    assert found.own_id == "ID-1A2B3C4D"


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (MetadataRow("a", model_sex="F"), "without its model sex, since there is no style."),
        (MetadataRow("a", style="Real"), "without its style, since there is no model sex."),
    ],
)
def test_half_of_model_sex_and_style_makes_the_shorter_name_and_a_note(
    row: MetadataRow, note: str
) -> None:
    found = known("x.mp4", "a", rows(row))
    assert found.notes == (f"The name is {note}",)
    name = GRAMMAR.format(evolve(found.fields, unique_id="ID-1A2B3C4D"))
    assert name == "EN_a_SFW_Generic_Unknown_ID-1A2B3C4D"


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("", ""),
        (".", ""),
        ("Summer", "Summer"),
        ("Summer/Beach", "Beach"),
        ("native", ""),
        ("native/Summer", "Summer"),
        ("Summer/Native", "Summer"),
        ("Native/Video", ""),
        ("Summer/native/video", "Summer"),
        ("Native/Image/Summer", "Summer"),
        ("Summer/moving", "Summer"),
        ("Summer/Video", "Video"),
    ],
)
def test_folders_that_say_where_files_go_are_no_categories(folder: str, expected: str) -> None:
    assert category(folder, FORMATS) == expected


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (
            lambda: known("DE_Winter_NSFW_Teaser_!!.mp4"),
            (
                "the name 'DE_Winter_NSFW_Teaser_!!.mp4': '!!' leaves nothing for the creator. "
                "Give letters."
            ),
        ),
        (
            lambda: known("x.mp4", "Summer/Day", rows(evolve(ROW, language="FRA"))),
            "m.csv, line 2, column language: 'FRA' is no language. Give two letters, such as EN.",
        ),
        (
            lambda: known("x.mp4", "!!"),
            "the folder '!!': '!!' leaves nothing for the category. Give letters.",
        ),
        (
            lambda: known("x.mp4", environ={"DEFAULT_RATING": "PG"}),
            "DEFAULT_RATING in the environment: 'PG' is no rating. Give SFW or NSFW.",
        ),
        (lambda: known("x.mp4", "Summer", rows(evolve(ROW, problem="twice"))), "twice"),
    ],
    ids=["name", "row", "folder", "setting", "twice"],
)
def test_a_value_that_will_not_do_is_told_with_where_it_stands(
    found: Callable[[], Resolved], problem: str
) -> None:
    assert found().problems == (problem,)


def test_a_wrong_value_that_a_stronger_one_hides_harms_nothing() -> None:
    wrong = evolve(ROW, language="FRA", content_type="PG")
    found = known("DE_Winter_NSFW_Teaser_Ana.mp4", "Summer", rows(wrong))
    assert not found.problems


@given(st.text(max_size=50), st.text(max_size=20))
def test_every_name_is_either_made_or_has_a_problem(stem: str, folder: str) -> None:
    found = known(f"{stem}.mp4", folder)
    if not found.problems:
        x = evolve(found.fields, unique_id="ID-1A2B3C4D")
        assert GRAMMAR.parse(GRAMMAR.format(x)) == x


def test_a_template_that_will_not_do_is_told_with_where_it_is_set() -> None:
    with pytest.raises(SettingsError) as caught:
        grammar(set_to(NAME_TEMPLATE="{Foo}_{ID}"))
    assert "NAME_TEMPLATE" in caught.value.message
    assert "It is set in the environment." in caught.value.hint
    assert grammar(set_to()).template == DEFAULT_TEMPLATE


def test_what_is_answered_for_a_folder_is_remembered_and_counts(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []
    answers = iter(["", "Ana", "deutsch", "de", "", "Teaser!", "X", "f", "real", "-"])

    def prompt(question: str, default: str) -> str:
        asked.append((question, default))
        return next(answers) or default

    row = ask("native/Summer Sale", prompt, set_to(), FORMATS)
    assert asked[0] == ("Category for native/Summer Sale", "Summer Sale")
    assert asked[3] == (
        (
            "'deutsch' is no language. Give two letters, such as EN. "
            "Language (two letters) for native/Summer Sale"
        ),
        "EN",
    )
    assert "model sex" in asked[7][0]
    remember(tmp_path / "m.csv", row)
    found = known("x.mp4", "native/Summer Sale/Day", read(tmp_path / "m.csv"))
    assert found.fields == Fields("DE", "Summer-Sale", "SFW", "Teaser", "Ana", "F", "Real")
    assert not found.unknown
    assert not found.problems


def test_the_answers_for_the_topmost_folder_hold_for_all(tmp_path: Path) -> None:
    row = ask("", lambda _, default: default, set_to(DEFAULT_STYLE="Real"))
    assert row.folder_path == "source_files"
    remember(tmp_path / "m.csv", row)
    assert read(tmp_path / "m.csv").nearest("a/b") is not None


def test_none_as_an_answer_counts_although_a_setting_says_otherwise(tmp_path: Path) -> None:
    settings = {"DEFAULT_MODEL_SEX": "F", "DEFAULT_STYLE": "Real"}
    row = ask(
        "a", lambda _, default: "-" if default in {"F", "Real"} else default, set_to(**settings)
    )
    remember(tmp_path / "m.csv", row)
    found = known("x.mp4", "a", read(tmp_path / "m.csv"), environ=settings)
    assert (found.fields.model_sex, found.fields.style) == ("", "")
