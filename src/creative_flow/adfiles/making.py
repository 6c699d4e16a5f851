"""Makes the ads CSVs of a run: all ads in one, those of each category in one more.

They are for the platform to read, so a cell is what it says: UTF-8 without a mark at its begin,
nothing escaped. What could be a formula to a spreadsheet is taken from ad names, which come from
file names; a Creative ID is digits, and the rest is the user's own.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from creative_flow.adfiles.subjects import subjects_of
from creative_flow.adfiles.texts import AdText, AdTexts
from creative_flow.ads import (
    AdColumn,
    AdRemark,
    AdsCsv,
    AdSheet,
    Fill,
    NativePairUp,
    Subject,
    Weight,
)
from creative_flow.durable import make_folder, sync, sync_folder
from creative_flow.errors import SettingsError, WorkspaceError
from creative_flow.moving import place as give_name
from creative_flow.platform import Context
from creative_flow.workspace import DEFAULT_ACCOUNT, Workspace

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger
    from creative_flow.ledger.brought import LiveRun

_RUN = re.compile(r"(\d{8}-\d{6})-([0-9a-f]+)")
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_LONGEST = 60
"""Bytes of a category in a file's name."""
_NAMED = 3


@frozen
class AdsFiles:
    """The ads CSVs of a run.

    ``ads`` counts the ads of all categories, each once. ``fresh`` says that the files were written
    now; else they stood there, just so. ``remarks`` is what the user should know, a line each.
    """

    files: tuple[Path, ...] = ()
    ads: int = 0
    fresh: bool = False
    remarks: tuple[str, ...] = ()


@frozen
class _Ad:
    """A row with its category."""

    category: str
    data: bytes


@frozen
class _Name:
    """What tells a file from the others of its set."""

    category: str
    label: str
    number: int

    @property
    def order(self) -> tuple[str, str, int]:
        """What the files of a set are sorted by."""
        return self.category.casefold(), self.label, self.number

    @property
    def text(self) -> str:
        """What stands behind the time."""
        return f"{self.category}_{self.label}" if self.category else self.label

    @property
    def part(self) -> str:
        """What ends the name where one file does not hold all: nothing, ``_2``, ``_3``."""
        return "" if self.number == 1 else f"_{self.number}"


def make_ads(
    run: LiveRun, place: Workspace, context: Context, ads: AdsCsv, ledger: Ledger
) -> AdsFiles:
    """Write the ads CSVs of what a run brought up, and return what there is to say.

    Files that stand there are never overwritten: where they are the same nothing is done, where
    they differ new ones bear the time of now. Raises `SettingsError` for texts that the platform
    will not take, `WorkspaceError`, `LedgerError`.
    """
    found = subjects_of(run, ledger, place, context.info, ads.sheets)
    wanted = found.subjects
    if not wanted:
        return AdsFiles(remarks=found.remarks)
    texts = AdTexts(place.ads_file(run.platform), ads, context.info, place.find)
    remarks = _Remarks()
    contents: dict[_Name, bytes] = {}
    for sheet in ads.sheets:
        mine = [subject for subject in wanted if sheet.takes(subject)]
        rows = list(_rows(sheet, mine, texts, ads, remarks))
        contents |= _files(sheet, rows)
    # What most people want comes first: the files of all ads, then those of categories.
    ordered = dict(sorted(contents.items(), key=lambda item: item[0].order))
    files, fresh = _write(ordered, run, place)
    said = (*found.remarks, *remarks.lines(), *_unused(texts, wanted), *_rejected(wanted))
    return AdsFiles(files, len(wanted), fresh, said)


def _rows(
    sheet: AdSheet,
    subjects: Iterable[Subject],
    texts: AdTexts,
    ads: AdsCsv,
    remarks: _Remarks,
) -> Iterator[_Ad]:
    said: dict[str, dict[str, AdText]] = {}
    header = len(_encode([sheet.headings], sheet))
    for subject in subjects:
        category = subject.category
        if category not in said:
            said[category] = texts.of(sheet, category)
        mine = said[category]
        row = ads.row(sheet, subject, {key: text.text for key, text in mine.items()})
        data = _encode([row.cells], sheet)
        if sheet.most_bytes and header + len(data) > sheet.most_bytes.value:
            raise SettingsError(
                f"One ad alone is larger than {sheet.most_bytes.value:,} bytes.",
                hint=f"The limit is {sheet.most_bytes.setting}.",
            )
        for remark in row.remarks:
            remarks.add(remark, mine)
        for remark in ads.check(sheet, dict(zip(sheet.headings, row.cells, strict=True))):
            remarks.add(remark, mine)
        yield _Ad(category, data)


