"""One look at a campaign's page of ad settings: what of all that ads need is there, and how."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import evolve

from creative_flow.checks import Check, CheckState
from creative_flow_tj.look import Look, Wanted, unseen

if TYPE_CHECKING:
    from playwright.async_api import Page

    from creative_flow_tj.site import Site

CAMPAIGN = "Campaign, ad settings"
TABLE = "Campaign, table of ads"

METHOD = Wanted("selectors.campaign.method", "sub_tab")
INPUT = Wanted("selectors.campaign.input", "csv_file", visible=False)
NAME = Wanted("selectors.campaign.name", "")
PREVIEW = Wanted("selectors.campaign.preview", "button")
_CHECKED = "shows only once a CSV was checked"
_LENGTH = "the page may have no control for it"
ONCE_CHOSEN = (
    PREVIEW,
    Wanted("selectors.campaign.confirm", "", needed=False, visible=False, unseen=_CHECKED),
    Wanted("selectors.campaign.create", "", needed=False, visible=False, unseen=_CHECKED),
    Wanted("selectors.campaign.length", "", needed=False, visible=False, unseen=_LENGTH),
    Wanted("selectors.campaign.length_box", "", needed=False, unseen=_LENGTH),
)
_NEVER = {
    "selectors.campaign.length_choice": "shows only while its box is open",
    "css.csv.preview": _CHECKED,
    "css.csv.busy": "shows only while a CSV is being checked",
    "texts.campaign_closed": "shows only where a campaign takes no ads",
    "texts.csv_issues": "shows only where a CSV was refused",
    "texts.csv_failed": "shows only where sending a CSV failed",
}
_KEYS = tuple(it.key for it in (NAME, METHOD, INPUT, *ONCE_CHOSEN))


async def at_first(page: Page, site: Site) -> list[Check]:
    """Look at the page as it opens: its heading and name, and where a CSV is chosen."""
    here = Look(page, site)
    heading = await here.heading(CAMPAIGN, "texts.campaign_heading")
    return [heading, *await here.elements(CAMPAIGN, (NAME, METHOD, INPUT))]


async def once_chosen(page: Page, site: Site) -> list[Check]:
    """Look at what is shown where ads are created by CSV."""
    checks = await Look(page, site).elements(CAMPAIGN, ONCE_CHOSEN)
    # Some pages check a CSV without being asked. A button that is only called otherwise is found
    # by its words, and then it has a suggestion.
    why = "the page may do without"
    return [
        evolve(it, state=CheckState.NOT_CHECKED, why=why)
        if it.key == PREVIEW.key and it.state is CheckState.MISSING and not it.suggestion
        else it
        for it in checks
    ]


async def table(page: Page, site: Site) -> list[Check]:
    """Look at the table of ads; see doctor_ads.js for what is told of each part."""
    here = Look(page, site)
    return here.list_checks("css.ads", {"": await here.ads()}, TABLE)


async def campaign_page(page: Page, site: Site) -> tuple[Check, ...]:
    """Look at a campaign's page as it is now."""
    return (*await at_first(page, site), *await table(page, site))


def is_at(url: str, site: Site) -> bool:
    """Say whether an address is that of some campaign's page."""
    around = urlsplit(site.text("addresses.campaign")).path.split("{id}")
    path = "[^/]+".join(map(re.escape, around))
    return re.fullmatch(path, urlsplit(url).path.rstrip("/")) is not None


def never_seen(site: Site) -> list[Check]:
    """Name what only shows at times that no walk brings about."""
    return [unseen(site, key, CAMPAIGN, why) for key, why in _NEVER.items()]


def unknown(site: Site, why: str, known: Iterable[str] = ()) -> list[Check]:
    """Return checks of all that could not be looked for, but for what is known already."""
    keys = ("texts.campaign_heading", *_KEYS, *(f"css.ads.{it}" for it in site.css("ads")))
    return [unseen(site, key, CAMPAIGN, why) for key in keys if key not in set(known)]
