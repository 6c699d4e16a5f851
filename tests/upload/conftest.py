from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import evolve, frozen

from creative_flow import registry
from creative_flow.creative import Outcome
from creative_flow.ledger import Ledger
from creative_flow.platform import Context
from creative_flow.uploading.files import from_paths
from creative_flow.uploading.items import Options, Plan
from creative_flow.uploading.plan import Planner
from creative_flow.workspace import Workspace

from .media import image

PLATFORM, ACCOUNT = "tj", "default"


@frozen
class Desk:
    """A workspace with an open ledger, at which plans are made."""

    workspace: Workspace
    context: Context
    ledger: Ledger

    @property
    def inbox(self) -> Path:
        return self.workspace.uploaded

    def planner(self, **options: object) -> Planner:
        used = registry.load(PLATFORM, self.workspace.overrides_file(PLATFORM))
        wanted = Options(**options)  # type: ignore[arg-type]
        context = evolve(self.context, info=used.info)
        return Planner(context, used.uploader(context), self.ledger, wanted)

    def plan(self, *paths: Path, **options: object) -> Plan:
        """Plan for files and folders; for the whole inbox if none are named."""
        candidates, _ = from_paths(paths or (self.inbox,), self.workspace)
        return self.planner(**options).plan(candidates)

    def outcome(self, path: Path, **options: object) -> Outcome:
        """Plan for one file that does not get to be sent; return why."""
        (item,) = self.plan(path, **options).items
        assert item.outcome is not None
        return item.outcome

    def ad_format(self, path: Path, **options: object) -> str:
        """Plan for one file that gets to be sent; return as what."""
        plan = self.plan(path, **options)
        assert [it.path for batch in plan.batches for it in batch.creatives] == [path]
        return plan.batches[0].ad_format


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    workspace = Workspace(tmp_path / "workspace", environ={})
    workspace.prepare()
    used = registry.load(PLATFORM, workspace.overrides_file(PLATFORM))
    context = workspace.context(
        PLATFORM, used.info, ACCOUNT, headless=True, interactive=False, notify=print
    )
    with Ledger.open(workspace.ledger_url) as ledger:
        ledger.bind_account(PLATFORM, ACCOUNT, "ana.buyer")
        yield Desk(workspace, context, ledger)


@pytest.fixture
def banner(tmp_path: Path) -> Callable[[str], Path]:
    """Make banners, each of its own content."""
    return lambda name: image(tmp_path / "banners" / name)