class _Remarks:
    """What is to be said about cells, the same about many ads once."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[AdColumn, Weight, str, str]] = Counter()
        self._names: dict[AdColumn, list[str]] = {}

    def add(self, remark: AdRemark, texts: Mapping[str, AdText]) -> None:
        column = remark.column
        if column.fill is Fill.NAME:
            self._names.setdefault(column, []).append(remark.message)
            return
        text = texts.get(column.key)
        where = text.where if text else ""
        self._counts[column, remark.weight, remark.message, where] += 1

    def lines(self) -> Iterator[str]:
        """Yield a line for each, what matters most first."""
        order = list(Weight)
        for (column, weight, message, where), number in sorted(
            self._counts.items(), key=lambda item: order.index(item[0][1])
        ):
            many = "1 ad" if number == 1 else f"{number:,} ads"
            see = f" Set {where}." if weight is Weight.PLACEHOLDER and where else ""
            see = see or (f" See {where}." if where else "")
            yield f"{column.heading} {message} ({many}).{see}"
        for column, messages in self._names.items():
            if len(messages) == 1:
                yield f"{column.heading} {messages[0]}."
                continue
            named = "; ".join(messages[:_NAMED])
            more = "; …" if len(messages) > _NAMED else ""
            yield f"{column.heading} of {len(messages):,} ads had to be changed: {named}{more}."


def _files(sheet: AdSheet, rows: Sequence[_Ad]) -> dict[_Name, bytes]:
    """Return what goes into which file: all ads, then each category's."""
    label = _plain(sheet.label)
    groups: dict[str, tuple[str, list[_Ad]]] = {"": ("", list(rows))}
    for row in rows:
        if name := _plain(row.category):
            groups.setdefault(name.casefold(), (name, []))[1].append(row)
    header = _encode([sheet.headings], sheet)
    return {
        _Name(name, label, number): header + b"".join(part)
        for name, group in groups.values()
        for number, part in enumerate(_parts(sheet, group, len(header)), start=1)
    }


def _parts(sheet: AdSheet, rows: Sequence[_Ad], header: int) -> Iterator[list[bytes]]:
    """Cut rows into files of no more than the platform takes."""
    part: list[bytes] = []
    size = header
    for row in rows:
        too_many = sheet.most_ads is not None and len(part) >= sheet.most_ads.value
        too_large = sheet.most_bytes is not None and size + len(row.data) > sheet.most_bytes.value
        if part and (too_many or too_large):
            yield part
            part, size = [], header
        part.append(row.data)
        size += len(row.data)
    if part:
        yield part


def _encode(rows: Iterable[Sequence[str]], sheet: AdSheet) -> bytes:
    buffer = io.StringIO()
    if sheet.quote_all:
        writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    else:
        writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows(rows)
    return buffer.getvalue().encode()


def _plain(text: str) -> str:
    """Return a text as a part of a file's name, in which ``_`` divides."""
    plain = _NOT_IN_NAMES.sub("-", text.replace("_", "-")).strip("-.")
    return plain.encode()[:_LONGEST].decode(errors="ignore")


def _write(
    contents: Mapping[_Name, bytes], run: LiveRun, place: Workspace
) -> tuple[tuple[Path, ...], bool]:
    """Write files that belong together; return them, and whether any was not there already."""
    found = _RUN.fullmatch(run.run)
    tail = (found[2] if found else run.run[-4:]).upper()
    started = found[1].replace("-", "_") if found else _stamp(run.started_at.astimezone())
    suffix = "" if run.account == DEFAULT_ACCOUNT else f"_{run.account}"
    folder = place.upload_csv
    try:
        make_folder(folder)
        there: defaultdict[str, set[Path]] = defaultdict(set)
        for path in folder.glob(f"Batch{tail}_*.csv"):
            there["_".join(path.name.split("_")[1:3])].add(path)
        now = datetime.now().astimezone()
        later = (_stamp(now + timedelta(seconds=seconds)) for seconds in count())
        # What was made last comes first: that is what the texts of now may have given before.
        for stamp in chain(sorted(there, reverse=True), [started], later):
            named = {
                folder / f"Batch{tail}_{stamp}_{name.text}{suffix}{name.part}.csv": data
                for name, data in contents.items()
            }
            if all(named.get(path) == path.read_bytes() for path in there[stamp]):
                break
        missing = {path: data for path, data in named.items() if path not in there[stamp]}
        for path, data in missing.items():
            _write_new(path, data)
        sync_folder(folder)
    except OSError as error:
        raise WorkspaceError(
            f"The ads CSVs can't be written to {folder}: {error.strerror or error}.",
            hint=f"Check who may write there, then run `cfu ads {run.run}`.",
        ) from error
    return tuple(named), bool(missing)


def _stamp(when: datetime) -> str:
    return f"{when:%Y%m%d_%H%M%S}"


def _write_new(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all. Raises `FileExistsError` rather than overwrite one."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            sync(file.fileno())
        give_name(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _unused(texts: AdTexts, subjects: Sequence[Subject]) -> Iterator[str]:
    """Yield a line for each category in the user's file that looks like a misspelt one."""
    there = {subject.category.casefold(): subject.category for subject in subjects} | {"": ""}
    for name in sorted(texts.categories):
        near = get_close_matches(name.casefold(), there, n=1, cutoff=0.75)
        if name.casefold() not in there and near:
            yield (
                f"[category.{name}] in {texts.shown} fits none of these ads; "
                f"did you mean {there[near[0]]}?"
            )


def _rejected(subjects: Iterable[Subject]) -> Iterator[str]:
    halves = (
        half
        for it in subjects
        for half in ((it.video, it.image) if isinstance(it, NativePairUp) else (it,))
    )
    names = [half.path.name for half in halves if half.review_status == "rejected"]
    if names:
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        one = "One creative in them was" if len(names) == 1 else f"{len(names):,} of them were"
        yield f"{one} rejected in review ({', '.join(names[:_NAMED])}{more})."
