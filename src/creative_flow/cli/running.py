"""One upload as the terminal sees it: live bar, log, summary."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from attrs import frozen

from creative_flow.cli.output import Output, failed_run, one_line, tell
from creative_flow.creative import Report
from creative_flow.errors import CreativeFlowError, Interrupted
from creative_flow.events import Event, Noticed, RunFinished
from creative_flow.report.log import RunLog
from creative_flow.report.progress import progress
from creative_flow.report.summary import show
from creative_flow.wording import counted

if TYPE_CHECKING:
    from creative_flow.archive import ArchiveReport
    from creative_flow.report.progress import LiveProgress, PlainProgress
    from creative_flow.workspace import Workspace


@frozen
class Choices:
    """What the user chose for a run; see ``cfu upload --help``."""

    live: bool = False
    account: str = "default"
    ad_format: str | None = None
    campaign: str = ""
    force: bool = False
    fresh: bool = False
    retry_failed: bool = False
    wait: bool = False
    limit: int | None = None
    skip_similar: bool = False
    parallel: int = 1
    headless: bool | None = None


def is_interactive() -> bool:
    """Say whether somebody sits at a terminal who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def run_upload(
    workspace: Workspace,
    platform: str,
    files: Sequence[Path] | None,
    choices: Choices,
    people: TextIO,
) -> Report:
    """Upload, showing progress on standard error and at the end the summary to ``people``.

    Raises what `creative_flow.upload` raises before a run begins.
    """
    from creative_flow.report.page.ahead import Ahead
    from creative_flow.uploading import upload

    page = None
    interactive = is_interactive()
    ahead = Ahead(workspace)
    with run_log(workspace) as log, progress(sys.stderr) as bar, closing(ahead):
        report = upload(
            platform,
            files,
            workspace=workspace,
            live=choices.live,
            account=choices.account,
            ad_format=choices.ad_format,
            campaign=choices.campaign,
            force=choices.force,
            fresh=choices.fresh,
            retry_failed=choices.retry_failed,
            wait=choices.wait,
            limit=choices.limit,
            skip_similar=choices.skip_similar,
            parallel=choices.parallel,
            headless=choices.headless,
            interactive=interactive,
            confirm_forget=partial(_confirm_forget, bar) if interactive else None,
            on_event=[log, bar, ahead],
        )
        if report.live and report.run:
            page = write_page(workspace, report, log)
    show(
        report,
        people,
        root=workspace.root,
        status_csv=report.status_csv,
        log=log.path,
        page=page,
    )
    return report


def one_run(
    output: Output,
    workspace: Workspace,
    platform: str,
    files: Sequence[Path] | None,
    choices: Choices,
) -> tuple[int, Report | None]:
    """Upload to one platform; return exit code and report. An error stops this one run only."""
    try:
        report = run_upload(workspace, platform, files, choices, output.people)
    except CreativeFlowError as error:
        print(f"cfu: {one_line(error)}", file=sys.stderr)
        output.runs.append(failed_run(platform, error, account=choices.account, live=choices.live))
        return error.exit_code, None
    output.runs.append(report.to_dict())
    return report.exit_code, report


def write_page(workspace: Workspace, report: Report, log: RunLog) -> Path | None:
    """Write the page of a live run; return where it lies.

    If that fails, there is a warning and no page: nothing about the run changes, and
    ``cfu report`` can make the page later.
    """
    from creative_flow.uploading.books import Bulletin

    pages: list[Path] = []

    def write(_: Event) -> None:
        from creative_flow.report.page import write_report

        try:
            pages.append(write_report(workspace, report.run).page)
        except CreativeFlowError as error:
            log(Noticed(f"The report of the run was not written: {error}", warning=True))

    with suppress(KeyboardInterrupt):  # whoever is tired of waiting gets the summary at once
        # What fails in an unforeseen way is logged there, as any listener's failure.
        Bulletin([write]).tell(RunFinished(report))
    if not pages:
        tell(f"Warning: no report was written; `cfu report {report.run}` makes it.")
    return pages[0] if pages else None


def archive_after(
    workspace: Workspace, reports: Sequence[Report | None], people: TextIO
) -> tuple[int, dict[str, object] | None]:
    """Archive what is up after the runs of one command; return exit code and JSON document.

    The document is None where there was nothing to do.
    """
    try:
        archived = _archive(workspace, reports, people)
    except CreativeFlowError as error:
        print(f"cfu: {one_line(error)}", file=sys.stderr)
        return error.exit_code, {"error": str(error), "archived": [], "left": []}
    return (archived.exit_code, archived.to_dict()) if archived is not None else (0, None)


def _archive(
    workspace: Workspace, reports: Sequence[Report | None], people: TextIO
) -> ArchiveReport | None:
    """Archive what is up after the runs of one command; say so to ``people``.

    ``reports`` are those of all platforms, None for a run that did not begin. A file goes only if
    all is well with it on every one of them; nothing goes if a run was stopped. Returns None where
    nothing was to be archived, or why it could not be was told.
    """
    from creative_flow.archive import archive_files
    from creative_flow.archive.find import below
    from creative_flow.cli.archive import archived_lines, left_lines

    whole = [report for report in reports if report is not None and not report.error]
    if not whole or len(whole) < len(reports):
        print("Nothing was archived: a run was stopped.", file=people)
        return None
    if not all(report.live for report in whole):
        print("Nothing is archived in a dry run.", file=people)
        return None
    well = set.intersection(
        *(
            {it.path for it in report.outcomes if it.creative_id and it.status.is_well}
            for report in whole
        )
    )
    paths = [
        path
        for path in sorted(filter(None, (below(workspace, path) for path in well)))
        if path.is_relative_to(workspace.uploaded)
    ]
    if not paths:
        print("Nothing was archived: none of the files that are up lies in uploaded/.", file=people)
        return None
    with progress(sys.stderr) as bar:
        archived = archive_files(
            paths,
            workspace=workspace,
            platform=whole[0].platform if len(whole) == 1 else "",
            account=whole[0].account,
            on_event=bar,
        )
    for line in (
        *archived.notices,
        *archived_lines(archived, workspace.root),
        *left_lines(archived.left, workspace.root),
    ):
        print(line, file=people)
    people.flush()
    return archived


def run_log(workspace: Workspace) -> RunLog:
    """Return the log of one run, as the settings want it."""
    return RunLog(
        workspace.upload_logs,
        level=workspace.setting("LOG_LEVEL"),
        mask_ids=workspace.flag("MASK_IDS"),
        keep=int(workspace.number("KEEP_LOGS")),
        secrets=workspace.secrets(),
        complain=tell,
    )


def _confirm_forget(bar: LiveProgress | PlainProgress, count: int) -> bool:
    from creative_flow.cli.asking import making_room

    question = f"The library CSV was cleared. Forget its {counted(count, 'creative')}?"
    with making_room(bar):
        return click.confirm(question, default=False, err=True)


def overall(codes: Sequence[int]) -> int:
    """Return the exit code of several runs: what stopped one weighs more than a failed file."""
    if Interrupted.exit_code in codes:
        return Interrupted.exit_code
    return next((code for code in codes if code > 1), max(codes))
