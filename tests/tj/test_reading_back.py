"""The list after a batch: read where the page has loaded it anew by itself, else asked for."""

from __future__ import annotations

from math import inf

import pytest

from creative_flow.creative import Snapshot
from creative_flow.platform import LibraryPage
from creative_flow_tj.ids import TjIdExtractor
from creative_flow_tj.panel import close_panel
from creative_flow_tj.session import TjSession
from upload.stage import WatchedSite

from .plugin import Plugin
from .sender import Sender

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def first_page(plugin: Plugin, session: TjSession) -> LibraryPage:
    """Return what a reader of banners that looks no further sees."""
    ids = TjIdExtractor(plugin.context)
    async for page in ids.pages(session, plugin.context.info.ad_format("static_banner")):
        return page
    raise AssertionError("a list has a page")


async def look(plugin: Plugin, session: TjSession, room: int = 3) -> Snapshot:
    ids = TjIdExtractor(plugin.context)
    return await ids.snapshot(session, plugin.context.info.ad_format("static_banner"), room)


async def opened(plugin: Plugin, session: TjSession) -> int:
    """Open the library as the site now is, read what stands there, and return the mark."""
    session.shows = None
    session.loaded_at = -inf
    await look(plugin, session)
    return session.traffic.mark()


def asked(session: TjSession, since: int, kind: str = "document") -> int:
    """Return how many pages, or background questions, the page has asked for."""
    return sum(it.kind == kind and not it.sends for it in session.traffic.since(since))


def truth(site: WatchedSite, *names: str) -> dict[str, str]:
    return {it.name: it.id for it in site.creatives() if it.name in names}


def found(page: LibraryPage, *names: str) -> dict[str, str]:
    return {it.name: it.creative_id for it in page.entries if it.name in names}


@pytest.mark.parametrize(
    ("panel_close", "reload_after"),
    [
        ("done", "upload"),
        ("x", "close"),
        pytest.param("x", "upload", marks=pytest.mark.slow),
        pytest.param("done", "close", marks=pytest.mark.slow),
        pytest.param("self", "upload", marks=pytest.mark.slow),
        pytest.param("self", "close", marks=pytest.mark.slow),
    ],
)
async def test_a_list_that_the_page_has_loaded_anew_is_not_asked_for_again(
    plugin: Plugin,
    session: TjSession,
    site: WatchedSite,
    sender: Sender,
    reload_after: str,
    panel_close: str,
) -> None:
    site.knobs.reload_after = reload_after  # type: ignore[assignment]
    site.knobs.panel_close = panel_close  # type: ignore[assignment]
    names = [f"{panel_close} {reload_after} {number}" for number in range(3)]
    mark = await opened(plugin, session)

    await sender.send(*names)
    page = await first_page(plugin, session)

    assert found(page, *names) == truth(site, *names)
    assert asked(session, mark) == 0
    # The tabs are free again: another list is read without a page load, too.
    assert await plugin.names(session, "video_banner") == []
    assert asked(session, mark) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"reload_after": "never"},
        {"visible_after_s": 1.0},
        pytest.param({"render_after_s": 2.0}, marks=pytest.mark.slow),
        pytest.param({"title": "absent", "text_cut": 5}, marks=pytest.mark.slow),
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_list_that_does_not_show_the_batch_is_asked_for(
    plugin: Plugin,
    session: TjSession,
    site: WatchedSite,
    sender: Sender,
    change: dict[str, object],
) -> None:
    name = f"asked for {next(iter(change))}"
    for knob, value in change.items():
        setattr(site.knobs, knob, value)
    mark = await opened(plugin, session)

    await sender.send(name)
    await first_page(plugin, session)

    assert asked(session, mark) == 1
    assert truth(site, name)


async def test_a_panel_that_can_not_be_closed_is_left_by_a_page_load(
    plugin: Plugin, session: TjSession, site: WatchedSite, sender: Sender
) -> None:
    site.knobs.panel_close = "escape"
    mark = await opened(plugin, session)

    await sender.send("escape")
    page = await first_page(plugin, session)

    assert found(page, "escape") == truth(site, "escape")
    assert asked(session, mark) == 0
    assert await plugin.names(session, "video_banner") == []
    assert asked(session, mark) == 1


async def test_the_control_that_removes_a_file_is_not_taken_for_the_panels(
    plugin: Plugin, session: TjSession
) -> None:
    remove = "<button onclick=\"document.title = 'removed'\">×</button>"
    await session.page.set_content(
        '<a id="static_tab" href="#">Static</a><div style="position: fixed; inset: 0">'
        f'<div class="dz-preview">a.png {remove}</div>'
        '<span class="smallButton greyButton">Browse your computer</span></div>'
    )

    assert not await close_panel(session, "static_banner")
    await session.uncover(session.page.locator("#static_tab"))

    assert await session.page.title() == ""


async def test_a_list_is_taken_as_it_stands_only_once(
    plugin: Plugin, session: TjSession, sender: Sender
) -> None:
    mark = await opened(plugin, session)
    await sender.send("once")

    assert asked(session, mark) == 0
    await first_page(plugin, session)
    assert asked(session, mark) == 0
    await first_page(plugin, session)
    assert asked(session, mark) == 1


async def test_an_old_entry_of_the_name_does_not_stand_for_the_file_that_was_sent(
    plugin: Plugin, session: TjSession, site: WatchedSite, sender: Sender
) -> None:
    await sender.send("twice")  # the site refuses the second one in silence
    before = await look(plugin, session)
    await sender.send("twice")
    ids = TjIdExtractor(plugin.context)

    walk = await ids.find(
        session,
        plugin.context.info.ad_format("static_banner"),
        {"twice"},
        before,
        to_end=False,
    )

    assert walk.new("twice") == ()
    assert [it.creative_id for it in walk.old("twice")] == [truth(site, "twice")["twice"]]


async def test_a_batch_that_follows_at_once_is_compared_with_what_stands_there(
    plugin: Plugin, session: TjSession, site: WatchedSite, sender: Sender
) -> None:
    await opened(plugin, session)
    await sender.send("first of two")
    await first_page(plugin, session)
    mark = session.traffic.mark()

    before = await look(plugin, session, room=1)

    assert asked(session, mark) == 0
    assert "first of two" in {entry.name for entry in before.entries}

    session.loaded_at = -inf  # it is too long ago
    await look(plugin, session, room=1)
    assert asked(session, mark) == 1


async def test_the_list_of_a_fresh_login_is_not_asked_for_twice(
    plugin: Plugin, site: WatchedSite
) -> None:
    site.seed("static_banner", ["there before"])
    session = await plugin.auth.open()
    try:
        mark = session.traffic.mark()

        before = await look(plugin, session, room=1)

        assert "there before" in {entry.name for entry in before.entries}
        assert asked(session, mark) == 0
        # Who asks what became of a file is told what is there now.
        site.seed("static_banner", ["there later"])
        assert "there later" in await plugin.names(session, "static_banner")
        assert asked(session, mark) == 1
    finally:
        await session.close()
