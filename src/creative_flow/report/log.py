"""The log of one run: what happened when, without secrets, in a file of its own."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TextIO

from creative_flow.creative import Outcome
from creative_flow.errors import SettingsError
from creative_flow.events import (
    BatchFinished,
    BatchStarted,
    CampaignKnown,
    CampaignsFinished,
    CampaignsStarted,
    CampaignStarted,
    Event,
    Noticed,
    OutcomeKnown,
    Progressed,
    RunFinished,
    RunStarted,
    StepChanged,
)
from creative_flow.report.redact import Redactor, masked
from creative_flow.report.rows import totals
from creative_flow.report.text import clean, notice, shown_size
from creative_flow.wording import counted

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}
"""What ``LOG_LEVEL`` may be."""

logger = logging.getLogger("creative_flow.run")


class RunLog:
    """Writes the events of a run, and what the project's own loggers say, to a new file.

    It is a `Listener` and a context manager. The file, readable by its owner only, is made with the
    first event; then the oldest logs beyond ``keep`` (0: none) are removed. A disk that fills up
    during the run is told once to ``complain`` and stops no run.
    """

    def __init__(
        self,
        folder: Path,
        *,
        level: str = "INFO",
        mask_ids: bool = False,
        keep: int = 0,
        secrets: Collection[str] = (),
        complain: Callable[[str], None] = lambda _: None,
    ) -> None:
        if level.upper() not in LEVELS:
            raise SettingsError(
                f"LOG_LEVEL must be one of {', '.join(LEVELS)}, not {level!r}.",
                hint="It is set in the environment or in config/.env.",
            )
        self.path: Path | None = None
        self._folder = folder
        self._level = LEVELS[level.upper()]
        self._keep = keep
        self._formatter = _Formatter(Redactor(secrets), mask_ids=mask_ids)
        self._complain = complain
        self._handler: logging.Handler | None = None
        self._given_up = False
        self._levels: dict[logging.Logger, int] = {}

    def __enter__(self) -> RunLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __call__(self, event: Event) -> None:
        """Write one event. Where the file can't be made, that is told once and no log is kept."""
        if self._handler is None and not self._given_up:
            self._open()
        if isinstance(event, RunFinished):
            for remark in event.report.ads_remarks:
                logger.warning("%s", remark)
        level, message = _told(event)
        if message:
            logger.log(level, "%s", message)

    def close(self) -> None:
        """Finish the file. Closing twice is fine."""
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
            self._handler = None
        for changed, level in self._levels.items():
            changed.setLevel(level)
        self._levels.clear()

    def _open(self) -> None:
        try:
            self.path, file = _new_file(self._folder)
        except OSError as error:
            self._given_up = True
            self._complain(f"No log is kept, {self._folder}: {error.strerror or error}.")
            return
        handler = _Handler(file, self.path, self._complain)
        handler.setFormatter(self._formatter)
        handler.addFilter(_concerns_us)
        handler.setLevel(self._level)
        root = logging.getLogger()
        self._levels[root] = root.level
        root.setLevel(min(self._level, root.level))
        root.addHandler(handler)
        self._handler = handler
        if self._keep:
            _remove_oldest(self._folder, self._keep)


class _Handler(logging.StreamHandler[TextIO]):
    def __init__(self, file: TextIO, path: Path, complain: Callable[[str], None]) -> None:
        super().__init__(file)
        self._path = path
        self._complain = complain
        self._complained = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name in logging
        if not self._complained:
            self._complained = True
            reason = sys.exc_info()[1]
            why = (reason.strerror if isinstance(reason, OSError) else "") or str(reason)
            self._complain(f"The log {self._path} can't be written any more: {why}.")

    def close(self) -> None:
        try:
            self.stream.close()
        except OSError as error:
            self._complain(
                f"The log {self._path} could not be finished: {error.strerror or error}."
            )
        super().close()


class _Formatter(logging.Formatter):
    """One record, one line; only a traceback has more, each marked as such."""

    def __init__(self, redact: Redactor, *, mask_ids: bool) -> None:
        super().__init__()
        self._redact = redact
        self._mask_ids = mask_ids

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created).astimezone()
        lines = [clean(record.getMessage())]
        if record.exc_info:
            trace = self.formatException(record.exc_info)
            lines += [f"    | {clean(line)}" for line in trace.splitlines()]
        text = self._redact("\n".join(lines))
        if self._mask_ids:
            text = masked(text)
        return f"{when.isoformat(timespec='milliseconds')} {record.levelname:<7} {text}"


