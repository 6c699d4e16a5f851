"""Somebody at a browser makes ads by a CSV, in both flows, and finds them in the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from creative_flow_tj.sandbox.campaigns.csv_check import ISSUES, NOT_VALID
from creative_flow_tj.sandbox.site import SESSION_COOKIE

from .ads import Ads, csv_of
from .support import Connect, Start, Visit, Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]


class Buyer:
    """Somebody on a campaign's page who knows the way."""

    def __init__(self, visitor: Visitor, campaign_id: str, folder: Path) -> None:
        self.page: Page = visitor.page
        self.url = f"{visitor.url}/campaign/{campaign_id}"
        self.folder = folder
        self.info = self.page.locator("#adsTable_info")
        self.modal = self.page.locator("#csvPreviewModal")
        self.create_button = self.page.locator("button.create-ads-from-csv-button")
        self.issues = self.page.get_by_role("alert").filter(visible=True)

    async def open(self, visitor: Visitor, path: str = "/ad-settings#section_adSpecs") -> None:
        token = visitor.sandbox.state.start_session("sandbox")
        cookie = {"name": SESSION_COOKIE, "value": token, "url": visitor.url}
        await self.page.context.add_cookies([cookie])  # type: ignore[list-item]
        await self.page.goto(self.url + path)

    async def choose(self, content: bytes) -> None:
        # Chromium takes the same path for no change, whatever is in the file by then.
        file = self.folder / f"ads{len([*self.folder.iterdir()])}.csv"
        file.write_bytes(content)
        await self.page.get_by_label("Mass create with CSV").check()
        await self.page.set_input_files("#massAdsCsv", file)

    async def preview(self) -> None:
        await self.page.get_by_role("button", name="Create CSV Preview").click()

    def cells(self, name: str) -> Locator:
        return self.page.locator(f"#adsTable td.dtc_{name}")


async def test_ads_are_confirmed_in_the_modal(
    start: Start, program: Connect, visit: Visit, tmp_path: Path
) -> None:
    sandbox = await start(csv_flow="modal", ads_none="hidden")
    ads = await Ads.of(program(sandbox))
    campaign_id = await ads.add(kind="native")
    visitor = visit(sandbox)
    buyer = Buyer(visitor, campaign_id, tmp_path)
    await buyer.open(visitor)
    await expect(buyer.page.locator("h1")).to_have_text("A campaign")
    await expect(buyer.page.locator("#massAdsCsv")).not_to_be_in_viewport()
    await expect(buyer.info).to_be_hidden()
    await buyer.choose(csv_of("native", *ads.rows("native", 12)))
    await buyer.preview()
    await expect(buyer.modal).to_contain_text("12 ads will be created.")
    await expect(buyer.create_button).to_be_hidden()
    await buyer.page.keyboard.press("Escape")
    await expect(buyer.create_button).to_be_visible()
    await buyer.preview()
    await expect(buyer.create_button).to_be_hidden()
    await buyer.modal.locator("button.confirmAds").click()
    await expect(buyer.info).to_have_text("Showing 1 to 10 of 12 entries")
    await expect(buyer.modal).to_be_hidden()
    await expect(buyer.cells("adName").first).to_have_text("EN_Summer_ID-0000000C")
    await expect(buyer.cells("creativeId").first).to_have_text(f"{ads.video}, {ads.image}")
    await buyer.page.locator("#adsTable_paginate").get_by_text("Next").click()
    await expect(buyer.info).to_have_text("Showing 11 to 12 of 12 entries")
    await buyer.page.select_option('select[name="adsTable_length"]', "25")
    await expect(buyer.info).to_have_text("Showing 1 to 12 of 12 entries")
    assert await ads.results(campaign_id) == [("created", 12, "200")]


