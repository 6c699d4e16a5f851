"""Ads CSVs read back: which kind a file is, and what is wrong in a row, whoever wrote it."""

from __future__ import annotations

import csv

import pytest

from creative_flow.ads import AdRemark, AdsCsv, Fill, Weight

from .conftest import SET, TJ, Desk, Office, image, in_stream, table, video


@pytest.fixture
def ads(desk: Desk) -> AdsCsv:
    return desk.ads()[0]


def remarks(ads: AdsCsv, sheet_name: str, **cells: str) -> list[AdRemark]:
    [sheet] = [each for each in ads.sheets if each.name == sheet_name]
    good = {
        "name": "A name",
        "target_url": "https://shop.tld/?sub11={CampaignName}",
        "creative_id": "1032530511",
        "video_id": "1032530511",
        "image_id": "1032530512",
        "headline": "Words",
        "brand": "Mine",
    }
    row = {
        column.heading: {**good, **cells}.get(column.key or column.fill.value, "")
        for column in sheet.columns
    }
    return list(ads.check(sheet, row))


def test_what_is_written_is_recognised_and_has_nothing_wrong(office: Office, ads: AdsCsv) -> None:
    office.say(SET)
    made = office.make(office.run(video(1), image(1), in_stream(2)))
    kinds = []
    for path in made.files:
        with path.open(encoding="utf-8", newline="") as file:
            sheet = ads.recognise(next(csv.reader(file)))
        assert sheet is not None
        kinds.append(sheet.name)
        assert [remark for row in table(path) for remark in ads.check(sheet, row)] == []
    assert kinds == ["native", "preroll", "native", "preroll"]


def test_case_blanks_and_a_mark_at_the_begin_do_not_hide_a_sheet(ads: AdsCsv) -> None:
    native = ads.sheets[0]
    spelt = [f" {heading.upper()}" for heading in native.headings]
    spelt[0] = "\ufeffAd Name"
    assert ads.recognise(spelt) == native


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda h: h[:-1], "for Native ads it lacks Brand Name"),
        (lambda h: [*h, "Notes"], "for Native ads it has 'Notes' besides"),
        (
            lambda h: [*h[:-1], "Brand"],
            "for Native ads it lacks Brand Name, and it has 'Brand' besides",
        ),
        (
            lambda _: ["x"],
            "for Native ads it lacks Ad Name, Target URL, Video Creative ID and 3 more",
        ),
        (lambda h: [h[1], h[0], *h[2:]], "for Native ads they are in another order"),
    ],
)
def test_columns_that_are_not_a_sheets_say_what_differs(
    ads: AdsCsv, change: object, why: str
) -> None:
    headings = change(list(ads.sheets[0].headings))  # type: ignore[operator]
    assert ads.recognise(headings) is None
    assert ads.why_not(headings).startswith(why)


def test_a_good_row_has_no_remarks(ads: AdsCsv) -> None:
    assert remarks(ads, "native") == []
    assert remarks(ads, "preroll") == []


@pytest.mark.parametrize(
    ("sheet", "key", "text", "weight", "said"),
    [
        ("native", "name", "x" * 65, Weight.TOO_LONG, "has 65 characters, allowed: 64"),
        ("native", "name", "", Weight.WRONG, "is empty"),
        ("native", "headline", "x" * 88, Weight.TOO_LONG, "has 88 characters, allowed: 87"),
        ("native", "brand", "x" * 26, Weight.TOO_LONG, "has 26 characters, allowed: 25"),
        ("native", "brand", "Your brand", Weight.PLACEHOLDER, "placeholder"),
        ("native", "headline", "", Weight.PLACEHOLDER, "is empty"),
        ("native", "video_id", "", Weight.WRONG, "is empty"),
        ("native", "image_id", "1.03E+09", Weight.WRONG, "no Creative ID"),
        ("preroll", "creative_id", "103253051", Weight.WRONG, "no Creative ID"),
        ("preroll", "target_url", "www.shop.tld", Weight.WRONG, "http:// or https://"),
        ("preroll", "target_url", "", Weight.PLACEHOLDER, "is empty"),
        ("preroll", "target_url", "https://example.com", Weight.PLACEHOLDER, "placeholder"),
        ("preroll", "cta_url", "shop", Weight.WRONG, "http:// or https://"),
        ("preroll", "banner_cta_url", "shop", Weight.WRONG, "http:// or https://"),
        ("preroll", "target_url", "https://a.tld/{BandID}", Weight.NOTE, "mean {BanID}?"),
        ("preroll", "cta_text", "two\nlines", Weight.WRONG, "not one line"),
    ],
)
def test_what_is_wrong_in_a_row_is_told_by_its_column(
    ads: AdsCsv, sheet: str, key: str, text: str, weight: Weight, said: str
) -> None:
    [remark] = remarks(ads, sheet, **{key: text})
    assert (remark.column.key or remark.column.fill.value) == key
    assert remark.weight is weight
    assert said in remark.message


def test_a_limit_names_the_setting_that_lifts_it(ads: AdsCsv) -> None:
    [remark] = remarks(ads, "native", brand="x" * 26)
    assert remark.setting == "ads.limits.brand in config/tj.toml"


def test_limits_and_headings_are_data_that_the_user_can_change(desk: Desk) -> None:
    desk.workspace.overrides_file(TJ).write_text(
        """\
        [ads.limits]
        brand = 30
        name = false
        [ads.native.columns]
        brand = "Brand"
        """
    )
    ads, _ = desk.ads()
    native = ads.sheets[0]
    assert native.headings[-1] == "Brand"
    assert native.columns[-1].most is not None
    assert native.columns[-1].most.value == 30
    assert next(column for column in native.columns if column.fill is Fill.NAME).most is None
