"""What a platform's ads CSVs are: their columns and limits, how rows are made and judged.

The core gathers what is up and what the user wants said, and writes the files; a plugin tells the
columns, the limits and what fills each cell::

    class AcmeAds(AdsCsv):
        @property
        def sheets(self):
            return (
                AdSheet(
                    "banner",
                    "Banner",
                    (
                        AdColumn("Name", Fill.NAME, most=Limit(40, Certainty.KNOWN, "docs", "")),
                        AdColumn("Link", Fill.TEXT, "target_url", setting="ACME_ADS_TARGET_URL",
                                 required=True, is_url=True),
                        AdColumn("Creative", Fill.CREATIVE_ID),
                    ),
                    ad_format="banner",
                ),
            )

The same class reads such files back: `AdsCsv.recognise` tells by its columns which sheet a file is,
and `AdsCsv.check` judges a row, whoever wrote it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from attrs import frozen

from creative_flow import adtext
from creative_flow.creative import Certainty, Limit
from creative_flow.platform import Context

_NAMED = 3
"""So many headings are named where a file has other ones."""


@frozen
class UploadedCreative:
    """A creative that is up, with its proven Creative ID. What is not known is empty."""

    path: Path
    ad_format: str
    creative_id: str
    account: str
    unique_id: str = ""
    native_pair_id: str = ""
    category: str = ""
    review_status: str = ""

    @property
    def stem(self) -> str:
        """The file's name without its extension."""
        return self.path.stem


@frozen
class NativePairUp:
    """Both halves of a native pair, both up on the same account."""

    video: UploadedCreative
    image: UploadedCreative

    @property
    def category(self) -> str:
        """What the halves are filed under."""
        return self.video.category or self.image.category


Subject = UploadedCreative | NativePairUp
"""What one ad is made of."""


class Fill(StrEnum):
    """What a column holds."""

    NAME = "name"
    CREATIVE_ID = "creative_id"
    VIDEO_ID = "video_id"
    IMAGE_ID = "image_id"
    TEXT = "text"
    """What the user says for all ads, or for those of a category."""


@frozen
class AdColumn:
    """One column. ``heading`` is as the platform wants it.

    Of a TEXT, ``key`` is its name in the user's ads file and ``setting`` the setting that gives it
    where that file does not. ``required`` says that it must not be empty, ``is_url`` and ``is_id``
    what it must be if it is not. ``most`` is the length allowed, as `adtext.length` counts.
    """

    heading: str
    fill: Fill
    key: str = ""
    setting: str = ""
    required: bool = False
    is_url: bool = False
    is_id: bool = False
    most: Limit[int] | None = None


@frozen
class AdSheet:
    """One kind of ads CSV.

    ``name`` is its name in the user's ads file, ``label`` its part of a file's name. It takes the
    creatives of ``ad_format``, or native pairs where that is empty. ``most_ads`` is the number of
    rows a file may have, ``most_bytes`` its size, the header line included.
    """

    name: str
    label: str
    columns: tuple[AdColumn, ...]
    ad_format: str = ""
    quote_all: bool = False
    most_ads: Limit[int] | None = None
    most_bytes: Limit[int] | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        """The header line's cells."""
        return tuple(column.heading for column in self.columns)

    @property
    def texts(self) -> tuple[AdColumn, ...]:
        """The columns that the user fills."""
        return tuple(column for column in self.columns if column.fill is Fill.TEXT)

    def takes(self, subject: Subject) -> bool:
        """Say whether such an ad belongs here."""
        if isinstance(subject, NativePairUp):
            return not self.ad_format
        return subject.ad_format == self.ad_format


class Weight(StrEnum):
    """How much a remark matters."""

    WRONG = "wrong"
    """The platform will not take it."""
    TOO_LONG = "too_long"
    """The platform will not take it whole."""
    PLACEHOLDER = "placeholder"
    """It was never set: an ad with it would be worth nothing."""
    CHANGED = "changed"
    """It was made to fit."""
    NOTE = "note"
    """It may be meant so."""


@frozen
class AdRemark:
    """Something to be said about a cell. ``message`` reads on after the column's heading.

    ``setting`` names what lifts the rule, where it is not certain.
    """

    column: AdColumn
    weight: Weight
    message: str
    setting: str = ""


@frozen
class AdRow:
    """One ad: a cell for each column of its sheet, and what had to be changed for it."""

    cells: tuple[str, ...]
    remarks: tuple[AdRemark, ...] = ()


