"""Which files a run is about: those named, those in named folders, or the session CSV's."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from attrs import frozen

from creative_flow.creative import MEDIA_SUFFIXES
from creative_flow.errors import UsageError
from creative_flow.ledger.mirrors.spreadsheet import Sheet, Unreadable
from creative_flow.naming import ids_in
from creative_flow.workspace import Workspace

_SESSION_COLUMNS = ("new_filename", "unique_id", "creative_type", "native_pair_id")

ORIGINAL = "ORG_"
"""How the names of files begin that were only the source of others: they are never uploaded."""


@frozen
class Candidate:
    """A file that may become a creative, with what is known before it is read.

    ``path`` is absolute. ``ad_format`` is what the session CSV says, if it says so.
    """

    path: Path
    ad_format: str = ""
    unique_id: str = ""
    native_pair_id: str = ""


def candidate(path: Path, *, ad_format: str = "") -> Candidate:
    """Return a file as a candidate, with the ids that its name holds (``…_ID-1A2B3C4D-VID``)."""
    return Candidate(path, ad_format, *ids_in(path.stem))


def from_paths(paths: Iterable[Path], workspace: Workspace) -> tuple[list[Candidate], list[Path]]:
    """Return the files that the paths stand for, and what was passed over in folders.

    Folders are walked in the order of names; links to folders are not followed. A path that does
    not exist is returned as it is, to be reported. Raises `UsageError` for a folder without media.
    """
    found: dict[Path, Candidate] = {}
    passed_over: list[Path] = []
    for path in paths:
        path = Path(os.path.abspath(path))  # noqa: PTH100, PLW2901 - a link keeps its own name
        if not path.is_dir():
            found.setdefault(path, candidate(path))
            continue
        count = 0
        for file in _walk(path, workspace):
            if file.suffix[1:].casefold() in MEDIA_SUFFIXES:
                found.setdefault(file, candidate(file))
                count += 1
            elif not file.name.startswith("."):
                passed_over.append(file)
        if not count:
            kinds = ", ".join(sorted(MEDIA_SUFFIXES))
            raise UsageError(f"There is no creative in {path}.", hint=f"It may hold {kinds}.")
    return list(found.values()), passed_over


def from_session(workspace: Workspace) -> list[Candidate]:
    """Return the files of the last ``cfu process``, each once, as its CSV lists them.

    Raises `UsageError` if there is no such CSV, or it can't be read, naming file and line.
    """
    csv = workspace.session_csv
    if not csv.exists():
        raise UsageError(
            f"No files were named, and {csv} is not there.",
            hint="Name files or folders (cfu upload FOLDER), or run `cfu process` first.",
        )
    lying = {file.name: file for file in _walk(workspace.uploaded, workspace)}
    found: dict[Path, Candidate] = {}
    try:
        sheet = Sheet.open(csv, _SESSION_COLUMNS, required=_SESSION_COLUMNS[:1])
        for line in sheet.rows():
            row = dict(zip(sheet.columns, line.cells, strict=False))
            name = row.get("new_filename", "").strip()
            if not name or name.startswith(ORIGINAL):
                continue
            path = lying.get(name, workspace.uploaded / Path(name).name)
            known = candidate(path, ad_format=row.get("creative_type", "").strip())
            wanted = Candidate(
                path,
                known.ad_format,
                row.get("unique_id", "").strip() or known.unique_id,
                row.get("native_pair_id", "").strip() or known.native_pair_id,
            )
            found.setdefault(path, wanted)
    except Unreadable as error:
        raise UsageError(f"{csv}: {error}.", hint="Run `cfu process` again.") from error
    except OSError as error:
        raise UsageError(f"{csv} can't be read: {error.strerror}.") from error
    if not found:
        raise UsageError(f"{csv} lists no files.", hint="Run `cfu process`, or name files.")
    return list(found.values())


def listed(paths: Sequence[Path], most: int = 3) -> str:
    """Return a few names of many: ``a.txt, b.txt and 7 more``."""
    names = ", ".join(path.name for path in paths[:most])
    return f"{names} and {len(paths) - most} more" if len(paths) > most else names


def _walk(folder: Path, workspace: Workspace) -> Iterator[Path]:
    """Yield the files below a folder, but none of the workspace's own records."""
    root = workspace.root.resolve()
    own = {root / name for name in ("data", "tracking", "config", "archive")}
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and (Path(here).resolve() / name) not in own
        )
        for name in sorted(names):
            yield Path(here) / name
