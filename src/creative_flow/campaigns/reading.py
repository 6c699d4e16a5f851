"""Reads the mapping and every ads CSV that it names; all is checked before the first click."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from creative_flow.ads import AdRemark, AdsCsv, AdSheet, Fill, Weight
from creative_flow.campaign import Ad
from creative_flow.campaigns.items import AdFile, AdRow, Item, Reading, Wish
from creative_flow.campaigns.parts import encode
from creative_flow.errors import UsageError
from creative_flow.ledger import KnownEntry
from creative_flow.ledger.mirrors.cells import read_id
from creative_flow.ledger.mirrors.spreadsheet import Row, Sheet, Unreadable

MAPPING = ("campaign_id", "csv_filename", "campaign_name", "enabled")
"""The columns of a mapping; the first two are needed."""

_ON = frozenset({"", "true", "yes", "on", "1", "y", "x", "enabled"})
_OFF = frozenset({"false", "no", "off", "0", "n", "disabled"})
_IDS = frozenset({Fill.CREATIVE_ID, Fill.VIDEO_ID, Fill.IMAGE_ID})
_NAMED = 3

LookUp = Callable[[Collection[str]], Mapping[str, tuple[KnownEntry, ...]]]
"""Returns what the ledger's library knows of Creative IDs."""


