"""Ads into a campaign: its page, the CSV, what the page says of it, and the one click that counts.

Two ways of confirming are known: in a preview that opens over the page, and by a button in it. The
page shows which of them it has; whichever can be clicked is taken.
"""

from __future__ import annotations

import re
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from creative_flow.adtext import with_parameter
from creative_flow.campaign import CsvIssue, CsvVerdict, ListedAds
from creative_flow.errors import CampaignUnavailable, LoginLost, PlatformUnreachable
from creative_flow.failpoints import failpoint
from creative_flow.platform import AdPublisher, Confirmation, Context, Gate, Verdict
from creative_flow_tj import site as site_data
from creative_flow_tj.ads_list import AdsList
from creative_flow_tj.scripts import script
from creative_flow_tj.session import TjSession, Where, plain_errors
from creative_flow_tj.texts import first_line, says

if TYPE_CHECKING:
    from playwright.async_api import Locator

_CONFIRMS = ("selectors.campaign.confirm", "selectors.campaign.create")
NOT_THERE = frozenset({403, 404, 410})
"""Answers that say: this account has no such campaign."""


class TjAdPublisher(AdPublisher[TjSession]):
    """Works on a campaign's page of ad settings."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.site = site_data.load(context.overrides_file)
        self.campaign_id_pattern = self.site.text("campaigns.id_pattern")

    def filled(self, key: str, text: str, campaign_name: str) -> str:
        """Set the parameter that bears the campaign's name, where a target URL has it."""
        if key not in self.site.words("campaigns.name_columns"):
            return text
        return with_parameter(text, self.site.text("campaigns.name_parameter"), campaign_name)

    # ── The page ─────────────────────────────────────────────────────────────────────────────────

    async def open(self, session: TjSession, campaign_id: str) -> str:
        """See `AdPublisher.open`."""
        with plain_errors(session):
            address = self.site.text("addresses.campaign").replace("{id}", campaign_id)
            path = urlsplit(session.page.url).path
            if path == urlsplit(address).path:
                await session.page.goto("about:blank")  # or only the part behind # would change
            status = await session.goto(address, may_be=NOT_THERE)
            if status in NOT_THERE:
                raise CampaignUnavailable(
                    f"{self.context.info.title} has no campaign {campaign_id} for this account "
                    f"(status {status})."
                )
            await self._arrived(session, campaign_id)
            heading = await session.find("selectors.campaign.name")
            name = _one_line(await heading.text_content() or "")
            if not name:
                raise await session.misunderstood(
                    "the campaign's name is empty", "selectors.campaign.name"
                )
        return name

    async def _arrived(self, session: TjSession, campaign_id: str) -> None:
        """Wait until the page shows that it is this campaign's, and takes a CSV."""
        rest = session.rest()
        signs = self.site.ranked("selectors.campaign.input")
        text = ""

        async def look() -> bool | None:
            nonlocal text
            text = await session.page.locator("body").inner_text()
            if says(text, self.site.words("texts.campaign_heading")):
                if await session.first(signs, visible=False):
                    return True
                if says(text, self.site.words("texts.campaign_closed")):
                    return False
            if await session.where() is Where.SIGN_IN:
                raise LoginLost(f"{self.context.info.title} shows its sign-in page.")
            return False if await rest.reached() else None

        there = await session.watch(look, limit=self.site.seconds("element"), pause=0.05)
        if not self._stands_at(session, campaign_id):
            raise CampaignUnavailable(
                f"{self.context.info.title} shows another page than campaign {campaign_id}: "
                f"{urlsplit(session.page.url).path}."
            )
        if there:
            return
        if not says(text, self.site.words("texts.campaign_heading")):
            raise await session.misunderstood(
                "this is not recognized as a campaign's page", "texts.campaign_heading"
            )
        if says(text, self.site.words("texts.campaign_closed")):
            raise CampaignUnavailable(
                f"Campaign {campaign_id} takes no ads now: it is paused or archived.",
                evidence=await session.capture(f"campaign-{campaign_id}-closed"),
            )
        raise await session.misunderstood(
            "nothing on the page takes a CSV", "selectors.campaign.input"
        )

    def _stands_at(self, session: TjSession, campaign_id: str) -> bool:
        wanted = urlsplit(self.site.text("addresses.campaign").replace("{id}", campaign_id)).path
        return urlsplit(session.page.url).path.rstrip("/") == wanted.rstrip("/")

    async def _check_place(self, session: TjSession, campaign_id: str) -> None:
        if not self._stands_at(session, campaign_id):
            if await session.where() is Where.SIGN_IN:
                raise LoginLost(f"{self.context.info.title} shows its sign-in page.")
            raise await session.misunderstood(f"this is not the page of campaign {campaign_id}")

    async def ads(self, session: TjSession, campaign_id: str) -> ListedAds:
        """See `AdPublisher.ads`."""
        with plain_errors(session):
            await self._check_place(session, campaign_id)
            return await AdsList(session).read()

    # ── The CSV ──────────────────────────────────────────────────────────────────────────────────

    async def offer(self, session: TjSession, campaign_id: str, csv: Path) -> CsvVerdict:
        """See `AdPublisher.offer`."""
        with plain_errors(session):
            await self._check_place(session, campaign_id)
            field = await session.find("selectors.campaign.input", visible=False)
            # What holds it is shown once this way of creating ads is chosen.
            holder = field.locator("xpath=..")
            if not (await field.is_visible() or await holder.is_visible()):
                await session.click("selectors.campaign.method")
            since = session.traffic.mark()
            await field.set_input_files(csv)
            return await self._verdict(session, campaign_id, since)

    async def _verdict(self, session: TjSession, campaign_id: str, since: int) -> CsvVerdict:
        """Wait for what the page says of the file; ask it for a preview where it wants that."""
        title = self.context.info.title
        asked = False
        rest = session.rest()

        async def look() -> CsvVerdict | None:
            nonlocal asked
            if await session.traffic.login_gone(since):
                raise LoginLost(f"The login at {title} has ended.")
            if session.traffic.sending(since):
                return None
            said = await self._said(session)
            if said["issues"]:
                return CsvVerdict(tuple(self._issue(line) for line in said["issues"]))
            if said["busy"]:
                return None
            if await self._button(session) is not None:
                return CsvVerdict(rows=said["rows"] or None)
            if not asked:
                preview = await session.first(self.site.ranked("selectors.campaign.preview"))
                if preview is not None and await preview.is_enabled():
                    asked = True
                    await session.click_on(preview, "selectors.campaign.preview")
                    return None
            if await rest.reached():
                raise _NothingSaidError
            return None

        try:
            verdict = await session.watch(look, limit=self.site.seconds("csv_check"), pause=0.05)
        except _NothingSaidError:
            verdict = None
        if verdict is None:
            text = await session.page.locator("body").inner_text()
            trouble = session.traffic.trouble(since)
            if not trouble and session.traffic.pending(since):
                trouble = "no answer"
            if trouble or says(text, self.site.words("texts.csv_failed")):
                raise PlatformUnreachable(
                    f"{title} could not check the CSV for campaign {campaign_id}"
                    f"{f' ({trouble})' if trouble else ''}.",
                    hint="Try again in a few minutes.",
                )
            raise await session.misunderstood(
                f"it does not say what it makes of the CSV for campaign {campaign_id}",
                "selectors.campaign.confirm",
            )
        if verdict.issues:
            seen = await session.capture(f"campaign-{campaign_id}-issues")
            return CsvVerdict(verdict.issues, verdict.rows, seen)
        return verdict

    async def _said(self, session: TjSession) -> dict[str, Any]:
        said: dict[str, Any] = await session.page.evaluate(
            script("ads_issues.js"),
            {"phrases": self.site.words("texts.csv_issues"), "css": self.site.css("csv")},
        )
        return said

    def _issue(self, line: str) -> CsvIssue:
        found = re.search(self.site.text("campaigns.row_pattern"), line, re.IGNORECASE)
        return CsvIssue(line, int(found[1]) if found else None)

    async def _button(self, session: TjSession) -> Locator | None:
        """Return what creates the ads, if it can be clicked now."""
        for key in _CONFIRMS:
            button = await session.first(self.site.ranked(key))
            if button is not None and await button.is_enabled():
                return button
        return None

    # ── The one step that sends ──────────────────────────────────────────────────────────────────

    async def confirm(self, session: TjSession, campaign_id: str, gate: Gate) -> Confirmation:
        """See `AdPublisher.confirm`."""
        from playwright.async_api import Error

        with plain_errors(session):
            await self._check_place(session, campaign_id)
            button = await self._button(session)
            if button is None:
                raise await session.misunderstood(
                    "what creates the ads is gone", "selectors.campaign.confirm"
                )
            await session.uncover(button)
        since = session.traffic.mark()
        await gate()
        taken = False
        try:
            with failpoint("campaigns.click"):
                await button.click(timeout=self.site.seconds("element") * 1000)
            with failpoint("campaigns.answer"):
                over = await self._over(session, since)
            confirmation = await self._confirmation(session, since, over=over)
            taken = confirmation.verdict is Verdict.ACCEPTED
        except Error as error:
            return Confirmation(Verdict.UNCLEAR, f"the page failed: {first_line(error)}")
        finally:
            if not taken:
                await session.stop_everything()
        return confirmation

    async def _over(self, session: TjSession, since: int) -> bool:
        """Wait until the page has sent what it sends and is quiet; False if it sends nothing."""
        began = monotonic()
        patience = self.site.seconds("previews")
        quiet = 0

        async def look() -> bool | None:
            nonlocal quiet
            sent = any(exchange.sends for exchange in session.traffic.since(since))
            if not sent:
                return False if monotonic() - began > patience else None
            busy = session.traffic.pending(since, younger=self.site.seconds("csv_confirm"))
            quiet = 0 if busy else quiet + 1
            return True if quiet >= 2 else None

        limit = self.site.seconds("csv_confirm")
        return bool(await session.watch(look, limit=limit, pause=0.05))

    async def _confirmation(self, session: TjSession, since: int, *, over: bool) -> Confirmation:
        traffic = session.traffic
        if await traffic.login_gone(since):
            return Confirmation(
                Verdict.UNCLEAR, "the login ended while the ads were created", login_lost=True
            )
        sent = [exchange for exchange in traffic.since(since) if exchange.sends]
        if over and sent and all(exchange.answered for exchange in sent):
            return Confirmation(Verdict.ACCEPTED)
        why = traffic.trouble(since) or traffic.unserved(since)
        why = why or ("it did not answer" if sent else "the page sent nothing")
        seen = await session.capture(f"{self.context.platform}-ads-not-accepted")
        return Confirmation(Verdict.UNCLEAR, f"the ads were not taken ({why})", evidence=seen)


class _NothingSaidError(Exception):
    """The page is at rest and says nothing."""


def _one_line(text: str) -> str:
    """Return a heading as a name: blanks within a line are its own, line ends are the page's."""
    return re.sub(r"[ \t]*[\r\n]\s*", " ", text.strip())
