"""The media library's list: the right tab, proved; its cards, as they are now; its pages.

A tab change reloads the list in the background while the old cards stand. So what stands there is
marked, and the list is read when nothing marked is left, no request of the page is under way, and
two looks in a row see the same. What can't be proved is an error, never a guess.
"""

from __future__ import annotations

import itertools
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from creative_flow.errors import LoginLost, PlatformUnreachable
from creative_flow.platform import LibraryPage
from creative_flow_tj.cards import ListState, NotReadError, page_of
from creative_flow_tj.panel import close_panel
from creative_flow_tj.scripts import script
from creative_flow_tj.session import Sent, TjSession, Where
from creative_flow_tj.tabs import IS_CHOSEN, Tabs

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Locator

_marks = itertools.count(1)

_MOMENT = 5.0
"""Seconds for which a list that was just loaded shows what stands there before a batch. What others
add meanwhile counts as new; so it does between any reading and the sending that follows."""


class LibraryList:
    """The list in one session's page."""

    def __init__(self, session: TjSession) -> None:
        self._session = session
        self._site = session.site
        self._tabs = Tabs(session)
        self._css = self._site.css("list")
        self._walked: set[tuple[str, ...]] = set()
        self._repeated = False
        self._begins = False
        """Whether the page that was opened is the list's first."""

    async def open(self, ad_format: str) -> LibraryPage:
        """Load the library afresh, choose the ad format's tab, and return its first page.

        Raises `PageNotUnderstood`, `LoginLost`, `PlatformUnreachable`.
        """
        session = self._session
        since = session.traffic.mark()
        await session.goto(self._site.text("addresses.library"))
        if await session.settled() is Where.SIGN_IN:
            raise LoginLost(f"{session.context.info.title} shows its sign-in page.")
        return await self._first(ad_format, await self._loaded(since, mark=""))

    async def turn_to(self, ad_format: str) -> LibraryPage:
        """Like `open`, but where another ad format's list stands in the page, go on from there.

        Only where the list then says that it shows its first page: a tab might keep the page that
        the one before was left at.
        """
        state = await self._other_list(ad_format)
        if state is not None:
            page = await self._first(ad_format, state)
            if self._begins:
                return page
        return await self.open(ad_format)

    async def newest(self, ad_format: str) -> LibraryPage:
        """Like `turn_to`, but a list that the page has loaded a moment ago will do."""
        return await self._standing(ad_format) or await self.turn_to(ad_format)

    async def _standing(self, ad_format: str) -> LibraryPage | None:
        """Return the first page if it is what stands there, fresh, and nothing was done since."""
        session = self._session
        if monotonic() - session.loaded_at > _MOMENT:
            return None
        if session.untouched and await self._tabs.is_chosen(ad_format):
            state = await self._loaded(session.loading_since, mark="")
        elif await self.still_shows(ad_format):
            state = await self._loaded(session.traffic.mark(), mark="")
        else:
            return None
        page = await self._first(ad_format, state)
        return page if self._begins else None

    # ── After a batch ────────────────────────────────────────────────────────────────────────────

    async def mark_for(self, ad_format: str, keys: frozenset[str]) -> Sent:
        """Mark what stands in the list of an ad format before a batch of these names is sent."""
        since = self._session.traffic.mark()
        return Sent(ad_format, keys, since, await self._mark())

    async def reloaded(self, ad_format: str) -> LibraryPage | None:
        """Return the first page as the page itself has loaded it anew since a batch was sent.

        None where it has not, or where not all of the batch stands in it: what is there then, only
        a list that was asked for can tell. The upload panel is closed if that can be done; the list
        can be gone on from only then. To be asked once after each batch.
        """
        from playwright.async_api import Error

        session = self._session
        sent, session.sent = session.sent, None
        if sent is None or sent.ad_format != ad_format:
            return None
        try:
            is_free = await close_panel(self._session, ad_format)
            state = await self._anew(sent)
            if state is None or not await self._shows_still(ad_format):
                return None
            page = self._shown(ad_format, state)
        except (Error, NotReadError):
            return None
        if not sent.keys <= {entry.key for entry in page.entries}:
            return None
        session.shows = ad_format if is_free else None
        session.loaded_at = monotonic()
        return page

    async def _anew(self, sent: Sent) -> ListState | None:
        """Wait for a list that came after a batch was sent; None once the page rests without."""
        traffic = self._session.traffic
        patience = self._site.seconds("at_rest")
        pause = self._site.seconds("quiet")
        last: ListState = {}
        same = 0
        moved_at = monotonic()

        async def look() -> ListState | None:
            nonlocal last, same, moved_at
            state = await self._look(sent.mark)
            moves = state["loading"] or traffic.pending(sent.since, younger=patience)
            same = same + 1 if state == last else 1
            if moves or state != last:
                moved_at = monotonic()
            last = state
            is_new = state["cards"] and not state["marked"] and traffic.served(sent.since)
            if is_new and not moves and same >= 2:
                return state
            return {} if monotonic() - moved_at > 3 * pause else None

        limit = self._site.seconds("list_reload")
        if await traffic.login_gone(sent.since):
            return None
        return await self._session.watch(look, limit=limit, pause=pause) or None

    async def _other_list(self, ad_format: str) -> ListState | None:
        """Return the list in the page if it is proved to be another ad format's."""
        session = self._session
        if session.untouched:
            state = await self._loaded(session.loading_since, mark="")
            session.untouched = False
            chosen = await self._tabs.is_chosen(ad_format)
            return state if chosen is False else None
        if session.shows in {None, ad_format} or not await self.still_shows(str(session.shows)):
            return None
        return await self._look()

    async def _first(self, ad_format: str, state: ListState) -> LibraryPage:
        """Choose the ad format in the page, and return its first page."""
        session = self._session
        session.shows = None
        state = await self._choose(ad_format, state)
        if self._tabs.has_below(ad_format):
            state = await self._choose_sub_tab(ad_format, state)
        session.shows = ad_format
        session.untouched = False
        self._walked = {_ids(state)}
        self._repeated = False
        self._begins = bool(state["begins"])
        return await self._page(ad_format, state)

    async def next(self, ad_format: str) -> LibraryPage:
        """Turn to the next page of the list that stands in the page, and return it."""
        link = (await self._session.page.evaluate_handle(*self._call("next"))).as_element()
        if link is None:
            raise await self._session.misunderstood(
                "the link to the next page is gone", "css.list.next"
            )
        state = await self._reloaded(link, "css.list.next")
        shown = _ids(state)
        again = shown in self._walked
        # A list that has just grown by a whole page shows one page again. Two are a circle.
        if again and self._repeated:
            raise await self._session.misunderstood(
                "the next page shows what a page before showed", "css.list.next"
            )
        self._repeated = again
        self._walked.add(shown)
        return await self._page(ad_format, state)

    async def still_shows(self, ad_format: str) -> bool:
        """Say whether the page stands where it was proved to be this ad format's list."""
        return self._session.shows == ad_format and await self._shows_still(ad_format)

    async def _shows_still(self, ad_format: str) -> bool:
        """Say whether the page's own marks agree that this is the ad format's list."""
        if await self._tabs.is_chosen(ad_format) is False:
            return False
        return not self._tabs.has_below(ad_format) or await self._tabs.is_chosen_below(ad_format)

    # ── Tabs ─────────────────────────────────────────────────────────────────────────────────────

    async def _choose(self, ad_format: str, state: ListState) -> ListState:
        """Click a tab and wait for its list, unless the fresh page already shows it."""
        key = f"formats.{ad_format}.tab"
        chosen = await self._tabs.is_chosen(ad_format)
        if chosen:
            return state
        if chosen is None:
            # It may be the chosen one, and then a click reloads nothing: go to another one first.
            await self._leave(key)
        state = await self._reloaded(await self._session.find(key), key)
        if await self._tabs.is_chosen(ad_format) is False:
            raise await self._session.misunderstood(
                f"the tab was clicked, but another is marked as chosen ({key})"
            )
        return state

    async def _leave(self, key: str) -> None:
        """Click a tab that is certainly another one than ``key`` names."""
        own = await (await self._session.find(key)).element_handle()
        for name in self._site.formats:
            other = await self._session.first(self._site.ranked(f"formats.{name}.tab"))
            if other is None or await other.evaluate("(it, own) => it === own", own):
                continue
            mark = await self._mark()
            await self._session.click_on(other, f"formats.{name}.tab")
            # The other tab may have been the chosen one; then its list simply stays.
            await self._session.watch(
                partial(self._gone, mark),
                limit=self._site.seconds("element") / 5,
                pause=self._site.seconds("quiet"),
            )
            return

    async def _choose_sub_tab(self, ad_format: str, state: ListState) -> ListState:
        key = f"formats.{ad_format}.sub_tab"
        ranked = self._site.ranked(f"formats.{ad_format}.sub_input")
        target = await self._session.find(key)
        choice = await self._session.first(ranked, visible=False)
        if choice is not None and await choice.evaluate(IS_CHOSEN):
            return state
        boxed = await target.evaluate("it => it.tagName === 'SELECT'")
        state = await self._reloaded(target, key, option=choice if boxed else None)
        if not await self._tabs.is_chosen_below(ad_format):
            raise await self._session.misunderstood(
                f"the sub-tab was clicked, but it is not chosen ({key})"
            )
        return state

    # ── Reloads ──────────────────────────────────────────────────────────────────────────────────

    async def _reloaded(
        self, target: Locator | ElementHandle, key: str, *, option: Locator | None = None
    ) -> ListState:
        """Click something that changes the list, and return the list that then stands there.

        With ``option``, the target is a list box, and that is chosen in it.
        """
        mark = await self._mark()
        since = self._session.traffic.mark()
        if option is None:
            await self._session.click_on(target, key)
        else:
            await self._session.uncover(target)
            await target.select_option(element=await option.element_handle())
        return await self._loaded(since, mark)

    async def _loaded(self, since: int, mark: str) -> ListState:
        """Wait until a new list stands in the page for good, and return what it shows."""
        traffic = self._session.traffic
        limit = self._site.seconds("list_reload")
        pause = self._site.seconds("quiet")
        at_rest = self._site.seconds("at_rest")
        beside = self._site.words("addresses.beside_the_list")
        rounds_if_empty = max(2, round(self._site.seconds("quiet_empty") / max(pause, 0.01)))
        last: ListState = {}
        same = 0
        changed = monotonic()
        why = "nothing new came"

        async def look() -> ListState | None:
            nonlocal last, same, changed, why
            if await traffic.login_gone(since):
                raise _SignedOutError
            state = await self._look(mark)
            same = same + 1 if state == last else 1
            if state != last or state["loading"] or traffic.pending(since, younger=limit):
                changed = monotonic()
            last = state
            if state["marked"]:
                why = "the cards from before still stand there"
            elif state["loading"] or traffic.pending(since, younger=None if _bare(state) else 3):
                why = "the page is still loading"
            elif state["cards"]:
                return state if same >= 2 else None
            elif state["unread"] or state["total"]:
                why = "there are Creative IDs, but no card is recognized"
            elif traffic.unserved(since, beside):
                # What did not come looks like a list that holds nothing.
                why = "what the page asked for did not come"
            elif traffic.answered(since) or not mark:
                why = "the list is empty, but it does not rest"
                return state if same >= rounds_if_empty * (1 if state["empty"] else 4) else None
            if monotonic() - changed > at_rest:
                raise _AtRestError
            return None

        try:
            state = await self._session.watch(look, limit=limit, pause=pause)
        except _SignedOutError:
            title = self._session.context.info.title
            if await self._session.alive():
                raise PlatformUnreachable(f"{title} refused a background request.") from None
            raise LoginLost(f"The login at {title} has ended.") from None
        except _AtRestError:
            state = None
        if state is not None:
            return state
        trouble = traffic.trouble(since)
        if not last.get("cards"):
            trouble = trouble or traffic.unserved(since, beside)
        unanswered = any(traffic.since(since)) and not traffic.answered(since)
        if trouble or (last.get("marked") and unanswered):
            raise PlatformUnreachable(
                f"The library's list did not load ({trouble or 'no answer'}).",
                hint="Try again in a few minutes.",
            )
        raise await self._session.misunderstood(
            f"the library's list did not load: {why}", "css.list.card"
        )

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────

    def _call(self, want: str, mark: str = "") -> tuple[str, dict[str, Any]]:
        pattern = self._site.text("limits.id_pattern")
        return script("list.js"), {
            "css": self._css,
            "mark": mark,
            "idPattern": pattern,
            "want": want,
        }

    async def _mark(self) -> str:
        mark = f"m{next(_marks)}"
        await self._session.page.evaluate(*self._call("mark", mark))
        return mark

    async def _look(self, mark: str = "") -> ListState:
        state: ListState = await self._session.page.evaluate(*self._call("state", mark))
        return state

    async def _gone(self, mark: str) -> bool | None:
        return None if (await self._look(mark))["marked"] else True

    async def _page(self, ad_format: str, state: ListState) -> LibraryPage:
        """Return what a settled list shows, or fail closed if it contradicts itself."""
        try:
            return self._shown(ad_format, state)
        except NotReadError as error:
            raise await self._session.misunderstood(error.what, error.key) from None

    def _shown(self, ad_format: str, state: ListState) -> LibraryPage:
        return page_of(
            ad_format,
            state,
            id_pattern=self._site.text("limits.id_pattern"),
            page_size=int(self._site.number("limits.page_size")),
        )


class _SignedOutError(Exception):
    """A background request was answered as if nobody were signed in."""


class _AtRestError(Exception):
    """Nothing is under way any more, and what stands there is not the list."""


def _ids(state: ListState) -> tuple[str, ...]:
    return tuple(card["id"] or card["id_text"] for card in state["cards"])


def _bare(state: ListState) -> bool:
    return not state["cards"]
