"""The knobs of the campaigns: what is not known of these pages can be had either way."""

from __future__ import annotations

import attrs

from creative_flow_tj.sandbox.campaigns.records import CATEGORIES
from creative_flow_tj.sandbox.knobs import choice, flag, seconds, whole

MIB = 1024**2


@attrs.frozen(kw_only=True)
class CampaignSettings:
    """The knobs of campaigns and their ads, a part of `sandbox.settings.Settings`."""

    # Campaigns
    campaigns: int = whole(
        12, most=10_000, doc="How many campaigns each account has from the start; more are added."
    )
    campaign_kinds: str = choice(
        "mixed",
        "pre_roll",
        "native",
        doc="What the campaigns from the start are: pre-roll and native in turn, or all of one.",
    )
    campaign_ads: int = whole(
        3,
        most=2000,
        doc="How many ads a campaign has from the start, on average: none up to twice as many.",
    )
    content_categories: str = choice(
        "one",
        "several",
        doc="Whether all campaigns from the start have one content category, or three in turn.",
    )
    creative_category: str = choice(
        "any",
        *CATEGORIES,
        doc="The content category of a creative for which none was set; any fits every campaign.",
    )
    closed_campaigns: int = whole(
        0,
        most=10_000,
        doc="Every campaign from the start whose number divides by this is closed, paused and "
        "archived in turn; 0: none is.",
    )
    paused_takes_csv: bool = flag(
        default=False,
        doc="Whether a paused campaign's page takes a CSV; an archived one's never does.",
    )
    missing_campaign: str = choice(
        "not_found",
        "list",
        doc="What the page of a campaign that does not exist is: not found, or the list of all.",
    )
    campaigns_per_page: int = whole(
        25, least=1, most=500, doc="How many campaigns a page of their list has."
    )
    campaign_page_seconds: float = seconds(0, doc="How long a page of a campaign takes.")
    guide: str = choice(
        "none",
        "overview",
        "everywhere",
        doc="Where a guide lies over the page until it is closed: nowhere, over a campaign's "
        "overview, over each of its pages.",
    )

    # Ads by CSV
    csv_flow: str = choice(
        "modal",
        "button",
        "random",
        doc="How ads are confirmed: in a modal with the preview, by a button in the page, or the "
        "one or the other for each campaign.",
    )
    csv_sent: str = choice(
        "preview",
        "chosen",
        doc="When a CSV is sent and checked: by the button for the preview, or once it is chosen.",
    )
    csv_chosen: bool = flag(
        default=False, doc="Whether mass creation with CSV is chosen when the page opens."
    )
    confirm_class: str = choice(
        "confirmAds", "greenButton", doc="The class that the modal's confirming button has."
    )
    issues_in: str = choice(
        "page", "modal", doc="Where it is told that a CSV was refused: in the page, in the modal."
    )
    invalid_creatives: str = choice(
        "joined",
        "each",
        doc="Whether the creatives that are not valid stand in one message, or each in its own.",
    )
    other_creatives: str = choice(
        "category",
        "row",
        doc="How creatives that are unknown, rejected or of a wrong ad format are told: by the "
        "message on content categories, or by the row with the reason.",
    )
    pending_creatives: bool = flag(
        default=True, doc="Whether creatives whose review is pending are taken."
    )
    texts_required: bool = flag(
        default=True, doc="Whether a native ad must have a headline and a brand name."
    )
    csv_max_bytes: int = whole(
        500_000, least=1, most=4 * MIB, doc="The largest ads CSV that is taken."
    )
    csv_max_ads: int = whole(50, least=1, most=10_000, doc="The most ads that a CSV may have.")
    ad_name_max: int = whole(64, least=1, most=1000, doc="The longest name of an ad.")
    headline_max: int = whole(87, least=1, most=1000, doc="The longest headline of a native ad.")
    brand_max: int = whole(25, least=1, most=1000, doc="The longest brand name of a native ad.")
    preview_seconds: float = seconds(0, doc="How long the check of a CSV takes.")
    confirm_seconds: float = seconds(0, doc="How long creating the ads of a CSV takes.")
    csv_failure: str = choice(
        "message",
        "nothing",
        "dialog",
        doc="What the page does when sending or confirming a CSV fails: a line of text, nothing, "
        "a dialog.",
    )
    confirm_again: str = choice(
        "ignored",
        "creates",
        doc="What a second confirmation of one preview does: nothing, though it is answered like "
        "a success, or the ads are created once more.",
    )
    confirm_creates: str = choice(
        "all",
        "none",
        "all_but_last",
        doc="Which ads a confirmation creates; it is answered like a success in any case.",
    )
    confirm_says: bool = flag(
        default=True, doc="Whether the page says that ads were created, true or not."
    )
    after_confirm: str = choice(
        "table",
        "page",
        "nothing",
        doc="What is loaded again after a confirmation: the table of ads, the page, nothing.",
    )

    # The table of ads
    ads_table: str = choice(
        "client", "server", doc="Who cuts the table into pages: the page, or the server."
    )
    ads_length: str = choice(
        "select",
        "select2",
        "none",
        doc="What changes the length of the table's pages: a list box, a select2, nothing.",
    )
    ads_per_page: str = choice(
        "10", "25", "50", "100", doc="How many ads the table lists before that is changed."
    )
    ads_order: str = choice(
        "newest_first", "oldest_first", doc="The order in which the table lists ads."
    )
    ads_show_creative_id: bool = flag(
        default=True, doc="Whether the table on the settings page has a column of Creative IDs."
    )
    overview_id: str = choice(
        "ad", "creative", doc="Whose id the cells dtc_bannerId hold: the ad's, or its creative's."
    )
    ads_table_seconds: float = seconds(0, doc="How long a background request of the table takes.")
    ads_visible_after_seconds: float = seconds(
        0, doc="How long the first ad of a CSV is there but not listed yet."
    )
    ads_trickle_seconds: float = seconds(
        0, doc="How much later each further ad of a CSV is listed."
    )
    ads_none: str = choice(
        "shown", "hidden", doc="Whether the table is shown or hidden while it lists no ad."
    )
    ads_total: str = choice(
        "listed",
        "created",
        doc="Which ads the total of a table counts that the server cuts: those listed, or all.",
    )


CAMPAIGN_GROUPS: tuple[tuple[str, str], ...] = (
    ("Campaigns", "campaigns"),
    ("Ads by CSV", "csv_flow"),
    ("The table of ads", "ads_table"),
)
"""Titles for people, each with the first knob that stands under it."""
