"""Taking a file that a page uploads: its bytes to disk, what it is, and whether it is kept."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import time
from pathlib import Path

import attrs
from aiohttp import BodyPartReader, MultipartReader, web

from creative_flow_tj.sandbox import media
from creative_flow_tj.sandbox.faults import Fault
from creative_flow_tj.sandbox.records import NewCreative
from creative_flow_tj.sandbox.sign_in import login_page
from creative_flow_tj.sandbox.site import SITE, Site
from creative_flow_tj.sandbox.wire import drip, spoil

CHUNK_BYTES = 256 * 1024
MAX_FIELD_BYTES = 4096
MAX_FIELDS = 20
DRAIN_BYTES = 16 * 1024 * 1024
CUTTING = frozenset({"status", "reset", "timeout"})

# A browser writes these headers in one way only: quotation marks inside come as %22.
_DISPOSITION = re.compile(r'form-data; name="([^"]*)"(; filename="[^"]*")?')


class BadUpload(Exception):
    """The request is no upload; the message says why in one line."""


@attrs.frozen
class Form:
    """What a page sends with a file. ``name`` has its extension; ``page`` is the page's token."""

    ad_format: str
    page: str
    name: str


@attrs.frozen
class Outcome:
    """What became of a file: the arrival's result, and the reason that the page is told."""

    result: str
    reason: str = ""


class Spool:
    """A file on its way to disk. It is named by its SHA-256 once it is whole."""

    def __init__(self, folder: Path) -> None:
        self._part = folder / f"{secrets.token_hex(8)}.part"
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """The hash of the bytes so far."""
        return self._hash.hexdigest()

    async def take(
        self, part: BodyPartReader, site: Site, *, most: int, pause_per_byte: float
    ) -> bool:
        """Write a part's bytes; return False, having written at most ``most``, if there are more.

        Raises ConnectionError or `web.RequestPayloadError` if the connection ends before the part.
        """
        file = await asyncio.to_thread(self._part.open, "wb")
        try:
            while chunk := await part.read_chunk(CHUNK_BYTES):
                await site.link.carry(len(chunk), site.settings.upload_bytes_per_second)
                await site.pause(len(chunk) * pause_per_byte)
                self.size += len(chunk)
                if self.size > most:
                    return False
                self._hash.update(chunk)
                file.write(chunk)
        finally:
            file.close()
        return True

    def keep(self) -> Path:
        """Give the file its name, in place of an equal one; return where it lies."""
        return self._part.replace(self._part.with_name(self.sha256))

    def discard(self) -> None:
        """Remove what was written."""
        self._part.unlink(missing_ok=True)


async def upload(request: web.Request) -> web.StreamResponse:
    """Take one file of one upload request, and answer as the page expects."""
    site = request.app[SITE]
    try:
        form, part = await _read_form(request)
    except BadUpload as error:
        return web.json_response({"error": str(error)}, status=400)
    fault = site.faults.take("upload", name=form.name)
    if fault and fault.when == "during" and fault.kind in CUTTING:
        first = await part.read_chunk(CHUNK_BYTES)
        number = _record(request, form, size=len(first), result="incomplete")
        return await _spoiled(request, fault, number) or web.Response(status=500)

    spool = Spool(site.state.arrivals_folder)
    try:
        whole = await spool.take(
            part, site, most=site.settings.max_file_bytes, pause_per_byte=_pace(request, fault)
        )
        path = spool.keep() if whole else None
    except (ConnectionError, web.RequestPayloadError, ValueError):
        _record(request, form, size=spool.size, result="incomplete")
        raise ConnectionResetError("The connection ended before the file.") from None
    finally:
        spool.discard()
    if path is None:
        _record(request, form, size=spool.size, result="incomplete")
        await _drain(part)
        return web.json_response({"error": "The file is too large."}, status=413)
    number = _record(request, form, size=spool.size, sha256=spool.sha256, result="processing")
    return await _process(request, form, spool, path, number, fault)


async def _process(
    request: web.Request, form: Form, spool: Spool, path: Path, number: int, fault: Fault | None
) -> web.StreamResponse:
    site = request.app[SITE]
    if fault and fault.when != "after":
        if fault.kind in CUTTING:
            site.state.conclude(number, "dropped")
        if spoiled := await _spoiled(request, fault, number):
            return spoiled
    outcome = await _decide(request, form, spool, path, number)
    if outcome.result not in {"created", "duplicate"}:
        site.state.conclude(number, outcome.result, outcome.reason)
    if fault and fault.when == "after":
        if spoiled := await _spoiled(request, fault, number):
            return spoiled
        if site.account_of(request) is None:
            outcome = Outcome("unauthorized")
    response = _answer(site, outcome)
    site.state.answered(number, str(response.status))
    if fault and fault.kind == "drip" and fault.when != "during":
        return await drip(request, response, fault.seconds)
    return response