class Reader:
    """Reads for one platform.

    ``folders`` are where ads CSVs may lie that a mapping names, by what people call them.
    """

    def __init__(
        self, ads: AdsCsv, id_pattern: str, folders: Mapping[str, Path], look_up: LookUp
    ) -> None:
        self._ads = ads
        self._id_pattern = id_pattern
        self._folders = folders
        self._look_up = look_up
        self._files: dict[Path, AdFile | None] = {}
        self._problems: list[str] = []
        self._warnings: list[str] = []
        self._odd: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        """What is odd in the ads CSV that is being read, by heading, with the lines."""

    def read(self, wish: Wish) -> Reading:
        """Read what is asked for. Raises `UsageError` for a mapping that can't be read at all."""
        if wish.mapping is not None:
            items = list(self._mapping(wish.mapping, wish.campaigns))
        elif wish.ads is not None:
            items = list(self._one_for_all(wish.ads, wish.campaigns))
        else:
            raise UsageError("There is neither a mapping nor an ads CSV.")
        return Reading(tuple(items), tuple(self._problems), tuple(self._warnings))

    # ---- the mapping

    def _mapping(self, path: Path, wanted: Sequence[str]) -> Iterator[Item]:
        try:
            sheet = Sheet.open(path, MAPPING, MAPPING[:2])
            rows = list(sheet.rows())
        except Unreadable as why:
            raise UsageError(
                f"{path.name}: {why}.", hint=f"Its first line must be: {','.join(MAPPING)}"
            ) from why
        except OSError as error:
            raise UsageError(f"{path} can't be read: {error.strerror or error}.") from error
        first: dict[str, int] = {}
        off: dict[str, int] = {}
        chosen = set(wanted)
        for row in rows:
            cells = dict(zip(sheet.columns, (cell.strip() for cell in row.cells), strict=False))
            where = f"{path.name}, line {row.number}"
            enabled = cells.get("enabled", "").casefold()
            if enabled not in _ON | _OFF:
                self._problems.append(
                    f"{where}, enabled: {cells['enabled']!r} is neither yes nor no"
                )
            campaign_id = self._campaign_id(cells.get("campaign_id", ""), f"{where}, campaign_id")
            if enabled in _OFF:
                off[campaign_id] = row.number
                continue
            if chosen and campaign_id not in chosen:
                continue
            if campaign_id and (before := first.get(campaign_id)):
                self._problems.append(
                    f"{where}, campaign_id: campaign {campaign_id} stands in line {before} "
                    "already; put all of its ads into one CSV"
                )
                continue
            first[campaign_id] = row.number
            file = self._named(path, cells.get("csv_filename", ""), f"{where}, csv_filename")
            if campaign_id and file:
                yield Item(campaign_id, file, cells.get("campaign_name", ""))
        if not wanted and not first:
            nothing = "no campaign in it is enabled" if rows else "it names no campaign"
            self._problems.append(f"{path.name}: {nothing}")
        for campaign_id in wanted:
            if campaign_id in first:
                continue
            if line := off.get(campaign_id):
                where = f"{path.name}, line {line}, enabled"
                self._problems.append(f"{where}: campaign {campaign_id} is not enabled")
            else:
                self._problems.append(f"{path.name}: campaign {campaign_id} is not in it")

    def _campaign_id(self, cell: str, where: str) -> str:
        read = cell if re.fullmatch(self._id_pattern, cell) else read_id(cell) or ""
        if not read or not re.fullmatch(self._id_pattern, read):
            rounded = re.fullmatch(r"\d([.,]\d+)?[eE]\+?\d+", cell)
            why = ": a spreadsheet has rounded it, write its digits again" if rounded else ""
            self._problems.append(f"{where}: {cell!r} is no campaign's id{why}")
            return ""
        return read

    def _named(self, mapping: Path, name: str, where: str) -> AdFile | None:
        if not name:
            self._problems.append(f"{where}: no ads CSV is named")
            return None
        for folder in (mapping.resolve().parent, *self._folders.values()):
            path = folder / Path(name).expanduser()
            if path.is_file():
                return self._file(path)
        self._problems.append(
            f"{where}: there is no file {name!r}, neither beside the mapping nor in "
            + " or ".join(self._folders)
        )
        return None

    def _one_for_all(self, path: Path, campaigns: Sequence[str]) -> Iterator[Item]:
        if not campaigns:
            raise UsageError("No campaign is named.", hint="Name each with --campaign ID.")
        file = self._file(path)
        for campaign_id in dict.fromkeys(campaigns):
            read = self._campaign_id(campaign_id, "--campaign")
            if file and read:
                yield Item(read, file)

    # ---- one ads CSV

    def _file(self, path: Path) -> AdFile | None:
        path = path.resolve()
        if path not in self._files:
            self._files[path] = self._read_file(path)
        return self._files[path]

    def _read_file(self, path: Path) -> AdFile | None:
        known = [heading for sheet in self._ads.sheets for heading in sheet.headings]
        try:
            table = Sheet.open(path, list(dict.fromkeys(known)), ())
            rows = list(table.rows())
        except Unreadable as why:
            self._problems.append(f"{path.name}: {why}")
            return None
        except OSError as error:
            self._problems.append(f"{path.name} can't be read: {error.strerror or error}")
            return None
        columns = list(table.columns)
        while columns and columns[-1] == f"column {len(columns)}":
            columns.pop()  # a spreadsheet's empty columns at the end
        sheet = self._ads.recognise(columns)
        if sheet is None:
            self._problems.append(
                f"{path.name}, line {table.first}: its columns are not those of an ads CSV; "
                f"{self._ads.why_not(columns)}"
            )
            return None
        before = len(self._problems)
        found = [ad for row in rows if (ad := self._row(path, sheet, row))]
        self._warn_of_cells(path)
        if not rows:
            self._problems.append(f"{path.name}: it holds no ads")
        self._check_twins(path, found)
        self._check_known(path, found)
        return AdFile(path, sheet, tuple(found)) if len(self._problems) == before else None

    def _row(self, path: Path, sheet: AdSheet, row: Row) -> AdRow | None:
        where = f"{path.name}, line {row.number}"
        cells = list(row.cells)
        while len(cells) > len(sheet.columns) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(sheet.columns):
            self._problems.append(
                f"{where}: it has {len(cells)} cells, {len(sheet.columns)} are wanted"
            )
            return None
        ids: list[str] = []
        name = ""
        for column, cell in zip(sheet.columns, cells, strict=True):
            for remark in self._ads.check_cell(column, cell):
                if not _is_wrong(remark, cell):
                    self._odd[column.heading, remark.message].append(row.number)
                    continue
                lifts = f" ({remark.setting} lifts it)" if remark.setting else ""
                self._problems.append(f"{where}, {column.heading}: it {remark.message}{lifts}")
            if column.fill is Fill.NAME:
                name = cell
            elif column.fill in _IDS:
                ids.append(cell)
        if sheet.most_bytes is not None:
            alone = len(encode(sheet, [tuple(cells)]))
            if alone > sheet.most_bytes.value:
                self._problems.append(
                    f"{where}: this ad alone has {alone:,} bytes, allowed: "
                    f"{sheet.most_bytes.value:,} ({sheet.most_bytes.setting} lifts it)"
                )
        return AdRow(row.number, tuple(cells), Ad(name, tuple(ids)))

    def _warn_of_cells(self, path: Path) -> None:
        """Warn of what cells of one ads CSV say, once for all ads that say the same."""
        for (heading, message), lines in self._odd.items():
            many = f" ({len(lines):,} ads, the first in line {lines[0]})"
            where = f"{path.name}, line {lines[0]}" if len(lines) == 1 else path.name
            self._warnings.append(
                f"{where}, {heading}: it {message}{many if len(lines) > 1 else ''}"
            )
        self._odd.clear()

    def _check_twins(self, path: Path, rows: Sequence[AdRow]) -> None:
        first: dict[tuple[str, tuple[str, ...]], int] = {}
        names: dict[str, int] = {}
        for row in rows:
            same = (row.ad.key, row.ad.creative_ids)
            if before := first.get(same):
                self._problems.append(
                    f"{path.name}, line {row.line}, Ad Name: it is the same ad as in line {before}"
                )
            elif before := names.get(row.ad.key):
                self._warnings.append(
                    f"{path.name}, line {row.line}: its name is that of line {before}; where a "
                    "campaign's page shows no Creative IDs, the two can't be told apart"
                )
            first.setdefault(same, row.line)
            names.setdefault(row.ad.key, row.line)

    def _check_known(self, path: Path, rows: Sequence[AdRow]) -> None:
        """Warn of Creative IDs that the library does not know, or that will not be taken."""
        used: defaultdict[str, list[int]] = defaultdict(list)
        for row in rows:
            for creative_id in row.ad.creative_ids:
                if creative_id:
                    used[creative_id].append(row.line)
        known = self._look_up(list(used))
        said: defaultdict[str, list[str]] = defaultdict(list)
        for creative_id, lines in used.items():
            entries = known.get(creative_id, ())
            where = f"{creative_id} in line {lines[0]}"
            if not entries:
                said["not known to the ledger (`cfu library refresh` reads them)"].append(where)
            elif all(entry.review_status == "rejected" for entry in entries):
                said["rejected in review"].append(where)
            elif not any(entry.stands for entry in entries):
                said["not on the platform any more"].append(where)
        for what, places in said.items():
            more = f" and {len(places) - _NAMED:,} more" if len(places) > _NAMED else ""
            many = "1 creative is" if len(places) == 1 else f"{len(places):,} creatives are"
            self._warnings.append(f"{path.name}: {many} {what}: {', '.join(places[:_NAMED])}{more}")


def _is_wrong(remark: AdRemark, cell: str) -> bool:
    """Say whether the platform will not take a cell; what was never set is only worth nothing."""
    if remark.weight is Weight.PLACEHOLDER:
        return not cell
    return remark.weight in {Weight.WRONG, Weight.TOO_LONG}
