"""What a campaign's list proves, and what it does not."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from creative_flow.adtext import with_parameter
from creative_flow.campaign import Ad, ListedAds
from creative_flow.campaigns.judge import Seen, about_to_send, grew_by, has_already, look_for

A, B = Ad("EN_Summer_A_ID-1A2B3C4D", ("1",)), Ad("EN_Summer_B_ID-5E6F7A8B", ("2", "3"))


def listed(*ads: Ad, total: int | None = None) -> ListedAds:
    return ListedAds(len(ads) if total is None else total, ads)


def test_ads_are_there_by_name_and_creative() -> None:
    seen = look_for(about_to_send([A, B], listed()), listed(B, Ad("other", ("1",))))
    assert seen == Seen(frozenset({1}), frozenset({0}), frozenset())


@pytest.mark.parametrize("ids", [(), ("2",), ("3", "2")])
def test_a_page_may_show_some_ids_or_none(ids: tuple[str, ...]) -> None:
    assert has_already([B], listed(Ad(B.name, ids))).there == {0}


def test_an_ad_with_another_creative_is_another_ad() -> None:
    assert has_already([A], listed(Ad(A.name, ("9",)))).missing == {0}


def test_what_was_there_before_is_not_new() -> None:
    before = listed(A)
    sent = about_to_send([A], before)
    assert look_for(sent, before).missing == {0}
    after = listed(A, A)
    assert look_for(sent, after).there == {0}
    assert grew_by(look_for(sent, after), before.total, after)


def test_ads_of_one_name_without_ids_are_all_there_or_none_or_in_doubt() -> None:
    twins = about_to_send([Ad("a", ("1",)), Ad("a", ("2",))], listed())
    assert look_for(twins, listed()).missing == {0, 1}
    assert look_for(twins, listed(Ad("a"))).open == {0, 1}
    assert look_for(twins, listed(Ad("a"), Ad("a"))).there == {0, 1}
    assert look_for(twins, listed(Ad("a", ("2",)))).there == {1}


def test_a_name_that_is_shown_cut_counts_with_its_creative_only() -> None:
    assert has_already([A], listed(Ad("EN_Summer_A…", ("1",)))).there == {0}
    assert has_already([A], listed(Ad("EN_Summer_A…"))).open == {0}
    assert has_already([A], listed(Ad("EN_Summer_A…", ("9",)))).missing == {0}


def test_a_name_that_begins_like_another_is_no_doubt_unless_it_came_with_the_sending() -> None:
    short = Ad("EN_Summer_Real_SFW_Generic")
    long = Ad("EN_Summer_Real_SFW_Generic_2", ("1",))
    assert has_already([long], listed(short)).missing == {0}
    assert look_for(about_to_send([long], listed(short)), listed(short)).missing == {0}
    seen = look_for(about_to_send([long], listed()), listed(short))
    assert seen.open == {0}
    assert not grew_by(seen, 0, listed(short))


@pytest.mark.parametrize(
    ("after", "grown"),
    [
        (listed(A, B), True),
        (listed(A), True),
        (listed(A, Ad("somebody else's")), False),
        (listed(A, total=2), False),
    ],
)
def test_growth_must_be_exact(after: ListedAds, grown: bool) -> None:
    assert grew_by(look_for(about_to_send([A, B], listed()), after), 0, after) is grown


WORDS = some.text(
    some.characters(exclude_characters="&=#?", exclude_categories=["Cs"]), max_size=12
)
PAIRS = some.lists(
    some.tuples(WORDS.filter(lambda it: it != "sub11"), WORDS).map("=".join), max_size=5
)


@given(PAIRS, PAIRS, WORDS, some.text(some.characters(exclude_categories=["Cs"])), some.booleans())
def test_one_parameter_is_set_and_all_else_stays_byte_for_byte(
    before: list[str], after: list[str], old: str, name: str, fragment: bool
) -> None:
    tail = "#sub11=x" * fragment
    head = "https://{SiteName}.example.net/a{BanID}?" + "".join(f"{it}&" for it in before)
    rest = "".join(f"&{it}" for it in after) + tail

    found = with_parameter(f"{head}sub11={old}{rest}", "sub11", name)

    value = found[len(head) + len("sub11=") : len(found) - len(rest)]
    assert found == f"{head}sub11={value}{rest}"
    assert value.isascii()
    assert not set(value) & set("&=#? +{}\"'<>")
    assert unquote(value, errors="strict") == name


@pytest.mark.parametrize(
    "url",
    [
        "https://a.net/",
        "https://a.net/sub11=1",
        "https://a.net/?xsub11=1&sub111=2&SUB11=3",
        "https://a.net/?u=https%3A%2F%2Fb.net%2F%3Fsub11%3D1#?sub11=2",
        "",
    ],
)
def test_a_url_without_the_parameter_stays_as_it_is(url: str) -> None:
    assert with_parameter(url, "sub11", "Name") == url


def test_every_place_of_the_parameter_is_set() -> None:
    url = "https://a.net/?sub11&b={X}&sub11=a=b"
    assert with_parameter(url, "sub11", "N") == "https://a.net/?sub11=N&b={X}&sub11=N"
