"""One campaign: looked at, compared, its CSV offered and confirmed, and what came of it proved.

The intent is in the ledger before anything can be created, and the mark that it may be is there
before the click; so after any crash the next run knows of what to ask. What is there is always told
by the campaign's own list, never by what the page says of a confirmation.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from attrs import Factory, define, evolve, frozen

from creative_flow.campaign import (
    CampaignOutcome,
    CampaignStatus,
    CsvIssue,
    CsvVerdict,
    ListedAds,
)
from creative_flow.campaigns.books import Books, below
from creative_flow.campaigns.items import AdRow, Item
from creative_flow.campaigns.judge import Seen, about_to_send, grew_by, has_already, look_for
from creative_flow.campaigns.lists import Lists
from creative_flow.campaigns.parts import Part, parts_of
from creative_flow.errors import (
    CampaignUnavailable,
    CreativeFlowError,
    LoginLost,
    PageNotUnderstood,
    PlatformUnreachable,
    PluginBroken,
)
from creative_flow.ledger import AdIntent, IntentState
from creative_flow.link import Link
from creative_flow.platform import AdPublisher, Confirmation, Context, Session, Verdict
from creative_flow.registry import Platform
from creative_flow.wording import counted

_TIMES = 3
"""How often ads are confirmed at most: again only once it is known that they are not there."""
_NAMED = 5


@frozen
class Choices:
    """What of the user's wish concerns a single campaign."""

    force: bool = False
    drop_invalid: bool = False


@define
class _State:
    """How far a campaign is."""

    item: Item
    name: str
    created: int = 0
    invalid: tuple[str, ...] = ()
    dropped: bool = False
    note: str = ""
    tries: int = 0
    evidence: tuple[Path, ...] = ()
    folder: Path = Path()
    """Where CSVs lie while the page may still read them."""
    offers: int = 0
    done: set[tuple[str, tuple[str, ...]]] = Factory(set)
    """The ads that are known to be there from confirmations of this job."""


@frozen
class _Offered:
    """What stands in the campaign, what goes next of what is left, and what the page says of it."""

    name: str
    listed: ListedAds
    rows: int
    part: Part | None
    open: tuple[AdIntent, ...] = ()
    doubt: str = ""
    is_last: bool = True
    verdict: CsvVerdict = Factory(CsvVerdict)


