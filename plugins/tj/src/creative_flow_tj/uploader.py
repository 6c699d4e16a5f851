"""Handing a batch to the media library's Dropzone, once.

The page is watched, not timed: every file gets a preview, which ends in success or error and in
both cases in "complete"; the busy message may come and go in between. What the page says of a file
is reported as said. Whether the file is there is for the ids to prove.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from time import monotonic
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from creative_flow.creative import Batch, Creative, name_key
from creative_flow.failpoints import failpoint
from creative_flow.platform import (
    Context,
    Gate,
    Progress,
    SendReport,
    SendResult,
    Uploader,
    Verdict,
)
from creative_flow_tj import site as site_data
from creative_flow_tj.library_list import LibraryList
from creative_flow_tj.panel import open_panel
from creative_flow_tj.scripts import script
from creative_flow_tj.session import TjSession, plain_errors
from creative_flow_tj.texts import first_line, says

if TYPE_CHECKING:
    from playwright.async_api import FileChooser, Locator


@frozen
class Preview:
    """What the page shows of one file. ``sent`` is a percentage, where the page shows one."""

    name: str
    success: bool
    error: bool
    complete: bool
    message: str
    sent: float

    @property
    def over(self) -> bool:
        """Whether the page is through with the file."""
        return self.success or self.error or self.complete


class TjUploader(Uploader[TjSession]):
    """Sends batches through the tab of their ad format."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.site = site_data.load(context.overrides_file)

    async def send(
        self, session: TjSession, batch: Batch, gate: Gate, progress: Progress
    ) -> SendReport:
        """Choose the batch's files in the page, wait until it is through, report what it said."""
        with plain_errors(session):
            shelf = LibraryList(session)
            if not await shelf.still_shows(batch.ad_format):
                await shelf.open(batch.ad_format)
            hand_over = await open_panel(session, several=len(batch.creatives) > 1)
            css = self.site.css("previews")
            await session.page.evaluate(script("watch_upload.js"), {"css": css, "want": "start"})
            keys = frozenset(creative.key for creative in batch.creatives)
            sent = await shelf.mark_for(batch.ad_format, keys)
        session.shows = None
        sending = _Sending(session, batch, progress, css)
        await gate()
        report = await sending.run(hand_over)
        if not report.login_lost and all(it.verdict is Verdict.ACCEPTED for it in report.results):
            session.sent = sent
        return report


