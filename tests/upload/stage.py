"""A stand-in of the site, a workspace aimed at it, and the comparison of both after a run."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from attrs import evolve, frozen

from creative_flow import Report, Status, upload_async
from creative_flow.events import Event, StepChanged
from creative_flow.ledger import Ledger, Origin
from creative_flow.workspace import Workspace
from otherside import Knobs, OtherSite
from otherside.faults import Faults

from .media import NATIVE, image

SHORT_WAITS = """\
[waits]
settle = 1.0
appear = 2.5
duplicate = 0.5
poll = 0.2
element = 4.0
list_reload = 4.0
quiet = 0.05
quiet_empty = 0.2
previews = 4.0
captcha_headless = 1.0
"""


class WatchedSite(OtherSite):
    """The site, with an eye on who signs in, and a hand in what its lists show."""

    def __init__(self, knobs: Knobs) -> None:
        super().__init__(knobs)
        self.sign_ins = 0
        self.rewrite: Callable[[str], str] = lambda page: page
        """What becomes of the sign-in page and the library on their way out."""

    def show(self, name: str, *, as_name: str = "") -> None:
        """Let lists show a creative from now on, perhaps under another name."""
        kept = self._store.creatives
        (place,) = [place for place, creative in enumerate(kept) if creative.name == name]
        kept[place] = evolve(kept[place], name=as_name or name, visible_from=0)

    def forget_faults(self) -> None:
        """Let nothing that was ordered fail any more."""
        self._faults = Faults()

    async def wait_for_arrivals(self, count: int) -> None:
        """Return once so many files have reached the site."""
        async with asyncio.timeout(30):
            while len(self.arrivals()) < count:  # noqa: ASYNC110  a browser sends them
                await asyncio.sleep(0.02)

    async def _post_sign_in(self, request: web.Request) -> web.Response:
        self.sign_ins += 1
        return await super()._post_sign_in(request)

    async def _get_sign_in(self, request: web.Request) -> web.Response:
        return self._rewritten(await super()._get_sign_in(request))

    async def _get_library(self, request: web.Request) -> web.Response:
        return self._rewritten(await super()._get_library(request))

    def _rewritten(self, answer: web.Response) -> web.Response:
        if answer.text:
            answer.text = self.rewrite(answer.text)
        return answer


@frozen
class Stage:
    """Where a run takes place."""

    site: WatchedSite
    folder: Path

    def workspace(self, **settings: str) -> Workspace:
        """Return the workspace as a new process would see it."""
        where = {
            "TJ_BASE_URL": self.site.base_url,
            "TJ_LOGIN_URL": self.site.login_url,
            "TJ_USERNAME": self.site.username,
            "TJ_PASSWORD": self.site.password,
            "CFU_STATE_DIR": str(self.folder / "state"),
            "TAKE_SCREENSHOTS": "False",
        }
        workspace = Workspace(self.folder / "workspace", overrides=where | settings)
        workspace.prepare()
        overrides = workspace.overrides_file("tj")
        if not overrides.exists():
            overrides.write_text(SHORT_WAITS)
        return workspace

    def banners(self, *names: str) -> list[Path]:
        return [image(self.folder / "files" / f"{name}.png") for name in names]

    def natives(self, *names: str) -> list[Path]:
        return [image(self.folder / "natives" / f"{name}.png", NATIVE) for name in names]

    async def upload(self, *files: Path, **options: object) -> Report:
        """Run once, live, and hold the ledger against the site."""
        options = {"workspace": self.workspace(), "live": True, "headless": True} | options
        report = await upload_async("tj", list(files), **options)  # type: ignore[arg-type]
        assert [outcome.path for outcome in report.outcomes] == list(files)
        self.compare(report)
        return report

    def compare(self, report: Report | None = None) -> None:
        """Hold every id that is claimed against the site's truth, and its truth against law 2."""
        truth = {it.id: it for it in self.site.creatives()}
        times = Counter((it.ad_format, it.sha256) for it in truth.values() if it.sha256)
        assert not [content for content, count in times.items() if count > 1], "sent twice"
        for outcome in report.outcomes if report else ():
            if outcome.creative_id:
                creative = truth[outcome.creative_id]
                assert creative.name == outcome.path.stem
                assert creative.ad_format == outcome.ad_format
            if outcome.status is Status.SUCCESS:
                assert truth[outcome.creative_id].sha256 == outcome.sha256
        with Ledger.open(self.workspace().ledger_url) as ledger:
            for entry in ledger.entries("tj", "default"):
                creative = truth[entry.creative_id]
                assert creative.ad_format == entry.ad_format
                if entry.origin is Origin.PROVED:
                    assert (creative.sha256, creative.size) == (entry.sha256, entry.size)

    @property
    def stored(self) -> list[str]:
        """The file names of what the site keeps, but what was seeded, in order."""
        return sorted(it.filename for it in self.site.creatives() if it.sha256)


def statuses(report: Report) -> list[str]:
    return [outcome.status.value for outcome in report.outcomes]


def errors(report: Report) -> str:
    return "\n".join(outcome.error for outcome in report.outcomes)


def when(step: str, act: Callable[[], object]) -> Callable[[Event], None]:
    """Return a listener that acts once, when the run says that it takes up a step."""
    left = [act]

    def listener(event: Event) -> None:
        if left and isinstance(event, StepChanged) and event.what.startswith(step):
            left.pop()()

    return listener
