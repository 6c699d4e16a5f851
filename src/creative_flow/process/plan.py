"""What is to be made of each source, and why nothing is of the others. Only reads."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from attrs import evolve

from creative_flow.creative import Kind, Media
from creative_flow.errors import CreativeFlowError, UsageError
from creative_flow.ledger.mirrors.disk import Stamp
from creative_flow.ledger.prepared import Part, Prepared
from creative_flow.naming import Fields
from creative_flow.platform import PlatformInfo
from creative_flow.probe import extension_mismatch
from creative_flow.process.facts import date_cell, media_cells, name_cells
from creative_flow.process.find import Source
from creative_flow.process.items import MADE_SUFFIXES, Target, Task
from creative_flow.process.looking import Look
from creative_flow.process.names import Names
from creative_flow.process.rules import Rules
from creative_flow.process.unnamed import Unnamed
from creative_flow.processed import Fate, Processed, Way
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger.anyledger import AnyLedger
    from creative_flow.ledger.inventory import Inventory

_NATIVE_FOLDERS = {Part.VIDEO: "Native/Video", Part.IMAGE: "Native/Image"}


class Planned(NamedTuple):
    """One source's place in the plan: what is to be made, or what became of it at once."""

    source: Source
    task: Task | None = None
    processed: Processed | None = None


class _Read(NamedTuple):
    media: Media
    stamp: Stamp
    sha256: str
    unnamed: Unnamed | None = None

    @property
    def size(self) -> int:
        return self.stamp.size


