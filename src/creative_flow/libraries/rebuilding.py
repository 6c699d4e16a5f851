"""``cfu library rebuild``: a lost record, made anew from the CSV files that people have.

What the files say counts as the user's word, the weakest there is: it fills what is not known and
changes nothing that is. A refresh then puts the platform's word over it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from creative_flow.choosing import choose
from creative_flow.creative import AdFormat
from creative_flow.ledger import KnownEntry, Ledger
from creative_flow.libraries.claims import Claim, Reader, Sources, same_name
from creative_flow.libraries.desk import desk
from creative_flow.platform import Context, Notify, Uploader
from creative_flow.probe import NotMedia, probe
from creative_flow.registry import Platform
from creative_flow.workspace import DEFAULT_ACCOUNT, Workspace

Name = tuple[str, str]
"""Ad format and Creative ID."""


@frozen
class Rebuilt:
    """What came, or would come, of rebuilding.

    ``rows`` counts what was read by file; ``new`` entries were not known, ``filled`` ones had facts
    added, ``known`` ones had nothing to add. ``conflicts`` are lines for the user: file, line,
    column, and what does not fit; ``not_counted`` says how many rows that is.
    ``still_open`` are files of which nobody knows whether the platform has them.
    """

    platform: str
    account: str
    dry_run: bool
    rows: Mapping[str, int]
    new: int
    filled: int
    known: int
    not_counted: int
    conflicts: tuple[str, ...]
    still_open: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """Return it as ``--json`` prints it."""
        return {
            "platform": self.platform,
            "account": self.account,
            "error": None,
            "dry_run": self.dry_run,
            "rows": dict(self.rows),
            "new": self.new,
            "filled": self.filled,
            "known": self.known,
            "not_counted": self.not_counted,
            "conflicts": list(self.conflicts),
            "still_open": list(self.still_open),
        }


def rebuild(
    place: Workspace, platform: Platform, account: str, *, dry_run: bool, notify: Notify
) -> Rebuilt:
    """Take in what the CSV files below ``tracking/`` say of an account's library.

    With ``dry_run`` nothing is written, not even an empty ledger. Raises `UsageError`.
    """
    context = place.context(
        platform.name, platform.info, account, headless=True, interactive=False, notify=notify
    )
    sources = _read(place, context, platform.uploader(context))
    if dry_run:
        lost = place.ledger_url == place.own_ledger_url and not place.own_ledger_file.exists()
        if lost:
            return _told(context, sources, _fitting(sources, {}), {}, dry_run=True)
        with Ledger.open(place.ledger_url) as ledger:
            known = _known(ledger, context, sources)
            return _told(context, sources, _fitting(sources, known), known, dry_run=True)
    # Its own edits of the library CSV come last, when all its rows are known.
    with desk(place, platform, account, notify=notify, take_in=False) as at:
        known = _known(at.ledger, context, sources)
        fitting = _fitting(sources, known)
        rebuilt = _told(context, sources, fitting, known, dry_run=False)
        at.ledger.add_entries(context.platform, account, fitting.values())
        at.mirror.take_in(notify=notify, confirm_forget=None)
        at.mirror.follow()
    return rebuilt


def _read(place: Workspace, context: Context, uploader: Uploader[Any]) -> Sources:
    """Read the files of this account, the most trusted first."""
    info, account = context.info, context.account

    def by_path(path: Path) -> Sequence[str]:
        claimed = list(uploader.claims(path))
        return [it.name for it in claimed if len(claimed) == 1] or _by_content(
            info.ad_formats, claimed, path
        )

    reader = Reader(context.platform, account, info, by_path)
    own = place.library_mirror(info, account)
    reader.library(own)
    mine, others = _status_files(place.tracking, account)
    for path in mine:
        reader.status(path)
    if account == DEFAULT_ACCOUNT:
        # The inventory is all accounts' together.
        column = f"{info.column_prefix}_creative_id"
        foreign = {found for path in others for found in reader.ids_in(path, column)}
        for path in place.tracking.glob(f"{own.stem}_*{own.suffix}"):
            foreign.update(reader.ids_in(path, "creative_id"))
        reader.inventory(place.master_csv, not_of=frozenset(foreign))
    return reader.sources


def _status_files(folder: Path, account: str) -> tuple[list[Path], list[Path]]:
    """Return the account's status files, the oldest first, and those of other accounts."""
    named = re.compile(r"upload_status_(\d{8}-\d{6})(?:_(.+?))?")
    mine: list[tuple[str, Path]] = []
    others = []
    for path in folder.glob("upload_status_*.csv"):
        found = named.fullmatch(path.stem)
        if found is None:
            continue
        if (found[2] or DEFAULT_ACCOUNT) == account:
            mine.append((found[1], path))
        else:
            others.append(path)
    return [path for _, path in sorted(mine)], others


