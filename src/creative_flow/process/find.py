"""Which raw files a run is about: those below ``source_files/``, or those named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from creative_flow.creative import MEDIA_SUFFIXES
from creative_flow.errors import UsageError
from creative_flow.workspace import Workspace

NATIVE = "native"
"""The folder whose files become native pairs."""


class Source(NamedTuple):
    """One raw file. ``relative`` says where it lay below `base`, with ``/``.

    ``folder`` is the part of it that may name a category; ``native`` asks for a native pair;
    ``moves`` says that it goes to the archive once its result stands.
    """

    path: Path
    relative: str
    folder: str
    native: bool
    moves: bool


def find(
    paths: Iterable[Path] | None, workspace: Workspace, *, native: bool
) -> tuple[list[Source], list[Path]]:
    """Return the sources in the order of their paths, and what was passed over in folders.

    None stands for all of ``source_files/``. Links to folders are not followed, so that a loop of
    them ends. Raises `UsageError` for a path that is not there.
    """
    found: dict[str, Source] = {}
    passed_over: list[Path] = []
    for path in [workspace.source_files] if paths is None else paths:
        path = Path(os.path.abspath(path))  # noqa: PTH100, PLW2901 - a link keeps its own name
        if path.is_dir():
            for folder, names in _walk(path, workspace):
                media = [name for name in names if _suffix(name) in MEDIA_SUFFIXES]
                if media:
                    like = _source(folder / media[0], path, workspace, native=native)
                    for name in media:
                        found.setdefault(f"{folder}/{name}", _beside(like, folder / name))
                others = set(names).difference(media)
                passed_over += (folder / name for name in sorted(others) if name[0] != ".")
        elif path.exists() or path.is_symlink():
            found.setdefault(str(path), _source(path, path.parent, workspace, native=native))
        elif paths is not None:
            raise UsageError(
                f"There is no file or folder {str(path)!r}.", hint="Check the path and run again."
            )
    return list(found.values()), passed_over


def _suffix(name: str) -> str:
    """Return what `Path.suffix` does, without the dot and in small letters."""
    stem, _, suffix = name.rpartition(".")
    return suffix.casefold() if stem else ""


def _beside(like: Source, file: Path) -> Source:
    """Return what a file is that lies beside another: all but its name is the same."""
    before = like.relative[: len(like.relative) - len(like.path.name)]
    return Source(file, before + file.name, like.folder, like.native, like.moves)


def _source(file: Path, base: Path, workspace: Workspace, *, native: bool) -> Source:
    own = workspace.source_files
    inside = file.is_relative_to(own)
    relative = file.relative_to(own if inside else base)
    parents = [part.casefold() for part in relative.parent.parts]
    named = inside or base.name.casefold() != NATIVE
    return Source(
        path=file,
        relative=relative.as_posix(),
        folder=relative.parent.as_posix() if relative.parent.parts else "",
        native=native or NATIVE in parents or not named,
        moves=inside,
    )


def _walk(folder: Path, workspace: Workspace) -> Iterator[tuple[Path, list[str]]]:
    """Yield folders and the names in them, but none of the workspace's own but its sources."""
    root = workspace.root.resolve()
    own = {root / name for name in ("data", "tracking", "config", "archive", "uploaded")}
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and (Path(here).resolve() / name) not in own
        )
        yield Path(here), sorted(names)
