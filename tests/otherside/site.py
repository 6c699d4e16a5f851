"""The site itself: its two hosts, sign-in, library and uploads, and what a test may ask of it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from aiohttp import web
from attrs import frozen

from . import pages
from .faults import Fault, FaultHow, FaultKind, Faults
from .knobs import AD_FORMATS, AdFormat, Knobs
from .store import Answer, Arrival, SiteCreative, Store
from .uploads import IN_STREAM_SECONDS, Media, RefusedError, inspect, read_files

SESSION_COOKIE = "adv_session"
HOST = "127.0.0.1"
SEEDED_SIZES = {"native_image": (640, 360), "native_video": (640, 360)}


@frozen
class _Captcha:
    made: float  # time.monotonic()
    solved: bool = False


class OtherSite:
    """The stand-in, served from the event loop of the test that starts it."""

    def __init__(self, knobs: Knobs | None = None) -> None:
        self.knobs = knobs or Knobs()
        self.username = "ana.buyer"
        self.password = "four-quiet-herons"
        self.base_url = ""
        self.login_url = ""
        self._ports: list[int] = []  # kept, so that a site that comes back has its address
        self._store = Store()
        self._faults = Faults()
        self._captchas: dict[str, _Captcha] = {}
        self._tickets: set[str] = set()
        self._sessions: set[str] = set()
        self._senders: list[str] = []  # pages whose uploads are under way
        self._jobs: dict[str, asyncio.Task[list[Arrival]]] = {}
        self._runner: web.AppRunner | None = None

    # --- for tests

    async def start(self) -> None:
        """Serve; on the ports of last time, if it was stopped."""
        self._faults.over.clear()
        app = web.Application(client_max_size=2**30)
        app.on_response_prepare.append(self._before_answer)
        app.add_routes(
            [
                web.get("/sign-in", self._get_sign_in),
                web.post("/sign-in", self._post_sign_in),
                web.get("/login", self._get_login),
                web.post("/login", self._post_login),
                web.get("/captcha/{nonce}", self._get_captcha),
                web.post("/__test/solve-captcha", self._post_solve_captcha),
                web.get("/enter", self._get_enter),
                web.get("/media-library", self._get_library),
                web.get("/ajax/library/{ad_format}", self._get_list),
                web.post("/ajax/upload/{ad_format}", self._post_upload),
                web.get("/ajax/jobs/{job}", self._get_job),
                web.static("/assets", pages.ASSETS),
                *(web.get(at, self._get_landing) for at in ("/dashboard", "/campaigns", "/home")),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        for port in self._ports or [0] * (2 if self.knobs.two_origins else 1):
            await web.TCPSite(self._runner, HOST, port).start()
        self._ports = [address[1] for address in self._runner.addresses]
        self.base_url = f"http://{HOST}:{self._ports[0]}"
        self.login_url = f"http://{HOST}:{self._ports[-1]}/sign-in"

    async def stop(self) -> None:
        """Stop serving; what is kept stays, and so do the sessions."""
        self._faults.over.set()
        for job in self._jobs.values():
            job.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    def creatives(self) -> list[SiteCreative]:
        """Return the library's truth, oldest first; also what no list shows yet."""
        return list(self._store.creatives)

    def arrivals(self) -> list[Arrival]:
        """Return every file that arrived, in that order, also those that were not kept."""
        return list(self._store.arrivals)

    def seed(self, ad_format: AdFormat, names: Sequence[str]) -> list[str]:
        """Put creatives from long ago, oldest first, whose names may be taken; return their ids."""
        width, height = SEEDED_SIZES.get(ad_format, (300, 250))
        video = ad_format.endswith("video") or ad_format == "video_banner"
        media = Media(
            width, height, IN_STREAM_SECONDS[0] if video else 0, "mp4" if video else "png"
        )
        return [
            self._store.add(
                ad_format, name, f"{name}.{media.file_type}", media, review_status="approved"
            ).id
            for name in names
        ]

    def open_session(self) -> tuple[str, str]:
        """Sign in without a page; return the session cookie's name and value."""
        session = secrets.token_urlsafe(18)
        self._sessions.add(session)
        return SESSION_COOKIE, session

    def expire_sessions(self) -> None:
        """End every session."""
        self._sessions.clear()

    def solve_captchas(self) -> None:
        """Solve the captchas that are shown now, like `POST /__test/solve-captcha`."""
        self._captchas = {n: _Captcha(c.made, solved=True) for n, c in self._captchas.items()}

    def fail_next(
        self, kind: FaultKind, how: FaultHow, after_keeping: bool = False, count: int = 1
    ) -> None:
        """Let the next requests fail: library lists, uploads, or pages behind the sign-in."""
        self._faults.order(kind, Fault(how, after_keeping), count)

    # --- signing in

    async def _before_answer(self, _: web.Request, response: web.StreamResponse) -> None:
        if not self.knobs.keep_alive:
            response.force_close()
        response.headers.setdefault("Cache-Control", "no-store")

    def _new_captcha(self) -> str:
        nonce = secrets.token_urlsafe(9)
        self._captchas[nonce] = _Captcha(time.monotonic())
        return nonce

    def _solved(self, nonce: str) -> bool:
        captcha = self._captchas.get(nonce)
        if captcha is None:
            return False
        if self.knobs.captcha == "auto":
            return time.monotonic() - captcha.made >= self.knobs.captcha_s
        return captcha.solved or self.knobs.captcha == "none"

    async def _get_captcha(self, request: web.Request) -> web.Response:
        return web.json_response({"solved": self._solved(request.match_info["nonce"])})

    async def _post_solve_captcha(self, _: web.Request) -> web.Response:
        self.solve_captchas()
        return web.Response(status=204)

    async def _get_sign_in(self, request: web.Request) -> web.Response:
        if request.url.port != self._ports[-1]:
            raise web.HTTPFound(self.login_url)
        if self._signed_in(request):
            raise web.HTTPFound(f"{self.base_url}/{self.knobs.landing}")
        return _html(pages.sign_in(self.knobs, self._new_captcha()))

    def _right(self, form: Mapping[str, object]) -> bool:
        return (form.get("username"), form.get("password")) == (self.username, self.password)

    def _ticket_url(self) -> str:
        ticket = secrets.token_urlsafe(12)
        self._tickets.add(ticket)
        return f"{self.base_url}/enter?ticket={ticket}"

    async def _post_sign_in(self, request: web.Request) -> web.Response:
        form = await request.post()
        problem = ""
        if not self._solved(str(form.get("captcha"))):
            problem = "Please complete the captcha."
        elif not self._right(form):
            problem = "Sorry, we don't recognize these credentials."
        self._captchas.pop(str(form.get("captcha")), None)
        if "application/json" in request.headers.get("Accept", ""):
            if problem:
                return web.json_response({"problem": problem, "nonce": self._new_captcha()})
            return web.json_response({"go": self._ticket_url()})
        if problem:
            return _html(pages.sign_in(self.knobs, self._new_captcha(), problem))
        raise web.HTTPSeeOther(self._ticket_url())

    async def _get_login(self, _: web.Request) -> web.Response:
        return _html(pages.missed_you(self.knobs))

    async def _post_login(self, request: web.Request) -> web.Response:
        if self._right(await request.post()):
            raise web.HTTPSeeOther(self._ticket_url())
        return _html(pages.missed_you(self.knobs, "We don't recognize these credentials."))

    async def _get_enter(self, request: web.Request) -> web.Response:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPFound(self.login_url)
        self._tickets.remove(ticket)
        if self.knobs.single_session:
            self.expire_sessions()
        answer = web.HTTPFound(f"/{self.knobs.landing}")
        answer.set_cookie(*self.open_session(), httponly=True, samesite="Lax")
        raise answer

    def _signed_in(self, request: web.Request) -> bool:
        return request.cookies.get(SESSION_COOKIE) in self._sessions

    def _expired(self, request: web.Request) -> web.Response:
        background = request.path.startswith("/ajax/")
        if background and self.knobs.background_expiry == "401":
            return web.json_response({"message": "Unauthenticated."}, status=401)
        if self.knobs.expiry == "missed_you" and not background:
            return _html(pages.missed_you(self.knobs))
        back = f"?return={quote(request.path, safe='')}"
        to = f"{self.base_url}/login" if self.knobs.expiry == "login_path" else self.login_url
        return web.Response(status=302, headers={"Location": to + back})

    # --- pages

    async def _page_trouble(self, request: web.Request) -> web.Response | None:
        """Return what is answered in place of a page behind the sign-in, if anything."""
        if request.url.port != self._ports[0]:
            raise web.HTTPNotFound
        if fault := self._faults.take("page"):
            return await self._faults.show(fault, request)
        return None if self._signed_in(request) else self._expired(request)

    async def _get_landing(self, request: web.Request) -> web.Response:
        trouble = await self._page_trouble(request)
        return trouble or _html(pages.landing(self.knobs, self.username))

    async def _get_library(self, request: web.Request) -> web.Response:
        if trouble := await self._page_trouble(request):
            return trouble
        knobs = self.knobs
        ad_format = knobs.default_tab
        remembered = request.cookies.get("library_tab")
        if knobs.remember_tab and remembered in AD_FORMATS:
            ad_format = remembered
        if knobs.tabs == "query" and "tab" in request.query:
            native_type = request.query.get("native_type")
            ad_format = pages.ad_format_of(request.query["tab"], native_type, knobs)
        if knobs.first_list == "server":
            shown, page, count = self._store.shown(
                ad_format, _number(request.query.get("p")), self.knobs.page_size
            )
            inside = pages.rows_html(knobs, ad_format, shown)
            links = pages.pager(knobs, page, count)
        else:
            waiting = {"loading_row": "Loading...", "empty_flash": knobs.empty_sign}
            inside = pages.message(knobs, waiting.get(knobs.while_loading))
            links = ""
        return _html(pages.library(knobs, self.username, ad_format, inside, links))

    async def _get_list(self, request: web.Request) -> web.Response:
        ad_format = _ad_format(request)
        shown, page, count = self._store.shown(
            ad_format, _number(request.query.get("p")), self.knobs.page_size
        )
        await asyncio.sleep(self.knobs.list_latency_s)
        if fault := self._faults.take("list"):
            return await self._faults.show(fault, request)
        if not self._signed_in(request):
            return self._expired(request)
        links = pages.pager(self.knobs, page, count)
        if self.knobs.list_data == "html":
            rows = pages.rows_html(self.knobs, ad_format, shown)
            return _html(pages.listing(self.knobs, rows, links))
        texts = [pages.row(creative, self.knobs) for creative in shown]
        return web.json_response({"rows": texts, "pager": links})

    # --- uploads

    async def _post_upload(self, request: web.Request) -> web.Response:
        ad_format = _ad_format(request)
        sender = request.headers.get("X-Page", "")
        refused = self.knobs.second_page == "refuse" and any(s != sender for s in self._senders)
        self._senders.append(sender)
        try:
            return await self._receive(request, ad_format, refused=refused)
        finally:
            self._senders.remove(sender)

    async def _receive(
        self, request: web.Request, ad_format: AdFormat, *, refused: bool
    ) -> web.Response:
        files = await read_files(request)
        places = [
            self._store.arrived(
                Arrival(
                    filename=name,
                    ad_format=ad_format,
                    sha256=hashlib.sha256(data).hexdigest(),
                    size=len(data),
                )
            )
            for name, data in files
        ]
        fault = self._faults.take("upload")
        if not self._signed_in(request):
            for place in places:
                self._store.note(place, "unauthorized", "401")
            return self._expired(request)
        if refused:
            why = "Another upload of this account is in progress."
            return _upload_answer(
                [self._store.note(place, "rejected", "error", reason=why) for place in places]
            )
        if fault and not fault.after_keeping:
            for place in places:
                self._store.note(place, "lost", fault.how)
            return await self._faults.show(fault, request)
        contents = [data for _, data in files]
        if fault:
            await self._take_in_all(places, contents, fault.how)
            return await self._faults.show(fault, request)
        if self.knobs.answer == "polled":
            job = secrets.token_urlsafe(6)
            self._jobs[job] = asyncio.create_task(self._take_in_all(places, contents))
            return web.Response(status=202, text=f"/ajax/jobs/{job}")
        return _upload_answer(await self._take_in_all(places, contents))

    async def _get_job(self, request: web.Request) -> web.Response:
        if not self._signed_in(request):
            return self._expired(request)
        job = self._jobs.get(request.match_info["job"])
        if job is None:
            raise web.HTTPNotFound
        if not job.done():
            return web.Response(status=202, text=request.path)
        return _upload_answer(job.result())

    async def _take_in_all(
        self, places: Sequence[int], contents: Sequence[bytes], told: Answer | None = None
    ) -> list[Arrival]:
        pairs = zip(places, contents, strict=True)
        return await asyncio.gather(*(self._take_in(place, data, told) for place, data in pairs))

    async def _take_in(self, place: int, data: bytes, told: Answer | None) -> Arrival:
        """Process a file; ids go by the order in which files are done."""
        note, arrival = self._store.note, self._store.arrivals[place]
        delay = self.knobs.jitter_s * int(arrival.sha256[:2], 16) / 255
        await asyncio.sleep(self.knobs.processing_s + delay)
        if self.knobs.refuse_all is not None:
            return note(place, "rejected", told or "error", reason=self.knobs.refuse_all)
        try:
            media = await asyncio.to_thread(inspect, arrival.ad_format, arrival.filename, data)
        except RefusedError as refusal:
            return note(place, "rejected", told or "error", reason=str(refusal))
        name = self.knobs.shown_name(arrival.filename)
        if self._store.has(arrival.ad_format, name):
            return note(place, "duplicate", told or "ok")
        creative = self._store.add(
            arrival.ad_format,
            name,
            arrival.filename,
            media,
            sha256=arrival.sha256,
            size=arrival.size,
            visible_after_s=self.knobs.visible_after_s,
        )
        return note(place, "kept", told or "ok", creative_id=creative.id)


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 1


def _ad_format(request: web.Request) -> AdFormat:
    for ad_format in AD_FORMATS:
        if ad_format == request.match_info["ad_format"]:
            return ad_format
    raise web.HTTPNotFound


def _upload_answer(arrivals: Sequence[Arrival]) -> web.Response:
    """Tell the page each file's error; a silent duplicate has none."""
    errors = [arrival.reason for arrival in arrivals]
    return web.json_response({"errors": errors}, status=422 if all(errors) else 200)