def _by_content(
    formats: Sequence[AdFormat], claimed: Sequence[AdFormat], path: Path
) -> Sequence[str]:
    """Name the ad format by what the file is, if it is still there, else by its type alone."""
    try:
        media, size = probe(path), path.stat().st_size
    except (OSError, NotMedia):
        file_type = path.suffix.lower().lstrip(".").replace("jpeg", "jpg")
        return [it.name for it in claimed or formats if file_type in it.file_types.value]
    chosen = choose(formats, media, size, claimed=lambda: claimed)
    return [chosen.ad_format.name] if chosen.ad_format else [it.name for it in claimed]


def _known(ledger: Ledger, context: Context, sources: Sources) -> dict[str, list[KnownEntry]]:
    ids = {claim.entry.creative_id for claim in sources.claims}
    found = ledger.by_id(context.platform, context.account, ids)
    return {creative_id: list(entries) for creative_id, entries in found.items()}


def _fitting(sources: Sources, known: Mapping[str, Sequence[KnownEntry]]) -> dict[Name, KnownEntry]:
    """Return the entries that the claims make; those that contradict what is known are told."""
    from creative_flow.ledger.library import merged

    fitting: dict[Name, KnownEntry] = {}
    by_id: defaultdict[str, list[KnownEntry]] = defaultdict(list)
    for claim in sources.claims:
        creative_id = claim.entry.creative_id
        others = [*known.get(creative_id, ()), *by_id[creative_id]]
        ad_format = _ad_format(claim, others)
        if ad_format is None or not _agrees(claim, ad_format, others, sources):
            if ad_format is None:
                _no_format(claim, sources)
            continue
        if any(it.forgotten and it.ad_format == ad_format for it in others):
            continue  # the user wanted it forgotten
        entry = evolve(claim.entry, ad_format=ad_format)
        name = (ad_format, creative_id)
        fitting[name] = merged(fitting[name], entry) if name in fitting else entry
        by_id[creative_id] = [it for it in by_id[creative_id] if it.ad_format != ad_format]
        by_id[creative_id].append(fitting[name])
    return fitting


def _ad_format(claim: Claim, others: Iterable[KnownEntry]) -> str | None:
    """Return the ad format of a row: the one that is known for its id, else the only one."""
    for other in others:
        if other.ad_format in claim.ad_formats or not claim.ad_formats:
            return other.ad_format
    return claim.ad_formats[0] if len(claim.ad_formats) == 1 else None


def _agrees(claim: Claim, ad_format: str, others: Sequence[KnownEntry], sources: Sources) -> bool:
    for other in others:
        if same_name(other, claim.entry) and other.ad_format == ad_format:
            continue
        sources.complain(
            claim.file,
            f"Creative ID {other.creative_id} of {claim.entry.name!r} ({ad_format}) is known as "
            f"{other.name!r} ({other.ad_format}); the row does not count.",
            line=claim.line,
            column=claim.column,
        )
        return False
    return True


def _no_format(claim: Claim, sources: Sources) -> None:
    names = " or ".join(claim.ad_formats)
    sources.complain(
        claim.file,
        f"{claim.entry.name!r} "
        + (f"can be of {names}" if names else "is of no ad format that is known")
        + f"; the row does not count. `cfu library add` records it: --id {claim.entry.creative_id}",
        line=claim.line,
        column=claim.column,
    )


def _told(
    context: Context,
    sources: Sources,
    fitting: Mapping[Name, KnownEntry],
    known: Mapping[str, Sequence[KnownEntry]],
    *,
    dry_run: bool,
) -> Rebuilt:
    from creative_flow.ledger.library import merged

    new = filled = 0
    for (ad_format, creative_id), entry in fitting.items():
        old = [it for it in known.get(creative_id, ()) if it.ad_format == ad_format]
        if not old:
            new += 1
        elif merged(old[0], entry) != old[0]:
            filled += 1
    return Rebuilt(
        platform=context.platform,
        account=context.account,
        dry_run=dry_run,
        rows=dict(sources.rows),
        new=new,
        filled=filled,
        known=len(fitting) - new - filled,
        not_counted=sum(it.count for it in sources.complaints.values()),
        conflicts=tuple(line for it in sources.complaints.values() for line in it.lines()),
        still_open=tuple(sources.still_open),
    )
