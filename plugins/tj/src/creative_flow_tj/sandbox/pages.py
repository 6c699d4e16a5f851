"""The pages of the site as HTML. Every value that goes into a template is escaped here."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template

from creative_flow_tj.sandbox.records import StoredCreative
from creative_flow_tj.sandbox.settings import Settings

BANNER = "SANDBOX — a stand-in for rehearsal; nothing here reaches TrafficJunky"
ELLIPSIS = "…"
REJECT_REASON = "The text in the picture can not be read."

_PAGE_SETTINGS = (
    "first_list",
    "loading_sign",
    "list_failure",
    "panel_close",
    "file_input_in",
    "previews_kept",
    "busy_message",
    "parallel_uploads",
    "files_at_once",
    "upload_timeout_seconds",
    "batch_seconds",
    "list_refresh",
    "max_file_bytes",
)


class Html(str):
    """Text that is HTML already, and goes into a template as it is."""

    __slots__ = ()


@cache
def web_file(name: str) -> str:
    """Return the text of a file of the package's folder ``web``."""
    return files(__package__).joinpath("web", name).read_text(encoding="utf-8")


_NOTHING = Html("")


def fill(template: str, /, **values: str) -> Html:
    """Fill a template of the folder ``web``; values are escaped unless they are `Html`."""
    escaped = {
        key: value if isinstance(value, Html) else html.escape(value)
        for key, value in values.items()
    }
    return Html(Template(web_file(template)).substitute(escaped))


def join(parts: Sequence[Html]) -> Html:
    """Put pieces of HTML one after the other."""
    return Html("".join(parts))


def layout(title: str, content: Html, *, header: Html = _NOTHING, script: str = "") -> str:
    """Return a whole page: the sandbox's banner, a header, the content."""
    tag = Html(f'<script type="module" src="/assets/{script}"></script>' if script else "")
    return fill(
        "layout.html", title=title, banner=BANNER, header=header, content=content, script=tag
    )


def header(account: str, settings: Settings, *, current: str) -> Html:
    """Return the header of a page for somebody who is signed in."""
    name = Html(f'<span class="accountName">{html.escape(account)}</span>')
    parts = {"header": name, "menu": fill("account_menu.html", name=name), "none": _NOTHING}
    links = [("/campaigns", "Campaigns"), ("/media-library", "Media Library")]
    navigation = [
        Html(f'<a href="{address}"{" aria-current=page" if address == current else ""}>{text}</a>')
        for address, text in links
    ]
    return fill("header.html", navigation=join(navigation), account=parts[settings.account_name])


def sign_in(settings: Settings, *, token: str, message: Html = _NOTHING) -> str:
    """Return the sign-in page."""
    banner = fill("cookie_banner.html") if settings.cookie_banner else _NOTHING
    content = fill(
        "sign_in.html",
        form=_sign_in_form(settings, token=token, action="/sign-in"),
        message=message,
        cookie_banner=banner,
    )
    return layout("Sign in", content, script="sign_in.js")


def wrong_credentials() -> Html:
    """Return what the sign-in page says of a wrong user name or password."""
    return fill("wrong_credentials.html")


def missed_you(settings: Settings, *, token: str) -> str:
    """Return the page that stands in place of another when the session has ended."""
    content = fill("missed_you.html", form=_sign_in_form(settings, token=token, action="/login"))
    return layout("TrafficJunky", content, script="sign_in.js")


def _sign_in_form(settings: Settings, *, token: str, action: str) -> Html:
    captcha = _NOTHING if settings.captcha == "none" else fill("captcha.html")
    disabled = Html("" if settings.captcha == "none" else ' disabled=""')
    return fill("sign_in_form.html", token=token, action=action, captcha=captcha, disabled=disabled)


def dashboard(account: str, settings: Settings, *, campaigns: int = 0) -> str:
    """Return the page that follows a sign-in; it tells how many campaigns there are."""
    return layout(
        "Dashboard",
        fill("dashboard.html", campaigns=str(campaigns)),
        header=header(account, settings, current="/dashboard"),
        script="menu.js",
    )


def notice(title: str, text: str) -> str:
    """Return a page that says one thing."""
    return layout(title, fill("notice.html", title=title, text=text))


def media_library(account: str, settings: Settings, *, page: str, first: CreativeList) -> str:
    """Return the media library. ``page`` is a token that its uploads carry."""
    values = settings.as_json()
    page_settings = {name: values[name] for name in _PAGE_SETTINGS} | {"page": page}
    content = fill(
        "media_library.html",
        rows=first.rows,
        sign=first.sign,
        foot=first.foot,
        panel=fill(
            "upload_panel.html", panel_close=settings.panel_close, preview=fill("preview.html")
        ),
        page_settings=Html(json.dumps(page_settings).replace("<", "\\u003c")),
    )
    return layout(
        "Media Library",
        content,
        header=header(account, settings, current="/media-library"),
        script="media_library.js",
    )