async def test_ads_are_confirmed_by_the_button_and_the_server_cuts_the_table(
    start: Start, program: Connect, visit: Visit, tmp_path: Path
) -> None:
    settings = {"csv_flow": "button", "ads_table": "server", "ads_length": "select2"}
    sandbox = await start(**settings, ads_show_creative_id=False, guide="overview")
    ads = await Ads.of(program(sandbox))
    campaign_id = await ads.add(ads=116)
    visitor = visit(sandbox)
    buyer = Buyer(visitor, campaign_id, tmp_path)
    await buyer.open(visitor)
    await expect(buyer.info).to_have_text("Showing 1 to 10 of 116 entries")
    await expect(buyer.cells("creativeId")).to_have_count(0)
    await buyer.page.click("#select2-dt-length-1-container")
    await buyer.page.locator(".select2-results__option").get_by_text("100").click()
    await expect(buyer.info).to_have_text("Showing 1 to 100 of 116 entries")
    await expect(buyer.page.locator("#select2-dt-length-1-container")).to_have_text("100")
    await buyer.choose(csv_of("pre_roll", ads.pre_roll("<b>&amp;"), ads.pre_roll("second")))
    await expect(buyer.create_button).to_be_hidden()
    await buyer.preview()
    await buyer.create_button.click()
    await expect(buyer.info).to_have_text("Showing 1 to 100 of 118 entries")
    await expect(buyer.create_button).to_be_hidden()
    await expect(buyer.modal).to_be_hidden()
    await expect(buyer.cells("adName").nth(1)).to_have_text("<b>&amp;")
    await buyer.page.goto(f"{buyer.url}/overview/ads")
    await expect(buyer.info).to_have_text("Showing 1 to 10 of 118 entries")
    await buyer.page.locator("._pendo-close-guide").click()
    await buyer.page.locator("input.tableCheckbox").first.check()
    await expect(buyer.page.locator("div.campaignAdBidStatus").first).to_have_text("Active")
    newest = (await ads.truth(campaign_id))["ads"][-1]["id"]
    await expect(buyer.page.locator("td.dtc_bannerId").first).to_have_text(newest)
    await buyer.page.reload()
    await expect(buyer.page.locator("#pendo-base")).to_have_count(0)


async def test_a_csv_that_was_refused_is_chosen_again_without_the_wrong_rows(
    start: Start, program: Connect, visit: Visit, tmp_path: Path
) -> None:
    sandbox = await start(csv_flow="button", csv_sent="chosen")
    ads = await Ads.of(program(sandbox))
    campaign_id = await ads.add()
    visitor = visit(sandbox)
    buyer = Buyer(visitor, campaign_id, tmp_path)
    await buyer.open(visitor)
    wrong = ads.pre_roll("wrong", Creative_ID=ads.image)
    await buyer.choose(csv_of("pre_roll", ads.pre_roll("right"), wrong))
    await expect(buyer.issues).to_contain_text(ISSUES)
    await expect(buyer.issues).to_contain_text(NOT_VALID.format(ads.image))
    await expect(buyer.create_button).to_be_hidden()
    await buyer.choose(csv_of("pre_roll", ads.pre_roll("right")))
    await buyer.create_button.click()
    await expect(buyer.cells("adName")).to_have_text(["right"])
    await expect(buyer.issues).to_have_count(0)


async def test_a_confirmation_that_failed_can_have_created_the_ads(
    start: Start, program: Connect, visit: Visit, tmp_path: Path
) -> None:
    sandbox = await start(csv_flow="modal", csv_chosen=True, confirm_class="greenButton")
    ads = await Ads.of(program(sandbox))
    campaign_id = await ads.add()
    visitor = visit(sandbox)
    buyer = Buyer(visitor, campaign_id, tmp_path)
    await buyer.open(visitor)
    sandbox.site.faults.order({"path": "confirm", "kind": "status", "when": "after"})
    await buyer.choose(csv_of("pre_roll", ads.pre_roll()))
    await buyer.preview()
    await buyer.modal.locator(".greenButton").click()
    await expect(buyer.page.locator("#csvIssues")).to_have_text(
        "Something went wrong. Please try again."
    )
    await expect(buyer.info).to_have_text("Showing 0 to 0 of 0 entries")
    await buyer.page.reload()
    await expect(buyer.info).to_have_text("Showing 1 to 1 of 1 entries")
    assert await ads.results(campaign_id) == [("created", 1, "500")]