async def _decide(
    request: web.Request, form: Form, spool: Spool, path: Path, number: int
) -> Outcome:
    site = request.app[SITE]
    account = site.account_of(request)
    if account is None:
        return Outcome("unauthorized")
    mode = site.settings.concurrent_pages
    async with site.uploading.turn(account, form.page, mode) as admitted:
        if not admitted:
            return Outcome("refused", "Another upload is in progress.")
        await site.pause(site.settings.file_seconds * site.luck.uniform(0.25, 1.75))
        try:
            found = await asyncio.to_thread(media.probe, path)
        except media.UnreadableMedia as error:
            return Outcome("rejected", str(error))
        reason = media.refusal(found, spool.size, form.ad_format, site.settings)
        if reason:
            return Outcome("rejected", reason)
        creative = NewCreative(
            account=account,
            ad_format=form.ad_format,
            name=kept_name(form.name, percent_quotes=site.settings.percent_quotes),
            file_type=found.file_type,
            size=spool.size,
            width=found.width,
            height=found.height,
            duration=found.duration,
            sha256=spool.sha256,
            visible_at=time.time() + site.settings.visible_after_seconds,
        )
        return Outcome("created" if site.state.keep(number, creative) else "duplicate")


def kept_name(file_name: str, *, percent_quotes: bool) -> str:
    """Return the name that a creative gets from its file: without the last extension."""
    base, _, _ = file_name.rpartition(".")
    name = base or file_name
    return name.replace('"', "%22") if percent_quotes else name


def _answer(site: Site, outcome: Outcome) -> web.Response:
    """Answer the page. A name that is taken is answered like a success: the silent duplicate."""
    if outcome.result in {"created", "duplicate"}:
        return web.json_response({"success": True})
    if outcome.result == "unauthorized":
        if site.settings.expired_upload == "login_page":
            return login_page(site)
        return web.Response(status=401)
    status = 409 if outcome.result == "refused" else 422
    return web.json_response({"error": outcome.reason}, status=status)


async def _spoiled(request: web.Request, fault: Fault, number: int) -> web.Response | None:
    if fault.kind in CUTTING:
        answer = str(fault.status) if fault.kind == "status" else fault.kind
        request.app[SITE].state.answered(number, answer)
    return await spoil(request, fault)


def _record(request: web.Request, form: Form, *, size: int, result: str, sha256: str = "") -> int:
    site = request.app[SITE]
    return site.state.record_arrival(
        account=site.account_of(request) or "",
        ad_format=form.ad_format,
        name=form.name,
        size=size,
        sha256=sha256,
        result=result,
    )


def _pace(request: web.Request, fault: Fault | None) -> float:
    """Seconds that each byte takes if the fault is a slow arrival."""
    if fault and fault.kind == "drip" and fault.when == "during":
        return fault.seconds / max(1, request.content_length or 1)
    return 0.0


async def _drain(part: BodyPartReader) -> None:
    """Read on for a while: a browser that is still sending would not see the answer."""
    left = DRAIN_BYTES
    while left > 0 and (chunk := await part.read_chunk(CHUNK_BYTES)):
        left -= len(chunk)


async def _read_form(request: web.Request) -> tuple[Form, BodyPartReader]:
    """Read the fields that stand before the file; return them and the file's part."""
    fields: dict[str, str] = {}
    try:
        reader = await request.multipart()
        for _ in range(MAX_FIELDS):
            part = await reader.next()
            if part is None or isinstance(part, MultipartReader):
                break
            found = _DISPOSITION.fullmatch(part.headers.get("Content-Disposition", ""))
            if found is None:
                break
            if found[2] is not None:
                return _form(fields), part
            fields[found[1]] = await _field(part)
    except (ValueError, AssertionError, RuntimeError, web.HTTPException) as error:
        raise BadUpload("The request can't be read as an upload.") from error
    raise BadUpload("The request has no file.")


async def _field(part: BodyPartReader) -> str:
    value = bytearray()
    while chunk := await part.read_chunk(MAX_FIELD_BYTES):
        value += chunk
        if len(value) > MAX_FIELD_BYTES:
            raise BadUpload("A field of the request is too long.")
    return value.decode("utf-8", "strict")


def _form(fields: dict[str, str]) -> Form:
    form = Form(fields.get("ad_format", ""), fields.get("page", ""), fields.get("name", ""))
    if form.ad_format not in media.AD_FORMATS:
        raise BadUpload("The request names no ad format.")
    if not form.name.strip() or "\0" in form.name or "/" in form.name:
        raise BadUpload("The file has no proper name.")
    return form
