"""One look at a page: what of all that the plugin relies on is found there, and how.

A look waits for nothing and changes nothing. Where something is missing, or found only by a
fallback, it suggests what a person would recognize, once that is proved to find exactly that.
"""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from creative_flow.checks import Check, CheckState, Tried
from creative_flow_tj.scripts import joined

if TYPE_CHECKING:
    from playwright.async_api import Page

    from creative_flow_tj.site import Site

SIGN_IN = "Sign-in page"
LIBRARY = "Media library"
LIST = "Media library, list"
PANEL = "Upload panel"


@frozen
class Wanted:
    """Something that should stand on a page.

    ``kind`` is how a person recognizes it (doctor_elements.js); ``unseen`` says why it may rightly
    not be there, and then it is not missing.
    """

    key: str
    kind: str
    needed: bool = True
    visible: bool = True
    unseen: str = ""


ON_SIGN_IN = (
    Wanted("selectors.overlay.close", "", needed=False, unseen="nothing covers the page"),
    Wanted("selectors.sign_in.username", "username"),
    Wanted("selectors.sign_in.password", "password"),
    Wanted("selectors.sign_in.submit", "submit"),
)
ON_PANEL = (
    Wanted("selectors.upload.browse", "browse"),
    Wanted("selectors.upload.input", "file", visible=False),
)
ACCOUNT = Wanted(
    "selectors.sign_in.account_name", "", needed=False, unseen="the page shows no account"
)
OPEN = Wanted("selectors.upload.open", "button")


def tabs_of(site: Site) -> tuple[Wanted, ...]:
    """Return the tabs of the media library."""
    return tuple(Wanted(f"formats.{name}.tab", "tab") for name in site.formats)


def sub_tabs_of(site: Site, ad_format: str) -> tuple[Wanted, ...]:
    """Return what chooses an ad format within its tab; nothing if the tab has no parts."""
    where = f"formats.{ad_format}"
    if not site.has(f"{where}.sub_tab"):
        return ()
    return (
        Wanted(f"{where}.sub_tab", "sub_tab"),
        Wanted(f"{where}.sub_input", "radio", visible=False),
    )


