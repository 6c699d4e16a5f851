"""The ads CSVs of a run, made at its end. What goes wrong there costs a warning, never an outcome."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from creative_flow.adfiles import AdsFiles, make_ads
from creative_flow.errors import CreativeFlowError
from creative_flow.failpoints import failpoint
from creative_flow.platform import Context
from creative_flow.registry import Platform
from creative_flow.uploading.books import Bulletin
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger


async def ads_of_run(
    run: str, place: Workspace, platform: Platform, context: Context, ledger: Ledger, told: Bulletin
) -> AdsFiles:
    """Write the ads CSVs of what a run brought up, and tell what the user should know of them."""

    def make() -> AdsFiles:
        ads = platform.ads_csv(context)
        found = ledger.brought_up().runs(run)
        if ads is None or not found:
            return AdsFiles()
        with platform.boundary():
            return make_ads(found[0], place, context, ads, ledger)

    with failpoint("mirror.ads"):
        try:
            made = await asyncio.to_thread(make)
        except CreativeFlowError as error:
            why = f"No ads CSVs were written. {error} `cfu ads {run}` makes them."
            made = AdsFiles(remarks=(why,))
    for remark in made.remarks:
        told.warn(remark)
    return made
