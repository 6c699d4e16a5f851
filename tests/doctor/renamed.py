"""The stand-in of the site as if its makers had renamed what scripts hold on to.

A proxy in front of it replaces texts in all that it serves, so that pages and their scripts still
fit each other. Uploads pass as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import ClientSession, DummyCookieJar, web

from otherside import OtherSite

_REWRITTEN = ("text/html", "text/javascript", "application/javascript", "application/json")
_HOP = {"content-length", "content-encoding", "transfer-encoding", "connection", "host"}
_HOP |= {"keep-alive", "accept-encoding", "date", "server"}


class RenamedSite:
    """Serves ``site`` with everything in ``renames`` replaced, in that order."""

    def __init__(self, site: OtherSite, renames: Mapping[str, str]) -> None:
        self.site = site
        self.renames = dict(renames)
        self.base_url = ""
        self._runner: web.AppRunner | None = None
        self._client: ClientSession | None = None

    async def start(self) -> None:
        await self.site.start()
        self._client = ClientSession(cookie_jar=DummyCookieJar())
        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._client is not None:
            await self._client.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.site.stop()

    async def _pass(self, request: web.Request) -> web.Response:
        assert self._client is not None
        async with self._client.request(
            request.method,
            self.site.base_url + request.raw_path,
            headers=[(k, v) for k, v in request.headers.items() if k.lower() not in _HOP],
            data=await request.read(),
            allow_redirects=False,
        ) as answer:
            body = await answer.read()
            if answer.content_type in _REWRITTEN:
                text = body.decode()
                for old, new in {**self.renames, self.site.base_url: self.base_url}.items():
                    text = text.replace(old, new)
                body = text.encode()
            passed = web.Response(status=answer.status, body=body)
            for name, value in answer.headers.items():
                if name.lower() == "content-type":
                    passed.headers[name] = value
                elif name.lower() not in _HOP:
                    passed.headers.add(name, value.replace(self.site.base_url, self.base_url))
            return passed
