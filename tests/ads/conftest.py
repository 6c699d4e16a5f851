"""A workspace with a real ledger, into which runs are written as a live upload writes them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from attrs import define, field, frozen

from creative_flow import registry
from creative_flow.adfiles import AdsFiles, AdTexts, make_ads
from creative_flow.ads import AdsCsv
from creative_flow.creative import Batch, Creative, Outcome, Snapshot, Status, file_key
from creative_flow.ledger import KnownEntry, Ledger, Origin, Prepared
from creative_flow.ledger.brought import LiveRun
from creative_flow.naming import ids_in
from creative_flow.platform import Context
from creative_flow.workspace import Workspace

TJ = "tj"


def in_stream(number: int, category: str = "Summer") -> str:
    return f"EN_{category}_F_Real_SFW_Generic_Ana_6sec_ID-{number:08X}"


def video(number: int, category: str = "Summer") -> str:
    return f"VID_EN_{category}_F_Real_SFW_Generic_Ana_4sec_ID-{number:08X}-VID"


def image(number: int, category: str = "Summer") -> str:
    return f"IMG_EN_{category}_F_Real_SFW_Generic_Ana_ID-{number:08X}-IMG"


@frozen
class Desk:
    """A workspace in which nothing ever ran, for what needs no ledger."""

    workspace: Workspace

    def ads(self, account: str = "default") -> tuple[AdsCsv, Context]:
        used = registry.load(TJ, self.workspace.overrides_file(TJ))
        context = self.workspace.context(
            TJ, used.info, account, headless=True, interactive=False, notify=print
        )
        made = used.ads_csv(context)
        assert made is not None
        return made, context

    def say(self, text: str) -> Path:
        """Write the user's ads file."""
        file = self.workspace.ads_file(TJ)
        file.write_text(text, encoding="utf-8")
        return file

    def texts(self) -> AdTexts:
        ads, context = self.ads()
        return AdTexts(self.workspace.ads_file(TJ), ads, context.info, self.workspace.find)


@define
class Office:
    """Where ads CSVs are made."""

    workspace: Workspace
    ledger: Ledger
    account: str = "default"
    _ids: Iterator[int] = field(factory=lambda: count(1_032_530_001, 10))

    def run(
        self,
        *names: str,
        status: Status = Status.SUCCESS,
        origin: Origin = Origin.PROVED,
        ends: bool = True,
    ) -> LiveRun:
        """Record a run that brought these up, as in-stream videos or native halves by name."""
        run = self.ledger.start_run(
            TJ, self.account, login="ana.buyer", campaign="", total=len(names)
        )
        outcomes = [self.outcome(name, status) for name in names]
        self.ledger.add_entries(TJ, self.account, [self.entry(it, origin) for it in outcomes])
        self.ledger.record(run, outcomes)
        if ends:
            self.ledger.finish_run(run)
        return self.live(run)

    def interrupted(self, name: str) -> tuple[str, Outcome]:
        """Record a run that was killed while it sent one file; return what became of that."""
        run = self.ledger.start_run(TJ, self.account, login="ana.buyer", campaign="", total=1)
        it = self.outcome(name, Status.SUCCESS)
        creative = Creative(
            it.path,
            it.ad_format,
            1,
            "ab" * 32,
            unique_id=it.unique_id,
            native_pair_id=it.native_pair_id,
        )
        empty = Snapshot(it.ad_format, (), complete=True, taken_at=datetime.now(UTC))
        batch = self.ledger.write_intent(run, Batch(1, it.ad_format, (creative,)), empty, "")
        self.ledger.mark_sending(batch)
        return run, it

    def settle(self, outcome: Outcome) -> None:
        [intent] = self.ledger.open_intents(TJ, self.account)
        self.ledger.settle(intent, outcome, [self.entry(outcome)])

    def outcome(self, name: str, status: Status) -> Outcome:
        path = self.workspace.uploaded / f"{name}.{'png' if name.startswith('IMG') else 'mp4'}"
        unique_id, pair = ids_in(name)
        ad_format = {"IMG": "native_image", "VID": "native_video"}.get(name[:3], "in_stream_video")
        return Outcome(
            path,
            status,
            ad_format=ad_format,
            creative_id=str(next(self._ids)),
            unique_id=unique_id,
            native_pair_id=pair,
            size=1,
            at=datetime.now(UTC),
        )

    def entry(self, outcome: Outcome, origin: Origin = Origin.PROVED) -> KnownEntry:
        return KnownEntry(
            TJ,
            self.account,
            outcome.ad_format,
            outcome.creative_id,
            outcome.name,
            file_key(outcome.path.stem),
            origin=origin,
        )

    def process(self, name: str, category: str) -> None:
        """Record that a file came from `cfu process`, which knows its category."""
        unique_id, pair = ids_in(name)
        row = Prepared(
            unique_id=unique_id,
            session="s",
            source_sha256="cd" * 32,
            source=f"source_files/{name}",
            path=f"uploaded/{name}",
            native_pair_id=pair,
            facts={"category": category},
        )
        inventory = self.ledger.inventory(self.workspace.identity)
        inventory.plan([row])
        inventory.finish([row])

    def say(self, text: str) -> Path:
        return Desk(self.workspace).say(text)

    def live(self, run: str) -> LiveRun:
        [found] = self.ledger.brought_up().runs(run)
        return found

    def make(self, run: LiveRun) -> AdsFiles:
        ads, context = Desk(self.workspace).ads(self.account)
        return make_ads(self.live(run.run), self.workspace, context, ads, self.ledger)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def named(made: AdsFiles, ending: str) -> Path:
    """Return the file of a set whose name ends so, after the time."""
    [path] = [path for path in made.files if path.name.split("_", 3)[3] == ending]
    return path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    workspace = Workspace(tmp_path / "workspace", environ={})
    workspace.config.mkdir(parents=True, exist_ok=True)
    return Desk(workspace)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    workspace = Workspace(tmp_path / "workspace", environ={})
    workspace.prepare()
    with Ledger.open(workspace.ledger_url) as ledger:
        ledger.bind_account(TJ, "default", "ana.buyer")
        yield Office(workspace, ledger)


SET = """\
[default]
target_url = "https://go.shop.tld/l?a={BanID}&sub11={CampaignName}&x=%20y"
brand = "Ana & Co"
headline = "All summer long"
"""
"""An ads file that leaves no placeholder."""
