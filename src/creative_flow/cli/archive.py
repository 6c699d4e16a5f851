"""``cfu archive``: what is up makes room; with ``--restore`` it comes back."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from creative_flow.cli.options import workspace_option
from creative_flow.cli.output import Output
from creative_flow.report.text import clean, reason_shape, shown_path, shown_size
from creative_flow.wording import counted

if TYPE_CHECKING:
    from creative_flow.archive import ArchiveReport, Left, MoveReport, RestoreReport

_EPILOG = """\b
Examples:
  cfu archive --dry-run
  cfu archive uploaded/Native --platform tj
  cfu archive --restore batch_AB12-20261121

\b
Exit codes:
  0    all well; files that are not up stay where they are
  1    some file should have moved and could not
  2    wrong usage or workspace, or another process is at work in the archive
  6    there is no such platform
  130  interrupted; the same command goes on where it stopped
"""
_NAMED = 10
"""So many files with one reason are named; more are counted."""
_LONG = 60
"""So many files that would move are named in a terminal."""


@click.command(epilog=_EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...")
@click.option(
    "--platform", default="", metavar="NAME", help="Only what is up on this platform, such as tj."
)
@click.option("--account", default="", metavar="NAME", help="Only what is up for this account.")
@click.option(
    "--restore",
    "back",
    is_flag=True,
    help="Move files back to where they came from. PATHS are then batch folders (default: all).",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be moved.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@workspace_option()
@click.pass_obj
def archive(
    output: Output,
    paths: tuple[Path, ...],
    platform: str,
    account: str,
    back: bool,
    dry_run: bool,
    as_json: bool,
    workspace: Path,
) -> int:
    """Move uploaded files to the archive, or back.

    PATHS are files, and folders that are walked (default: uploaded/). A file moves if its content
    went up under its name and has a Creative ID, to archive/batch_{ID}-{date}/ of the run that
    uploaded it, in the same sub-folder; manifest.csv there lists it. All others stay, and so does a
    native pair of which only one half is up.

    Nothing is overwritten, and no file is removed before it stands, whole, at its new place. What
    is archived still counts as uploaded.
    """
    from creative_flow.archive import archive_files, restore
    from creative_flow.report.progress import progress
    from creative_flow.workspace import Workspace

    if back and (platform or account):
        raise click.UsageError("--restore goes by batch: --platform and --account don't apply.")
    place = Workspace(workspace)
    report: ArchiveReport | RestoreReport
    with progress(sys.stderr) as bar:
        if back:
            names = [str(path) for path in paths]
            report = restore(names, workspace=place, dry_run=dry_run, on_event=bar)
        else:
            report = archive_files(
                paths or None,
                workspace=place,
                platform=platform,
                account=account,
                dry_run=dry_run,
                on_event=bar,
            )
    show(report, place.root, output.people)
    if as_json:
        output.document(report.to_dict())
    return report.exit_code


def show(report: ArchiveReport | RestoreReport, root: Path, out: TextIO) -> None:
    """Print what was moved and what stays. ``root`` is the workspace."""
    from creative_flow.archive import ArchiveReport

    for notice in report.notices:
        print(clean(notice), file=out)
    if report.dry_run:
        _list(report, root, out)
    elif isinstance(report, ArchiveReport):
        for line in archived_lines(report, root):
            print(line, file=out)
    else:
        print(f"Restored {_what(report)}.", file=out)
    for line in left_lines(report.left, root):
        print(line, file=out)
    out.flush()


def archived_lines(report: ArchiveReport, root: Path) -> Iterable[str]:
    """Yield what was archived, and where it is now."""
    batches = report.batches
    where = f" in {shown_path(next(iter(batches)), root)}" if len(batches) == 1 else ""
    yield f"Archived {_what(report)}{where}."
    if len(batches) > 1:
        for folder, number in batches.items():
            yield f"    {counted(number, 'file')} in {shown_path(folder, root)}"


def left_lines(left: Iterable[Left], root: Path) -> Iterable[str]:
    """Yield the files that stay and why: by name, or counted where many have one reason."""

    def about(it: Left) -> tuple[bool, str]:
        return not it.failed, reason_shape(it.why)

    for (fine, _), same in groupby(sorted(left, key=about), key=about):
        files = list(same)
        what = "stays" if fine else "could not be moved"
        if len(files) <= _NAMED:
            for it in files:
                yield f"{shown_path(it.path, root)} {what}: {clean(it.why)}"
        else:
            what = "stay" if fine else what
            why = f"{clean(files[0].why)} ({shown_path(files[0].path, root)} and others)"
            yield f"{counted(len(files), 'file')} {what}: {why}"


def _list(report: MoveReport, root: Path, out: TextIO) -> None:
    most = _LONG if out.isatty() else len(report.moved)
    for moved in report.moved[:most]:
        print(f"{shown_path(moved.path, root)} → {shown_path(moved.to, root)}", file=out)
    if len(report.moved) > most:
        print(f"… and {len(report.moved) - most:,} more", file=out)
    print(f"Dry run: {_what(report)} would be moved.", file=out)


def _what(report: MoveReport) -> str:
    if not report.moved:
        return "no files"
    return f"{counted(len(report.moved), 'file')}, {shown_size(report.size)}"
