"""The site's HTML. Cards are templates, filled here or by the page's script."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from .knobs import AD_FORMATS, AdFormat, Knobs
from .store import SiteCreative

ASSETS = Path(__file__).parent / "assets"
SECTIONS = {
    "in_stream_video": "In-Stream Videos",
    "native": "Native",
    "static": "Static Banners",
    "video": "Video Banners",
}
NATIVE_TYPES: dict[str, AdFormat] = {"0": "native_image", "1": "native_video"}

PLAIN_CARD = """\
<div class="creativeContainer globalCreativeContainer" data-id="[[id]]" \
data-review-status="[[status]]">
<label class="creativeName checkboxLabel mb-0"{title}>[[name]]</label>
<span class="bannerId">[[id]]</span>
{details}<span class="reviewStatus" data-review-status="[[status]]">[[status]]</span></div>"""

WRAPPED_CARD = """\
<article><div data-review-status="[[status]]" data-id="[[id]]" \
class="card h-100 globalCreativeContainer creativeContainer">
  <figure><img src="/assets/thumb.svg" alt=""></figure>
  <div class="form-check">
    <input type="checkbox" id="pick[[id]]">
    <label for="pick[[id]]"{title} class="mb-0 checkboxLabel creativeName">
      [[name]]
    </label>
  </div>
  <dl>
    <dt>ID</dt><dd><span class="small bannerId"> [[id]] </span></dd>
    <dt>Status</dt><dd><span data-review-status="[[status]]" class="badge reviewStatus">\
<i></i> [[status]]</span></dd>
  </dl>
  <p>{details}</p>
</div></article>"""

ROWS = {"table": '<tr role="row"><td>{}</td></tr>', "grid": "<div>{}</div>", "list": "<li>{}</li>"}
MESSAGES = {
    "table": '<tr class="odd"><td class="dataTables_empty" colspan="1">{}</td></tr>',
    "grid": '<p class="emptyState">{}</p>',
    "list": '<li class="nothing">{}</li>',
}
BODIES = {
    "table": '<table class="dataTable"><tbody data-rows>{}</tbody></table>',
    "grid": '<div class="mediaGrid" data-rows>{}</div>',
    "list": '<ul class="mediaList" data-rows>{}</ul>',
}
CLOSE_X = (
    '<button type="button" class="close" data-dismiss="modal" aria-label="Close">'
    '<span aria-hidden="true">×</span></button>'
)
CLOSERS = {
    "x": CLOSE_X,
    "self": CLOSE_X,
    "done": '<button type="button" class="greenButton" data-dismiss="modal">Done</button>',
    "escape": "",
}


def as_json(value: object) -> str:
    """Return JSON that can stand inside a script element."""
    return json.dumps(value).replace("<", "\\u003c")


def section_of(ad_format: AdFormat) -> str:
    """Return the library section in which an ad format is listed."""
    return "native" if ad_format.startswith("native") else ad_format.removesuffix("_banner")


def ad_format_of(section: str, native_type: str | None, knobs: Knobs) -> AdFormat:
    """Return what an address's `tab` and `native_type` stand for; unknown ones: the default."""
    if section == "native":
        return NATIVE_TYPES.get(native_type or "", knobs.default_native)
    return next((f for f in AD_FORMATS if section_of(f) == section), knobs.default_tab)


# --- the library's list


def card_template(knobs: Knobs, ad_format: AdFormat) -> str:
    """Return an ad format's card, with its row; in-stream and video cards tell less."""
    details = ""
    if ad_format != "in_stream_video":
        details += '<span class="dimensions">[[dimensions]]</span> '
    if ad_format not in {"in_stream_video", "video_banner"}:
        details += '<span class="fileType">[[type]]</span> '
    title = "" if knobs.title == "absent" else ' title="[[title]]"'
    card = PLAIN_CARD if knobs.card == "plain" else WRAPPED_CARD
    return ROWS[knobs.wrap].format(card.format(title=title, details=details))


def row(creative: SiteCreative, knobs: Knobs) -> dict[str, str]:
    """Return the texts that fill a creative's card, not escaped."""
    name, cut = creative.name, knobs.text_cut
    return {
        "id": creative.id,
        "name": name if cut is None or len(name) <= cut else name[:cut] + "…",
        "title": escape(name) if knobs.title == "escaped_twice" else name,
        "status": creative.review_status,
        "dimensions": f"{creative.media.width}x{creative.media.height}",
        "type": ("." if knobs.dotted_type else "") + creative.media.file_type,
    }


def fill(template: str, texts: Mapping[str, str]) -> str:
    """Fill a template's [[fields]], escaped."""
    return re.sub(r"\[\[(\w+)\]\]", lambda field: escape(texts[field[1]]), template)


def pager(knobs: Knobs, page: int, pages: int) -> str:
    """Return the links to the other pages."""
    if knobs.pager == "sparse" and pages == 1:
        return ""
    links = [("Previous", page - 1), *((str(n), n) for n in range(1, pages + 1))]
    items = []
    for text, to in [*links, ("Next", page + 1)]:
        off = not 1 <= to <= pages
        state = " disabled" if off and knobs.pager != "aria" else " active" if to == page else ""
        aria = ' aria-disabled="true" tabindex="-1"' if off else ""
        items.append(
            f'<li class="page-item{state}">'
            f'<a class="page-link" href="#" data-page="{to}"{aria}>{text}</a></li>'
        )
    return f'<ul class="pagination">{"".join(items)}</ul>'


def message(knobs: Knobs, text: str | None) -> str:
    """Return the row that stands in place of cards, if there is a text for it."""
    return "" if text is None else MESSAGES[knobs.wrap].format(text)


