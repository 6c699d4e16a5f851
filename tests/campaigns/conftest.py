"""A sandbox with campaigns, a workspace aimed at it, and the comparison of both after a run."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest_asyncio
from attrs import define, field

from creative_flow.campaign import CampaignOutcome, CampaignsReport
from creative_flow.campaigns import Wish, put_ads_async
from creative_flow.events import Event, Noticed, StepChanged
from creative_flow.workspace import Workspace
from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.campaigns.seeds import campaigns_of
from creative_flow_tj.sandbox.seeds import seeds_of
from sandbox.ads import csv_of
from sandbox.support import FAST

WAITS = """\
[waits]
settle = 1.5
poll = 0.2
element = 3
at_rest = 0.6
list_reload = 3
quiet = 0.05
csv_check = 4
csv_confirm = 4
previews = 1.5
captcha_headless = 1
"""
QUICK = {**FAST, "campaigns": 0}


@define
class Stage:
    """Where runs take place."""

    sandbox: TjSandbox
    folder: Path
    told: list[Event] = field(factory=list)
    once_signed_in: Callable[[], object] | None = None
    """What is done before the first campaign's page is opened."""
    on_event: Callable[[Event], object] | None = None
    _creatives: list[str] = field(factory=list)

    def workspace(self) -> Workspace:
        """Return the workspace as a new process would see it."""
        where = {
            **self.sandbox.environment(),
            "CFU_STATE_DIR": str(self.folder / "state"),
            "TAKE_SCREENSHOTS": "False",
        }
        workspace = Workspace(self.folder / "workspace", overrides=where)
        workspace.prepare()
        workspace.overrides_file("tj").write_text(WAITS)
        return workspace

    def turn(self, **settings: object) -> None:
        """Turn knobs; all others are as in the beginning."""
        site = self.sandbox.site
        site.settings = type(site.settings)().changed({**QUICK, **settings})

    def fault(self, **fault: object) -> None:
        self.sandbox.site.faults.order(fault)

    def campaign(self, name: str = "A campaign", *, ads: object = 0, **more: object) -> str:
        asked = {"campaigns": [{"name": name, "kind": "pre_roll", "ads": ads, **more}]}
        taken = sum(not each.number for each in self.sandbox.campaigns.campaigns("sandbox"))
        [(campaign, made)] = campaigns_of(asked, "sandbox", self.sandbox.site.settings, taken)
        assert self.sandbox.campaigns.add(campaign, made)
        return campaign.id

    def creative(self) -> str:
        """Return the id of a creative that every campaign takes."""
        if not self._creatives:
            item = {"name": "a creative", "ad_format": "in_stream_video"}
            seeds = seeds_of({"creatives": [item]}, self.sandbox.site.settings)
            self._creatives += [it.id for it in self.sandbox.state.add_creatives(seeds)]
        return self._creatives[0]

    def csv(self, file: str, *names: str, **cells: str) -> Path:
        """Write an ads CSV with an ad of each name."""
        row = {"Target URL": "https://go.ads-sample.net/?sub11=x&m={CampaignID}"}
        row |= {"Creative ID": self.creative(), **cells}
        path = self.workspace().upload_csv / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(csv_of("pre_roll", *({"Ad Name": name, **row} for name in names)))
        return path

    def mapping(self, *rows: Sequence[str]) -> Path:
        path = self.folder / "campaign_mapping.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("campaign_id", "csv_filename", "campaign_name", "enabled"))
            writer.writerows([*row, *["", "", "", ""][len(row) :]] for row in rows)
        return path

    async def run(self, mapping: Path | None = None, **wish: Any) -> CampaignsReport:
        """Run once, live unless that is said."""
        live = wish.pop("live", True)
        self.told.clear()
        return await put_ads_async(
            "tj",
            Wish(mapping, **wish),
            workspace=self.workspace(),
            live=live,
            headless=True,
            interactive=False,
            on_event=self._hear,
        )

    def _hear(self, event: Event) -> None:
        self.told.append(event)
        if self.on_event is not None:
            self.on_event(event)
        if isinstance(event, StepChanged) and self.once_signed_in is not None:
            act, self.once_signed_in = self.once_signed_in, None
            act()

    def warnings(self) -> str:
        return "\n".join(it.message for it in self.told if isinstance(it, Noticed) and it.warning)

    def ads(self, campaign_id: str) -> list[str]:
        """Return the names of a campaign's ads, in the order in which they were created."""
        return [ad.name for ad in self.sandbox.campaigns.ads(campaign_id)]

    def confirmations(self, campaign_id: str) -> int:
        return len(self.sandbox.campaigns.confirmations(campaign_id))

    def checkpoint(self) -> dict[str, Any]:
        """Return the campaigns of the checkpoint file."""
        path = self.workspace().checkpoint_file("default", "", native=False)
        found: dict[str, Any] = json.loads(path.read_text())["campaigns"]
        return found

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the campaigns of the checkpoint file by hand."""
        path = self.workspace().checkpoint_file("default", "", native=False)
        document = json.loads(path.read_text())
        change(document["campaigns"])
        path.write_text(json.dumps(document))

    def check(self, wanted: dict[str, list[str]]) -> None:
        """Hold what is there against what should be: each ad once, no other."""
        for campaign_id, names in wanted.items():
            assert Counter(self.ads(campaign_id)) == Counter(names), campaign_id


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    sandbox = TjSandbox(settings=QUICK)
    await sandbox.start()
    yield Stage(sandbox, tmp_path)
    await sandbox.stop()


def statuses(report: CampaignsReport) -> list[str]:
    return [outcome.status.value for outcome in report.outcomes]


def only(report: CampaignsReport) -> CampaignOutcome:
    [outcome] = report.outcomes
    return outcome
