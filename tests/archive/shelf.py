"""A workspace whose files were uploaded, as its ledger says, without any platform."""

from __future__ import annotations

import csv
import hashlib
from datetime import UTC, datetime
from pathlib import Path

from attrs import Factory, define

from creative_flow.archive import ArchiveReport, MoveReport, RestoreReport, archive_files, restore
from creative_flow.creative import Batch, Creative, Outcome, Snapshot, Status
from creative_flow.ledger import KnownEntry, Ledger, Origin
from creative_flow.naming import ids_in
from creative_flow.workspace import Workspace

NAME = "EN_Summer_F_Real_SFW_Generic_Ana_4sec_ID-1A2B3C4D"


@define
class Shelf:
    """One workspace. ``contents`` holds each file's bytes by its path below ``uploaded/``."""

    root: Path
    contents: dict[str, bytes] = Factory(dict)
    _last_id: int = 1_032_530_501

    @property
    def place(self) -> Workspace:
        return Workspace(self.root)

    def add(self, name: str, content: bytes = b"") -> Path:
        """Put a file below ``uploaded/``."""
        path = self.root / "uploaded" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or f"picture {name}".encode())
        self.contents[name] = path.read_bytes()
        return path

    def upload(
        self,
        *names: str,
        status: Status = Status.SUCCESS,
        platform: str = "acme",
        account: str = "default",
    ) -> str:
        """Record that files went up in one run; return its id."""
        self.place.prepare()
        creatives = [self._creative(name) for name in names]
        with Ledger.open(self.place.ledger_url) as ledger:
            run = ledger.start_run(
                platform, account, login="ann", campaign="", total=len(creatives)
            )
            now = datetime.now(UTC)
            empty = Snapshot("banner", (), complete=True, taken_at=now)
            batch = ledger.write_intent(run, Batch(1, "banner", tuple(creatives)), empty, "")
            ledger.mark_sending(batch)
            outcomes, entries = [], []
            for it in creatives:
                has_id = status in {Status.SUCCESS, Status.DUPLICATE}
                self._last_id += 10
                creative_id = str(self._last_id) if has_id else ""
                outcomes.append(
                    Outcome(it.path, status, "banner", creative_id, size=it.size, sha256=it.sha256)
                )
                if has_id:
                    entries.append(
                        KnownEntry(
                            platform,
                            account,
                            "banner",
                            creative_id,
                            it.name,
                            it.key,
                            it.sha256,
                            origin=Origin.PROVED,
                        )
                    )
            ledger.finish_batch(batch, outcomes, entries)
            ledger.finish_run(run)
        return run

    def up(self, *names: str) -> str:
        """Make files and have them uploaded; return the run."""
        for name in names:
            self.add(name)
        return self.upload(*names)

    def archive(self, *paths: Path | str, **options: object) -> ArchiveReport:
        return archive_files(list(paths) or None, workspace=self.root, **options)  # type: ignore[arg-type]

    def restore(self, *batches: str, **options: object) -> RestoreReport:
        return restore(batches, workspace=self.root, **options)  # type: ignore[arg-type]

    def batch(self, run: str) -> Path:
        """Return the batch folder of a run."""
        date, _, tail = run.split("-")
        return self.root / "archive" / f"batch_{tail.upper()}-{date}"

    def waiting(self) -> dict[str, bytes]:
        """Return what lies below ``uploaded/``."""
        return files_below(self.root / "uploaded")

    def rows(self, run: str) -> list[dict[str, str]]:
        """Return a batch folder's manifest."""
        with (self.batch(run) / "manifest.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def _creative(self, name: str) -> Creative:
        path = self.root / "uploaded" / name
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        unique_id, pair = ids_in(path.stem)
        return Creative(path, "banner", len(content), digest, None, unique_id, pair)


def files_below(folder: Path) -> dict[str, bytes]:
    """Return each file's bytes by its path below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def archived(folder: Path) -> dict[str, bytes]:
    """Return what lies in a batch folder beside its manifest."""
    return {name: data for name, data in files_below(folder).items() if name != "manifest.csv"}


def why(report: MoveReport) -> dict[str, str]:
    """Return the reasons by the names of the files that stayed."""
    return {left.path.name: left.why for left in report.left}
