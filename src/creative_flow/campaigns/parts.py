"""Ads as the bytes of a CSV, cut into files that a platform takes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from attrs import frozen

from creative_flow.ads import AdSheet
from creative_flow.campaigns.items import AdRow


@frozen
class Part:
    """What goes in one CSV: the rows, and the bytes of the file."""

    rows: tuple[AdRow, ...]
    data: bytes


def encode(sheet: AdSheet, rows: Sequence[Sequence[str]]) -> bytes:
    """Return a CSV with the sheet's headings, as UTF-8 without a mark at its begin."""
    buffer = io.StringIO()
    if sheet.quote_all:
        writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    else:
        writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(sheet.headings)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8", "replace")


def parts_of(sheet: AdSheet, rows: Sequence[AdRow]) -> Iterator[Part]:
    """Cut rows into files of no more than the platform takes, in their order."""
    header = len(encode(sheet, []))
    part: list[AdRow] = []
    size = header
    for row in rows:
        more = len(encode(sheet, [row.cells])) - header
        too_many = sheet.most_ads is not None and len(part) >= sheet.most_ads.value
        too_large = sheet.most_bytes is not None and size + more > sheet.most_bytes.value
        if part and (too_many or too_large):
            yield Part(tuple(part), encode(sheet, [it.cells for it in part]))
            part, size = [], header
        part.append(row)
        size += more
    if part:
        yield Part(tuple(part), encode(sheet, [it.cells for it in part]))
