"""What a run's page tells: gathered, put in order, and without secrets."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from attrs import Factory, evolve, frozen

from creative_flow.creative import Outcome, Status
from creative_flow.ledger import PastBatch, PastOutcome, PastRun
from creative_flow.report.advice import needs_attention

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger

_VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".avi", ".webm", ".mkv", ".flv", ".wmv"})


@frozen
class Evidence:
    """One file that shows what was seen. ``href`` leads there from the page; empty: no way."""

    name: str
    href: str

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown within the page."""
        return self.name.casefold().endswith((".png", ".jpg", ".jpeg", ".webp"))


@frozen
class File:
    """One creative of the run.

    ``pair`` is its native pair's id, empty if it belongs to none; ``halves_up`` how many halves of
    that are up, in whatever run they came there.
    """

    outcome: Outcome
    batch: PastBatch | None
    folder: str
    reason: str
    evidence: tuple[Evidence, ...]
    pair: str
    halves_up: int

    @property
    def attention(self) -> bool:
        """Whether somebody has to do something about it."""
        return needs_attention(self.outcome)

    @property
    def half_up(self) -> bool:
        """Whether it belongs to a native pair of which one half only is up."""
        return bool(self.pair) and self.halves_up == 1

    @property
    def is_video(self) -> bool:
        """Whether its name is a video's; for nothing but the drawing that stands for it."""
        return self.outcome.path.suffix.casefold() in _VIDEO_SUFFIXES


@frozen
class RunView:
    """One run, as its page shows it."""

    past: PastRun
    title: str
    workspace: str
    made_at: datetime
    batches: tuple[PastBatch, ...]
    files: tuple[File, ...]
    pictures: Mapping[Path, bytes] = Factory(dict)
    folder: str = ""
    """What all the files lie in or below; their own ``folder`` goes on from there."""

    @property
    def pairs(self) -> dict[str, list[File]]:
        """The files of each native pair of the run."""
        pairs: dict[str, list[File]] = defaultdict(list)
        for file in self.files:
            if file.pair:
                pairs[file.pair].append(file)
        return pairs


def gather(
    ledger: Ledger,
    past: PastRun,
    *,
    title: str,
    root: Path,
    page_folder: Path,
    redact: Callable[[str], str],
    now: datetime,
) -> RunView:
    """Return what the ledger knows of a run. Nothing in it holds a secret.

    ``root`` is the workspace, ``page_folder`` where the page will lie. Raises `LedgerError`.
    """
    redact = cache(redact)  # reasons and folders come again and again
    history = ledger.history()
    known = list(history.past_outcomes(past.run))
    ids = {it.outcome.native_pair_id for it in known} - {""}
    up = history.halves_up(past.platform, past.account, ids)
    common = _common_folder([it.outcome.path.parent for it in known])
    files = [
        _file(it, up, past.error, root=root, common=common, page_folder=page_folder, redact=redact)
        for it in known
    ]
    return RunView(
        past=evolve(
            past,
            login=redact(past.login),
            campaign=redact(past.campaign),
            error=redact(past.error),
        ),
        title=title,
        workspace=root.name,
        made_at=now,
        batches=history.past_batches(past.run),
        files=tuple(_halves_together(files)),
        folder=redact(_below(common, root)) if common else "",
    )


def _file(
    it: PastOutcome,
    up: Mapping[str, frozenset[str]],
    stopped: str,
    *,
    root: Path,
    common: Path | None,
    page_folder: Path,
    redact: Callable[[str], str],
) -> File:
    outcome = it.outcome
    error = outcome.error.replace(stopped, "the run was stopped") if stopped else outcome.error
    folder = outcome.path.parent
    pair = outcome.native_pair_id
    return File(
        outcome=evolve(
            outcome,
            path=Path(redact(str(outcome.path))),
            error=redact(outcome.error),
            unique_id=redact(outcome.unique_id),
            note=redact(outcome.note),
        ),
        batch=it.batch,
        folder=redact(os.path.relpath(folder, common) if common else _below(folder, root)),
        reason=redact(error),
        evidence=tuple(evidence_of(name, root, page_folder, redact) for name in outcome.evidence),
        pair=redact(pair),
        halves_up=len(up.get(pair, ())),
    )


def evidence_of(name: str, root: Path, page_folder: Path, redact: Callable[[str], str]) -> Evidence:
    """Return where evidence lies. Only what lies within the workspace is led to."""
    shown = redact(name)
    path = Path(os.path.normpath(root / name))
    if shown != name or not path.is_relative_to(root):
        return Evidence(shown, "")
    parts = Path(os.path.relpath(path, page_folder)).parts
    try:
        href = "/".join(quote(part, safe="", errors="surrogateescape") for part in parts)
    except UnicodeEncodeError:
        return Evidence(shown, "")  # no address can name such a file
    # With dots at its start it can't be taken for an address of another kind.
    return Evidence(shown, href if href.startswith("../") else f"./{href}")


def _common_folder(folders: Iterable[Path]) -> Path | None:
    distinct = set(folders)
    if not distinct or not all(folder.is_absolute() for folder in distinct):
        return None
    return Path(os.path.commonpath(distinct))


def _below(folder: Path, root: Path) -> str:
    return str(folder.relative_to(root)) if folder.is_relative_to(root) else str(folder)


def _halves_together(files: Sequence[File]) -> list[File]:
    """Put the files of a native pair next to each other, where the first of them stands."""
    pairs: dict[str, list[File]] = {}
    ordered: list[list[File]] = []
    for file in files:
        if file.pair in pairs:
            pairs[file.pair].append(file)
            continue
        group = [file]
        ordered.append(group)
        if file.pair:
            pairs[file.pair] = group
    return [file for group in ordered for file in group]


def attention_first(view: RunView) -> list[Outcome]:
    """Return the outcomes, those that somebody has to look at before the others."""
    return [file.outcome for file in sorted(view.files, key=lambda file: not file.attention)]


def bytes_up(past: PastRun) -> int:
    """Return how many bytes the run brought up."""
    return past.sizes.get(Status.SUCCESS, 0)