class AdsCsv(ABC):
    """Makes the rows of a platform's ads CSVs and judges them."""

    placeholders: Collection[str] = ()
    """Texts that stand for what the user has not set, whatever their case."""
    macros: Collection[str] = ()
    """The macros that URLs are known to take, without their braces."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @property
    @abstractmethod
    def sheets(self) -> tuple[AdSheet, ...]:
        """The kinds of ads CSV that the platform takes."""

    def row(self, sheet: AdSheet, subject: Subject, texts: Mapping[str, str]) -> AdRow:
        """Return the ad for what is up. ``texts`` are the user's, by key; a missing one is empty.

        A name or text that is too long is cut, and the row says so. Texts are otherwise kept byte
        for byte. A name loses what a spreadsheet would take for a formula, since file names come
        from anywhere; the user's own texts don't.
        """
        cells, remarks = [], []
        for column in sheet.columns:
            text = self.filling(column, subject, texts)
            fitted = self._fitted(column, text, subject)
            if fitted != text:
                remarks.append(_changed(column, text, fitted))
            cells.append(fitted)
        return AdRow(tuple(cells), tuple(remarks))

    def filling(self, column: AdColumn, subject: Subject, texts: Mapping[str, str]) -> str:
        """Return what a cell should hold, before it is made to fit."""
        lead = subject.video if isinstance(subject, NativePairUp) else subject
        match column.fill:
            case Fill.NAME:
                return lead.stem
            case Fill.CREATIVE_ID | Fill.VIDEO_ID:
                return lead.creative_id
            case Fill.IMAGE_ID:
                return subject.image.creative_id if isinstance(subject, NativePairUp) else ""
            case Fill.TEXT:
                return texts.get(column.key, "")

    def check(self, sheet: AdSheet, cells: Mapping[str, str]) -> Iterator[AdRemark]:
        """Yield what is to be said about a row, given by heading. A cell may be missing."""
        for column in sheet.columns:
            yield from self.check_cell(column, cells.get(column.heading, ""))

    def check_cell(self, column: AdColumn, text: str) -> Iterator[AdRemark]:
        """Yield what is to be said about one cell."""
        ids = {Fill.CREATIVE_ID, Fill.VIDEO_ID, Fill.IMAGE_ID}
        if not text:
            if column.required:
                yield AdRemark(column, Weight.PLACEHOLDER, "is empty")
            elif column.fill in ids or column.fill is Fill.NAME:
                yield AdRemark(column, Weight.WRONG, "is empty")
            return
        if not column.is_url and not adtext.is_one_line(text):
            yield AdRemark(column, Weight.WRONG, f"is {text!r}, which is not one line of text")
        if column.most is not None and adtext.length(text) > column.most.value:
            lifts = "" if column.most.certainty is Certainty.KNOWN else column.most.setting
            yield AdRemark(
                column,
                Weight.TOO_LONG,
                f"has {adtext.length(text)} characters, allowed: {column.most.value}",
                lifts,
            )
        if column.is_id or column.fill in ids:
            if not re.fullmatch(self.context.info.id_pattern, text):
                yield AdRemark(column, Weight.WRONG, f"is {text!r}, which is no Creative ID")
        elif column.is_url:
            yield from self._check_url(column, text)
        elif text.casefold() in {each.casefold() for each in self.placeholders}:
            yield AdRemark(column, Weight.PLACEHOLDER, f"is still the placeholder {text}")

    def recognise(self, headings: Sequence[str]) -> AdSheet | None:
        """Return the sheet that has exactly these headings in this order, None if none has.

        Case and blanks around a heading don't count, nor does a byte order mark.
        """
        wanted = _plain(headings)
        return next((sheet for sheet in self.sheets if _plain(sheet.headings) == wanted), None)

    def why_not(self, headings: Sequence[str]) -> str:
        """Return how headings that `recognise` does not know differ from the nearest sheet's."""
        have = _plain(headings)

        def alike(sheet: AdSheet) -> int:
            return len(set(have) & set(_plain(sheet.headings)))

        nearest = max(self.sheets, key=alike)
        names = {_plain([heading])[0]: heading for heading in nearest.headings}
        missing = [heading for plain, heading in names.items() if plain not in have]
        more = [heading for heading in headings if _plain([heading])[0] not in names]
        parts = [
            f"it lacks {_some(missing)}" if missing else "",
            f"it has {_some([repr(heading) for heading in more])} besides" if more else "",
        ]
        why = ", and ".join(filter(None, parts)) or "they are in another order, or twice"
        return f"for {nearest.label} ads {why}"

    def _fitted(self, column: AdColumn, text: str, subject: Subject) -> str:
        most = column.most.value if column.most else None
        if column.fill is Fill.NAME:
            lead = subject.video if isinstance(subject, NativePairUp) else subject
            name = adtext.harmless(adtext.one_line(text)) or lead.creative_id
            return name if most is None else adtext.cut_name(name, most, _unique(lead))
        if column.fill is Fill.TEXT and most is not None and not column.is_url:
            return adtext.cut_words(text, most)
        return text

    def _check_url(self, column: AdColumn, text: str) -> Iterator[AdRemark]:
        if why := adtext.url_problem(text):
            yield AdRemark(column, Weight.WRONG, f"is {text!r}: {why}")
        elif adtext.leads_nowhere(text):
            yield AdRemark(column, Weight.PLACEHOLDER, f"is still the placeholder {text}")
        for odd in adtext.odd_macros(text, self.macros):
            yield AdRemark(column, Weight.NOTE, f"is {text}: {odd}")


def _some(headings: Sequence[str]) -> str:
    more = f" and {len(headings) - _NAMED} more" if len(headings) > _NAMED else ""
    return ", ".join(headings[:_NAMED]) + more


def _unique(creative: UploadedCreative) -> str:
    """Return what must stay of a name: the creative's own id, or else the platform's for it."""
    return creative.unique_id or creative.creative_id


def _changed(column: AdColumn, text: str, fitted: str) -> AdRemark:
    most = column.most.value if column.most else None
    if most is not None and adtext.length(text) > most:
        message = f"was cut to {most} characters: {fitted}"
    else:
        message = f"was changed to {fitted}"
    return AdRemark(column, Weight.CHANGED, message)


def _plain(headings: Sequence[str]) -> tuple[str, ...]:
    return tuple(heading.strip().strip("\ufeff").strip().casefold() for heading in headings)
