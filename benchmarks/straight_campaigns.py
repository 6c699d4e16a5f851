"""The straight-line script that `cfu campaigns upload` is measured against: the clicks, no more.

    python -m benchmarks.straight_campaigns MAPPING.csv

It signs in, and in each campaign of the mapping chooses "Mass create with CSV", hands over the CSV,
opens the preview, confirms, and waits until the page says that the ads were created. It reads no
list of ads, compares nothing, proves nothing, writes nothing down, and would create every ad again
if it were started again.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from creative_flow.browser import launch_options, require_chromium

_LIMIT = 600_000
"""Milliseconds that a campaign may take."""


def main() -> None:
    """Put the ads into each campaign of the mapping."""
    mapping = Path(sys.argv[1])
    with mapping.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options(require_chromium(), headless=True))
        page = browser.new_page()
        page.set_default_timeout(_LIMIT)
        page.goto(os.environ["TJ_LOGIN_URL"])
        page.fill("input[placeholder*='USERNAME']", os.environ["TJ_USERNAME"])
        page.fill("input[type=password]", os.environ["TJ_PASSWORD"])
        page.click("input#submitBtn, button#submitBtn")
        page.wait_for_url("**/dashboard*")
        for row in rows:
            page.goto(f"{os.environ['TJ_BASE_URL']}/campaign/{row['campaign_id']}/ad-settings")
            page.click("label:has-text('Mass create with CSV')")
            page.set_input_files("#massAdsCsv", mapping.parent / row["csv_filename"])
            page.click("button.create-csv-preview-button")
            page.click("#csvPreviewModal button.confirmAds")
            page.wait_for_selector("#csvDone", state="visible")
        browser.close()


if __name__ == "__main__":
    main()
