"""Evidence: what a page looked like when it was not as expected, without its secrets."""

from __future__ import annotations

import asyncio
import html
import logging
import os
import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from html.entities import codepoint2name
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from playwright.async_api import Page

    from creative_flow.ledger import Ledger
    from creative_flow.workspace import Workspace

CAPTURE_SECONDS = 5.0
"""How long the page snapshot may take, and after it the screenshot."""

REDACTED = "[redacted]"

_SENSITIVE = re.compile(
    r"passw|pwd|secret|token|csrf|xsrf|nonce|otp|captcha|session|auth|api.?key|cookie",
    re.IGNORECASE,
)
_QUERY_VALUE = re.compile(r"([?&;]([^=&;#\s]+)=)([^&;#\s]+)")
_OURS = re.compile(r"(\d{8}-\d{6})-\d{6}Z-[\w.-]+\.(?:png|jpg|html)")
"""How evidence is named: the time in UTC, and what it is about."""

_INERT = """\
<!DOCTYPE html>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'">
"""
"""At the very top of a saved page: a browser that opens it runs and loads nothing of it."""

_LOADS = frozenset({"script", "iframe", "frame", "object", "embed", "base"})
_ADDRESSES = frozenset({"src", "href", "data"})
_FOLLOWED = _ADDRESSES | {"action", "formaction", "xlink:href", "to", "from", "values"}
_RUNS = ("javascript:", "vbscript:", "data:text", "data:application", "data:image/svg")
_MASKED = "input[type=password], input[name*=passw i], input[id*=passw i]"

_log = logging.getLogger(__name__)


def redact_html(source: str, secrets: Collection[str] = ()) -> str:
    """Return a page's HTML without what nobody else should read.

    Taken out are the bodies of scripts, event handlers and comments, the values of password and
    hidden inputs, whatever is named like a token (inputs, meta elements, attributes, parameters in
    addresses), and each of ``secrets`` wherever it stands and however it is escaped. What would run
    or load something is made to do nothing: a script's ``src`` becomes ``data-src``.
    """
    redactor = _Redactor()
    redactor.feed(source)
    redactor.close()
    return _redact_text("".join(redactor.out), secrets)


async def save_evidence(
    page: Page,
    folder: Path,
    label: str,
    *,
    secrets: Collection[str] = (),
    limit: float = CAPTURE_SECONDS,
) -> tuple[Path, ...]:
    """Save a screenshot and the redacted HTML of a page; return the files that came of it.

    They are named ``{UTC time}-{label}.png`` and ``.html``, readable by their owner only, and
    never replace a file. Values of the browser's cookies count as secrets too. A page that is
    gone, has crashed or hangs, and a folder that can't be written, give fewer files or none, within
    ``limit`` seconds each, and are never raised: evidence must not hide the error it is about.
    """
    now = datetime.now(UTC)
    # In this order: taking a screenshot leaves traces in the page.
    snapshot = await _snapshot(page, secrets, now, limit)
    found = ((".html", snapshot), (".png", await _screenshot(page, limit)))
    return await _save(folder, _stem(now, label, secrets), found)


async def save_picture(
    page: Page,
    folder: Path,
    label: str,
    *,
    secrets: Collection[str] = (),
) -> tuple[Path, ...]:
    """Save a screenshot alone, as `save_evidence` does; return the file, or nothing.

    It is a JPEG, which the browser makes in half the time.
    """
    now = datetime.now(UTC)
    found = ((".jpg", await _screenshot(page, CAPTURE_SECONDS, "jpeg")),)
    return await _save(folder, _stem(now, label, secrets), found)


def remove_old_evidence(folder: Path, *, days: float, keep: Collection[Path] = ()) -> int:
    """Remove the evidence in a folder that is older than so many days; return how many files.

    Only what `save_evidence` names so is removed, and nothing that ``keep`` holds. What can't be
    removed is logged. A folder that is not there holds nothing.
    """
    oldest = datetime.now(UTC) - timedelta(days=days)
    kept = {path.name for path in keep if path.parent == folder}
    removed = 0
    try:
        for path in folder.iterdir():
            named = _OURS.fullmatch(path.name)
            if named is None or path.name in kept or not path.is_file():
                continue
            if _saved_at(path, named[1]) < oldest:
                path.unlink(missing_ok=True)
                removed += 1
    except FileNotFoundError:
        return removed
    except OSError as error:
        _log.warning("Old evidence in %s can't be removed: %s", folder, error.strerror)
    return removed


def tidy_evidence(place: Workspace, ledger: Ledger) -> None:
    """Remove evidence older than ``KEEP_EVIDENCE_DAYS`` (0: none) that no open question needs.

    Every live run begins with it. Raises `SettingsError` for an age that is no number.
    """
    days = place.number("KEEP_EVIDENCE_DAYS")
    if not days:
        return
    needed = [place.root / name for name in ledger.open_evidence()]
    if removed := remove_old_evidence(place.screenshots, days=days, keep=needed):
        _log.info("removed %d evidence files older than %g days", removed, days)


def _stem(now: datetime, label: str, secrets: Collection[str]) -> str:
    safe_label = re.sub(r"[^\w.-]+", "-", _redact_text(label, secrets))[:40].strip("-.") or "page"
    return f"{now:%Y%m%d-%H%M%S-%f}Z-{safe_label}"


async def _save(folder: Path, stem: str, found: Collection[tuple[str, bytes]]) -> tuple[Path, ...]:
    files = [(suffix, content) for suffix, content in found if content]
    return await asyncio.to_thread(_write, folder, stem, files)