class Planner:
    """Looks at sources. ``session`` names what comes of this run."""

    def __init__(
        self,
        place: Workspace,
        sources: Sequence[Source],
        ledger: AnyLedger,
        inventory: Inventory,
        info: PlatformInfo | None,
        names: Names,
        *,
        session: str,
        looked_at: Callable[[int], None],
    ) -> None:
        self.session = session
        self._place = place
        self._within = f"{place.root}/"
        self._uploaded = place.uploaded
        self._date = date_cell(datetime.now(UTC))
        self._ledger = ledger
        self._inventory = inventory
        self._info = info
        self._names = names
        self._looked_at = looked_at
        self._seen = 0
        self._left = iter(sources)
        self._first: dict[tuple[str, bool], Source] = {}
        self._taken: set[str] = set()
        self._notes: dict[Path, tuple[str, ...]] = {}
        self._rules = Rules(info)

    def looked(self, looks: Sequence[Look | str]) -> None:
        """Count what was found in some more sources."""
        self._count(sum(isinstance(it, str) or it.is_all for it in looks))

    def plan(self, looks: Sequence[Look | str]) -> list[Planned]:
        """Plan for the next sources, in order, by what was found in each or why it can't be read.

        Raises only what concerns all of them.
        """
        sources = list(islice(self._left, len(looks)))
        read = self._read(sources, looks)
        hashes = {it.sha256 for it in read if isinstance(it, _Read)}
        known = self._inventory.by_source(hashes)
        planned: list[Planned] = []
        drafts: list[tuple[int, Source, _Read, Fields, list[Prepared]]] = []
        for source, it in zip(sources, read, strict=True):
            if isinstance(it, str):
                planned.append(self._failed(source, it))
                continue
            pair = source.native and it.media.kind is Kind.VIDEO
            same = self._first.setdefault((it.sha256, pair), source)
            if same is not source:
                why = f"it has the content of {same.relative}, which is processed"
                planned.append(self._skipped(source, why))
                continue
            earlier = [row for row in known.get(it.sha256, ()) if _of_a_pair(row) is pair]
            if done := self._done(source, earlier):
                planned.append(done)
                continue
            try:
                fields = self._fields(source, it)
            except CreativeFlowError as error:
                planned.append(self._failed(source, str(error)))
                continue
            drafts.append((len(planned), source, it, fields, earlier))
            planned.append(Planned(source))
        ids = self._ids([(fields, earlier) for *_, fields, earlier in drafts])
        for (index, source, it, fields, earlier), unique_id in zip(drafts, ids, strict=True):
            task = self._task(source, it, evolve(fields, unique_id=unique_id))
            ours = {_base(row) for row in earlier}
            if unique_id == fields.unique_id and unique_id not in ours:
                task = self._unless_taken(task)
            planned[index] = task
        return planned

    def _unless_taken(self, planned: Planned) -> Planned:
        """Refuse a source that brought its id along, if files of that name are there already."""
        targets = planned.task.targets if planned.task else ()
        for path in (it.path for it in targets if it.row.part is not Part.ORIGINAL):
            for there in (path.with_suffix(suffix) for suffix in (path.suffix, *MADE_SUFFIXES)):
                if os.path.lexists(there):
                    shown = self._below(there)
                    why = f"{shown} is there already; take it away, or give this file another id"
                    return self._failed(planned.source, why)
        return planned

    # ---- what stands in them

    def _count(self, more: int) -> None:
        if more:
            self._seen += more
            self._looked_at(self._seen)

    def _read(self, sources: Sequence[Source], looks: Sequence[Look | str]) -> list[_Read | str]:
        """Return what was found, with the hashes that the ledger keeps."""
        read: list[_Read | str] = []
        for source, it in zip(sources, looks, strict=True):
            if isinstance(it, str):
                read.append(it)
                continue
            stamp = Stamp(it.size, it.mtime_ns, it.inode)
            if it.is_all:
                read.append(_Read(it.media, stamp, it.sha256, it.unnamed))
                continue
            read.append(self._hashed(source.path, it.media, stamp))
            self._count(1)
        return read

    def _hashed(self, path: Path, media: Media, stamp: Stamp) -> _Read | str:
        try:
            sha256 = self._ledger.sha256(path)
            if Stamp.of(path) == stamp:
                return _Read(media, stamp, sha256)
        except OSError as error:
            return f"it can't be read: {error.strerror or error}"
        return "it changed while it was read"

    # ---- what was done before

    def _done(self, source: Source, earlier: Sequence[Prepared]) -> Planned | None:
        """Say that a source was processed, unless what came of it is gone and was never sent."""
        ready = [row for row in earlier if row.ready and row.part is not Part.ORIGINAL]
        if not ready:
            return None
        names = ", ".join(row.facts.get("new_filename", row.unique_id) for row in ready)
        here = all((self._place.root / row.path).exists() for row in ready)
        sent = self._inventory.uploads([row.unique_id for row in ready])
        if here or any(fact.creative_id for facts in sent.values() for fact in facts):
            return self._skipped(source, f"it was processed: {names}")
        return None

    def _fields(self, source: Source, it: _Read) -> Fields:
        seconds = it.media.seconds
        found, notes = self._names.fields(
            source, None if seconds is None else max(1, round(seconds))
        )
        if mismatch := extension_mismatch(source.path, it.media):
            notes = (*notes, f"it {mismatch}")
        self._notes[source.path] = notes
        return found

    def _ids(self, drafts: Sequence[tuple[Fields, Sequence[Prepared]]]) -> list[str]:
        """Return an id for each: what an earlier run gave it, its name's own, or a new one.

        A draft comes with what was made before of the same content, in the same way: a native pair
        of a video is another creative than the video.
        """
        kept: list[str] = []
        named = self._inventory.known_ids([f.unique_id for f, _ in drafts if f.unique_id])
        for fields, rows in drafts:
            unfinished = {_base(row) for row in rows if not row.ready} or {
                _base(row) for row in rows if row.ready
            }
            own = fields.unique_id
            wanted = next(iter(sorted(unfinished)), "") or (own if own not in named else "")
            kept.append("" if wanted in self._taken else wanted)
            self._taken.add(wanted)
        new = self._inventory.new_ids(sum(not each for each in kept), avoid=self._taken)
        self._taken.update(new)
        rest = iter(new)
        return [each or next(rest) for each in kept]

    # ---- the task

    def _task(self, source: Source, it: _Read, fields: Fields) -> Planned:
        try:
            if source.native and it.media.kind is Kind.VIDEO:
                return Planned(source, self._pair(source, it, fields))
            return Planned(source, self._single(source, it, fields))
        except CreativeFlowError as error:
            return self._failed(source, str(error))

    def _single(self, source: Source, it: _Read, fields: Fields) -> Task:
        rule = self._rules.rule(source, it.media, it.size)
        target = self._target(
            self._uploaded / (self._names.grammar.format(fields) + rule.suffix),
            source,
            it,
            fields,
            ad_format=rule.ad_format,
            is_copy=rule.way is Way.COPY,
            notes="; ".join(filter(None, (rule.note, *self._notes[source.path]))),
        )
        return Task(
            source,
            it.media,
            it.sha256,
            it.stamp,
            rule.way,
            (target,),
            max_bytes=rule.max_bytes,
            file_types=rule.file_types,
            unnamed=it.unnamed,
        )

    def _pair(self, source: Source, it: _Read, fields: Fields) -> Task:
        pair = self._info.native_pair if self._info else None
        if self._info is None or pair is None:
            raise UsageError(
                "no platform says what a native pair is.",
                hint="Name one with --platform, or move the file out of the native folder.",
            )
        clip = evolve(fields, seconds=max(1, round(min(it.media.seconds or 0, pair.seconds))))
        targets = []
        for part, ad_format, suffix, named in (
            (Part.VIDEO, pair.video, ".mp4", clip),
            (Part.IMAGE, pair.image, ".png", evolve(fields, seconds=None)),
        ):
            half = evolve(named, prefix=part.value, half=part.value)
            folders = self._info.ad_format(ad_format).folders
            folder = folders[0] if folders else _NATIVE_FOLDERS[part]
            path = self._uploaded / folder / (self._names.grammar.format(half) + suffix)
            targets.append(self._target(path, source, it, half, ad_format=ad_format, part=part))
        original = evolve(fields, prefix=Part.ORIGINAL.value)
        is_right = extension_mismatch(source.path, it.media) is None
        suffix = source.path.suffix.lower() if is_right else f".{it.media.file_type}"
        name = self._names.grammar.format(original) + suffix
        kept = self._place.archived_sources / source.folder / name
        notes = "; ".join(self._notes[source.path])
        targets.append(
            self._target(
                kept,
                source,
                it,
                original,
                ad_format="",
                part=Part.ORIGINAL,
                is_copy=True,
                notes=notes,
            )
        )
        return Task(source, it.media, it.sha256, it.stamp, Way.PAIR, tuple(targets))

    def _target(
        self,
        path: Path,
        source: Source,
        it: _Read,
        fields: Fields,
        *,
        ad_format: str,
        part: Part = Part.WHOLE,
        is_copy: bool = False,
        notes: str = "",
    ) -> Target:
        """Return a file to be made; what is known of a copy beforehand stands in its row."""
        half = f"-{part.value}" if part in {Part.VIDEO, Part.IMAGE} else ""
        row = Prepared(
            unique_id=fields.unique_id + half,
            session=self.session,
            source_sha256=it.sha256,
            source=self._below(source.path),
            path=self._below(path),
            part=part,
            native_pair_id=fields.unique_id if part is not Part.WHOLE else "",
            sha256=it.sha256 if is_copy else "",
            size=it.size if is_copy else 0,
            facts={
                **name_cells(fields, source=source.path, new=path.name, ad_format=ad_format),
                **(media_cells(it.media, it.size) if part in {Part.ORIGINAL, Part.WHOLE} else {}),
                **self._date,
            },
            notes=notes,
        )
        return Target(path, row)

    def _below(self, path: Path) -> str:
        """Return a path as the inventory has it: below the root relative to it, else whole."""
        return str(path).removeprefix(self._within)

    def _failed(self, source: Source, why: str) -> Planned:
        return Planned(source, processed=Processed(source.path, Fate.FAILED, error=why))

    def _skipped(self, source: Source, why: str) -> Planned:
        return Planned(source, processed=Processed(source.path, Fate.SKIPPED, error=why))


def _of_a_pair(row: Prepared) -> bool:
    return row.part is not Part.WHOLE


def _base(row: Prepared) -> str:
    return row.native_pair_id or row.unique_id
