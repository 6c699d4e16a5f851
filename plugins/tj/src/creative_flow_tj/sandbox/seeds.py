"""Creatives that are put into a library without an upload, as a request asks for them."""

from __future__ import annotations

from collections.abc import Mapping

from creative_flow.errors import SettingsError
from creative_flow_tj.sandbox.media import AD_FORMATS
from creative_flow_tj.sandbox.records import REVIEW_STATUSES, NewCreative
from creative_flow_tj.sandbox.settings import Settings

MAX_SEEDS = 100_000
MAX_NAME_LENGTH = 1000
DEFAULT_PREFIX = "EN_Winter_F_Real_SFW_Generic_Zoe"

_EXAMPLES = {
    "static_banner": ("png", 300, 250, None),
    "video_banner": ("mp4", 300, 250, 5.0),
    "in_stream_video": ("mp4", 1280, 720, 10.0),
    "native_image": ("png", 640, 360, None),
    "native_video": ("mp4", 640, 360, 4.0),
}


def seeds_of(body: Mapping[str, object], settings: Settings) -> list[NewCreative]:
    """Return the creatives that a request asks to put into the library.

    ``{"count": 50, "ad_format": "native_image"}`` asks for so many with names made up,
    ``{"creatives": [{"name": …, "ad_format": …}, …]}`` for these; names may repeat. Raises
    `SettingsError` with one line.
    """
    account = account_of(body, settings)
    explicit = body.get("creatives")
    if explicit is None:
        count = body.get("count")
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_SEEDS:
            raise SettingsError(f"count is a whole number from 1 to {MAX_SEEDS}.")
        ad_format = _ad_format_of(body)
        prefix = _name_of(body, "prefix", default=DEFAULT_PREFIX)
        return [
            _seed(account, ad_format, f"{prefix}_ID-{number:08X}", "pending")
            for number in range(1, count + 1)
        ]
    if not isinstance(explicit, list) or not 1 <= len(explicit) <= MAX_SEEDS:
        raise SettingsError(f"creatives is a list of 1 to {MAX_SEEDS} objects.")
    return [_explicit(account, item) for item in explicit]


def account_of(body: Mapping[str, object], settings: Settings) -> str:
    """Return the account that a request names, by default the first. Raises `SettingsError`."""
    account = body.get("account", next(iter(settings.accounts)))
    if not isinstance(account, str) or account not in settings.accounts:
        raise SettingsError(f"The sandbox has no account {account!r}.")
    return account


def review_status_of(body: Mapping[str, object], default: str | None = None) -> str:
    """Return the review status that a request names. Raises `SettingsError`."""
    status = body.get("review_status", default)
    if not isinstance(status, str) or status not in REVIEW_STATUSES:
        raise SettingsError(f"review_status is one of: {', '.join(REVIEW_STATUSES)}.")
    return status


def _ad_format_of(body: Mapping[str, object]) -> str:
    ad_format = body.get("ad_format")
    if not isinstance(ad_format, str) or ad_format not in AD_FORMATS:
        raise SettingsError(f"ad_format is one of: {', '.join(AD_FORMATS)}.")
    return ad_format


def _name_of(body: Mapping[str, object], field: str, default: str | None = None) -> str:
    name = body.get(field, default)
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME_LENGTH:
        raise SettingsError(f"{field} is a text of 1 to {MAX_NAME_LENGTH} characters.")
    if any("\ud800" <= character <= "\udfff" for character in name):
        raise SettingsError(f"{field} has a character that is none.")
    return name


def _explicit(account: str, item: object) -> NewCreative:
    if not isinstance(item, dict):
        raise SettingsError('A creative is an object such as {"name": …, "ad_format": …}.')
    status = review_status_of(item, default="pending")
    return _seed(account, _ad_format_of(item), _name_of(item, "name"), status)


def _seed(account: str, ad_format: str, name: str, review_status: str) -> NewCreative:
    file_type, width, height, duration = _EXAMPLES[ad_format]
    return NewCreative(
        account=account,
        ad_format=ad_format,
        name=name,
        file_type=file_type,
        size=0,
        width=width,
        height=height,
        duration=duration,
        review_status=review_status,
    )