class CreativeList:
    """One page of a list as HTML: ``rows`` of the table, the empty ``sign``, the ``foot``."""

    def __init__(self, rows: Html, sign: Html, foot: Html) -> None:
        self.rows = rows
        self.sign = sign
        self.foot = foot

    @classmethod
    def blank(cls) -> CreativeList:
        """Return what stands before the first background request has been answered."""
        return cls(_NOTHING, _NOTHING, _NOTHING)

    @classmethod
    def of(
        cls, creatives: Sequence[StoredCreative], settings: Settings, *, page: int, total: int
    ) -> CreativeList:
        """Return one page of a list of ``total`` creatives."""
        rows = join(
            [Html(f"<tr><td>{card(creative, settings)}</td></tr>") for creative in creatives]
        )
        sign = _NOTHING
        if not creatives:
            if settings.empty_sign == "table_row":
                rows = fill("empty_row.html")
            else:
                sign = fill("empty.html")
        per_page = settings.cards_per_page
        before = (page - 1) * per_page
        first, last = (before + 1, before + len(creatives)) if creatives else (0, 0)
        foot = fill(
            "list_foot.html",
            info=f"Showing {first} to {last} of {total} entries" if settings.list_total else "",
            links=_paging(page, max(1, -(-total // per_page))),
        )
        return cls(rows, sign, foot)

    def as_json(self) -> Mapping[str, str]:
        """Return the parts as the page's script takes them."""
        return {"rows": self.rows, "sign": self.sign, "foot": self.foot}


def card(creative: StoredCreative, settings: Settings) -> Html:
    """Return one creative's card."""
    name = shown_name(creative.name, settings)
    cut = cut_name(name, settings)
    status = creative.review_status
    why = settings.reject_reason if status == "rejected" else "none"
    details = _details(creative, settings)
    if why == "text":
        details = join([details, Html(f'\n    <span class="reviewReason">{REJECT_REASON}</span>')])
    return fill(
        "card.html",
        id=creative.id,
        reason=Html(f' data-review-reason="{REJECT_REASON}"' if why == "attribute" else ""),
        title=cut if settings.name_limit_in == "both" else name,
        name=cut,
        status=status,
        status_text=status.capitalize(),
        details=details,
        thumbnail=_thumbnail(creative, settings),
    )


def shown_name(name: str, settings: Settings) -> str:
    """Return a name as the site shows it, not cut yet."""
    return " ".join(name.split()) if settings.fold_white_space else name


def cut_name(name: str, settings: Settings) -> str:
    """Return a name cut to the length that the site shows."""
    limit = settings.name_limit
    return name if not limit or len(name) <= limit else name[:limit] + ELLIPSIS


def _details(creative: StoredCreative, settings: Settings) -> Html:
    """In-stream cards tell neither dimensions nor type, video banners no type."""
    details = []
    if creative.ad_format != "in_stream_video":
        details.append(f'<span class="dimensions">{creative.dimensions}</span>')
        if creative.ad_format != "video_banner":
            file_type = f"{'.' if settings.file_type_dot else ''}{html.escape(creative.file_type)}"
            details.append(f'<span class="fileType">{file_type}</span>')
    return Html("\n    ".join(details))


def _thumbnail(creative: StoredCreative, settings: Settings) -> Html:
    if not settings.thumbnails or not creative.sha256:
        return Html('<span class="noThumbnail"></span>')
    return Html(f'<img src="/media-library/thumbnail/{creative.id}" alt="" loading="lazy">')


def _paging(page: int, last: int) -> Html:
    """Links as DataTables has them: previous, some numbers around this page, next."""
    numbers = sorted({1, last, *range(max(1, page - 1), min(last, page + 1) + 1)})
    items = [_page_link("Previous", page - 1, disabled=page <= 1)]
    before = 0
    for number in numbers:
        if number > before + 1:
            items.append(_page_link(ELLIPSIS, 0, disabled=True))
        items.append(_page_link(str(number), number, active=number == page))
        before = number
    items.append(_page_link("Next", page + 1, disabled=page >= last))
    return join(items)


def _page_link(text: str, page: int, *, disabled: bool = False, active: bool = False) -> Html:
    marks = f"{' disabled' if disabled else ''}{' active' if active else ''}"
    target = "" if disabled or active else f' data-page="{page}"'
    return Html(
        f'<li class="paginate_button page-item{marks}">'
        f'<a class="page-link" href="#"{target}>{text}</a></li>'
    )
