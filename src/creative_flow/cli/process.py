"""``cfu process``: from raw files to creatives, and on to the platform."""

from __future__ import annotations

import gc
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from creative_flow.cli import MANY_OBJECTS
from creative_flow.cli.options import account_option, window_option, workspace_option
from creative_flow.cli.output import Output

if TYPE_CHECKING:
    from creative_flow.processed import ProcessReport
    from creative_flow.report.progress import LiveProgress, PlainProgress
    from creative_flow.workspace import Workspace

_EPILOG = """\b
Examples:
  cfu process --dry-run
  cfu process
  cfu process --upload --platform tj
  cfu process --upload --platform tj --live
  cfu process clips/ --native --platform tj

\b
Exit codes:
  0    all well
  1    some file could not be processed, or its upload is not well
  2    wrong usage, settings, or workspace
  130  interrupted; the same command goes on where it stopped
  and those of `cfu upload` with --upload
"""


@click.command(epilog=_EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...")
@click.option(
    "--native",
    is_flag=True,
    help="Make a native pair of every video (else: of those below source_files/native/).",
)
@click.option(
    "--platform",
    metavar="NAME",
    help="Whose rules count (default: the only installed platform that can upload).",
)
@click.option("--dry-run", is_flag=True, help="Show old and new names; make nothing.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many videos to convert at once (default: as many as there are cores).",
)
@click.option("--upload", "then_upload", is_flag=True, help="Go on with `cfu upload --session`.")
@click.option("--live", is_flag=True, help="With --upload: really send.")
@click.option("--campaign", default="", metavar="ID", help="With --upload: recorded, no more.")
@click.option("--archive", is_flag=True, help="With --upload --live: archive what is up.")
@click.option("--retry-failed", is_flag=True, help="With --upload: take failed files up again.")
@click.option("--wait", is_flag=True, help="With --upload: wait for another run's account.")
@account_option
@window_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@workspace_option()
@click.pass_obj
def process(
    output: Output,
    paths: tuple[Path, ...],
    native: bool,
    platform: str | None,
    dry_run: bool,
    jobs: int | None,
    then_upload: bool,
    live: bool,
    campaign: str,
    archive: bool,
    retry_failed: bool,
    wait: bool,
    account: str,
    headless: bool | None,
    as_json: bool,
    workspace: Path,
) -> int:
    """Make raw files ready: probe, name, convert, compress.

    PATHS are files and folders; without any it is all of source_files/. Each file gets a unique id
    and a name that tells what it is; what is ready lies in uploaded/, and the sources move to
    archive/sources/. From videos below source_files/native/ come native pairs. What was processed
    once is left out, whatever its name.
    """
    from creative_flow.workspace import Workspace

    if (live or archive) and not then_upload:
        raise click.UsageError("--live and --archive go with --upload.")
    if then_upload and not platform:
        raise click.UsageError("--upload needs --platform NAME.")
    if then_upload and dry_run:
        raise click.UsageError("--dry-run makes nothing that --upload could send.")
    place = Workspace(workspace)
    if then_upload and platform:  # of what can't be used nothing is made
        from creative_flow import registry

        registry.load(platform, place.overrides_file(platform))
    report = _process(output, place, list(paths) or None, native, platform, dry_run, jobs)
    document: dict[str, object] = {"runs": output.runs}
    codes = [report.exit_code]
    from creative_flow.cli.running import Choices, archive_after, one_run, overall

    if then_upload and not report.error and place.session_csv.exists():
        choices = Choices(
            live=live,
            account=account,
            campaign=campaign,
            retry_failed=retry_failed,
            wait=wait,
            headless=headless,
        )
        sent, uploaded = one_run(output, place, platform or "", None, choices)
        codes.append(sent)
        if archive:
            archiving, archived = archive_after(place, [uploaded], output.people)
            codes.append(archiving)
            if archived is not None:
                document["archive"] = archived
    if as_json:
        output.document({"process": report.to_dict(), **document})
    return overall(codes)


def _process(
    output: Output,
    place: Workspace,
    paths: list[Path] | None,
    native: bool,
    platform: str | None,
    dry_run: bool,
    jobs: int | None,
) -> ProcessReport:
    from creative_flow.process import begin

    gc.set_threshold(4 * MANY_OBJECTS)  # some dozens for each file, and all of them stay
    # Workers begin before all that follows is loaded.
    with begin(paths, workspace=place, native=native, dry_run=dry_run) as run:
        from creative_flow.blocking import finish
        from creative_flow.cli.running import is_interactive, run_log
        from creative_flow.report.processed import show_processed
        from creative_flow.report.progress import progress

        with run_log(place) as log, progress(sys.stderr) as bar:
            report = finish(
                run.carry_out(
                    platform=platform,
                    jobs=jobs,
                    ask=partial(_ask, bar) if is_interactive() else None,
                    on_event=[log, bar],
                )
            )
    show_processed(report, output.people, root=place.root)
    return report


def _ask(bar: LiveProgress | PlainProgress, question: str, default: str) -> str:
    from creative_flow.cli.asking import making_room

    with making_room(bar):
        answer: str = click.prompt(question, default=default, show_default=bool(default), err=True)
    return answer
