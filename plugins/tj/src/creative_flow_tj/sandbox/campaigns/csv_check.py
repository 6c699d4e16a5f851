"""What the site checks of an ads CSV before it shows a preview, and what it says of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import attrs

from creative_flow_tj.sandbox.campaigns.records import (
    COLUMNS,
    CREATIVE_COLUMNS,
    Campaign,
    NewAd,
)
from creative_flow_tj.sandbox.records import StoredCreative
from creative_flow_tj.sandbox.settings import Settings

ISSUES = "At least one issue was detected. Review the following and reupload the CSV"
NOT_VALID = (
    "You can only use creatives that match with the campaign content category you selected. "
    "The following creatives are not valid: {}"
)

_URLS = ("Target URL", "Custom CTA URL", "Banner CTA URL", "Tracking Pixel")
_REQUIRED = ("Ad Name", "Target URL", "Creative ID", "Video Creative ID", "Thumbnail Creative ID")
_TEXTS = ("Headline", "Brand Name")


@attrs.frozen
class Library:
    """How the check finds a creative of the account, and a creative's content category."""

    creative: Callable[[str], StoredCreative | None]
    category: Callable[[str], str]


@attrs.frozen
class Checked:
    """The ads of a CSV, and the site's messages on it; with any, it is refused as a whole."""

    ads: tuple[NewAd, ...] = ()
    issues: tuple[str, ...] = ()


class _Refused(Exception):
    """The file is not read any further; the message is the site's."""


def check(content: bytes, campaign: Campaign, settings: Settings, library: Library) -> Checked:
    """Return what the site makes of a CSV for a campaign."""
    try:
        ads = tuple(_read(content, campaign, settings))
    except _Refused as error:
        return Checked(issues=(str(error),))
    issues: list[str] = []
    not_valid: dict[str, None] = {}
    for number, ad in enumerate(ads, start=1):
        issues += [f"Row {number}: {issue}" for issue in _row_issues(ad, settings)]
        for column, formats in CREATIVE_COLUMNS[campaign.kind].items():
            creative_id = ad.cells[column]
            if not creative_id:
                continue
            reason = _creative_issue(creative_id, formats, settings, library)
            if reason and settings.other_creatives == "row":
                issues.append(f"Row {number}: {column} {creative_id} {reason}")
            elif reason or not _fits(creative_id, campaign, library):
                not_valid[creative_id] = None
    if not_valid:
        joined = settings.invalid_creatives == "joined"
        groups = [", ".join(not_valid)] if joined else [*not_valid]
        issues += [NOT_VALID.format(group) for group in groups]
    return Checked(ads=ads, issues=tuple(issues))


def _read(content: bytes, campaign: Campaign, settings: Settings) -> Iterator[NewAd]:
    if len(content) > settings.csv_max_bytes:
        raise _Refused(f"The file is larger than {settings.csv_max_bytes / 1000:g} KB.")
    try:
        text = content.decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(row)]
    except (UnicodeDecodeError, csv.Error):
        raise _Refused("The file can't be read as CSV.") from None
    columns = COLUMNS[campaign.kind]
    if not rows or tuple(rows[0]) != columns:
        raise _Refused(f"The columns must be: {', '.join(columns)}.")
    if not 1 <= len(rows) - 1 <= settings.csv_max_ads:
        raise _Refused(f"A file must have 1 to {settings.csv_max_ads} ads.")
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(columns):
            raise _Refused(f"Row {number}: it must have {len(columns)} cells, not {len(row)}.")
        yield NewAd(cells=dict(zip(columns, row, strict=True)))


def _row_issues(ad: NewAd, settings: Settings) -> Iterator[str]:
    required = {*_REQUIRED, *(_TEXTS if settings.texts_required else ())}
    limits = {
        "Ad Name": settings.ad_name_max,
        "Headline": settings.headline_max,
        "Brand Name": settings.brand_max,
    }
    for column, cell in ad.cells.items():
        if column in required and not cell.strip():
            yield f"{column} is required."
        elif column in limits and len(cell) > limits[column]:
            yield f"{column} may have {limits[column]} characters at most."
        elif column in _URLS and cell and not _is_url(cell):
            yield f"{column} is not a valid URL."


def _is_url(text: str) -> bool:
    """Macros such as ``{CampaignID}`` may stand in it anywhere but in the host; spaces may not."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    if any(character.isspace() or not character.isprintable() for character in text):
        return False
    return parts.scheme in {"http", "https"} and "." in host and "{" not in host


def _creative_issue(
    creative_id: str, formats: tuple[str, ...], settings: Settings, library: Library
) -> str:
    creative = library.creative(creative_id)
    if creative is None:
        return "does not exist."
    if creative.ad_format not in formats:
        return "is of another ad format."
    if creative.review_status == "rejected":
        return "was rejected."
    if creative.review_status == "pending" and not settings.pending_creatives:
        return "is not approved yet."
    return ""


def _fits(creative_id: str, campaign: Campaign, library: Library) -> bool:
    return library.category(creative_id) in {"any", campaign.content_category}
