from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from creative_flow_tj.session import TjSession
from otherside import Knobs
from upload.stage import Stage, WatchedSite

from .plugin import Plugin
from .sender import Sender


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


@pytest.fixture
def sender(plugin: Plugin, session: TjSession, tmp_path: Path) -> Sender:
    """Hand over what sends banners in the module's session."""
    return Sender(plugin, session, tmp_path / "files")


def quick() -> Knobs:
    return Knobs(captcha_s=0.02, panel_anim_s=0.02, list_latency_s=0.05, keep_alive=False)
