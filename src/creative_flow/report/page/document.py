"""The frame of every page: one file that needs nothing else and can reach nothing."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from creative_flow.report.page.markup import Markup, el, join, text


@cache
def _asset(name: str) -> str:
    return files("creative_flow.report.page").joinpath(name).read_text(encoding="utf-8")


@cache
def _policy() -> str:
    """Return the content security policy: our own style and script run, by their hashes.

    Pictures come from the page itself, or lie beside it as evidence; nothing comes from a network.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "img-src data: file:",
            f"style-src '{_hash(_asset('style.css'))}'",
            f"script-src '{_hash(_asset('script.js'))}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def opening(title: str) -> Markup:
    """Return a page from its first byte to where its content begins."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy()),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="robots", content="noindex"),
        el("title", title),
        el("link", rel="icon", href="data:,"),
        # What these two hold is ours, and their hashes are in the policy.
        Markup(f"<style>{_asset('style.css')}</style>"),
        Markup(f"<script>{_asset('script.js')}</script>"),
    )
    return Markup(f'<!DOCTYPE html>\n<html lang="en">{head}\n<body>\n{_symbols()}\n')


def closing(footer: str) -> Markup:
    """Return the end of a page, with a last line."""
    return Markup(f"<footer>{text(footer)}</footer>\n</body></html>\n")


def _symbols() -> Markup:
    """Return the drawings that stand for what can't be shown."""
    image = el(
        "symbol",
        el("circle", cx="9", cy="9", r="2"),
        el("path", d="M4 19l5-6 4 4 3-3 4 5z"),
        id="p-image",
        viewBox="0 0 24 24",
    )
    video = el("symbol", el("path", d="M9 7l8 5-8 5z"), id="p-video", viewBox="0 0 24 24")
    return el("svg", image, video, class_="symbols", aria_hidden="true")


def section(heading: str, *children: str, id_: str) -> Markup:
    """Return a part of a page with its heading."""
    return el(
        "section",
        el("h2", heading, id=f"{id_}-h"),
        *children,
        id=id_,
        aria_labelledby=f"{id_}-h",
    )


def facts(pairs: list[tuple[str, Markup]]) -> Markup:
    """Return names and values, as a list of definitions."""
    return el(
        "dl",
        join([el("div", el("dt", name), el("dd", value)) for name, value in pairs if value]),
        class_="facts",
    )


def wide(content: Markup, label: str) -> Markup:
    """Return what may be wider than the window, to be moved sideways by itself."""
    return el("div", content, class_="wide", role="region", tabindex=0, aria_label=label)
