"""A workspace with a mapping of campaigns, and `cfu campaigns upload` as a process that may die."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import define, field

from creative_flow_tj.sandbox.campaigns.seeds import campaigns_of
from creative_flow_tj.sandbox.seeds import seeds_of
from reliability.rehearsal import Rehearsal, rehearsal
from sandbox.ads import csv_of

WAITS = """\
[waits]
settle = 2
poll = 0.1
element = 5
at_rest = 1
quiet = 0.03
"""


@define
class Campaigning:
    """Campaigns of one account, and the ads that each is to get."""

    rehearsal: Rehearsal
    wanted: dict[str, list[str]] = field(factory=dict)
    """The names of ads by campaign."""

    @property
    def place(self) -> Path:
        return self.rehearsal.place

    def add(self, count: int, ads: int) -> None:
        """Make campaigns, each with a CSV of its own, and the mapping of all."""
        sandbox = self.rehearsal.sandbox
        settings = sandbox.site.settings
        item = {"name": "a creative", "ad_format": "in_stream_video"}
        [creative] = sandbox.state.add_creatives(seeds_of({"creatives": [item]}, settings))
        asked = {"campaigns": [{"name": f"C {n}", "kind": "pre_roll"} for n in range(count)]}
        with (self.place / "mapping.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("campaign_id", "csv_filename", "campaign_name", "enabled"))
            for campaign, made in campaigns_of(asked, "sandbox", settings, 0):
                assert sandbox.campaigns.add(campaign, made)
                names = [f"EN_Summer_{campaign.id}_{number}" for number in range(ads)]
                url = "https://go.ads-sample.net/?sub11=x"
                rows = [
                    {"Ad Name": name, "Target URL": url, "Creative ID": creative.id}
                    for name in names
                ]
                (self.place / f"{campaign.id}.csv").write_bytes(csv_of("pre_roll", *rows))
                writer.writerow((campaign.id, f"{campaign.id}.csv", campaign.name, ""))
                self.wanted[campaign.id] = names

    async def cfu(
        self,
        *options: str,
        fail_at: str = "",
        seconds: float = 60,
        seen: Callable[[str], None] = lambda _: None,
    ) -> tuple[int, str]:
        """Put the ads in, live; return the exit code (or minus the signal) and what was said."""
        return await self.rehearsal.command(
            "campaigns",
            "upload",
            "mapping.csv",
            *("--platform", "tj", "--live", "--headless", *options),
            fail_at=fail_at,
            seconds=seconds,
            seen=seen,
        )

    def check(self) -> None:
        """Hold what is in each campaign against its CSV, and the checkpoint against both."""
        campaigns = self.rehearsal.sandbox.campaigns
        for campaign_id, names in self.wanted.items():
            there = Counter(ad.name for ad in campaigns.ads(campaign_id))
            assert there == Counter(names), f"campaign {campaign_id}: {there}"
        file = self.place / "data" / "session" / "upload_checkpoint.json"
        told = json.loads(file.read_text())["campaigns"]
        assert {name: entry["status"] for name, entry in told.items()} == dict.fromkeys(
            self.wanted, "success"
        )
        created = {name: entry["ads_created"] for name, entry in told.items()}
        assert created == {name: len(ads) for name, ads in self.wanted.items()}


@asynccontextmanager
async def campaigning(
    place: Path, count: int, ads: int, **settings: object
) -> AsyncIterator[Campaigning]:
    """Start a sandbox with campaigns, and make a workspace with short waits."""
    async with rehearsal(place, campaigns=0, **settings) as scene:
        (place / "config" / "tj.toml").write_text(WAITS)
        made = Campaigning(scene)
        made.add(count, ads)
        yield made