class CampaignRunner:
    """Puts ads into campaigns, one at a time on one link."""

    def __init__(
        self,
        platform: Platform,
        context: Context,
        publisher: AdPublisher[Any],
        books: Books,
        choices: Choices,
        *,
        root: Path,
    ) -> None:
        self._platform = platform
        self._context = context
        self._publisher = publisher
        self._books = books
        self._choices = choices
        self._root = root
        self._lists = Lists(platform, context, publisher, books)

    async def run(self, item: Item, link: Link) -> CreativeFlowError | None:
        """Work on one campaign; on return it has its outcome, committed.

        Returned is an error of the platform's page or of the way to it that made it fail, since
        others may fail in the same way. If it raises, the campaign has no outcome, and what may
        have been created stays open in the ledger.
        """
        state = _State(item, item.name)
        trouble: CreativeFlowError | None = None
        link.retries = 0
        try:
            with tempfile.TemporaryDirectory(prefix="cfu-ads-") as folder:
                state.folder = Path(folder)
                outcome = await self._work(state, link)
        except CampaignUnavailable as error:
            outcome = self._outcome(state, CampaignStatus.FAILED, str(error), error.evidence)
        except (PageNotUnderstood, PlatformUnreachable) as error:
            trouble = error
            seen = error.evidence or await link.capture(f"campaign-{item.campaign_id}-failed")
            # What can't be asked now is asked in the next run.
            is_open = any(
                it.state is IntentState.OPEN and it.sending_began_at
                for it in await self._books.intents(item)
            )
            status = CampaignStatus.UNKNOWN if is_open else CampaignStatus.FAILED
            outcome = self._outcome(state, status, str(error), seen)
            await link.drop()
        await self._books.finish(item, outcome)
        return trouble

    async def _work(self, state: _State, link: Link) -> CampaignOutcome:
        item = state.item
        while True:
            offered = await self._offer(state, link)
            state.name = offered.name
            if offered.doubt:
                status = CampaignStatus.UNKNOWN if offered.open else CampaignStatus.FAILED
                seen = await link.capture(f"campaign-{item.campaign_id}-doubt")
                return self._outcome(state, status, offered.doubt, seen)
            if offered.part is None:
                break
            if offered.verdict.issues:
                if not self._drop(state, offered):
                    return self._refused(state, offered)
                continue
            if why := await self._confirm(state, offered, link):
                return why
            if offered.is_last and not self._missing(state, offered):
                break
        if state.created or state.done:
            return self._outcome(state, CampaignStatus.SUCCESS)
        if state.dropped:
            return self._outcome(
                state, CampaignStatus.FAILED, "every ad that is not there yet is not valid"
            )
        state.note = f"all {len(item.file.rows)} ads are there already"
        return self._outcome(state, CampaignStatus.SKIPPED)

    # ── What is there, and what the page says of the rest ────────────────────────────────────────

    async def _offer(self, state: _State, link: Link) -> _Offered:
        """Look at the campaign, settle what is open, and hand over what is to go next."""
        while True:
            offered = await link.ask(lambda session: self._offer_once(state, session))
            waiting = [it for it in offered.open if it.sending_began_at]
            if not waiting or not offered.doubt:
                return offered
            left = self._lists.seconds_left
            if left <= 0:
                return offered
            self._books.step(f"asking what became of interrupted ads in {state.item.campaign_id}")
            await self._lists.wait_for(state.item, waiting, link, left)

    async def _offer_once(self, state: _State, session: Session) -> _Offered:
        item = state.item
        name, listed = await self._lists.look(item, session)
        opened, doubt = await self._settle(state, listed)
        if opened:
            return _Offered(name, listed, 0, None, opened, doubt)
        rows = [row for row in item.file.rows if not set(state.invalid) & set(row.ad.creative_ids)]
        rows = [row for row in rows if (row.ad.key, row.ad.creative_ids) not in state.done]
        if not self._choices.force:
            seen = has_already([row.ad for row in rows], listed)
            if seen.open:
                named = _named([rows[place].ad.name for place in sorted(seen.open)])
                doubt = (
                    f"it can't be told whether the campaign has these ads: {named}; nothing was "
                    "sent (--force sends them)"
                )
                return _Offered(name, listed, 0, None, (), doubt)
            rows = [rows[place] for place in sorted(seen.missing)]
        if not rows:
            return _Offered(name, listed, 0, None)
        first, *more = parts_of(item.file.sheet, [self._filled(item, row, name) for row in rows])
        self._books.step(f"handing over {counted(len(first.rows), 'ad')} to {name}")
        state.offers += 1
        csv = state.folder / f"{item.campaign_id}_{_plain(item.file.path.stem)}_{state.offers}.csv"
        csv.write_bytes(first.data)
        verdict = await self._publisher.offer(session, item.campaign_id, csv)
        if verdict.rows not in {None, len(first.rows)}:
            raise PageNotUnderstood(
                f"{self._context.info.title}, campaign {item.campaign_id}: the preview shows "
                f"{verdict.rows} ads, the CSV has {len(first.rows)}.",
                evidence=await session.capture(f"campaign-{item.campaign_id}-preview"),
            )
        return _Offered(name, listed, len(rows), first, is_last=not more, verdict=verdict)

    async def _settle(self, state: _State, listed: ListedAds) -> tuple[tuple[AdIntent, ...], str]:
        """Hold what was confirmed earlier against the list; return what is open still, and why."""
        asked_late = self._lists.seconds_left <= 0
        left: list[AdIntent] = []
        doubt = ""
        for intent in await self._books.intents(state.item):
            if intent.state is IntentState.KNOWN:
                self._count(state, intent)
            elif intent.sending_began_at is None:
                await self._books.abandon(intent)
            else:
                seen = look_for(intent.ads, listed)
                if not seen.open and (asked_late or not seen.missing):
                    await self._know(state, intent, seen)
                    continue
                left.append(intent)
                unsure = [intent.ads[it].name for it in sorted(seen.open | seen.missing)]
                doubt = (
                    f"confirming was interrupted in run {intent.run}, and it can't be told whether "
                    f"these ads are there: {_named(unsure)}"
                )
        return tuple(left), doubt

    def _filled(self, item: Item, row: AdRow, name: str) -> AdRow:
        with self._platform.boundary():
            cells = tuple(
                self._publisher.filled(column.key, cell, name)
                for column, cell in zip(item.file.sheet.columns, row.cells, strict=True)
            )
        return evolve(row, cells=cells)

    # ── What the page says against it ────────────────────────────────────────────────────────────

    def _drop(self, state: _State, offered: _Offered) -> bool:
        """Note which creatives the page calls invalid; say whether to go again without them."""
        part = offered.part
        used = {it for row in part.rows for it in row.ad.creative_ids if it} if part else set()
        named = {it for issue in offered.verdict.issues for it in used if _names(issue, it)}
        first_time = not state.dropped
        state.invalid = tuple(sorted({*state.invalid, *named}))
        state.evidence = offered.verdict.evidence
        if not (self._choices.drop_invalid and named and first_time):
            return False
        state.dropped = True
        state.note = (
            f"left out, since {self._context.info.title} calls these creatives invalid: "
            f"{_named(state.invalid)}"
        )
        self._books.warn(f"Campaign {state.item.campaign_id}: {state.note}.")
        return True

    def _refused(self, state: _State, offered: _Offered) -> CampaignOutcome:
        said = "; ".join(dict.fromkeys(issue.message for issue in offered.verdict.issues))
        hint = " (--drop-invalid leaves them out)" if state.invalid and not state.dropped else ""
        why = f"{self._context.info.title} says: {said}{hint}"
        return self._outcome(state, CampaignStatus.FAILED, why, offered.verdict.evidence)

    # ── Sending ──────────────────────────────────────────────────────────────────────────────────

    async def _confirm(
        self, state: _State, offered: _Offered, link: Link
    ) -> CampaignOutcome | None:
        """Confirm what was offered, once, and prove it; return the outcome if that ends it."""
        item, part = state.item, offered.part
        assert part is not None  # noqa: S101  the caller has looked
        ads = about_to_send([row.ad for row in part.rows], offered.listed)
        before = offered.listed.total
        intent = await self._books.write_intent(item, ads, before)
        self._books.step(f"creating {counted(len(ads), 'ad')} in {offered.name}")
        confirmation = await self._send(item, intent, link)
        if confirmation is None:  # nothing was sent
            state.tries += 1
            return None
        ended = monotonic()
        if confirmation.login_lost:
            await link.renew()
        self._books.step(f"proving {counted(len(ads), 'ad')} in {offered.name}")
        seen, listed = await self._lists.prove(item, ads, before, confirmation, link, ended)
        if not grew_by(seen, before, listed):
            capture = await link.capture(f"campaign-{item.campaign_id}-unproved")
            why = (
                f"{len(ads)} ads were sent, and it can't be proved what came of them: the total "
                f"went from {before} to {listed.total}, and {len(seen.there)} of them are listed"
            )
            return self._outcome(
                state, CampaignStatus.UNKNOWN, why, confirmation.evidence + capture
            )
        await self._know(state, intent, seen)
        if not seen.missing:
            return None
        state.tries += 1
        if confirmation.verdict is not Verdict.ACCEPTED and state.tries < _TIMES:
            link.retries += 1
            self._context.notify(
                f"{counted(len(seen.missing), 'ad')} of campaign {item.campaign_id} did not "
                "arrive; sending again."
            )
            return None
        capture = confirmation.evidence or await link.capture(f"campaign-{item.campaign_id}-short")
        names = _named([ads[it].name for it in sorted(seen.missing)])
        said = confirmation.reason or "the page took them without a word"
        why = f"{len(seen.missing)} of {len(ads)} ads are not there ({said}): {names}"
        return self._outcome(state, CampaignStatus.FAILED, why, capture)

    async def _send(self, item: Item, intent: AdIntent, link: Link) -> Confirmation | None:
        """Have the ads created; None if nothing was sent and it may be tried again."""
        passed = False
        session = await link.session()
        async with AsyncExitStack() as undo:
            # Unless bytes may have left, nothing of it is under way when this is over.
            undo.push_async_callback(self._books.abandon, intent)

            async def gate() -> None:
                nonlocal passed
                if passed:
                    raise PluginBroken(f"The plugin {self._platform.name!r} opened its gate twice.")
                await self._books.mark_sending(intent)
                passed = True
                undo.pop_all()

            try:
                with self._platform.boundary():
                    confirmation = await self._publisher.confirm(session, item.campaign_id, gate)
            except CreativeFlowError as error:
                if passed:
                    return Confirmation(Verdict.UNCLEAR, error.message, evidence=error.evidence)
                passing = isinstance(error, (LoginLost, PlatformUnreachable))
                if not passing or link.retries >= _TIMES:
                    raise
                link.retries += 1
                await (link.renew() if isinstance(error, LoginLost) else link.drop())
                return None
            undo.pop_all()
        if not passed:
            await self._books.mark_sending(intent)
            raise PluginBroken(
                f"The plugin {self._platform.name!r} created ads without awaiting its gate.",
                hint="Nothing more is sent; the next run asks what is there.",
            )
        return confirmation

    # ── Small things ─────────────────────────────────────────────────────────────────────────────

    async def _know(self, state: _State, intent: AdIntent, seen: Seen) -> None:
        await self._books.know(intent, seen.there)
        self._count(state, evolve(intent, created=tuple(sorted(seen.there))))

    def _count(self, state: _State, intent: AdIntent) -> None:
        """Count what is known to be there; each intent once, and only those of this job."""
        if intent.job_id != self._books.jobs[state.item.file.sheet.name].job_id:
            return
        for sent in intent.created_ads:
            key = (sent.ad.key, sent.creative_ids)
            if key not in state.done:
                state.done.add(key)
                state.created += 1

    def _missing(self, state: _State, offered: _Offered) -> bool:
        rows = offered.part.rows if offered.part else ()
        return any((row.ad.key, row.ad.creative_ids) not in state.done for row in rows)

    def _outcome(
        self,
        state: _State,
        status: CampaignStatus,
        error: str = "",
        evidence: tuple[Path, ...] = (),
    ) -> CampaignOutcome:
        item = state.item
        note = state.note
        if item.name and state.name and item.name != state.name:
            note = "; ".join(filter(None, (note, f"the mapping calls it {item.name}")))
        return CampaignOutcome(
            campaign_id=item.campaign_id,
            status=status,
            name=state.name,
            csv_file=item.file.path.name,
            ads_created=state.created,
            invalid=state.invalid,
            error=error,
            note=note,
            evidence=below(self._root, evidence or (state.evidence if error else ())),
            at=datetime.now().astimezone(),
        )


def _names(issue: CsvIssue, creative_id: str) -> bool:
    """Say whether an issue is about a creative."""
    return re.search(rf"(?<!\d){re.escape(creative_id)}(?!\d)", issue.message) is not None


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _plain(stem: str) -> str:
    return re.sub(r"[^\w.-]+", "-", stem)[:60]
