"""Texts of ads: lengths as a web page counts, cuts that keep what matters, URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creative_flow import adtext

TEXT = st.text(st.characters(codec="utf-8"), max_size=120)
ID = "ID-1A2B3C4D-VID"


@given(TEXT, st.integers(16, 80))
def test_a_name_is_never_too_long_and_keeps_its_id(text: str, most: int) -> None:
    for name in (f"{text}_{ID}", f"{ID}_{text}", f"{text}_{ID}_{text}", text):
        short = adtext.cut_name(name, most, ID)
        assert adtext.length(short) <= most
        assert short == name or ID in short


@given(TEXT, st.integers(1, 80))
def test_a_cut_text_is_the_begin_of_the_whole(text: str, most: int) -> None:
    for cut in (adtext.cut, adtext.cut_words):
        short = cut(text, most)
        assert text.startswith(short)
        assert adtext.length(short) <= most


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("one two three", 9, "one two"),
        ("one two three", 8, "one two"),
        ("one two three", 7, "one two"),
        ("one two three", 13, "one two three"),
        ("onetwothree", 5, "onetw"),
        ("a averylongword", 10, "a averylon"),
        ("cafe\u0301s", 4, "caf"),
        ("ab👍🏽", 5, "ab"),
        ("👨\u200d👩\u200d👧 x", 5, ""),
    ],
)
def test_a_text_is_cut_at_words_and_between_whole_signs(text: str, most: int, short: str) -> None:
    assert adtext.cut_words(text, most) == short


def test_an_emoji_counts_as_browsers_count_it() -> None:
    assert adtext.length("🌞") == 2
    assert adtext.length("ü") == 1


def test_long_names_of_different_files_stay_different() -> None:
    same = "EN_" + "long" * 30
    first, second = (adtext.cut_name(same, 64, creative_id) for creative_id in ("111", "112"))
    assert (first[-4:], second[-4:]) == ("_111", "_112")
    assert len(first) == 64


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.tld",
        "HTTP://shop.tld:8080/a?b={CampaignName}&c={BanID}#d",
        "https://{SiteName}.shop.tld/",
        "https://shop.tld/?sub11={CampaignName}&t=%7Bx%7D",
        "https://bücher.tld/ä",
    ],
)
def test_a_url_of_the_web_with_macros_is_one(url: str) -> None:
    assert adtext.url_problem(url) == ""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "http"),
        ("shop.tld", "http:// or https://"),
        ("ftp://shop.tld", "http:// or https://"),
        ("javascript:alert(1)", "http:// or https://"),
        ("https:///path", "no host"),
        ("https://?x", "no host"),
        (" https://shop.tld", "blank"),
        ("https://shop.tld/a b", "blank"),
        ("https://shop.tld/\n", "line end"),
        ("https://shop.tld:port/", "ort"),
        ("https://[::1", "IPv6"),
    ],
)
def test_what_is_no_url_says_why(url: str, why: str) -> None:
    assert why in adtext.url_problem(url)


@pytest.mark.parametrize(
    ("url", "nowhere"),
    [
        ("https://example.com/?sub11={CampaignName}", True),
        ("https://www.EXAMPLE.org.", True),
        ("https://shop.example", True),
        ("https://example.com.shop.tld", False),
        ("https://myexample.com", False),
    ],
)
def test_hosts_that_are_reserved_for_examples_are_known(url: str, nowhere: bool) -> None:
    assert adtext.leads_nowhere(url) is nowhere


def test_only_what_is_nearly_a_macro_is_odd() -> None:
    known = ("CampaignName", "BanID")
    assert adtext.odd_macros("https://a.tld/?x={CampaignName}&y={MyOwn}", known) == ()
    assert adtext.odd_macros("https://a.tld/?x={CampaingName}", known) == (
        "{CampaingName} is no macro that is known; did you mean {CampaignName}?",
    )
    assert adtext.odd_macros("https://a.tld/?x={BanID", known) == ("a { or } stands alone",)
