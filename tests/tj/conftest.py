from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from attrs import field, frozen

from creative_flow import registry
from creative_flow.platform import Context, LibraryPage
from creative_flow_tj.auth import TjAuth
from creative_flow_tj.ids import TjIdExtractor
from creative_flow_tj.session import TjSession
from creative_flow_tj.uploader import TjUploader
from otherside import Knobs
from upload.stage import Stage, WatchedSite


@frozen
class Plugin:
    """The plugin's three classes, aimed at a stand-in of the site."""

    stage: Stage
    context: Context
    told: list[str] = field(factory=list)

    @classmethod
    def at(cls, stage: Stage, **settings: str) -> Plugin:
        workspace = stage.workspace(**settings)
        info = registry.load("tj", workspace.overrides_file("tj")).info
        told: list[str] = []
        context = workspace.context(
            "tj", info, "default", headless=True, interactive=False, notify=told.append
        )
        return cls(stage, context, told)

    @property
    def auth(self) -> TjAuth:
        return TjAuth(self.context)

    @property
    def uploader(self) -> TjUploader:
        return TjUploader(self.context)

    async def pages(self, session: TjSession, ad_format: str) -> list[LibraryPage]:
        ids = TjIdExtractor(self.context)
        return [page async for page in ids.pages(session, self.context.info.ad_format(ad_format))]

    async def names(self, session: TjSession, ad_format: str) -> list[str]:
        """Return the names in a whole list, newest first."""
        pages = await self.pages(session, ad_format)
        return [entry.name for page in pages for entry in page.entries]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def plugin(tmp_path_factory: object) -> AsyncIterator[Plugin]:
    """Serve a site to the tests of one module."""
    folder: Path = tmp_path_factory.mktemp("tj")  # type: ignore[attr-defined]
    site = WatchedSite(quick())
    await site.start()
    yield Plugin.at(Stage(site, folder))
    await site.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def session(plugin: Plugin) -> AsyncIterator[TjSession]:
    """Sign in once for the tests of one module."""
    session = await plugin.auth.open()
    yield session
    await session.close()


@pytest_asyncio.fixture(loop_scope="module")
async def site(plugin: Plugin) -> AsyncIterator[WatchedSite]:
    """Hand over the module's site; afterwards it is as it was, but for what it keeps."""
    site = plugin.stage.site
    yield site
    site.knobs = quick()
    site.rewrite = lambda page: page
    site.forget_faults()


def quick() -> Knobs:
    return Knobs(captcha_s=0.02, panel_anim_s=0.02, list_latency_s=0.05, keep_alive=False)