class Look:
    """Looks at one page."""

    def __init__(self, page: Page, site: Site) -> None:
        self._page = page
        self._site = site

    # ── Single elements ──────────────────────────────────────────────────────────────────────────

    async def elements(self, where: str, wanted: Sequence[Wanted]) -> list[Check]:
        """Look for all of the elements at once."""
        await self._page.evaluate("() => { window.__doctor = {}; }")
        ranks = await asyncio.gather(*(self._rank(each) for each in wanted))
        checks = [self._check(each, where, rank) for each, rank in zip(wanted, ranks, strict=True)]
        open_ = [
            each for each, check in zip(wanted, checks, strict=True) if each.kind and _asks(check)
        ]
        suggested = await self._suggested(open_)
        return [evolve(it, suggestion=suggested.get(it.key, "")) for it in checks]

    async def heading(self, where: str, key: str = "texts.library_heading") -> Check:
        """Look for the words that tell a page, the media library's mostly, from any other."""
        known = self._site.words(key)
        text = _folded(await self._page.locator("body").inner_text())
        tried = tuple(Tried(phrase, "texts") for phrase in known)
        for phrase in known:
            if _folded(phrase) in text:
                return Check(key, where, CheckState.FOUND, tried=tried)
        wanted = [{"key": key, "kind": "heading", "pattern": self._pattern(key, ".")}]
        found = (await self._ask("elements", wanted=wanted))[key]
        suggestion = toml_line(key, [*known, *found]) if found and found[0] else ""
        return Check(key, where, CheckState.MISSING, tried=tried, suggestion=suggestion)

    async def _rank(self, wanted: Wanted) -> int:
        """Return the place of the first way that finds something, -1 if none does."""
        ranked = self._site.ranked(wanted.key)
        counts = await asyncio.gather(
            *(self._count(way.selector, visible=wanted.visible) for way in ranked)
        )
        return next((rank for rank, count in enumerate(counts) if count), -1)

    async def _count(self, selector: str, *, visible: bool) -> int:
        found = self._page.locator(selector)
        return await (found.filter(visible=True) if visible else found).count()

    def _check(self, wanted: Wanted, where: str, rank: int) -> Check:
        check = self.check(wanted.key, where, rank, needed=wanted.needed)
        if rank < 0 and wanted.unseen:
            return evolve(check, state=CheckState.NOT_CHECKED, why=wanted.unseen)
        return check

    async def _suggested(self, open_: Sequence[Wanted]) -> dict[str, str]:
        """Return a line of TOML for each thing that can be found in a better way."""
        if not open_:
            return {}
        for wanted in open_:
            rank = await self._rank(wanted)
            if rank >= 0:
                found = self._page.locator(self._site.ranked(wanted.key)[rank].selector)
                found = found.filter(visible=True) if wanted.visible else found
                await found.first.evaluate(
                    "(it, key) => { window.__doctor[key] = it; }", wanted.key
                )
        asked = [{"key": it.key, "kind": it.kind, "pattern": self._pattern(it.key)} for it in open_]
        offered = await self._ask("elements", wanted=asked)
        proved = await asyncio.gather(*(self._proved(it, offered[it.key]) for it in open_))
        return {
            wanted.key: toml_line(wanted.key, [way])
            for wanted, way in zip(open_, proved, strict=True)
            if way
        }

    def _pattern(self, key: str, default: str = "(?!)") -> str:
        where = f"recognize.{key}"
        return self._site.text(where) if self._site.has(where) else default

    async def _proved(self, wanted: Wanted, offered: Iterable[str]) -> str:
        """Return the first way that finds the recognized element and nothing else."""
        from playwright.async_api import Error

        for way in offered:
            found = self._page.locator(way)
            found = found.filter(visible=True) if wanted.visible else found
            try:
                if await found.evaluate_all(
                    "(them, key) => them.length === 1 && them[0] === window.__doctor[key]",
                    wanted.key,
                ):
                    return way
            except Error:
                continue  # a page's own words may make no valid selector
        return ""

    # ── The list ─────────────────────────────────────────────────────────────────────────────────

    async def parts(self) -> dict[str, dict[str, Any]]:
        """Look at every part of the list; see doctor_list.js for what is told of each."""
        site = self._site
        parts: dict[str, dict[str, Any]] = await self._ask(
            "list",
            css=site.css("list"),
            idPattern=site.text("limits.id_pattern"),
            pageSize=site.number("limits.page_size"),
            patterns=site.data["recognize"]["list"],
        )
        return parts

    async def chosen(self, tabs: Sequence[object], index: int) -> dict[str, Any]:
        """Look what marks one of the tabs, which are elements of the page, as the chosen one."""
        found: dict[str, Any] = await self._ask(
            "chosen", css=self._site.css("tab"), tabs=list(tabs), index=index
        )
        return found

    async def ads(self) -> dict[str, dict[str, Any]]:
        """Look at every part of a campaign's table of ads, as `parts` does at the list."""
        site = self._site
        parts: dict[str, dict[str, Any]] = await self._ask(
            "ads",
            css=site.css("ads"),
            idPattern=site.text("limits.id_pattern"),
            patterns=site.data["recognize"]["ads"],
        )
        return parts

    def list_checks(
        self, table: str, seen: Mapping[str, Mapping[str, Any]], where: str = LIST
    ) -> list[Check]:
        """Put together what was seen of each part, list by list; ``seen`` is by the list's title.

        What only some cards show is found if any list shows it; all else must be right in each.
        """
        names = list(dict.fromkeys(name for parts in seen.values() for name in parts))
        return [
            self._together(f"{table}.{name}", {k: it[name] for k, it in seen.items()}, where)
            for name in names
        ]

    def _together(self, key: str, seen: Mapping[str, Mapping[str, Any]], where: str) -> Check:
        told = {title: part for title, part in seen.items() if part["rank"] is not None}
        needed = any(part["needed"] for part in (told or seen).values())
        if not told:
            why = next(iter(seen.values()))["why"]
            check = self.check(key, where, -1, needed=needed)
            return evolve(check, state=CheckState.NOT_CHECKED, why=why)
        if not needed and any(part["rank"] >= 0 for part in told.values()):
            told = {title: part for title, part in told.items() if part["rank"] >= 0}
        ranks = [part["rank"] for part in told.values()]
        check = self.check(key, where, -1 if -1 in ranks else max(ranks), needed=needed)
        odd = {title: part for title, part in told.items() if part["rank"] not in {0, None}}
        if check.state is CheckState.FOUND or not _asks(check):
            return check
        whys = [part["why"] for part in odd.values() if part["why"]]
        here = "" if len(odd) == len(told) else f"on {', '.join(odd)}"
        wrong = {way for part in seen.values() for way in part.get("wrong", ())}
        better = [[way for way in part["better"] if way not in wrong] for part in odd.values()]
        ways = _in_common([ways for ways in better if ways])
        if not ways and check.state is CheckState.FALLBACK:
            ways = [check.tried[check.rank].selector]
        return evolve(
            check,
            why="; ".join(filter(None, [here, *whys[:1]])),
            suggestion=toml_line(key, ways) if ways else "",
        )

    # ── Both ─────────────────────────────────────────────────────────────────────────────────────

    def check(self, key: str, where: str, rank: int, *, needed: bool = True) -> Check:
        """Return what a rank means: -1 missing, 0 found, more a fallback."""
        tried = tuple(Tried(way.selector, way.source) for way in self._site.ranked(key))
        states = {-1: CheckState.MISSING, 0: CheckState.FOUND}
        state = states.get(rank, CheckState.FALLBACK)
        return Check(key, where, state, needed=needed, tried=tried, rank=max(rank, 0))

    async def _ask(self, want: str, **more: object) -> Any:  # noqa: ANN401 - the script's answer
        return await self._page.evaluate(joined("doctor_ways.js", f"doctor_{want}.js"), more)


