"""Everything the known facts leave open about the site, as one set of knobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Literal, get_args

from attrs import asdict, define, filters

AdFormat = Literal[
    "static_banner", "video_banner", "in_stream_video", "native_image", "native_video"
]
AD_FORMATS: tuple[AdFormat, ...] = get_args(AdFormat)


def without_extension(filename: str) -> str:
    """Return the name under which a file is shown."""
    return PurePosixPath(filename).stem


@define(kw_only=True)
class Knobs:
    """One way for the site to be; every field may be changed while it runs.

    Times are in seconds. `two_origins` is read by `OtherSite.start` only.
    """

    # Signing in
    two_origins: bool = False
    captcha: Literal["auto", "endpoint", "none"] = "auto"
    captcha_s: float = 0.2  # until the "auto" captcha is solved
    sign_in_by: Literal["form", "fetch"] = "fetch"
    landing: Literal["campaigns", "dashboard", "home"] = "dashboard"
    cookie_banner: Literal["none", "sign-in", "everywhere"] = "none"
    show_account: Literal["header", "menu", "nowhere"] = "header"
    single_session: bool = False  # a new sign-in ends the older sessions

    # A session that has ended: what a page, a background request and the script then do
    expiry: Literal["redirect", "missed_you", "login_path"] = "missed_you"
    background_expiry: Literal["401", "redirect"] = "401"
    on_401: Literal["silent", "message", "navigate"] = "silent"

    # The library's tabs
    tabs: Literal["inplace", "query", "hash"] = "inplace"
    panes: Literal["single", "per_tab"] = "single"  # per_tab: hidden panes keep their cards
    chosen_mark: Literal["a", "li", "aria"] = "li"
    default_tab: AdFormat = "static_banner"
    default_native: Literal["native_image", "native_video"] = "native_image"
    remember_tab: bool = False  # in a cookie

    # The library's list
    first_list: Literal["server", "xhr"] = "server"
    list_data: Literal["json", "html"] = "json"
    page_size: int = 12
    list_latency_s: float = 0.15
    linger_s: float = 0.05  # the old cards stand at least so long while a list is on its way
    while_loading: Literal["keep", "loading_row", "empty_flash", "clear"] = "keep"
    render_after_s: float = 0.0  # between a list's arrival and its cards' change
    list_error: Literal["silent", "alert", "text"] = "silent"
    empty_sign: str | None = "You have no creatives yet"
    wrap: Literal["table", "grid", "list"] = "grid"
    pager: Literal["bootstrap", "aria", "sparse"] = "bootstrap"  # "aria" has no `.disabled`

    # A card
    card: Literal["plain", "wrapped"] = "wrapped"
    title: Literal["plain", "absent", "escaped_twice"] = "plain"
    text_cut: int | None = None  # characters of the label's text; the title stays whole
    dotted_type: bool = True
    shown_name: Callable[[str], str] = without_extension  # file name to name in the library

    # The upload panel
    panel_close: Literal["x", "done", "escape", "self"] = "done"  # "self" has an × as well
    panel_anim_s: float = 0.15
    file_input: Literal["panel", "body"] = "body"
    decoy_input: bool = False  # another file input, of the page's header
    clear_on_open: bool = False  # else the previews of earlier batches are still there
    preview_names: Literal["text", "alt", "both", "none"] = "alt"
    preview_removed_after_s: float | None = None  # after success
    client_filter: bool = False  # types are checked in the page, before sending
    busy: Literal["steady", "flicker", "late"] = "steady"

    # Sending and what follows
    transport: Literal["fetch", "xhr"] = "fetch"
    at_once: int = 2  # requests in parallel
    together: bool = False  # all files in one request
    answer: Literal["direct", "polled"] = "direct"  # polled: the outcome is asked for afterwards
    second_page: Literal["allow", "refuse"] = "allow"  # two pages of one login sending at once
    refuse_all: str | None = None  # why no file is taken, as the page shows it
    processing_s: float = 0.1
    jitter_s: float = 0.2  # at most so much more, by content: files finish in another order
    reload_after: Literal["upload", "close", "never"] = "upload"
    visible_after_s: float = 0.0  # from a creative's creation until lists show it
    keep_alive: bool = True  # False: no connection is used twice, so the browser never resends

    def for_script(self) -> dict[str, object]:
        """Return what the page's script may read, ready for JSON."""
        return asdict(self, filter=filters.exclude("shown_name"))
