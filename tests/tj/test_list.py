"""What the media library's list proves: the right tab, cards of now, its end; else an error."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Route

from creative_flow.errors import LoginLost, PageNotUnderstood, PlatformUnreachable
from creative_flow_tj.session import TjSession
from otherside.knobs import AD_FORMATS
from upload.stage import WatchedSite

from .plugin import Plugin

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_every_tab_is_read_as_itself_to_its_end(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    for ad_format in AD_FORMATS[:4]:  # the last one stays empty
        site.seed(ad_format, [f"{ad_format} {number}" for number in range(13)])

    for ad_format in AD_FORMATS[:4]:
        pages = await plugin.pages(session, ad_format)
        assert [len(page.entries) for page in pages] == [12, 1]
        assert [page.last for page in pages] == [False, True]
        entries = [entry for page in pages for entry in page.entries]
        assert [it.name for it in entries] == [f"{ad_format} {n}" for n in range(12, -1, -1)]
        assert {it.ad_format for it in entries} == {ad_format}
        truth = {it.id: it.name for it in site.creatives()}
        assert all(truth[it.creative_id] == it.name for it in entries)
    (empty,) = await plugin.pages(session, "native_video")
    assert (empty.entries, empty.last) == ((), True)


@pytest.mark.slow
async def test_cards_of_the_tab_before_are_not_read_while_they_still_stand(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    site.knobs.list_latency_s = 0.8
    site.knobs.render_after_s = 0.4

    names = await plugin.names(session, "video_banner")

    assert all(name.startswith("video_banner") for name in names)
    assert len(names) == 13


@pytest.mark.parametrize("mark", ["a", "aria"])
async def test_a_tab_is_known_by_other_marks(
    plugin: Plugin, session: TjSession, site: WatchedSite, mark: str
) -> None:
    site.knobs.chosen_mark = mark  # type: ignore[assignment]
    assert (await plugin.names(session, "native_image"))[0] == "native_image 12"


@pytest.mark.slow
async def test_a_page_that_marks_no_tab_is_made_to_load_the_one_that_is_wanted(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    site.rewrite = lambda page: page.replace('"chosen_mark": "li"', '"chosen_mark": "none"')

    assert (await plugin.names(session, "static_banner"))[0] == "static_banner 12"
    assert (await plugin.names(session, "native_image"))[0] == "native_image 12"


@pytest.mark.reliability
async def test_a_list_that_does_not_load_is_not_taken_for_the_old_one(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    site.fail_next("list", "500")
    with pytest.raises(PlatformUnreachable, match="status 500"):
        await plugin.names(session, "video_banner")

    site.fail_next("list", "reset")
    with pytest.raises(PlatformUnreachable, match="did not load"):
        await plugin.names(session, "video_banner")


@pytest.mark.slow
async def test_a_list_that_never_answers_is_unreachable_not_empty(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    site.fail_next("list", "hang")
    with pytest.raises(PlatformUnreachable):
        await plugin.names(session, "native_video")


def other_card_class(page: str) -> str:
    page = page.replace("globalCreativeContainer", "tile").replace("creativeContainer", "tile")
    return page.replace("data-review-status", "data-state").replace("data-id", "data-ref")


def no_names(page: str) -> str:
    page = page.replace("creativeName", "caption")
    return page.replace(' title="', ' data-title="').replace(' title=\\"', ' data-title=\\"')


async def test_a_card_whose_id_stands_in_an_attribute_only_is_read(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    site.rewrite = lambda page: page.replace("bannerId", "number")
    assert len(await plugin.names(session, "static_banner")) == 13


@pytest.mark.parametrize(
    ("drift", "key"), [(other_card_class, "css.list.card"), (no_names, "css.list.name")]
)
async def test_cards_that_are_not_understood_are_neither_an_empty_list_nor_without_name(
    plugin: Plugin,
    session: TjSession,
    site: WatchedSite,
    drift: Callable[[str], str],
    key: str,
) -> None:
    site.rewrite = drift
    with pytest.raises(PageNotUnderstood, match=re.escape(key)) as error:
        await plugin.names(session, "static_banner")
    assert {path.suffix for path in error.value.evidence} == {".html", ".png"}


async def test_a_next_link_that_is_gone_is_no_end_of_the_list(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    site.rewrite = lambda page: page.replace(">Next<", ">More<")
    with pytest.raises(PageNotUnderstood, match="none to the next page"):
        await plugin.names(session, "static_banner")


async def test_a_list_that_turns_in_a_circle_is_not_walked_for_ever(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    end = re.compile(r'disabled(\\?"><a[^>]*data-page=\\?")3(\\?") aria-disabled=\\?"true\\?"')

    async def bend(route: Route) -> None:
        answer = await route.fetch()
        text, bent = end.subn(r"\g<1>1\g<2>", await answer.text())
        await route.fulfill(response=answer, body=text if bent else "the end was not found")

    async with route_of(session, re.compile(r"[?&]p=2\b"), bend):
        with pytest.raises(PageNotUnderstood, match="what a page before showed"):
            await plugin.names(session, "static_banner")


@asynccontextmanager
async def route_of(
    session: TjSession, address: re.Pattern[str], handler: Callable[[Route], Awaitable[None]]
) -> AsyncIterator[None]:
    """Answer some of the page's requests, for a while."""
    await session.page.route(address, handler)
    yield
    await session.page.unroute(address, handler)


@pytest.mark.reliability
async def test_a_question_that_lies_over_the_page_is_not_answered(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    question = (
        '<div role="dialog" style="position: fixed; inset: 0; z-index: 99">Remove all creatives?'
        "<button onclick=\"document.title = 'answered'\">OK</button>"
        "<button onclick=\"document.title = 'answered'\">Cancel</button></div></body>"
    )
    site.rewrite = lambda page: page.replace("</body>", question)
    with pytest.raises(PageNotUnderstood, match="can't be clicked"):
        await plugin.names(session, "native_image")
    assert await session.page.title() != "answered"


async def test_a_login_that_is_gone_is_told_from_a_page_that_changed(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    sessions = set(site._sessions)
    for expiry in ("missed_you", "redirect", "login_path"):
        site.knobs.expiry = expiry
        site.expire_sessions()
        with pytest.raises(LoginLost):
            await plugin.names(session, "static_banner")
        site._sessions |= sessions
    assert await session.alive()


async def test_what_stood_in_the_page_is_forgotten_when_it_goes_elsewhere_by_itself(
    plugin: Plugin, session: TjSession, site: WatchedSite
) -> None:
    await plugin.names(session, "native_image")
    assert session.shows == "native_image"

    async with session.page.expect_navigation():
        await session.page.evaluate("location.reload()")

    assert session.shows is None


@pytest.mark.reliability
async def test_a_page_whose_script_never_ends_is_not_waited_for_without_end(
    plugin: Plugin, site: WatchedSite
) -> None:
    endless = "<script>addEventListener('load', () => { for (;;); })</script></body>"
    session = await plugin.auth.open()
    site.rewrite = lambda page: page.replace("</body>", endless)
    try:
        with pytest.raises(PlatformUnreachable, match="has not answered"):
            await plugin.names(session, "static_banner")
    finally:
        await session.close()