def _concerns_us(record: logging.LogRecord) -> bool:
    return record.name.startswith("creative_flow") or record.levelno >= logging.WARNING


def _new_file(folder: Path) -> tuple[Path, TextIO]:
    when = datetime.now().astimezone()
    while True:
        path = folder / f"upload_log_{when:%Y%m%d-%H%M%S}.txt"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            when += timedelta(seconds=1)
        else:
            return path, os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace")


def _remove_oldest(folder: Path, keep: int) -> None:
    for path in sorted(folder.glob("upload_log_*.txt"))[:-keep]:
        path.unlink(missing_ok=True)


def _told(event: Event) -> tuple[int, str]:
    """Return how an event is logged: its level and its line."""
    match event:
        case RunStarted():
            who = f"account {event.account} (login {event.login or 'not known'})"
            kind = "live" if event.live else "dry run"
            return logging.INFO, (
                f"run {event.run} started, {kind}, {event.title}, {who}: "
                f"{counted(event.files, 'file')}, {shown_size(event.size)}, "
                f"{counted(event.batches, 'batch', 'batches')}"
            )
        case Noticed():
            return (logging.WARNING if event.warning else logging.INFO), notice(event.message)
        case BatchStarted():
            batch = event.batch
            return logging.INFO, (
                f"batch {batch.number} of {event.of}: "
                f"{counted(len(batch.creatives), 'file')} as {batch.ad_format}"
            )
        case Progressed():
            return logging.DEBUG, f"{event.what}: {event.done} of {event.of} {event.now}".rstrip()
        case StepChanged():
            about = "" if event.batch is None else f"batch {event.batch}: "
            return logging.DEBUG, f"{about}{event.what}"
        case OutcomeKnown():
            return _outcome(event.outcome)
        case BatchFinished():
            return logging.INFO, f"batch {event.batch.number} finished"
        case CampaignsStarted() | CampaignStarted() | CampaignKnown() | CampaignsFinished():
            return _of_campaigns(event)
        case RunFinished():
            report = event.report
            level = logging.ERROR if report.error else logging.INFO
            stopped = f"; stopped: {report.error}" if report.error else ""
            return level, f"run {report.run} finished: {totals(report)}{stopped}"
        case _:
            return logging.DEBUG, ""


def _of_campaigns(
    event: CampaignsStarted | CampaignStarted | CampaignKnown | CampaignsFinished,
) -> tuple[int, str]:
    match event:
        case CampaignsStarted():
            kind = "live" if event.live else "dry run"
            return logging.INFO, (
                f"run {event.run} over campaigns started, {kind}, {event.title}, account "
                f"{event.account} (login {event.login or 'not known'}): {event.successful} "
                f"successful, {event.failed} failed, {event.remaining} remaining"
            )
        case CampaignStarted():
            return logging.DEBUG, f"campaign {event.campaign_id} {event.name}".rstrip()
        case CampaignKnown(outcome=it):
            level = logging.INFO if it.status.is_well else logging.WARNING
            why = "; ".join(filter(None, (it.error, it.note)))
            see = f" (see {', '.join(it.evidence)})" if it.evidence else ""
            return level, (
                f"{it.status.value} campaign {it.campaign_id} {it.name!r}, "
                f"{counted(it.ads_created, 'ad')} of {it.csv_file}"
                f"{f': {why}' if why else ''}{see}"
            )
        case CampaignsFinished(report=report):
            level = logging.ERROR if report.error else logging.INFO
            stopped = f"; stopped: {report.error}" if report.error else ""
            counts = ", ".join(f"{number} {status}" for status, number in report.counts.items())
            return level, f"run {report.run} over campaigns finished: {counts}{stopped}"


def _outcome(outcome: Outcome) -> tuple[int, str]:
    level = logging.INFO if outcome.status.is_well else logging.WARNING
    shown = f" Creative ID {outcome.creative_id}" if outcome.creative_id else ""
    why = f": {outcome.error}" if outcome.error else ""
    evidence = f" (see {', '.join(outcome.evidence)})" if outcome.evidence else ""
    return level, f"{outcome.status.value}{shown} {outcome.path}{why}{evidence}"
