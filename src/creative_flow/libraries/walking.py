"""Walks one ad format's list, as often as it takes to be sure of what is gone.

What is seen is recorded page by page. What is missing is looked for once more, and only a walk of
which it is proved that nothing slid past (see `survey`) may have it marked as removed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from creative_flow.creative import AdFormat
from creative_flow.errors import PageNotUnderstood, PluginBroken
from creative_flow.events import Listener, Progressed
from creative_flow.libraries.clerk import Clerk
from creative_flow.libraries.survey import Survey
from creative_flow.link import Link
from creative_flow.platform import Context, Library, Session, walking
from creative_flow.walked import FormatWalked

_WALKS = 3
"""How often a list is walked at most: once, again for what is missing, and again if it moved."""
_FEW = 10
"""So many known entries may be gone at once without anybody being asked …"""
_SHARE = 2
"""… and any number, as long as it is no more than one in so many."""

Enough = Callable[[Survey], bool]
"""Says whether a walk may stop before the list's end."""

ConfirmRemoved = Callable[[str, int, int], bool]
"""Asked whether so many of so many known entries of an ad format, by its title, are gone."""


class FormatWalker:
    """Walks one ad format's list."""

    def __init__(
        self,
        context: Context,
        library: Library[Any],
        link: Link,
        clerk: Clerk,
        tell: Listener,
        confirm_removed: ConfirmRemoved,
    ) -> None:
        self._context = context
        self._library = library
        self._link = link
        self._clerk = clerk
        self._tell = tell
        self._confirm_removed = confirm_removed
        self._expected = 0

    async def walk(
        self, ad_format: AdFormat, found: FormatWalked, *, unreviewed_only: bool
    ) -> None:
        """Bring the record of an ad format in line with the platform, into ``found``.

        With ``unreviewed_only`` it stops as soon as all that had no verdict was seen. Raises what
        keeps the list from being read; what was seen by then is recorded.
        """
        # What comes in while the list is read may be missing from it for a good reason.
        since = await self._clerk.head()
        wanted = await self._clerk.standing(ad_format.name, since, unreviewed=unreviewed_only)
        if unreviewed_only and not wanted:
            return
        self._expected = await self._clerk.count(ad_format.name)
        missing = set(wanted)

        surveys: list[Survey] = []
        enough = _sees(wanted) if unreviewed_only else _never
        while True:
            survey = await self._survey(ad_format, found, enough)
            surveys.append(survey)
            missing -= survey.seen.keys()
            found.complete = found.complete or survey.ended
            if not missing and (unreviewed_only or not survey.slid):
                break
            if missing and len(surveys) > 1 and _any_whole(surveys):
                empty = not any(it.seen for it in surveys)
                await self._remove(ad_format, found, missing, since, empty=empty)
                break
            if len(surveys) == _WALKS:
                self._leave(found, missing)
                break
            # What slid past unknown to anybody is found by reading all of it again.
            enough = _never if survey.slid else _sees(missing)
        if surveys[-1].grew and not unreviewed_only:
            await self._top_up(ad_format, found, surveys)
        found.entries = len(set().union(*(survey.seen for survey in surveys)))
        head = await self._clerk.head()
        found.waiting = len(await self._clerk.standing(ad_format.name, head, unreviewed=True))
        found.waiting -= found.unseen if unreviewed_only else 0

    async def _remove(
        self,
        ad_format: AdFormat,
        found: FormatWalked,
        missing: Collection[str],
        since: int,
        *,
        empty: bool,
    ) -> None:
        """Mark what is proved to be gone; of very much, or of all, only if a person agrees."""
        known = self._expected
        much = empty or (len(missing) > _FEW and len(missing) * _SHARE > known)
        if much and not self._confirm_removed(ad_format.title, len(missing), known):
            found.unseen = len(missing)
            found.why = (
                f"{len(missing):,} of {known:,} known creatives are not shown any more; so many "
                "are marked as removed only if you say so, with --accept-removed"
            )
            return
        await self._clerk.remove(ad_format.name, missing, since, found)

    def _leave(self, found: FormatWalked, missing: Collection[str]) -> None:
        found.unseen = len(missing)
        if missing:
            found.why = (
                "the list changed each time it was read, so it is not proved that what was not "
                "seen is gone; run it again later"
            )
        else:
            found.why = "the list became shorter each time it was read; run it again later"

    async def _top_up(
        self, ad_format: AdFormat, found: FormatWalked, surveys: list[Survey]
    ) -> None:
        """Read what came on top meanwhile, down to what was seen already."""
        seen = {creative_id for survey in surveys for creative_id in survey.seen}
        survey = await self._survey(
            ad_format, found, lambda survey: not seen.isdisjoint(survey.seen)
        )
        surveys.append(survey)

    async def _survey(self, ad_format: AdFormat, found: FormatWalked, enough: Enough) -> Survey:
        """Walk the list from the top to its end, or until it is enough; record every page."""

        async def read(session: Session) -> Survey:
            survey = Survey()
            found.walks += 1
            async with walking(self._library.pages(session, ad_format)) as pages:
                async for page in pages:
                    survey.add(page)
                    found.pages += 1
                    await self._clerk.see(ad_format.name, page.entries, found)
                    self._tell(self._progress(ad_format, found, survey))
                    if page.last or enough(survey):
                        break
            return survey

        survey = await self._link.ask(read)
        if not survey.ended and not enough(survey):
            raise PluginBroken(
                f"The plugin {self._context.platform!r} stopped reading {ad_format.title} on page "
                f"{survey.pages} without saying that it is the last.",
                hint="What was seen is recorded, and nothing is marked as removed.",
            )
        if survey.ended and survey.falls_short:
            evidence = await self._link.capture(f"{self._context.platform}-{ad_format.name}")
            raise PageNotUnderstood(
                f"{self._context.info.title} says that {ad_format.title} holds {survey.total:,} "
                f"creatives, but its pages do not add up to that.",
                hint="What was seen is recorded, and nothing is marked as removed.",
                evidence=evidence,
            )
        return survey

    def _progress(self, ad_format: AdFormat, found: FormatWalked, survey: Survey) -> Progressed:
        """Tell how far it is: by the length that the list shows, else by what is known of it."""
        length = self._expected if survey.total is None else survey.total
        pages = -(-length // survey.longest) if survey.longest else 1
        again = f", look {found.walks}" if found.walks > 1 else ""
        return Progressed(
            f"Reading {ad_format.title}{again}, pages",
            done=survey.pages,
            of=survey.pages if survey.ended else max(pages, survey.pages + 1),
            now=f"{len(survey.seen):,} creatives",
        )


def _sees(ids: Collection[str]) -> Enough:
    """Return what says that a walk has seen all of these."""
    wanted = frozenset(ids)
    return lambda survey: survey.seen.keys() >= wanted


def _never(_: Survey) -> bool:
    return False


def _any_whole(surveys: list[Survey]) -> bool:
    """Say whether one of the walks is proved to have missed nothing."""
    later: set[str] = set()
    for survey in reversed(surveys):
        if survey.is_whole(later):
            return True
        later |= survey.seen.keys()
    return False