def _saved_at(path: Path, named: str) -> datetime:
    """Return when evidence was saved: by its name or by its date, whichever is earlier.

    A copy may have lost its date, a name may tell no time.
    """
    dated = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    try:
        return min(dated, datetime.strptime(named, "%Y%m%d-%H%M%S").replace(tzinfo=UTC))
    except ValueError:
        return dated


async def _screenshot(page: Page, limit: float, file_type: Literal["png", "jpeg"] = "png") -> bytes:
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(limit):
            return await page.screenshot(
                type=file_type,
                mask=[page.locator(_MASKED)],
                animations="disabled",
                timeout=limit * 1000,
            )
    except (Error, TimeoutError) as error:
        _log.info("No screenshot: %s", _first_line(error))
        return b""


async def _snapshot(page: Page, secrets: Collection[str], now: datetime, limit: float) -> bytes:
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(limit):
            source = await page.content()
            cookies = await page.context.cookies()
    except (Error, TimeoutError) as error:
        _log.info("No page snapshot: %s", _first_line(error))
        return b""
    # A short cookie ("1", "en") is a preference; taking it out everywhere would wreck the page.
    values = {cookie.get("value", "") for cookie in cookies}
    hidden = {*secrets, *(value for value in values if len(value) >= 8)}
    address = urlsplit(page.url)._replace(query="", fragment="").geturl()
    head = f"Saved from {address} at {now:%Y-%m-%d %H:%M:%S} UTC".replace("--", "- -")
    comment = f"<!-- {_redact_text(html.escape(head), hidden)} -->\n"
    text = f"{comment}{_INERT}{redact_html(source, hidden)}"
    return text.encode("utf-8", errors="replace")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _write(folder: Path, stem: str, files: Collection[tuple[str, bytes]]) -> tuple[Path, ...]:
    saved = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, content in files:
            saved.append(_write_new(folder, stem, suffix, content))
    except OSError as error:
        _log.warning("Evidence can't be saved in %s: %s", folder, error.strerror)
    return tuple(saved)


def _write_new(folder: Path, stem: str, suffix: str, content: bytes) -> Path:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    number = 1
    while True:
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            handle = os.open(path, flags, 0o600)
        except FileExistsError:
            number += 1
            continue
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
        except OSError:
            path.unlink(missing_ok=True)  # half a page would pass for what was seen
            raise
        return path


def _redact_text(text: str, secrets: Collection[str]) -> str:
    """Replace each secret, in whatever mix of escapes it is written."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = re.sub("".join(_written(character) for character in secret), REDACTED, text)
    return text


def _written(character: str) -> str:
    """Return a pattern of the ways to write a character in HTML, in an address, and in JSON."""
    code = ord(character)
    percent = "".join(f"%{byte:02x}" for byte in character.encode("utf-8", errors="replace"))
    ways = [rf"(?i:&#x0*{code:x};?|&#0*{code};?|{percent}|\\u{code:04x})"]
    if code in codepoint2name:
        ways.append(f"&{codepoint2name[code]};")
    if character == " ":
        ways += [r"\+", "&nbsp;"]
    ways.append(rf"\\?{re.escape(character)}")  # last: "&" alone must not stand for "&amp;"
    return f"(?:{'|'.join(ways)})"


class _Redactor(HTMLParser):
    """Writes a page out again as it was, but for what is secret."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self._hides = ""
        """The element whose text is being left out, if any."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._hides:
            return
        self._start(tag, attrs, ">")
        known = dict(attrs)
        if tag == "script" or (tag == "textarea" and _is_sensitive(known)):
            self._hides = tag
            self.out.append(REDACTED)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._hides:
            return
        self._start(tag, attrs, "/>")

    def _start(self, tag: str, attrs: list[tuple[str, str | None]], end: str) -> None:
        known = dict(attrs)
        hides_value = (tag == "input" and _is_sensitive(known)) or (
            tag == "meta" and _SENSITIVE.search(known.get("name") or known.get("property") or "")
        )
        self.out.append(f"<{tag}")
        for name, value in attrs:
            if value is None:
                self.out.append(f" {name}")
                continue
            if (hides_value and name in {"value", "content"}) or _is_private(name):
                shown = REDACTED if value else ""
            else:
                shown = _QUERY_VALUE.sub(_redact_query, value)
            loads = tag in _LOADS and name in _ADDRESSES
            acts = loads or name == "http-equiv" or (name in _FOLLOWED and _runs(value))
            self.out.append(f' {"data-" if acts else ""}{name}="{html.escape(shown)}"')
        self.out.append(end)

    def handle_endtag(self, tag: str) -> None:
        if self._hides in {"", tag}:
            self._hides = ""
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._hides:
            self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        """Leave comments out."""

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")


def _is_sensitive(attributes: dict[str, str | None]) -> bool:
    if (attributes.get("type") or "").casefold() in {"password", "hidden"}:
        return True
    return any(
        _SENSITIVE.search(attributes.get(name) or "") for name in ("name", "id", "autocomplete")
    )


def _runs(value: str) -> bool:
    """Say whether a browser that follows this address runs a program; blanks don't hinder it."""
    return re.sub(r"[\x00-\x20]", "", value[:200]).casefold().startswith(_RUNS)


def _is_private(attribute: str) -> bool:
    return (
        attribute.startswith("on")
        or attribute == "srcdoc"
        or (attribute.startswith("data-") and _SENSITIVE.search(attribute) is not None)
        or attribute == "nonce"
    )


def _redact_query(match: re.Match[str]) -> str:
    if _SENSITIVE.search(match[2]):
        return match[1] + quote(REDACTED, safe="[]")
    return match[0]
