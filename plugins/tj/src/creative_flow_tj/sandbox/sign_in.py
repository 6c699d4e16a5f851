"""Signing in and out, and what a page shows to somebody whose session has ended."""

from __future__ import annotations

import hmac

from aiohttp import web

from creative_flow_tj.sandbox import pages
from creative_flow_tj.sandbox.forms import form_fields
from creative_flow_tj.sandbox.site import SESSION_COOKIE, SITE, Site, session_token

AFTER_SIGN_IN = "/dashboard"


def html_response(text: str, status: int = 200) -> web.Response:
    """Return a page as an answer that no cache keeps."""
    return web.Response(
        text=text, content_type="text/html", status=status, headers={"Cache-Control": "no-store"}
    )


def login_page(site: Site) -> web.Response:
    """Return the sign-in page, with a captcha of its own."""
    return html_response(pages.sign_in(site.settings, token=site.captchas.open()))


def session_ended(request: web.Request) -> web.Response:
    """Return what a page shows if nobody is signed in, or no longer."""
    site = request.app[SITE]
    form = site.settings.expired_page
    if form == "missed_you" and session_token(request):
        return html_response(pages.missed_you(site.settings, token=site.captchas.open()))
    location = "/login" if form == "login" and session_token(request) else "/sign-in"
    return web.Response(status=302, headers={"Location": location})


async def show(request: web.Request) -> web.Response:
    """Show the sign-in page, or go on if somebody is signed in."""
    site = request.app[SITE]
    if site.account_of(request):
        return web.Response(status=302, headers={"Location": AFTER_SIGN_IN})
    return login_page(site)


async def submit(request: web.Request) -> web.Response:
    """Sign in with a form's credentials, if its captcha is solved."""
    site = request.app[SITE]
    form = await form_fields(request)
    if site.drift:
        form = site.drift.form(form)
    token, username, password = (form.get(name, "") for name in ("_token", "username", "password"))
    if not site.captchas.solved(token, site.settings):
        return login_page(site)
    site.captchas.close(token)
    expected = site.settings.accounts.get(username)
    if expected is None or not hmac.compare_digest(expected.encode(), password.encode()):
        page = pages.sign_in(
            site.settings, token=site.captchas.open(), message=pages.wrong_credentials()
        )
        return html_response(page)
    answer = web.Response(status=303, headers={"Location": AFTER_SIGN_IN})
    answer.set_cookie(
        SESSION_COOKIE, site.state.start_session(username), httponly=True, samesite="Lax", path="/"
    )
    return answer


async def sign_out(request: web.Request) -> web.Response:
    """End the session."""
    site = request.app[SITE]
    if token := session_token(request):
        site.state.end_sessions(token=token)
    answer = web.Response(status=303, headers={"Location": "/sign-in"})
    answer.del_cookie(SESSION_COOKIE, path="/")
    return answer


async def captcha(request: web.Request) -> web.Response:
    """Tell whether a sign-in page's captcha is solved; with POST, solve it first."""
    site = request.app[SITE]
    token = request.query.get("token", "")
    if request.method == "POST":
        site.captchas.solve(token)
    return web.json_response({"solved": site.captchas.solved(token, site.settings)})