class _Sending:
    """One batch on its way. Nothing here is ever repeated."""

    def __init__(
        self, session: TjSession, batch: Batch, progress: Progress, css: dict[str, list[str]]
    ) -> None:
        self._session = session
        self._site = session.site
        self._batch = batch
        self._progress = progress
        self._css = css
        self._since = session.traffic.mark()
        self._last: dict[str, Any] | None = None
        self._was_sending = False
        self._moved_at = monotonic()

    async def run(self, hand_over: FileChooser | Locator) -> SendReport:
        from playwright.async_api import Error

        paths = [str(creative.path) for creative in self._batch.creatives]
        session = self._session
        try:
            async with AsyncExitStack() as unless_through:
                unless_through.push_async_callback(session.stop_everything)
                with failpoint("upload.send"):
                    if hasattr(hand_over, "set_files"):
                        await hand_over.set_files(paths)
                    else:
                        await hand_over.set_input_files(paths)
                with failpoint("upload.complete"):
                    over = await self._wait()
                login_lost = await session.traffic.login_gone(self._since)
                report = self._report(over, login_lost)
                if all(result.verdict is Verdict.ACCEPTED for result in report.results):
                    unless_through.pop_all()
                else:
                    evidence = await session.capture(f"{self._batch.ad_format}-not-accepted")
                    report = evolve(report, evidence=evidence)
        except Error as error:
            return self._unclear(f"the page failed: {first_line(error)}")
        return report

    # ── Watching ─────────────────────────────────────────────────────────────────────────────────

    async def _wait(self) -> bool:
        """Wait until the page is through with every file; False if it shows no sign of life."""
        sizes = [creative.size for creative in self._batch.creatives]
        slowest = self._site.seconds("bytes_per_second")
        stall = self._site.seconds("stall") + max(sizes) / slowest
        over = await self._session.watch(
            lambda: self._look(stall),
            limit=2 * stall + sum(sizes) / slowest,
            pause=self._site.seconds("quiet"),
        )
        return bool(over)

    async def _look(self, stall: float) -> bool | None:
        """Return True if all is over, False if nothing moves any more, None while it goes on."""
        state = await self._session.page.evaluate(
            script("watch_upload.js"), {"css": self._css, "want": "state"}
        )
        sending = self._session.traffic.sending(self._since)
        moved = (state, sending) != (self._last, self._was_sending)
        self._last, self._was_sending = state, sending
        if state is None:
            return False
        if moved:
            self._moved_at = monotonic()
            self._tell()
        idle = monotonic() - self._moved_at
        if self._all_over:
            # The busy message may come once more, so one look that finds it gone is not enough.
            at_rest = not moved and not state["busy"] and not sending
            return True if at_rest or idle > self._site.seconds("busy") else None
        waits = sending or not all(preview.over for preview in self._previews)
        return False if idle > (stall if waits else self._site.seconds("previews")) else None

    @property
    def _previews(self) -> list[Preview]:
        return [Preview(**preview) for preview in self._last["previews"]] if self._last else []

    @property
    def _all_over(self) -> bool:
        previews = self._previews
        return len(previews) >= len(self._batch.creatives) and all(it.over for it in previews)

    def _tell(self) -> None:
        sizes = {name_key(creative.name): creative.size for creative in self._batch.creatives}
        files = sum(preview.over for preview in self._previews)
        size = sum(
            sizes.get(name_key(preview.name), 0) * (1.0 if preview.over else preview.sent / 100)
            for preview in self._previews
        )
        self._progress(files, int(size))

    # ── Reporting ────────────────────────────────────────────────────────────────────────────────

    def _report(self, over: bool, login_lost: bool) -> SendReport:
        if self._last is None:
            return self._unclear("the page was loaded anew while it was sending")
        trouble = self._session.traffic.trouble(self._since)
        lost_signs = self._site.words("texts.login_lost")
        login_lost = login_lost or any(says(it.message, lost_signs) for it in self._previews)
        by_name = {name_key(preview.name): preview for preview in self._previews if preview.name}
        nameless = [preview for preview in self._previews if not preview.name]
        results = []
        for creative in self._batch.creatives:
            preview = by_name.get(name_key(creative.name))
            if preview is None and over and nameless:
                preview = _common(nameless)
            results.append(self._result(creative, preview, trouble, login_lost))
        return SendReport(tuple(results), login_lost=login_lost)

    def _result(
        self, creative: Creative, preview: Preview | None, trouble: str, login_lost: bool
    ) -> SendResult:
        """Return the page's word on one file; where the server failed, its word is no proof."""
        if preview is None or not (preview.success or preview.error):
            why = "the page did not say what became of it"
            return SendResult(creative, Verdict.UNCLEAR, f"{why} ({trouble})" if trouble else why)
        if login_lost:
            return SendResult(creative, Verdict.UNCLEAR, "the login ended while it was being sent")
        if not preview.error:
            return SendResult(creative, Verdict.ACCEPTED)
        reason = preview.message or "an error without a reason"
        if trouble:
            return SendResult(creative, Verdict.UNCLEAR, f"{reason} ({trouble})")
        return SendResult(creative, Verdict.REFUSED, reason)

    def _unclear(self, why: str) -> SendReport:
        return SendReport(
            tuple(SendResult(it, Verdict.UNCLEAR, why) for it in self._batch.creatives)
        )


def _common(previews: list[Preview]) -> Preview | None:
    """Return what previews without names all say, or None if they don't say the same."""
    first = previews[0]
    same = all((it.success, it.error) == (first.success, first.error) for it in previews)
    return first if same else None
