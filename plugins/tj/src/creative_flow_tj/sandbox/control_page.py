"""The page under ``/_sandbox/``: the same controls for a person, as plain forms."""

from __future__ import annotations

import html
from collections.abc import Callable
from urllib.parse import urlencode

from aiohttp import web

from creative_flow.errors import SettingsError
from creative_flow_tj.sandbox import control, pages, seeds
from creative_flow_tj.sandbox.campaigns import control as campaigns
from creative_flow_tj.sandbox.forms import form_fields
from creative_flow_tj.sandbox.knobs import Choice, Flag, Knob
from creative_flow_tj.sandbox.media import AD_FORMATS
from creative_flow_tj.sandbox.pages import Html, fill, join
from creative_flow_tj.sandbox.records import Arrival
from creative_flow_tj.sandbox.settings import GROUPS, KNOBS, Settings
from creative_flow_tj.sandbox.sign_in import html_response
from creative_flow_tj.sandbox.site import SITE, Site

ADDRESS = "/_sandbox/"
ARRIVALS_SHOWN = 20


async def show(request: web.Request) -> web.Response:
    """Show the controls."""
    site = request.app[SITE]
    return html_response(render(site, said=request.query.get("said", "")))


async def submit(request: web.Request) -> web.Response:
    """Do what one of the page's forms asks, and show the page again with a word on it."""
    site = request.app[SITE]
    form = await form_fields(request)
    action = ACTIONS.get(form.pop("action", ""))
    if action is None:
        return html_response(render(site, error="There is no such form."), status=400)
    try:
        said = action(site, form)
    except SettingsError as error:
        return html_response(render(site, error=str(error)), status=400)
    location = f"{ADDRESS}?{urlencode({'said': said})}"
    return web.Response(status=303, headers={"Location": location})


def _change_settings(site: Site, form: dict[str, str]) -> str:
    site.settings = site.settings.changed_by_form(form)
    return "The settings are changed. Pages that are open follow when they are loaded again."


def _restore_settings(site: Site, form: dict[str, str]) -> str:
    site.settings = Settings(accounts=site.settings.accounts)
    return "Every setting but the accounts is at its default."


def _order_fault(site: Site, form: dict[str, str]) -> str:
    body: dict[str, object] = {name: value for name, value in form.items() if value}
    for name in ("status", "nth", "count", "seconds"):
        value = form.get(name, "")
        if value.isascii() and value.isdigit():
            body[name] = int(value)
    fault = site.faults.order(body)
    return f"Ordered: {fault.kind} at {fault.path}, request {fault.nth}, {fault.count} times."


def _clear_faults(site: Site, form: dict[str, str]) -> str:
    site.faults.clear()
    return "No fault is ordered any more."


def _solve_captcha(site: Site, form: dict[str, str]) -> str:
    return f"Solved on {site.captchas.solve_all()} open sign-in pages."


def _expire_sessions(site: Site, form: dict[str, str]) -> str:
    return f"Ended {site.state.end_sessions()} sessions."


def _seed_library(site: Site, form: dict[str, str]) -> str:
    body: dict[str, object] = dict(form)
    count = form.get("count", "")
    body["count"] = int(count) if count.isascii() and count.isdigit() else None
    added = site.state.add_creatives(seeds.seeds_of(body, site.settings))
    return f"Added {len(added)} creatives."


def _reset(site: Site, form: dict[str, str]) -> str:
    control.reset(site)
    return "Everything is forgotten but the settings."


ACTIONS: dict[str, Callable[[Site, dict[str, str]], str]] = {
    "settings": _change_settings,
    "defaults": _restore_settings,
    "fault": _order_fault,
    "clear_faults": _clear_faults,
    "captcha": _solve_captcha,
    "expire": _expire_sessions,
    "library": _seed_library,
    "reset": _reset,
}
"""What the forms of the page can ask for."""


def render(site: Site, *, said: str = "", error: str = "") -> str:
    """Return the page, with a word on what was done or what is wrong."""
    counts = site.state.counts()
    faults = [
        Html(f"<li>{html.escape(', '.join(f'{k}: {v}' for k, v in fault.items()))}</li>")
        for fault in site.faults.as_json()
    ]
    content = fill(
        "control.html",
        message=_message(said, error),
        summary=f"{counts.creatives} creatives, {counts.arrivals} files arrived, "
        f"{counts.sessions} sessions",
        settings=_settings_form(site.settings),
        ad_formats=_options(AD_FORMATS),
        accounts=_options(tuple(site.settings.accounts)),
        faults=Html(f"<ul>{join(faults)}</ul>") if faults else Html("<p>None.</p>"),
        campaigns=campaigns.rows(site),
        arrivals=_arrivals(site.state.arrivals(last=ARRIVALS_SHOWN)),
    )
    return pages.layout("Sandbox controls", content)


def _message(said: str, error: str) -> Html:
    if error:
        return Html(f'<p class="error" role="alert">{html.escape(error)}</p>')
    return Html(f'<p class="said" role="status">{html.escape(said)}</p>' if said else "")


def _settings_form(settings: Settings) -> Html:
    titles = {first: title for title, first in GROUPS}
    parts: list[Html] = []
    for name, knob in KNOBS.items():
        if name in titles:
            end = "</fieldset>" if parts else ""
            parts.append(Html(f"{end}<fieldset><legend>{titles[name]}</legend>"))
        parts.append(
            fill(
                "knob.html",
                name=name,
                doc=knob.doc,
                field=_field(name, knob, knob.to_text(getattr(settings, name))),
            )
        )
    return Html(f"{join(parts)}</fieldset>")


def _field(name: str, knob: Knob, value: str) -> Html:
    if isinstance(knob, Choice | Flag):
        words = knob.choices if isinstance(knob, Choice) else ("true", "false")
        return Html(
            f'<select name="{name}" id="knob_{name}">{_options(words, chosen=value)}</select>'
        )
    return Html(f'<input name="{name}" id="knob_{name}" value="{html.escape(value)}">')


def _options(words: tuple[str, ...], *, chosen: str = "") -> Html:
    return join(
        [
            Html(f"<option{' selected' if word == chosen else ''}>{html.escape(word)}</option>")
            for word in words
        ]
    )


def _arrivals(arrivals: list[Arrival]) -> Html:
    rows = [
        fill(
            "arrival_row.html",
            number=str(arrival.number),
            name=arrival.name,
            ad_format=arrival.ad_format,
            size=f"{arrival.size:,}",
            result=arrival.result,
            reason=arrival.reason,
            answer=arrival.answer,
            creative_id=arrival.creative_id,
        )
        for arrival in reversed(arrivals)
    ]
    return join(rows) if rows else Html('<tr><td colspan="7">Nothing has arrived yet.</td></tr>')


ROUTES: list[web.AbstractRouteDef] = [
    web.get("/_sandbox", show),
    web.get(ADDRESS, show),
    web.post(ADDRESS, submit),
]
"""The addresses of the page."""
