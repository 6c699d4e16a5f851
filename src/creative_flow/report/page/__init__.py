"""The report of a run as one web page, and the page of totals over all runs.

A page is a single file: style, program and pictures are in it, and its own policy forbids it to
reach anything but the evidence that lies beside it in the workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from creative_flow.errors import PluginError, UsageError, WorkspaceError
from creative_flow.report.redact import Redactor

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger, PastRun
    from creative_flow.workspace import Workspace

__all__ = ["Written", "find_run", "page_of", "write_campaigns", "write_report", "write_totals"]

LAST = "last"
"""What stands for the newest run."""

_ATTEMPTS = 3
_NAMED = 5


@frozen
class Written:
    """What was written of a run: its page, and the CSV of errors if there were any."""

    page: Path
    errors_csv: Path | None


def page_of(workspace: Workspace, run: str) -> Path:
    """Return where the page of a run lies, or would."""
    return workspace.reports / f"run_{run}.html"


def write_report(
    workspace: Workspace,
    run: str,
    *,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Written:
    """Write the page of a live run, ``tracking/reports/run_{run}.html``, from the ledger.

    ``run`` is the run's id, the beginning of it that no other shares, or ``last``. Where creatives
    need attention, a CSV beside it lists them. Either file is there as a whole or as it was before.
    Pictures are made within `creative_flow.report.page.thumbnails.SECONDS`; ``progress`` is told
    how many are through, and of how many. Raises `UsageError` for a run that is not there,
    `LedgerError`, and `WorkspaceError` where a file can't be written.
    """
    from creative_flow.ledger import Ledger
    from creative_flow.report.page.errors_csv import errors_csv
    from creative_flow.report.page.run_page import run_page
    from creative_flow.report.page.thumbnails import Thumbnails
    from creative_flow.report.page.view import attention_first, gather

    with Ledger.open(workspace.ledger_url) as ledger:
        past = find_run(ledger, run)
        view = gather(
            ledger,
            past,
            title=_title(workspace, past.platform),
            root=workspace.root,
            page_folder=workspace.reports,
            redact=Redactor(workspace.secrets()),
            now=datetime.now().astimezone(),
        )
    pictures = Thumbnails(workspace.thumbnails, workspace.archive)
    view = evolve(view, pictures=pictures.of(attention_first(view), progress))
    page = page_of(workspace, past.run)
    _write(page, lambda: run_page(view))
    errors = page.with_name(f"run_{past.run}_errors.csv")
    if any(file.attention for file in view.files):
        _write(errors, lambda: errors_csv(view))
        return Written(page, errors)
    _remove(errors)
    return Written(page, None)


def write_campaigns(workspace: Workspace, run: str) -> Path:
    """Write the page of a live run over campaigns, as `write_report` does; return its path.

    Raises `UsageError` for a run that is not there, `LedgerError`, and `WorkspaceError`.
    """
    from creative_flow.ledger import Ledger
    from creative_flow.report.page.campaigns_page import campaigns_page, gather_campaigns

    with Ledger.open(workspace.ledger_url) as ledger:
        record = ledger.ad_history()
        found = [it for it in record.past_runs(prefix=run, limit=_NAMED) if it.run == run]
        if not found:
            raise UsageError(f"There is no run {run!r} over campaigns.")
        view = gather_campaigns(
            found[0],
            record.outcomes(run),
            title=_title(workspace, found[0].platform),
            root=workspace.root,
            page_folder=workspace.reports,
            redact=Redactor(workspace.secrets()),
            now=datetime.now().astimezone(),
        )
    page = page_of(workspace, run)
    _write(page, lambda: campaigns_page(view))
    return page


def write_totals(workspace: Workspace) -> Path:
    """Write ``tracking/reports/totals.html``: all live runs over time; return its path.

    How long one creative takes by hand is the setting ``MINUTES_BY_HAND``. Raises `LedgerError`,
    `SettingsError`, and `WorkspaceError` where the file can't be written.
    """
    from creative_flow.ledger import Ledger
    from creative_flow.report.page.totals import gather_totals
    from creative_flow.report.page.totals_page import totals_page

    minutes = workspace.number("MINUTES_BY_HAND")
    with Ledger.open(workspace.ledger_url) as ledger:
        totals = gather_totals(ledger, redact=Redactor(workspace.secrets()))
    now = datetime.now().astimezone()
    page = workspace.reports / "totals.html"
    name = workspace.root.name
    _write(page, lambda: totals_page(totals, workspace=name, minutes_by_hand=minutes, now=now))
    return page


def find_run(ledger: Ledger, run: str) -> PastRun:
    """Return the one live run that an id, its beginning, or ``last`` stands for.

    Raises `UsageError` if there is none, or more than one.
    """
    found = ledger.history().past_runs(prefix="" if run == LAST else run, limit=_NAMED + 1)
    if not found and run == LAST:
        raise UsageError("No live run is recorded here.", hint="Dry runs leave no record.")
    if not found:
        raise UsageError(f"There is no run {run!r}.", hint="`cfu report` lists them.")
    whole = [past for past in found if past.run == run]
    if len(found) > 1 and run != LAST and not whole:
        names = ", ".join(past.run for past in found[:_NAMED])
        more = " and more" if len(found) > _NAMED else ""
        raise UsageError(f"{run!r} begins several runs: {names}{more}.", hint="Give more of it.")
    return (whole or found)[0]


def _title(workspace: Workspace, platform: str) -> str:
    """Return the platform's name for people; of a plugin that is gone, its short one."""
    from creative_flow import registry

    try:
        return registry.load(platform, workspace.overrides_file(platform)).info.title
    except PluginError:
        return platform


def _write(path: Path, pieces: Callable[[], Iterable[bytes]]) -> None:
    """Write a file as a whole or not at all. Raises `WorkspaceError`."""
    from creative_flow.ledger.mirrors.disk import Stamp, TouchedMeanwhile, blaming, replace

    for _ in range(_ATTEMPTS):
        with blaming(path):
            stamp = Stamp.of(path)
        try:
            replace(path, pieces(), stamp)
        except TouchedMeanwhile:
            continue
        return
    raise WorkspaceError(f"{path} is being changed all the time.", hint="Run `cfu report` again.")


def _remove(path: Path) -> None:
    """Remove a file that an earlier making has left. Raises `WorkspaceError`."""
    from creative_flow.ledger.mirrors.disk import blaming

    with blaming(path):
        path.unlink(missing_ok=True)
