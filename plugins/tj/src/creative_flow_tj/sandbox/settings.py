"""The knobs of the sandbox: what is not known of the real site can be had either way.

Each knob can be turned while the sandbox runs. What the server does follows at once; what a page
does follows when the page is loaded the next time.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import attrs

from creative_flow.errors import SettingsError
from creative_flow_tj.sandbox.campaigns.settings import CAMPAIGN_GROUPS, CampaignSettings
from creative_flow_tj.sandbox.drift import CATALOGUE
from creative_flow_tj.sandbox.knobs import (
    Knob,
    accounts,
    choice,
    flag,
    knob_of,
    seconds,
    sizes,
    whole,
)

GIB = 1024**3


@attrs.frozen(kw_only=True)
class Settings(CampaignSettings):
    """Every knob, with its default. Times are in seconds, sizes in bytes or "WIDTHxHEIGHT"."""

    # Sign-in and session
    accounts: Mapping[str, str] = accounts(
        {"sandbox": "sandbox-password"},
        doc="User names and their passwords. Each account has a library of its own.",
    )
    cookie_banner: bool = flag(
        default=True, doc='Whether "Accept All" covers the sign-in page until it is clicked.'
    )
    captcha: str = choice(
        "person",
        "auto",
        "none",
        doc="Who solves the captcha: a person (or the control API), it itself, or there is none.",
    )
    captcha_seconds: float = seconds(
        2, doc="How long the captcha takes to solve itself if captcha is auto."
    )
    session_seconds: float = seconds(
        0, most=10_000_000, doc="How long a session lives after sign-in; 0: until it is ended."
    )
    expired_page: str = choice(
        "sign_in",
        "login",
        "missed_you",
        doc="What a page shows when the session has ended: a redirect to /sign-in, a redirect to "
        '/login, or "We missed you" at the same address.',
    )
    expired_list: str = choice(
        "unauthorized",
        "login_page",
        doc="What a background list request is answered when the session has ended: 401, or the "
        "login page with 200.",
    )
    expired_upload: str = choice(
        "unauthorized",
        "login_page",
        doc="What an upload is answered when the session has ended: 401 (which shows as dz-error), "
        "or the login page with 200 (which shows as dz-success).",
    )
    account_name: str = choice(
        "header",
        "menu",
        "none",
        doc="Where a page shows who is signed in: in the header, in a closed menu, nowhere.",
    )

    # The list of creatives
    cards_per_page: int = whole(12, least=1, most=100, doc="How many creatives a page lists.")
    list_seconds: float = seconds(0.15, doc="How long a background list request takes.")
    first_list: str = choice(
        "background",
        "in_page",
        doc="Whether the first list comes by a background request or stands in the page.",
    )
    loading_sign: str = choice(
        "spinner", "dimmed", "none", doc="What shows that the list is about to change."
    )
    list_failure: str = choice(
        "keep",
        "message",
        "dialog",
        "sign_in",
        doc="What a page does when the background list request fails, besides leaving the old "
        "cards: nothing, a line of text, a dialog, or (on 401) going to /sign-in.",
    )
    empty_sign: str = choice(
        "element",
        "table_row",
        doc="Whether an empty list is told by an element of its own or a row of the table.",
    )
    name_limit: int = whole(
        0, most=1000, doc="Names longer than this are cut and end with an ellipsis; 0: never."
    )
    name_limit_in: str = choice(
        "both", "label", doc="Where long names are cut: in label and title, or in the label only."
    )
    fold_white_space: bool = flag(
        default=False, doc="Whether white space in names is folded to single spaces."
    )
    percent_quotes: bool = flag(
        default=False,
        doc='Whether a quotation mark in a name is kept as a browser sends it in a form: "%22".',
    )
    file_type_dot: bool = flag(default=False, doc='Whether file types begin with a dot (".mp4").')
    thumbnails: bool = flag(default=True, doc="Whether cards show a picture of the creative.")
    list_total: bool = flag(
        default=True, doc="Whether a list says which part of it is shown, and how long it is."
    )
    reject_reason: str = choice(
        "none",
        "text",
        "attribute",
        doc="Whether a rejected creative's card says why, as a text or an attribute of the card.",
    )
    list_grows: int = whole(
        0,
        most=1000,
        doc="How many new creatives come on top of a list right before each of its pages but the "
        "first is answered.",
    )
    list_shrinks: int = whole(
        0,
        most=1000,
        doc="How many of a list's newest creatives are removed right before each of its pages but "
        "the first is answered.",
    )
    list_changes: int = whole(
        1, most=1_000_000, doc="How many pages a list that grows or shrinks does so before, in all."
    )

    # The upload panel
    panel_close: str = choice(
        "button",
        "escape",
        "none_needed",
        doc="How the panel is closed: its button, the Escape key, or it never covers the tabs.",
    )
    file_input_in: str = choice(
        "body", "panel", doc="Where the hidden file input stands: at the end of body, in the panel."
    )
    previews_kept: bool = flag(
        default=True, doc="Whether a finished batch's previews still stand when the panel reopens."
    )
    busy_message: str = choice(
        "steady",
        "per_file",
        "never",
        doc="When the processing message shows: from first to last file, coming and going with "
        "each file, never.",
    )
    parallel_uploads: int = whole(2, least=1, most=20, doc="How many files a page sends at once.")
    files_at_once: int = whole(
        10, most=1000, doc="How many files may be chosen in one go; 0: any number."
    )
    upload_timeout_seconds: float = seconds(
        0, doc="How long the page waits for the answer to an upload; 0: for ever."
    )

    # What the site does with an upload
    file_seconds: float = seconds(
        0.2, doc="How long a file is processed on average; each takes 0.25 to 1.75 times that."
    )
    batch_seconds: float = seconds(
        0.2, doc="How long the processing message stays after the last file of a batch."
    )
    list_refresh: str = choice(
        "queue_complete",
        "each_success",
        "panel_closed",
        "never",
        doc="When the page reloads its list by itself: after a batch, after each file, when the "
        "panel is closed, never.",
    )
    visible_after_seconds: float = seconds(
        0, doc="How long a new creative is kept but not listed yet."
    )
    concurrent_pages: str = choice(
        "independent",
        "queued",
        "refused",
        doc="What happens when two pages of one account upload at once: nothing special, the "
        "second waits, the second is refused.",
    )
    upload_bytes_per_second: int = whole(
        0, most=10 * GIB, doc="How fast uploads are taken, all together; 0: as fast as they come."
    )
    seed: int = whole(1, most=2**31, doc="Decides the processing times and the gaps between ids.")

    # Limits
    max_file_bytes: int = whole(
        2 * GIB, least=1, most=100 * GIB, doc="The largest file that is taken."
    )
    native_sizes: tuple[str, ...] = sizes("640x360", doc="Sizes taken for native creatives.")
    native_image_max_bytes: int = whole(
        300_000, least=1, most=GIB, doc="The largest native image that is taken."
    )
    banner_sizes: tuple[str, ...] = sizes(
        "300x250",
        "950x250",
        "468x60",
        "305x99",
        "300x100",
        "970x90",
        "320x480",
        doc="Sizes taken for banners, static and video.",
    )
    in_stream_min_seconds: float = seconds(5, doc="The shortest in-stream video that is taken.")
    in_stream_max_seconds: float = seconds(
        31, most=36_000, doc="The longest in-stream video that is taken."
    )

    # Drift
    drift: int = whole(
        0, most=2**31, doc="How the site has changed since it was described: a seed; 0: not at all."
    )
    drift_only: str = choice(
        "seeded",
        *CATALOGUE,
        doc="Which mutation the site has: those that the seed draws, or this one alone.",
    )

    def changed(self, changes: object) -> Settings:
        """Return these settings with a JSON object's values in place of some.

        Raises `SettingsError` with one line naming the knob and what it takes.
        """
        return self._with(changes, lambda knob, value: knob.parse(value))

    def changed_by_form(self, fields: Mapping[str, str]) -> Settings:
        """Return these settings with a form's fields in place of some. Raises `SettingsError`."""
        return self._with(fields, lambda knob, value: knob.from_text(str(value)))

    def as_json(self) -> dict[str, object]:
        """Return every knob's value as JSON takes it."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in attrs.asdict(self, recurse=False).items()
        }

    def _with(self, changes: object, read: Any) -> Settings:  # noqa: ANN401  a Knob's method
        if not isinstance(changes, Mapping):
            raise SettingsError("Sandbox settings are a JSON object of knobs and values.")
        values: dict[str, Any] = {}
        for name, value in changes.items():
            knob = KNOBS.get(name)
            if knob is None:
                near = difflib.get_close_matches(str(name), KNOBS, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else ""
                raise SettingsError(f"The sandbox has no setting {name!r}.", hint=hint)
            try:
                values[name] = read(knob, value)
            except ValueError as error:
                raise SettingsError(f"The sandbox's setting {name!r} {error}.") from None
        settings = attrs.evolve(self, **values)
        if settings.in_stream_min_seconds > settings.in_stream_max_seconds:
            raise SettingsError("in_stream_min_seconds is more than in_stream_max_seconds.")
        return settings


_CAMPAIGNS = attrs.fields(CampaignSettings)
_OWN = [field for field in attrs.fields(Settings) if field not in _CAMPAIGNS]

KNOBS: dict[str, Knob] = {field.name: knob_of(field) for field in (*_OWN, *_CAMPAIGNS)}
"""Every knob by name, in the order of the class; those of campaigns come last."""

GROUPS: tuple[tuple[str, str], ...] = (
    ("Sign-in and session", "accounts"),
    ("The list of creatives", "cards_per_page"),
    ("The upload panel", "panel_close"),
    ("What the site does with an upload", "file_seconds"),
    ("Limits", "max_file_bytes"),
    ("Drift", "drift"),
    *CAMPAIGN_GROUPS,
)
"""Titles for people, each with the first knob that stands under it."""
