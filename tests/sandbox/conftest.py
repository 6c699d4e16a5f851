from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from creative_flow_tj.sandbox import TjSandbox

from .support import FAST, Connect, Program, Start, Visit, Visitor


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Make the samples once for all workers: who has none yet makes them, who is first shares."""
    made = tmp_path_factory.mktemp("samples")
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = tmp_path_factory.getbasetemp().parent / "samples"
        if not shared.exists():
            TjSandbox().make_samples(made)
            with suppress(OSError):  # another worker was quicker
                made.rename(shared)
        made = shared
    return TjSandbox().make_samples(made)


@pytest_asyncio.fixture(loop_scope="session")
async def start() -> AsyncIterator[Start]:
    """Start sandboxes with the fast settings and others; all are stopped in the end."""
    running: list[TjSandbox] = []

    async def start_one(*, state_dir: Path | None = None, **settings: object) -> TjSandbox:
        sandbox = TjSandbox(state_dir=state_dir, settings={**FAST, **settings})
        await sandbox.start()
        running.append(sandbox)
        return sandbox

    yield start_one
    for sandbox in running:
        await sandbox.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def program() -> AsyncIterator[Connect]:
    """Make programs that talk to a sandbox."""
    made: list[Program] = []

    def make(sandbox: TjSandbox) -> Program:
        made.append(Program(sandbox))
        return made[-1]

    yield make
    for one in made:
        await one.http.close()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    executable = os.environ.get("CFU_CHROMIUM") or shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def only_page(browser: Browser) -> Page:
    page = await browser.new_page()
    page.set_default_timeout(10_000)
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def visit(only_page: Page) -> AsyncIterator[Visit]:
    """Make somebody at a browser that knows nothing of former visits."""
    yield partial(Visitor, only_page)
    await only_page.context.clear_cookies()
    await only_page.goto("about:blank")
