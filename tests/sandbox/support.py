"""What the sandbox's tests use to talk to it, as a program and as somebody at a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, FormData
from attrs import frozen
from playwright.async_api import Page

from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.site import SESSION_COOKIE

FAST: Mapping[str, object] = {
    "captcha": "none",
    "cookie_banner": False,
    "list_seconds": 0,
    "file_seconds": 0,
    "batch_seconds": 0,
    "thumbnails": False,
}
"""Settings that take the waiting out, for tests that are about something else."""


Start = Callable[..., Awaitable[TjSandbox]]
Connect = Callable[[TjSandbox], "Program"]
Visit = Callable[[TjSandbox], "Visitor"]
Banner = Callable[[str], Path]


@frozen
class Answer:
    """A status and what came with it."""

    status: int
    body: Any


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds, five seconds at most."""
    async with asyncio.timeout(5):
        while not await condition():  # noqa: ASYNC110  what is waited for is in another process
            await asyncio.sleep(0.02)


class Program:
    """A program that calls the control API, and uploads without a browser."""

    def __init__(self, sandbox: TjSandbox) -> None:
        self.sandbox = sandbox
        self.http = ClientSession(cookie_jar=CookieJar(unsafe=True))

    async def call(self, method: str, path: str, body: object = None) -> Answer:
        url = f"{self.sandbox.url}/_sandbox/{path}"
        async with self.http.request(method, url, json=body) as response:
            return Answer(response.status, await response.json())

    async def sign_in(self, username: str = "", password: str = "") -> str:
        """Sign in by HTTP; return the address that followed."""
        known = self.sandbox.environment()
        form = {
            "username": username or known["TJ_USERNAME"],
            "password": password or known["TJ_PASSWORD"],
        }
        async with self.http.post(f"{self.sandbox.url}/sign-in", data=form) as response:
            return response.url.path

    async def upload(
        self, content: bytes, *, ad_format: str, name: str, page: str = "a page"
    ) -> Answer:
        form = FormData()
        form.add_field("ad_format", ad_format)
        form.add_field("page", page)
        form.add_field("name", name)
        form.add_field("file", BytesIO(content), filename="file")
        url = f"{self.sandbox.url}/media-library/upload"
        async with self.http.post(url, data=form) as response:
            return Answer(response.status, await response.text())

    async def get(self, path: str) -> Answer:
        async with self.http.get(f"{self.sandbox.url}{path}") as response:
            return Answer(response.status, await response.text())

    async def list(self, ad_format: str, page: int = 1) -> Answer:
        """Ask for one page of a list, as the media library does in the background."""
        answer = await self.get(f"/media-library/list?ad_format={ad_format}&page={page}")
        return Answer(answer.status, json.loads(answer.body)) if answer.status == 200 else answer


class Visitor:
    """Somebody at a browser who knows the way round the site."""

    def __init__(self, page: Page, sandbox: TjSandbox) -> None:
        self.page = page
        self.sandbox = sandbox
        self.url = sandbox.url

    async def sign_in(self, password: str = "sandbox-password") -> None:
        await self.page.goto(f"{self.url}/sign-in")
        await self.page.fill('input[placeholder*="USERNAME"]', "sandbox")
        await self.page.fill('input[type="password"]', password)
        await self.page.click("input#submitBtn")

    async def open_library(self) -> None:
        """Open the media library as somebody who has signed in before."""
        token = self.sandbox.state.start_session("sandbox")
        await self.page.context.add_cookies(
            [{"name": SESSION_COOKIE, "value": token, "url": self.url}]
        )
        await self.page.goto(f"{self.url}/media-library")
        await self.page.locator("#creativesTable_info").wait_for()

    async def names(self) -> list[str]:
        """Return the names on the cards, as they stand in the source, from first to last."""
        return await self.page.locator("label.creativeName").all_text_contents()

    async def choose(self, *files: Path) -> None:
        """Open the upload panel and choose files."""
        await self.page.click("button#newImage")
        await self.page.set_input_files("input[type=file]", list(files))

    async def upload(self, *files: Path) -> None:
        """Choose files and wait until each is done."""
        await self.choose(*files)
        done = self.page.locator("div.dz-preview.dz-complete")
        await done.nth(len(files) - 1).wait_for()
