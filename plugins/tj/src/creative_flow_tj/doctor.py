"""Walks the site's pages and tells what of all that the plugin relies on is still there.

Nothing is sent and nothing is chosen for sending: tabs are changed, the upload panel is opened, in
a campaign it is chosen that ads come from a CSV, and each page is left. Where a tab or the panel's
button is only recognized by its words, the walk goes on through that, so that one run tells
everything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import evolve

from creative_flow.checks import Check, CheckState, Tried
from creative_flow.errors import LoginLost, PageNotUnderstood
from creative_flow.platform import Context, Doctor
from creative_flow_tj import look, look_campaign
from creative_flow_tj import site as site_data
from creative_flow_tj.look import LIBRARY, PANEL, SIGN_IN, Look, Wanted
from creative_flow_tj.publisher import NOT_THERE
from creative_flow_tj.session import TjSession, Where
from creative_flow_tj.texts import first_line, says
from creative_flow_tj.windows import Shared

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Locator

_WALK_SECONDS = 20.0
"""The walk waits for pages so long in all; what has not shown by then is missing."""
_STILL_SECONDS = 0.4
"""A page is looked at once it has been at rest for so long."""
_SENDING = "Sending"


class TjDoctor(Doctor[TjSession]):
    """Examines the sign-in page, the media library, the upload panel, and a campaign's page."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.site = site_data.load(context.overrides_file)
        self._until = 0.0

    async def examine(self, session: TjSession) -> AsyncIterator[Check]:
        """Walk the pages; see `Doctor.examine`."""
        self._until = monotonic() + _WALK_SECONDS
        for check in await self._sign_in_page(session):
            yield check
        for check in await self._library(session):
            yield check
        for check in self._never_seen():
            yield check

    async def examine_campaign(self, session: TjSession, campaign_id: str) -> AsyncIterator[Check]:
        """Look at a campaign's page of ad settings; see `Doctor.examine_campaign`."""
        self._until = monotonic() + _WALK_SECONDS
        if campaign_id:
            checks = await self._campaign(session, campaign_id)
        else:
            why = "no campaign is known (--campaign ID names one)"
            checks = look_campaign.unknown(self.site, why)
        for check in (*checks, *look_campaign.never_seen(self.site)):
            yield check

    # ── Pages ────────────────────────────────────────────────────────────────────────────────────

    async def _sign_in_page(self, session: TjSession) -> list[Check]:
        """Look at the sign-in page as somebody who is not signed in."""
        from playwright.async_api import Browser

        browser = session.browser.browser
        assert isinstance(browser, Browser)  # noqa: S101  the plugin has started it
        stranger = await browser.new_context(viewport={"width": 1280, "height": 900})
        shared = Shared(stranger, stranger.close)
        visitor = TjSession(session.context, self.site, shared, await stranger.new_page(), login="")
        address = self.context.settings["TJ_LOGIN_URL"]
        try:
            there, why = await self._open(visitor, address, Where.SIGN_IN)
            checks = [_address("TJ_LOGIN_URL", SIGN_IN, address, there, why)]
            if there is not CheckState.MISSING:
                checks += await Look(visitor.page, self.site).elements(SIGN_IN, look.ON_SIGN_IN)
            return await _with_evidence(visitor, checks)
        finally:
            await visitor.close()

    async def _library(self, session: TjSession) -> list[Check]:
        site = self.site
        path = site.text("addresses.library")
        there, why = await self._open(session, path, Where.INSIDE)
        checks = [_address("addresses.library", LIBRARY, path, there, why)]
        if there is CheckState.MISSING:
            return await _with_evidence(session, checks)
        here = Look(session.page, site)
        inside = await session.where() is Where.INSIDE
        heading = await here.heading(LIBRARY)
        checks.append(evolve(heading, needed=heading.needed and not inside))
        tabs = look.tabs_of(site)
        checks += await here.elements(LIBRARY, (look.ACCOUNT, *tabs, look.OPEN))
        checks = await _with_evidence(session, checks)
        found = {check.key: check for check in checks}
        lists = await self._lists(session, found)
        panel = await self._panel(session, found)
        return [*found.values(), *lists, *panel]

    async def _lists(self, session: TjSession, found: dict[str, Check]) -> list[Check]:
        """Go through tabs and sub-tabs, and look at the list in each."""
        here = Look(session.page, self.site)
        seen: dict[str, dict[str, Any]] = {}
        marks: dict[str, dict[str, Any]] = {}
        evidence: dict[str, tuple[Path, ...]] = {}
        for ad_format in self.context.info.ad_formats:
            steps = [Wanted(f"formats.{ad_format.name}.tab", "tab")]
            if not await self._choose(session, steps[0], found):
                continue
            mark = await self._marked(session, ad_format.name, found)
            if mark:
                marks[ad_format.title] = {"chosen": mark}
            parts_of_tab = look.sub_tabs_of(self.site, ad_format.name)
            if parts_of_tab:
                checks = await here.elements(LIBRARY, parts_of_tab)
                checks = await _with_evidence(session, checks)
                found |= {check.key: check for check in checks}
                if not await self._choose(session, parts_of_tab[0], found):
                    continue
            seen[ad_format.title] = await here.parts()
            checks = here.list_checks("css.list", {ad_format.title: seen[ad_format.title]})
            trouble = {check.key for check in checks if check.is_trouble}
            if trouble - evidence.keys():
                evidence |= dict.fromkeys(
                    trouble - evidence.keys(), await session.capture("doctor")
                )
        if not seen:
            why = "no tab could be chosen"
            seen[""] = {
                name: {"rank": None, "needed": False, "why": why} for name in self.site.css("list")
            }
        checks = [
            *(here.list_checks("css.tab", marks) if marks else ()),
            *here.list_checks("css.list", seen),
        ]
        return [
            evolve(it, evidence=evidence.get(it.key, ())) if it.is_trouble else it for it in checks
        ]

    async def _panel(self, session: TjSession, found: dict[str, Check]) -> list[Check]:
        """Open the upload panel, look at it, and leave the page."""
        opened = await self._choose(session, look.OPEN, found)
        checks = await Look(session.page, self.site).elements(PANEL, look.ON_PANEL)
        if opened:
            checks = await _with_evidence(session, look.either(checks))
        else:
            why = "the panel could not be opened"
            checks = [
                evolve(it, state=CheckState.NOT_CHECKED, why=why, suggestion="")
                if it.state is CheckState.MISSING
                else it
                for it in checks
            ]
        await session.stop_everything()
        return checks

    async def _campaign(self, session: TjSession, campaign_id: str) -> list[Check]:
        """Open a campaign, look where a CSV is chosen and at the table, and leave the page."""
        site, key = self.site, "addresses.campaign"
        address = site.text(key).replace("{id}", campaign_id)
        there, why = await self._open(session, address, Where.INSIDE, may_be=NOT_THERE)
        shown = urlsplit(session.page.url).path
        if there is CheckState.FOUND and shown.rstrip("/") != urlsplit(address).path:
            there, why = CheckState.NOT_CHECKED, f"another page is shown: {shown}"
        checks = [_address(key, look_campaign.CAMPAIGN, address, there, why)]
        if there is not CheckState.FOUND:
            why = f"campaign {campaign_id} could not be opened"
            return [
                *await _with_evidence(session, checks),
                *look_campaign.unknown(site, why),
            ]
        found = {it.key: it for it in await look_campaign.at_first(session.page, site)}
        if await self._takes_no_ads(session):
            why = "the campaign takes no ads now"
            found = {key: _excused(it, why) for key, it in found.items()}
        elif await self._csv_is_chosen(session):
            method = look_campaign.METHOD.key
            found[method] = _excused(found[method], "it is chosen from the start")
        else:
            await self._choose(session, look_campaign.METHOD, found)
        checks += found.values()
        checks += await look_campaign.once_chosen(session.page, site)
        checks += await look_campaign.table(session.page, site)
        checks = await _with_evidence(session, checks)
        await session.stop_everything()
        return checks

    async def _takes_no_ads(self, session: TjSession) -> bool:
        text = await session.page.locator("body").inner_text()
        return says(text, self.site.words("texts.campaign_closed"))

    async def _csv_is_chosen(self, session: TjSession) -> bool:
        """Say whether what takes the CSV, or what holds it, is to be seen."""
        field = await session.first(
            self.site.ranked(look_campaign.INPUT.key), visible=look_campaign.INPUT.visible
        )
        return field is not None and await field.locator("xpath=..").is_visible()

    def _never_seen(self) -> list[Check]:
        """Name what only shows at times that no walk brings about."""
        site = self.site
        sending = "shows only while files are being sent"
        others = {
            "texts.refused": "shows only after wrong credentials",
            "texts.expired": "shows only once a login has ended",
            "texts.login_lost": "shows only if a login ends during an upload",
        }
        return [
            *(
                look.unseen(site, f"css.previews.{it}", _SENDING, sending)
                for it in site.css("previews")
            ),
            *(look.unseen(site, key, _SENDING, why) for key, why in others.items()),
        ]

    # ── Steps ────────────────────────────────────────────────────────────────────────────────────

    async def _open(
        self,
        session: TjSession,
        address: str,
        expected: Where,
        *,
        may_be: frozenset[int] = frozenset(),
    ) -> tuple[CheckState, str]:
        """Open a page and wait until it is at rest; say whether it is to be had, else why not.

        Raises `LoginLost` for a sign-in page where none is expected, and `PlatformUnreachable`.
        """
        try:
            inside = expected is Where.INSIDE
            status = await session.goto(address, signed_in=inside, may_be=may_be)
        except PageNotUnderstood as error:
            return CheckState.MISSING, error.message
        if status in may_be:
            return CheckState.NOT_CHECKED, f"it is not there for this account (status {status})"
        await self._settle(session)
        where = await session.where()
        if expected is Where.INSIDE and where is Where.SIGN_IN:
            raise LoginLost(f"{self.context.info.title} shows its sign-in page.")
        if expected is Where.SIGN_IN and where is Where.INSIDE:
            return CheckState.MISSING, "it shows no sign-in page"
        return CheckState.FOUND, ""

    async def _choose(self, session: TjSession, wanted: Wanted, found: dict[str, Check]) -> bool:
        """Click something, found or suggested, and wait until the page is at rest again."""
        from playwright.async_api import Error

        check = found[wanted.key]
        target = await self._target(session, check)
        if target is None:
            return False
        try:
            await session.uncover()
            await target.click(timeout=1000 * self._limit() / 3)
        except Error as error:
            why = f"it is there but can't be clicked: {first_line(error)}"
            found[check.key] = evolve(check, state=CheckState.MISSING, why=why)
            return False
        await self._settle(session)
        return True

    async def _target(self, session: TjSession, check: Check) -> Locator | None:
        """Return what a check found, else what it suggests, unless that might send something."""
        if check.state in {CheckState.FOUND, CheckState.FALLBACK}:
            return await session.first(self.site.ranked(check.key))
        if not check.suggestion:
            return None
        guess = session.page.locator(look.suggested_selector(check)).filter(visible=True).first
        may_send = await guess.evaluate("(it) => !!it.form && /submit|image/.test(it.type)")
        return None if may_send else guess

    async def _marked(
        self, session: TjSession, ad_format: str, found: dict[str, Check]
    ) -> dict[str, Any] | None:
        """Look what marks the tab that was just chosen; None if there is no other to compare."""
        own = f"formats.{ad_format}.tab"
        handles: list[ElementHandle] = []
        index = -1
        for key in (f"formats.{name}.tab" for name in self.site.formats):
            target = await self._target(session, found[key])
            handle = await target.element_handle() if target is not None else None
            if handle is None or (
                handles
                and any(
                    [await handle.evaluate("(it, other) => it === other", each) for each in handles]
                )
            ):
                continue
            handles.append(handle)
            if key == own:
                index = len(handles) - 1
        if index < 0 or len(handles) < 2:
            return None
        mark = await Look(session.page, self.site).chosen(handles, index)
        return {"needed": False, "why": "", **mark}

    async def _settle(self, session: TjSession) -> None:
        rest = session.rest(_STILL_SECONDS)

        async def still() -> bool | None:
            return True if await rest.reached() else None

        await session.watch(still, limit=self._limit(), pause=_STILL_SECONDS / 4)

    def _limit(self) -> float:
        """Return how many seconds the next wait may take."""
        left = self._until - monotonic()
        return min(self.site.seconds("element"), max(left, 2 * _STILL_SECONDS))


def _address(key: str, where: str, address: str, state: CheckState, why: str) -> Check:
    return Check(key, where, state, tried=(Tried(address, "settings"),), why=why)


def _excused(check: Check, why: str) -> Check:
    """Return a check of something that may rightly be missing."""
    if check.state is not CheckState.MISSING:
        return check
    return evolve(check, state=CheckState.NOT_CHECKED, why=why, suggestion="")


async def _with_evidence(session: TjSession, checks: Sequence[Check]) -> list[Check]:
    """Save what the page looks like if something that is needed is missing there."""
    if not any(check.is_trouble for check in checks):
        return list(checks)
    evidence = await session.capture("doctor")
    return [evolve(it, evidence=evidence) if it.is_trouble else it for it in checks]
