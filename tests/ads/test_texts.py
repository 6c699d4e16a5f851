"""What ads say: `config/tj_ads.toml` and the settings, and what is wrong in them, by line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from creative_flow.errors import SettingsError

from .conftest import TJ, Desk


def text_of(desk: Desk, sheet_name: str, category: str, key: str) -> tuple[str, str]:
    ads, _ = desk.ads()
    [sheet] = [each for each in ads.sheets if each.name == sheet_name]
    found = desk.texts().of(sheet, category)[key]
    return found.text, found.where


def test_the_narrowest_table_wins_and_says_where_it_stands(desk: Desk) -> None:
    desk.say(
        """\
[default]
brand = "of all"
headline = "of all"

[native]
headline = "of native"

[category.Summer]
headline = "of Summer"

[category."Two words".native]
headline = "of both"
"""
    )
    assert text_of(desk, "native", "", "brand") == ("of all", "brand in config/tj_ads.toml, line 2")
    assert text_of(desk, "native", "Other", "headline")[0] == "of native"
    assert text_of(desk, "native", "summer", "headline") == (
        "of Summer",
        "headline in config/tj_ads.toml, line 9",
    )
    assert text_of(desk, "native", "Two words", "headline") == (
        "of both",
        "headline in config/tj_ads.toml, line 12",
    )


def test_a_setting_counts_where_the_file_says_nothing(desk: Desk) -> None:
    env = desk.workspace.env_file
    env.write_text("TJ_ADS_BRAND=Mine\nTJ_ADS_HEADLINE=Hers\n")
    desk.say('[native]\nheadline = "His"\n')
    assert text_of(desk, "native", "", "brand") == ("Mine", f"TJ_ADS_BRAND in {env}, line 1")
    assert text_of(desk, "native", "", "headline")[0] == "His"


def test_without_a_file_there_are_the_placeholders(desk: Desk) -> None:
    assert text_of(desk, "preroll", "", "target_url")[0].startswith("https://example.com/?sub11=")
    assert text_of(desk, "preroll", "", "cta_text")[0] == ""


MISTAKES = {
    "key": (
        '[default]\ntarget_ulr = "x"\n',
        "line 2: [default] takes no target_ulr; did you mean target_url?",
    ),
    "key of another sheet": (
        '[preroll]\n\nheadline = "x"\n',
        "line 3: [preroll] takes no headline; there are banner_cta_creative_id, ",
    ),
    "table": ('[nativ]\nbrand = "x"\n', "line 1: there is no [nativ]; did you mean native?"),
    "table, nothing near": (
        "[zzz]\n",
        "line 1: there is no [zzz]; there are [default], [native], [preroll], [category]",
    ),
    "no table": ('brand = "x"\n', "line 1: brand must stand below a table, such as [default]"),
    "category without table": (
        '[category]\nbrand = "x"\n',
        "line 2: brand must stand below a table, [category.NAME]",
    ),
    "key of a category": (
        '[category.Summer]\nbrnd = "x"\n',
        "line 2: [category.Summer] takes no brnd; did you mean brand?",
    ),
    "key of both": (
        '[category.Summer.preroll]\nbrand = "x"\n',
        "line 2: [category.Summer.preroll] takes no brand; there are ",
    ),
    "number": (
        "[preroll]\nbanner_cta_creative_id = 1032530511\n",
        'line 2: banner_cta_creative_id must be a text: banner_cta_creative_id = "1032530511"',
    ),
    "several": (
        '[default]\nbrnd = "x"\nheadlin = "y"\n',
        "brand?; line 3: [default] takes no headlin; did you mean headline?",
    ),
    "no quotes": ("[default]\nbrand = Mine\n", "is not valid TOML: Invalid value (at line 2"),
    "sheet is no table": ("native = 3\n", "line 1: native must be a table, [native]"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_the_file_is_one_line_that_says_where(desk: Desk, case: str) -> None:
    content, said = MISTAKES[case]
    file = desk.say(content)
    with pytest.raises(SettingsError) as caught:
        desk.texts()
    assert caught.value.message.startswith(str(file))
    assert said in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_one_line(desk: Desk) -> None:
    desk.workspace.ads_file(TJ).write_bytes(b"\xff\xfe[default]")
    with pytest.raises(SettingsError, match="is not valid TOML"):
        desk.texts()


WRONG = {
    "no web": ("target_url", "shop.tld", "it must begin with http:// or https://"),
    "blank": ("target_url", "https://shop.tld/a b", "it holds a blank"),
    "two lines": ("brand", "a\\nb", "which is not one line of text"),
    "no id": ("banner_cta_creative_id", "12", "which is no Creative ID"),
    "endless": ("tracking_pixel", "x" * 6000, "has 6,000 characters"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_text_that_the_platform_will_not_take_is_told_by_its_place(desk: Desk, case: str) -> None:
    key, text, said = WRONG[case]
    desk.say(f'[default]\n{key} = "{text}"\n')
    sheet = "native" if key == "brand" else "preroll"
    with pytest.raises(SettingsError) as caught:
        text_of(desk, sheet, "", key)
    assert caught.value.message.startswith(f"{key} in config/tj_ads.toml, line 2")
    assert said in caught.value.message


def test_a_wrong_setting_names_the_settings_file(desk: Desk) -> None:
    desk.workspace.env_file.write_text("\nTJ_ADS_TARGET_URL=shop.tld\n")
    with pytest.raises(SettingsError) as caught:
        text_of(desk, "native", "", "target_url")
    assert caught.value.message.startswith(
        f"TJ_ADS_TARGET_URL in {desk.workspace.env_file}, line 2: Target URL is 'shop.tld'"
    )


def test_the_example_of_the_documentation_leaves_nothing_to_be_said(desk: Desk) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "ads-csv.md"
    [example] = re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    desk.say(example)
    ads, _ = desk.ads()
    texts = desk.texts()
    for sheet in ads.sheets:
        for category in ("", "Summer"):
            said = {key: text.text for key, text in texts.of(sheet, category).items()}
            for column in sheet.texts:
                assert list(ads.check_cell(column, said[column.key])) == []
    assert texts.of(ads.sheets[1], "Summer")["cta_text"].text == "To the beach"
    assert texts.of(ads.sheets[0], "Summer")["headline"].text == "Summer is here"
