"""The table of a campaign's ads: all of its rows, proved by what it says of itself.

It says which rows it shows of how many ("Showing 1 to 100 of 118 entries"). So it is read when that
line and the rows agree and nothing of the page is under way, first as long as it can be made, then
page by page; a total that changes on the way begins anew.
"""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING, Any

from creative_flow.campaign import Ad, ListedAds
from creative_flow.errors import LoginLost, PlatformUnreachable
from creative_flow_tj.scripts import script
from creative_flow_tj.session import TjSession

if TYPE_CHECKING:
    from playwright.async_api import Locator

TableState = dict[str, Any]
"""What ads_table.js returns for "state"."""

_ROUNDS = 3
"""How often a table is begun anew that changes while it is read."""
_LONGEST = re.compile(r"^\s*(all|-1)\s*$", re.IGNORECASE)


class AdsList:
    """The table in one session's page."""

    def __init__(self, session: TjSession) -> None:
        self._session = session
        self._site = session.site
        self._css = self._site.css("ads")

    async def read(self) -> ListedAds:
        """Return all ads that the table lists.

        Raises `PageNotUnderstood`, `LoginLost`, `PlatformUnreachable`.
        """
        for _ in range(_ROUNDS):
            state = await self._settled(first=1)
            if state is not None and not _is_whole(state):
                state = await self._lengthened(state)
            if state is None:
                continue
            found = await self._walk(state)
            if found is not None:
                return found
        raise self._restless()

    def _restless(self) -> PlatformUnreachable:
        return PlatformUnreachable(
            f"{self._session.context.info.title}: the table of ads changes while it is read.",
            hint="Try again in a few minutes.",
        )

    async def _walk(self, state: TableState) -> ListedAds | None:
        """Read on from the first page; None if the table changed meanwhile."""
        total = state["total"]
        ads = [self._ad(row) for row in state["ads"]]
        while len(ads) < total and state["next"]:
            link = (await self._session.page.evaluate_handle(*self._call("next"))).as_element()
            if link is None:
                return None
            since = self._session.traffic.mark()
            await self._session.click_on(link, "css.ads.next")
            turned = await self._settled(first=len(ads) + 1, since=since)
            if turned is None or turned["total"] != total:
                return None
            state = turned
            ads += [self._ad(row) for row in state["ads"]]
        # Where no next page is to be had, the total may count what is not listed yet.
        return ListedAds(total, tuple(ads))

    async def _lengthened(self, state: TableState) -> TableState | None:
        """Show as many ads at once as the page can, where there is a control for it."""
        since = self._session.traffic.mark()
        if not (await self._choose_in_list() or await self._choose_in_box()):
            return state
        longer = await self._settled(first=1, since=since, more_than=len(state["ads"]))
        return longer or await self._settled(first=1)

    async def _choose_in_list(self) -> bool:
        """Choose the longest page in a list box, drawn by the browser or by something else."""
        box = await self._session.first(
            self._site.ranked("selectors.campaign.length"), visible=False
        )
        if box is None:
            return False
        options = await box.locator("option").evaluate_all(
            "(all) => all.map((it) => [it.value, it.textContent])"
        )
        best = _longest([value for value, _ in options], [text for _, text in options])
        if best is None:
            return False
        await box.select_option(index=best, force=True, timeout=self._limit * 1000)
        return True

    async def _choose_in_box(self) -> bool:
        """Choose the longest page in a control that opens a list of its own."""
        box = await self._session.first(self._site.ranked("selectors.campaign.length_box"))
        if box is None:
            return False
        await self._session.click_on(box, "selectors.campaign.length_box")
        choices: Locator = await self._session.find("selectors.campaign.length_choice")
        texts = await choices.evaluate(
            "(one) => [...one.parentElement.children].map((it) => it.textContent)"
        )
        best = _longest(texts, texts)
        if best is None:
            return False
        choice = choices.locator("xpath=..").locator("xpath=./*").nth(best)
        await self._session.click_on(choice, "selectors.campaign.length_choice")
        return True

    async def _settled(
        self, *, first: int, since: int | None = None, more_than: int = -1
    ) -> TableState | None:
        """Wait until the table shows rows from ``first`` on, for good; None if it does not.

        ``more_than`` is how many rows it must have at least, and one more.
        """
        traffic = self._session.traffic
        began = self._session.loading_since if since is None else since
        last: TableState | None = {}
        same = 0
        changed = monotonic()
        why = "it is not there"

        async def look() -> TableState | None:
            nonlocal last, same, changed, why
            if await traffic.login_gone(began):
                raise LoginLost(f"The login at {self._session.context.info.title} has ended.")
            state: TableState | None = await self._session.page.evaluate(*self._call("state"))
            same = same + 1 if state == last else 1
            asked = traffic.pending(began, younger=self._limit)
            if same == 1 or asked or (state and state["loading"]):
                changed = monotonic()
            last = state
            if monotonic() - changed > self._site.seconds("at_rest"):
                raise _AtRestError
            if state is None:
                return None
            if state["total"] is None or state["range"] is None or state["filtered"]:
                why = "it does not say which rows of how many it shows"
                return None
            if state["loading"] or asked:
                why = "it is still loading"
                return None
            begin, end = state["range"]
            rows = len(state["ads"])
            if rows != (end - begin + 1 if state["total"] and end else 0):
                why = f"it says that it shows rows {begin} to {end}, and shows {rows}"
                return None
            if (begin != first and rows) or rows <= more_than:
                why = "it shows the same rows as before"
                return None
            return state if same >= 2 else None

        try:
            state = await self._session.watch(
                look, limit=self._limit, pause=self._site.seconds("quiet")
            )
        except _AtRestError:
            state = None
        if state is not None:
            return state
        if more_than >= 0 and last:
            return None  # it may not get any longer than it is
        trouble = traffic.trouble(began) or traffic.unserved(
            began, self._site.words("addresses.beside_the_list")
        )
        if not trouble and traffic.pending(began):
            trouble = "no answer"
        if trouble:
            raise PlatformUnreachable(
                f"The table of ads did not load ({trouble}).", hint="Try again in a few minutes."
            )
        if last and first > 1:
            return None
        if last and last["range"] and last["range"][0] > 1:
            raise self._restless()  # a walk broke off further on; the page has to be opened anew
        raise await self._session.misunderstood(
            f"the table of ads can't be read: {why}", "css.ads.table"
        )

    def _ad(self, row: dict[str, Any]) -> Ad:
        return Ad(_name(row["title"], row["name"] or ""), tuple(row["creatives"]))

    def _call(self, want: str) -> tuple[str, dict[str, Any]]:
        pattern = self._site.text("limits.id_pattern")
        return script("ads_table.js"), {"css": self._css, "idPattern": pattern, "want": want}

    @property
    def _limit(self) -> float:
        return self._site.seconds("list_reload")


class _AtRestError(Exception):
    """Nothing is under way any more, and what stands there is not the table."""


def _is_whole(state: TableState) -> bool:
    return bool(len(state["ads"]) >= state["total"])


def _longest(values: list[str], texts: list[str]) -> int | None:
    """Return which choice shows the most rows: all of them, else the greatest number."""
    for place, (value, text) in enumerate(zip(values, texts, strict=True)):
        if _LONGEST.match(value) or _LONGEST.match(text):
            return place
    numbers = [int(value) if value.strip().isdecimal() else -1 for value in values]
    best = max(numbers, default=-1)
    return numbers.index(best) if best > 0 else None


def _name(title: str, text: str) -> str:
    """Return an ad's name: the title where the text is the same or a cut of it, else the text."""
    shown, whole = " ".join(text.split()), " ".join(title.split())
    cut = shown.removesuffix("…").removesuffix("...").rstrip()
    return whole if whole and whole.startswith(cut) else shown
