"""What the tests of campaigns use: CSVs, and a program that sends and confirms them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import FormData
from attrs import frozen

from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.campaigns.records import COLUMNS

from .support import Answer, Program

Row = Mapping[str, str]


def csv_of(kind: str, *rows: Row, columns: tuple[str, ...] | None = None) -> bytes:
    """Return an ads CSV; columns that a row leaves out are empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL if kind == "native" else csv.QUOTE_MINIMAL)
    names = columns or COLUMNS[kind]
    writer.writerow(names)
    writer.writerows([[row.get(name, "") for name in names] for row in rows])
    return text.getvalue().encode()


@frozen
class Ads:
    """A program that is signed in, and creatives of each ad format that are in its library."""

    client: Program
    in_stream: str
    image: str
    video: str

    @classmethod
    async def of(cls, client: Program) -> Ads:
        """Sign in and put three creatives into the library."""
        await client.sign_in()
        formats = ("in_stream_video", "native_image", "native_video")
        creatives = [
            {"name": f"a {name}", "ad_format": name, "review_status": "approved"}
            for name in formats
        ]
        answer = await client.call("POST", "library", {"creatives": creatives})
        return cls(client, *answer.body["ids"])

    @property
    def sandbox(self) -> TjSandbox:
        return self.client.sandbox

    def pre_roll(self, name: str = "EN_Summer_ID-1A2B3C4D", **cells: str) -> Row:
        row = {"Ad Name": name, "Target URL": "https://example.com/?sub11=x&c={CampaignID}"}
        return {**row, "Creative ID": self.in_stream, **_spaced(cells)}

    def native(self, name: str = "EN_Summer_ID-1A2B3C4D", **cells: str) -> Row:
        row = {"Ad Name": name, "Target URL": "https://example.com/"}
        ids = {"Video Creative ID": self.video, "Thumbnail Creative ID": self.image}
        texts = {"Headline": "A headline", "Brand Name": "A brand"}
        return {**row, **ids, **texts, **_spaced(cells)}

    def rows(self, kind: str, count: int) -> list[Row]:
        """Return so many different rows."""
        make = self.native if kind == "native" else self.pre_roll
        return [make(f"EN_Summer_ID-{number:08X}") for number in range(1, count + 1)]

    async def add(self, **campaign: object) -> str:
        """Add a campaign, a pre-roll one with no ads if nothing else is said; return its id."""
        asked = {"name": "A campaign", "kind": "pre_roll", **campaign}
        answer = await self.client.call("POST", "campaigns", {"campaigns": [asked]})
        assert answer.status == 200, answer.body
        return str(answer.body["ids"][0])

    async def preview(self, campaign_id: str, content: bytes) -> Answer:
        """Send a CSV as the page does."""
        form = FormData()
        form.add_field("massAdsCsv", io.BytesIO(content), filename="ads.csv")
        return await self._post(f"/campaign/{campaign_id}/ads/csv-preview", form)

    async def confirm(self, campaign_id: str, token: str) -> Answer:
        """Confirm a CSV as the page does."""
        body = json.dumps({"token": token})
        return await self._post(f"/campaign/{campaign_id}/ads/csv-confirm", body)

    async def _post(self, path: str, data: object) -> Answer:
        async with self.client.http.post(f"{self.sandbox.url}{path}", data=data) as response:
            if response.content_type == "application/json":
                return Answer(response.status, await response.json())
            return Answer(response.status, await response.text())

    async def create(self, campaign_id: str, content: bytes) -> Answer:
        """Send a CSV that is taken, and confirm it."""
        previewed = await self.preview(campaign_id, content)
        assert previewed.status == 200, previewed.body
        return await self.confirm(campaign_id, previewed.body["token"])

    async def issues(self, campaign_id: str, content: bytes) -> list[str]:
        """Return what the site says of a CSV, nothing if it takes it."""
        answer = await self.preview(campaign_id, content)
        return list(answer.body["issues"]) if answer.status == 422 else []

    async def table(self, campaign_id: str, **query: str | int) -> Answer:
        """Ask for a part of the table of ads, 10 from the first if nothing else is said."""
        parts = {"draw": 1, "start": 0, "length": 10, **query}
        text = "&".join(f"{name}={value}" for name, value in parts.items())
        answer = await self.client.get(f"/campaign/{campaign_id}/ads/list?{text}")
        return Answer(answer.status, json.loads(answer.body)) if answer.status == 200 else answer

    async def truth(self, campaign_id: str) -> dict[str, Any]:
        """Return what the control API tells of a campaign."""
        answer = await self.client.call("GET", f"campaigns/{campaign_id}")
        assert answer.status == 200, answer.body
        return dict(answer.body)

    async def results(self, campaign_id: str) -> list[tuple[str, int, str]]:
        """Return each confirmation's result, how many ads it created, and its answer."""
        told = (await self.truth(campaign_id))["confirmations"]
        return [(each["result"], each["created"], each["answer"]) for each in told]


def _spaced(cells: Mapping[str, str]) -> Row:
    return {name.replace("_", " "): cell for name, cell in cells.items()}
