"""Watches what a page asks its server for.

The page itself often hides it: a background request that failed leaves old cards standing, and a
login that died shows only as a 401 that no element mentions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import define, field

if TYPE_CHECKING:
    from playwright.async_api import Page, Request, Response

_WATCHED = frozenset({"document", "xhr", "fetch"})
_LOGIN_GONE = frozenset({401, 419, 440})
_PASSWORD_FIELD = re.compile(r"<input[^>]*type=[\"']?password", re.IGNORECASE)
_KEPT = 1000
"""Exchanges remembered; a mark is never that old."""


@define(eq=False)
class Exchange:
    """One request and what came of it. ``status`` is None until an answer has begun."""

    number: int
    method: str
    url: str
    kind: str
    began: float = field(factory=monotonic)
    status: int | None = None
    failure: str = ""
    over: bool = False
    _response: Response | None = None
    _asks: bool = False

    @property
    def sends(self) -> bool:
        """Whether it carries data to the server."""
        return self.method not in {"GET", "HEAD"}

    @property
    def answered(self) -> bool:
        """Whether a good answer came in whole."""
        return self.over and not self.failure and self.status is not None and self.status < 400

    @property
    def troubled(self) -> bool:
        """Whether the server, or the way to it, failed.

        A question that the page does not want answered any more is none; of something sent that was
        cut off, as a page does when it takes too long, nobody knows whether it has arrived.
        """
        if self.status is not None and self.status >= 500:
            return True  # also if the page then left the answer unread, which counts as cut off
        return bool(self.failure) and (self.sends or "ERR_ABORTED" not in self.failure)

    @property
    def unserved(self) -> bool:
        """Whether it came to nothing, whoever is to blame; what the page itself cut off is not."""
        if self.status is not None and self.status >= 400:
            return True
        return bool(self.failure) and "ERR_ABORTED" not in self.failure

    def holds(self, response: Response) -> None:
        """Keep the answer's text in reach, if it is a page."""
        if "text/html" in response.headers.get("content-type", ""):
            self._response = response

    async def asks_for_a_password(self) -> bool:
        """Say whether the answer is a page with a password field."""
        from playwright.async_api import Error

        if self.over and self._response is not None:
            response, self._response = self._response, None
            try:
                self._asks = _PASSWORD_FIELD.search(await response.text()) is not None
            except Error:
                self._asks = False  # the browser keeps no text of it: nothing can be said
        return self._asks


class Traffic:
    """The exchanges of one page with its own site, numbered as they began."""

    def __init__(self, page: Page, hosts: frozenset[str], sign_in_signs: tuple[str, ...]) -> None:
        self._sites = frozenset(_site(host) for host in hosts)
        self._sign_in_signs = sign_in_signs
        self._exchanges: dict[Request, Exchange] = {}
        self._count = 0
        page.on("request", self._began)
        page.on("response", self._answered)
        page.on("requestfinished", self._finished)
        page.on("requestfailed", self._failed)

    def mark(self) -> int:
        """Return a mark; later questions are about what began after it."""
        return self._count

    def since(self, mark: int) -> Iterator[Exchange]:
        """Yield the exchanges that began after the mark."""
        return (exchange for exchange in self._exchanges.values() if exchange.number > mark)

    def pending(self, mark: int, *, younger: float | None = None) -> bool:
        """Say whether something that began after the mark has not come to its end.

        ``younger`` leaves out what has been under way for more seconds than that: pages keep
        connections open for news.
        """
        now = monotonic()
        return any(
            not exchange.over and (younger is None or now - exchange.began < younger)
            for exchange in self.since(mark)
        )

    def sending(self, mark: int) -> bool:
        """Say whether something that carries data is under way since the mark."""
        return any(not e.over and e.sends for e in self.since(mark))

    def answered(self, mark: int) -> bool:
        """Say whether a request that began after the mark got a good answer."""
        return any(exchange.answered for exchange in self.since(mark))

    def served(self, mark: int) -> bool:
        """Say whether the page has asked something, and was answered well, since the mark."""
        return any(exchange.answered and not exchange.sends for exchange in self.since(mark))

    def trouble(self, mark: int) -> str:
        """Return one line about the first failure since the mark, or an empty text."""
        for exchange in self.since(mark):
            if exchange.troubled:
                return _in_a_line(exchange)
        return ""

    def unserved(self, mark: int, beside: tuple[str, ...] = ()) -> str:
        """Return one line about the first background request since the mark that came to nothing.

        One that the page repeated with success does not count, nor one whose address has one of the
        texts of ``beside``.
        """
        served = {_path(it) for it in self.since(mark) if it.answered}
        for exchange in self.since(mark):
            path = _path(exchange)
            if exchange.kind == "document" or not exchange.unserved or path in served:
                continue
            if not any(sign in exchange.url for sign in beside):
                return _in_a_line(exchange)
        return ""

    async def login_gone(self, mark: int) -> bool:
        """Say whether an answer since the mark hints that the login is no more.

        Some servers answer a background request with the sign-in page itself, as if all were well;
        so pages that came in the background are read.
        """
        for exchange in list(self.since(mark)):
            if exchange.status in _LOGIN_GONE:
                return True
            if exchange.kind == "document":
                continue
            if self._is_sign_in(exchange.url) or await exchange.asks_for_a_password():
                return True
        return False

    def _is_sign_in(self, url: str) -> bool:
        return any(sign in urlsplit(url).path for sign in self._sign_in_signs)

    def _began(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        if request.resource_type not in _WATCHED or _site(host) not in self._sites:
            return
        self._count += 1
        self._exchanges[request] = Exchange(
            self._count, request.method, request.url, request.resource_type
        )
        while len(self._exchanges) > _KEPT:
            del self._exchanges[next(iter(self._exchanges))]

    def _answered(self, response: Response) -> None:
        exchange = self._exchanges.get(response.request)
        if exchange is not None:
            exchange.status = response.status
            exchange.holds(response)

    def _finished(self, request: Request) -> None:
        if (exchange := self._exchanges.get(request)) is not None:
            exchange.over = True

    def _failed(self, request: Request) -> None:
        if (exchange := self._exchanges.get(request)) is not None:
            exchange.over = True
            exchange.failure = request.failure or "failed"


def _in_a_line(exchange: Exchange) -> str:
    failed = exchange.status is not None and exchange.status >= 400
    what = f"status {exchange.status}" if failed or not exchange.failure else exchange.failure
    return f"{exchange.method} {_path(exchange)}: {what}"


def _path(exchange: Exchange) -> str:
    return urlsplit(exchange.url).path


def _site(host: str) -> str:
    """Return what hosts of one site share: the last two labels of a name, all of an address."""
    if host.replace(".", "").isdigit() or ":" in host:
        return host
    return ".".join(host.split(".")[-2:])
