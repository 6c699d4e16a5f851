"""The straight-line script that `cfu upload` is measured against: the clicks, and nothing else.

    python -m benchmarks.straight FOLDER [--ids]

It signs in, and in each ad format opens the panel, clicks what asks for files, hands over the
folder's, waits until the page says that it is done, and closes the panel. With ``--ids`` it then
loads the library anew, clicks the tab, and prints the name and the Creative ID of every card that
comes: the clicks that a person makes who copies ids into a spreadsheet. It checks nothing, does not
know which cards are new, keeps nothing, and would upload everything again if it were started again.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from creative_flow.browser import launch_options, require_chromium

TABS = {
    "static_banner": ("#static_tab",),
    "video_banner": ("#video_tab",),
    "in_stream_video": ("#in_stream_video_tab",),
    "native_image": ("#native_tab", "label:has(input#native_static)"),
    "native_video": ("#native_tab", "label:has(input#native_rollover)"),
}
"""What is clicked to come to an ad format."""
_BROWSE = "text=Browse your computer"
_LIMIT = 600_000
"""Milliseconds that a batch may take."""
_DONE = """count => document.querySelectorAll('#previews .dz-complete').length >= count
    && ![...document.querySelectorAll('.processingMessage')].some(it => it.checkVisibility())"""


_CARDS = """() => [...document.querySelectorAll('div.creativeContainer')].map(
    card => [card.querySelector('.creativeName').title, card.dataset.id])"""
_SHOWN = """names => names.every(name => [...document.querySelectorAll('.creativeName')].some(
    it => it.title === name))"""


def main() -> None:
    """Upload what lies in the folder, by ad format."""
    files = Path(sys.argv[1])
    with_ids = "--ids" in sys.argv[2:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options(require_chromium(), headless=True))
        page = browser.new_page()
        page.goto(os.environ["TJ_LOGIN_URL"])
        page.fill("input[placeholder*='USERNAME']", os.environ["TJ_USERNAME"])
        page.fill("input[type=password]", os.environ["TJ_PASSWORD"])
        page.click("input#submitBtn, button#submitBtn")
        page.wait_for_url("**/dashboard*")
        library = f"{os.environ['TJ_BASE_URL']}/media-library"
        page.goto(library)
        for ad_format in sorted(path.name for path in files.iterdir()):
            _turn_to(page, ad_format)
            # One batch is ten files; those of the last one may still be shown.
            paths = sorted((files / ad_format).iterdir())
            for start in range(0, len(paths), 10):
                batch = paths[start : start + 10]
                page.click("button#newImage")
                before = page.locator("#previews .dz-complete").count()
                with page.expect_file_chooser() as chosen:
                    page.click(_BROWSE)
                chosen.value.set_files(batch)
                page.wait_for_function(_DONE, arg=before + len(batch), timeout=_LIMIT)
                page.click("#uploadPanel button.close")
                if with_ids:
                    page.goto(library)
                    _turn_to(page, ad_format)
                    page.wait_for_function(_SHOWN, arg=[it.stem for it in batch], timeout=_LIMIT)
                    for name, creative_id in page.evaluate(_CARDS):
                        print(f"{ad_format},{name},{creative_id}")
        browser.close()


def _turn_to(page: Page, ad_format: str) -> None:
    for click in TABS[ad_format]:
        page.click(click)


if __name__ == "__main__":
    main()