async def sign_in_page(page: Page, site: Site) -> tuple[Check, ...]:
    """Look at the sign-in page as it is now."""
    return tuple(await Look(page, site).elements(SIGN_IN, ON_SIGN_IN))


async def library_page(page: Page, site: Site, key: str = "") -> tuple[Check, ...]:
    """Look at the media library as it is now. ``key`` is what was looked for last."""
    here = Look(page, site)
    heading = await here.heading(LIBRARY)
    checks = [evolve(heading, needed=key == heading.key)]
    part = key.split(".")
    sub_tabs = sub_tabs_of(site, part[1]) if key.endswith((".sub_tab", ".sub_input")) else ()
    checks += await here.elements(LIBRARY, (*tabs_of(site), *sub_tabs, OPEN))
    if key in {each.key for each in ON_PANEL}:
        checks += either(await here.elements(PANEL, ON_PANEL))
    return (*checks, *here.list_checks("css.list", {"": await here.parts()}))


def either(checks: Sequence[Check]) -> list[Check]:
    """Say of several ways to do one thing that none is needed if another is there."""
    there = any(check.state in {CheckState.FOUND, CheckState.FALLBACK} for check in checks)
    return [evolve(check, needed=check.needed and not there) for check in checks]


def unseen(site: Site, key: str, where: str, why: str) -> Check:
    """Return a check of something that could not be looked for."""
    value = site.words(key) if key.startswith("texts.") else ()
    tried = tuple(Tried(word, "texts") for word in value) or tuple(
        Tried(way.selector, way.source) for way in site.ranked(key)
    )
    return Check(key, where, CheckState.NOT_CHECKED, needed=False, tried=tried, why=why)


def short_form(checks: Iterable[Check]) -> str:
    """Return in a few words what of the needed things is missing, and what is on a fallback."""
    needed = [check for check in checks if check.needed]
    told = (
        ("missing", [it.key for it in needed if it.state is CheckState.MISSING]),
        ("by a fallback", [it.key for it in needed if it.state is CheckState.FALLBACK]),
    )
    return "; ".join(f"{what}: {', '.join(keys)}" for what, keys in told if keys)


def suggested_selector(check: Check) -> str:
    """Return the selector that a check of a single element suggests."""
    return str(tomllib.loads(check.suggestion)[check.key.rpartition(".")[2]])


def toml_line(key: str, values: Sequence[str]) -> str:
    """Return one line that sets a key in its table."""
    shown = [_toml_text(value) for value in values]
    name = key.rpartition(".")[2]
    many = len(shown) > 1 or key.startswith("texts.")
    return f"{name} = [{', '.join(shown)}]" if many else f"{name} = {shown[0]}"


def _toml_text(text: str) -> str:
    if "'" not in text and text.isprintable():
        return f"'{text}'"
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    plain = (it if it.isprintable() else f"\\U{ord(it):08X}" for it in escaped)
    return f'"{"".join(plain)}"'


def _asks(check: Check) -> bool:
    """Say whether something better should be suggested."""
    return check.state is CheckState.MISSING or (
        check.needed and check.state is CheckState.FALLBACK
    )


def _in_common(offered: Sequence[Sequence[str]]) -> list[str]:
    """Return one way that is right on every list, else the best one of each."""
    if not offered:
        return []
    for way in offered[0]:
        if all(way in others for others in offered):
            return [way]
    return list(dict.fromkeys(ways[0] for ways in offered))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