def rows_html(knobs: Knobs, ad_format: AdFormat, creatives: Sequence[SiteCreative]) -> str:
    """Return a page's cards, or the empty sign."""
    template = card_template(knobs, ad_format)
    cards = [fill(template, row(creative, knobs)) for creative in creatives]
    return "\n".join(cards) or message(knobs, knobs.empty_sign)


def listing(knobs: Knobs, rows: str, links: str) -> str:
    """Return the inside of a pane."""
    return f"{BODIES[knobs.wrap].format(rows)}<footer data-pager>{links}</footer>"


# --- whole pages


def page(title: str, body: str, knobs: Knobs, *, account: str | None = None) -> str:
    """Return a page around its body; with the account's name where the site shows it."""
    who = ""
    if account is not None and knobs.show_account == "header":
        who = f'<span class="accountName">{escape(account)}</span>'
    elif account is not None and knobs.show_account == "menu":
        who = f'<div class="dropdown-menu" hidden>Signed in as <b>{escape(account)}</b></div>'
    decoy = '<input type="file" id="companyLogo" hidden>' if knobs.decoy_input else ""
    everywhere = knobs.cookie_banner == "everywhere"
    banner = ""
    if everywhere or (knobs.cookie_banner == "sign-in" and account is None):
        banner = '<div id="consent"><p>We use cookies.</p><button>Accept All</button></div>'
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/site.css"></head>'
        f'<body><header><a href="/campaigns">Home</a> <a href="/media-library">Media</a> {who}'
        f'{decoy}</header><main>{body}</main>{banner}<script src="/assets/consent.js"></script>'
        "</body></html>"
    )


def sign_in(knobs: Knobs, nonce: str, problem: str = "") -> str:
    """Return the sign-in page; the captcha is known by its nonce."""
    off = "" if knobs.captcha == "none" else " disabled"
    config = as_json({"fetch": knobs.sign_in_by == "fetch", "nonce": nonce})
    return page(
        "Sign in",
        f'<h2>Welcome</h2><p id="problem" role="alert">{escape(problem)}</p>'
        '<form method="post" action="/sign-in" id="signIn">'
        '<input name="username" placeholder="USERNAME OR EMAIL" autocomplete="username">'
        '<input type="password" name="password" placeholder="PASSWORD">'
        f'<input type="hidden" name="captcha" value="{nonce}"><div class="g-recaptcha"></div>'
        f'<input id="submitBtn" type="submit" value="LOG IN"{off}></form>'
        f'<script type="application/json" id="config">{config}</script>'
        '<script src="/assets/sign-in.js"></script>',
        knobs,
    )


def missed_you(knobs: Knobs, problem: str = "") -> str:
    """Return the page that greets a session that has ended."""
    return page(
        "Log in",
        f"<h1>We missed you</h1><p>{escape(problem)}</p>"
        '<form method="post" action="/login?again=1"><input name="username" type="text">'
        '<input name="password" type="password"><button>Continue</button></form>',
        knobs,
    )


def landing(knobs: Knobs, account: str) -> str:
    """Return the page after signing in."""
    if knobs.landing == "campaigns":
        body = "<h1>ALL CAMPAIGNS</h1>"
    else:
        body = "<h1>Overview</h1><aside>Account Balance <b>$0.00</b></aside>"
    return page("Overview", body, knobs, account=account)


def library(knobs: Knobs, account: str, ad_format: AdFormat, inside: str, links: str) -> str:
    """Return the media library; `inside` and `links` fill the chosen section's list."""
    tabs, panes, section = "", "", section_of(ad_format)
    for name, title in SECTIONS.items():
        tabs += f'<li><a id="{name}_tab" href="#{name}" role="tab">{title}</a></li>'
        mine = (inside, links) if name == section else ("", "")
        here = "" if name == section else " hidden"
        panes += f'<section id="{name}" class="tab-pane"{here}>{listing(knobs, *mine)}</section>'
    if knobs.panes == "single":
        panes = f'<section id="libraryList">{listing(knobs, inside, links)}</section>'
    picked = NATIVE_TYPES["1"] if ad_format == "native_video" else NATIVE_TYPES["0"]
    if section != "native":
        picked = knobs.default_native
    natives = ""
    for value, kind, text in (("1", "rollover", "Videos"), ("0", "static", "Images")):
        checked = " checked" if NATIVE_TYPES[value] == picked else ""
        natives += (
            f'<label class="btn"><input type="radio" name="native_type" id="native_{kind}" '
            f'value="{value}"{checked} autocomplete="off">{text}</label>'
        )
    config = {
        **knobs.for_script(),
        "ad_format": ad_format,
        "templates": {name: card_template(knobs, name) for name in AD_FORMATS},
        "loading": message(knobs, "Loading..."),
        "empty": message(knobs, knobs.empty_sign),
    }
    body = (
        f'<h1>MEDIA LIBRARY</h1><ul class="nav nav-tabs" role="tablist">{tabs}</ul>'
        f'<div id="nativeTypes" hidden>{natives}</div><p id="toast" role="status" hidden></p>'
        f'<button id="newImage" type="button">Upload New Creatives</button>{panes}'
        '<div id="uploadPanel" class="modal" role="dialog" hidden><h4>Add to your library</h4>'
        f'{CLOSERS[knobs.panel_close]}<div class="dropzone"><p>Drop files here or '
        '<span class="smallButton greyButton">Browse your computer</span></p></div>'
        '<div class="processingMessage customMessage" hidden>Your files are being processed</div>'
        f'</div><script type="application/json" id="config">{as_json(config)}</script>'
        '<script src="/assets/library.js"></script><script src="/assets/panel.js"></script>'
    )
    return page("Media Library", body, knobs, account=account)
