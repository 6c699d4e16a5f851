"""A run's outcomes as a CSV file that grows with every batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from creative_flow.creative import Outcome
from creative_flow.durable import sync_folder
from creative_flow.errors import WorkspaceError
from creative_flow.ledger.mirrors import disk
from creative_flow.ledger.mirrors.cells import line, shown
from creative_flow.ledger.mirrors.disk import Stamp, TouchedMeanwhile

_BLOCK = 1024 * 1024
_ATTEMPTS = 5


class StatusMirror:
    """Writes outcomes to one file, durably, so that a crash costs the file no line.

    ``title`` is the platform's name for people; ``column_prefix`` names the column of its Creative
    IDs. Calls raise `WorkspaceError` if the file can't be written.
    """

    def __init__(self, path: Path, *, title: str, column_prefix: str) -> None:
        self.path = path
        self._title = title
        columns = (
            "unique_id",
            "file_path",
            "file_name",
            "upload_date",
            "upload_time",
            "platform",
            "campaign_id",
            f"{column_prefix}_creative_id",
            "status",
            "error_message",
            "batch_id",
            "native_pair_id",
            "retries",
        )
        self._header = line(columns).encode()

    def append(self, outcomes: Sequence[Outcome], *, run: str, campaign: str) -> None:
        """Append a line per outcome, below a header line if the file is new.

        A last line that a crash cut off is taken away first. A file that somebody has saved in
        another form is kept beside it, under another name. ``run`` is for the callers' symmetry
        with the ledger; the file has no column for it.
        """
        data = b"".join(self._line(outcome, campaign) for outcome in outcomes)

        def work(stamp: Stamp | None) -> None:
            if stamp is None:
                disk.replace(self.path, [self._header, data], None)
                return
            with disk.blaming(self.path):
                whole = _whole_lines(self.path, self._header) or 0
            start = b"" if whole else self._header
            disk.append(self.path, start + data, at=whole, size=stamp.size)

        self._until_quiet(work)

    def rewrite(self, outcomes: Sequence[Outcome], *, run: str, campaign: str) -> None:
        """Write the whole file from these outcomes, in their order. ``run`` as in `append`."""

        def lines() -> Iterator[bytes]:
            yield self._header
            for outcome in outcomes:
                yield self._line(outcome, campaign)

        self._until_quiet(lambda stamp: disk.replace(self.path, lines(), stamp))

    def _until_quiet(self, work: Callable[[Stamp | None], object]) -> None:
        """Do the work on the file as it stands; if somebody else writes it meanwhile, again."""
        for _ in range(_ATTEMPTS):
            with disk.blaming(self.path):
                stamp = Stamp.of(self.path)
                if stamp is not None and _whole_lines(self.path, self._header) is None:
                    self._make_way()
                    stamp = None
            try:
                work(stamp)
            except TouchedMeanwhile:
                continue
            return
        raise WorkspaceError(
            f"{self.path} is being changed all the time.",
            hint="Close it in the other program and run again.",
        )

    def _make_way(self) -> None:
        """Give a file in another form another name."""
        number = 1
        while (other := self.path.with_stem(f"{self.path.stem}_edited{number}")).exists():
            number += 1
        self.path.rename(other)
        sync_folder(self.path.parent)

    def _line(self, outcome: Outcome, campaign: str) -> bytes:
        at = outcome.at.astimezone() if outcome.at else None
        cells = (
            outcome.unique_id,
            str(outcome.path),
            outcome.name,
            f"{at:%Y-%m-%d}" if at else "",
            f"{at:%H:%M:%S}" if at else "",
            self._title,
            campaign,
            outcome.creative_id,
            outcome.status.value,
            outcome.error,
            "" if outcome.batch is None else str(outcome.batch),
            outcome.native_pair_id,
            str(outcome.retries),
        )
        return line(shown(cell) for cell in cells).encode()


def _whole_lines(path: Path, header: bytes) -> int | None:
    """Return how many bytes of the file are whole lines, or None if its header is another one.

    A line end within quotes ends no line.
    """
    end = offset = 0
    quoted = False
    with path.open("rb") as file:
        start = file.read(len(header))
        if not header.startswith(start):
            return None
        if start != header:
            return 0
        file.seek(0)
        while data := file.read(_BLOCK):
            for piece in data.splitlines(keepends=True):
                offset += len(piece)
                quoted ^= piece.count(b'"') % 2 == 1
                if piece.endswith(b"\n") and not quoted:
                    end = offset
    return end
