"""The ads CSVs of a run, made at its end. What goes wrong there costs a warning and no outcome."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from creative_flow.adfiles import AdsFiles, make_ads
from creative_flow.errors import AccountBusy, CreativeFlowError
from creative_flow.failpoints import failpoint
from creative_flow.ledger.lease import Lease
from creative_flow.platform import Context
from creative_flow.registry import Platform
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger


async def ads_of_run(
    run: str,
    place: Workspace,
    platform: Platform,
    context: Context,
    ledger: Ledger,
    lease: Lease,
    *,
    held: bool,
) -> AdsFiles:
    """Write the ads CSVs of what a run brought up. What the user should know of them is in there.

    ``held`` says that the run held the account. If it did not, it has sent nothing, and only what a
    killed run left undone may be left to do; which none was while another one holds the account.
    """

    def make() -> AdsFiles:
        ads = platform.ads_csv(context)
        if ads is None:
            return AdsFiles()
        if not held:
            lease.take()
        try:
            [found] = ledger.brought_up().runs(run)
            with platform.boundary():
                return make_ads(found, place, context, ads, ledger)
        finally:
            if not held:
                lease.release()

    with failpoint("mirror.ads"):
        try:
            made = await asyncio.to_thread(make)
        except AccountBusy:
            made = AdsFiles()
        except CreativeFlowError as error:
            why = f"No ads CSVs were written. {error} `cfu ads {run}` makes them."
            made = AdsFiles(remarks=(why,))
    return made
