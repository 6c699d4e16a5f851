"""Campaigns that are there without anybody's doing: from the start, or as a request asks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import attrs

from creative_flow.errors import SettingsError
from creative_flow_tj.sandbox.campaigns.records import (
    CATEGORIES,
    COLUMNS,
    KINDS,
    STATUSES,
    Campaign,
    NewAd,
)
from creative_flow_tj.sandbox.settings import Settings

FIRST_CAMPAIGN_ID = 1_013_000_001
ACCOUNT_STEP = 1_000_000
ADDED_STEP = 500_000
"""From here on in an account's range lie the ids of campaigns that requests add."""
FIRST_CREATIVE_ID = 1_021_000_001
"""Of the creatives in ads from the start: older than any in the library, and not there."""
MAX_CAMPAIGNS = 10_000
MAX_ADS = 10_000
MAX_TEXT = 1000

_NAMES = (
    "EN_Summer_F_Real_SFW_Generic {:03}",
    "Größe & Übermut {:03}",
    'The "Best" Offer {:03}',
    "Spring 50% off {:03}",
    "DE_Autumn_M_Real_SFW_Generic {:03}",
    "Zoë's <b>bold</b> test {:03}",
    "a+b=c? #1/{:03}; ñandú",
)
"""Plain names and such that have to be escaped in one place or another. Their count is odd: names
and kinds go round at different paces."""


def campaigns_from_start(
    account: str, place: int, numbers: Sequence[int], settings: Settings
) -> Iterator[tuple[Campaign, list[NewAd]]]:
    """Give the campaigns of those numbers that an account has from the start, with their ads.

    ``place`` is the account's among all. The same number is the same campaign every time.
    """
    kinds = KINDS if settings.campaign_kinds == "mixed" else (settings.campaign_kinds,)
    categories = CATEGORIES if settings.content_categories == "several" else CATEGORIES[:1]
    for number in numbers:
        campaign = Campaign(
            id=str(FIRST_CAMPAIGN_ID + ACCOUNT_STEP * place + 10 * (number - 1)),
            account=account,
            number=number,
            name=_NAMES[(number - 1) % len(_NAMES)].format(number),
            kind=kinds[(number - 1) % len(kinds)],
            content_category=categories[(number - 1) // len(kinds) % len(categories)],
            status=_status(number, settings.closed_campaigns),
        )
        luck = random.Random(campaign.id)  # noqa: S311  the same every time is what it has to be
        yield campaign, made_up_ads(campaign, luck.randint(0, 2 * settings.campaign_ads))


def _status(number: int, every: int) -> str:
    if not every or number % every:
        return "active"
    return "paused" if number // every % 2 else "archived"


def made_up_ads(campaign: Campaign, count: int) -> list[NewAd]:
    """Return so many ads that a campaign may have had for long."""
    base = FIRST_CREATIVE_ID + int(campaign.id) % 1000 * 10_000
    ads = []
    for number in range(1, count + 1):
        cells = dict.fromkeys(COLUMNS[campaign.kind], "")
        cells["Ad Name"] = f"EN_Old_F_Real_SFW_Generic_Zoe_ID-{base + number:08X}"
        cells["Target URL"] = f"https://example.com/?sub11=old&n={number}"
        creative_id = str(base + 10 * number)
        if campaign.kind == "native":
            thumbnail_id = str(base + 10 * number + 1)
            cells |= {"Video Creative ID": creative_id, "Thumbnail Creative ID": thumbnail_id}
            cells |= {"Headline": "An old headline", "Brand Name": "A brand"}
        else:
            cells["Creative ID"] = creative_id
        ads.append(NewAd(cells=cells))
    return ads


def campaigns_of(
    body: Mapping[str, object], account: str, settings: Settings, taken: int
) -> list[tuple[Campaign, list[NewAd]]]:
    """Return the campaigns that a request asks for, with their ads.

    ``{"campaigns": [{"name": …, "kind": "native", "ads": 118}, …]}``; an item may also have ``id``,
    ``content_category`` and ``status``. ``ads`` is how many, or a list of objects by the columns of
    the CSV. ``taken`` counts those that requests added before. Raises `SettingsError`.
    """
    items = body.get("campaigns")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_CAMPAIGNS:
        raise SettingsError(f"campaigns is a list of 1 to {MAX_CAMPAIGNS} objects.")
    place = [*settings.accounts].index(account)
    first = FIRST_CAMPAIGN_ID + ACCOUNT_STEP * place + ADDED_STEP + 10 * taken
    return [_asked(item, account, first + 10 * number) for number, item in enumerate(items)]


def _asked(item: object, account: str, next_id: int) -> tuple[Campaign, list[NewAd]]:
    if not isinstance(item, dict):
        raise SettingsError('A campaign is an object such as {"name": …, "kind": "native"}.')
    campaign_id = _text(item, "id", default=str(next_id))
    if not (campaign_id.isascii() and campaign_id.isdigit()):
        raise SettingsError("A campaign's id is a text of digits.")
    campaign = Campaign(
        id=campaign_id,
        account=account,
        number=0,
        name=_text(item, "name"),
        kind=_word(item, "kind", KINDS),
        content_category=CATEGORIES[0],
        status="active",
    )
    campaign = changed(campaign, item)
    return campaign, _ads(item.get("ads", 0), campaign)


def changed(campaign: Campaign, body: Mapping[str, object]) -> Campaign:
    """Return a campaign with a request's name, status and content category; errors as above."""
    return attrs.evolve(
        campaign,
        name=_text(body, "name", default=campaign.name),
        status=_word(body, "status", STATUSES, default=campaign.status),
        content_category=category_of(body, default=campaign.content_category),
    )


def category_of(body: Mapping[str, object], default: str | None = None) -> str:
    """Return the content category that a request names. Raises `SettingsError`."""
    return _word(body, "content_category", CATEGORIES, default=default)


def _ads(value: object, campaign: Campaign) -> list[NewAd]:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_ADS:
        return made_up_ads(campaign, value)
    if not isinstance(value, list) or len(value) > MAX_ADS:
        raise SettingsError(f"ads is a number up to {MAX_ADS}, or a list of ads.")
    columns = COLUMNS[campaign.kind]
    ads = []
    for item in value:
        if not isinstance(item, dict) or not set(item) <= set(columns) or not item.get("Ad Name"):
            raise SettingsError(f"An ad is an object of these texts: {', '.join(columns)}.")
        ads.append(NewAd(cells={column: str(item.get(column, "")) for column in columns}))
    return ads


def _word(
    body: Mapping[str, object], name: str, words: tuple[str, ...], default: str | None = None
) -> str:
    value = body.get(name, default)
    if not isinstance(value, str) or value not in words:
        raise SettingsError(f"{name} is one of: {', '.join(words)}.")
    return value


def _text(body: Mapping[str, object], name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
        raise SettingsError(f"{name} is a text of 1 to {MAX_TEXT} characters.")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise SettingsError(f"{name} has a character that is none.")
    return value
