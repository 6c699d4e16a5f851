"""Cells: how values stand in a CSV file, and what people and spreadsheets make of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from creative_flow.ledger.anytext import escape, unescape

# What makes a spreadsheet take a cell for a formula, whatever blanks or apostrophes precede it.
_FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")
_NEEDS_QUOTES = re.compile(r'[",;\t\r\n]|^\s|\s$')
# Cells that stay as they are: empty, or beginning with a letter or digit.
_PLAIN_CELL = r"(?:[A-Za-z0-9](?:[!#-+\--:<-~ ]*[!#-+\--:<-~])?)?"
_PLAIN_LINE = re.compile(f"{_PLAIN_CELL}(?:,{_PLAIN_CELL})*", re.ASCII)

_SCIENTIFIC = re.compile(r"(\d)[.,](\d+)[eE]\+?(\d+)", re.ASCII)
_NUMBER = re.compile(
    r"(\d+|\d{1,3}([.,'’\u00a0\u202f ])\d{3}(?:\2\d{3})*)(?:(?!\2)[.,]0{1,2})?", re.ASCII
)

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")


def shown(text: str) -> str:
    """Return the cell for a text that comes from elsewhere: no spreadsheet will run it."""
    if text[:1].isalnum() and text.isprintable():
        return text
    text = escape(text)
    return f"'{text}" if _FORMULA.match(text) else text


def meant(cell: str) -> str:
    """Return the text that `shown` was given."""
    if cell.startswith("'") and _FORMULA.match(cell):
        cell = cell[1:]
    return unescape(cell)


def line(cells: Iterable[str]) -> str:
    """Return one line of a CSV file, its end included."""
    return ",".join(_quoted(cell) for cell in cells) + "\n"


def _quoted(cell: str) -> str:
    if not cell or cell.isalnum() or not _NEEDS_QUOTES.search(cell):
        return cell
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


def shown_line(cells: Sequence[str]) -> str:
    """Return ``line(map(shown, cells))``."""
    text = ",".join(cells)
    if text.count(",") == len(cells) - 1 and _PLAIN_LINE.fullmatch(text):  # nearly always
        return f"{text}\n"
    return line(map(shown, cells))


def read_id(cell: str) -> str | None:
    """Return the Creative ID that a cell holds, or None if its digits can't be told.

    Readable are ``1032530511.0``, ``1,032,530,511`` and the like, and a scientific form that has
    kept every digit.
    """
    text = cell.strip().lstrip("'").removeprefix("=").strip().strip('"').strip()
    if number := _NUMBER.fullmatch(text):
        return re.sub(r"\D", "", number[1])
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific and len(scientific[2]) == int(scientific[3]):
        return scientific[1] + scientific[2]
    return None


def read_dates(cell: str) -> tuple[str, ...]:
    """Return the days, as ``YYYY-MM-DD``, that a cell can mean, the likeliest first."""
    text = cell.strip().split("T")[0].split(" ")[0]
    if found := _YEAR_FIRST.fullmatch(text):
        return _days((found[1], found[3], found[4]))
    if found := _YEAR_LAST.fullmatch(text):
        first, separator, second, year = found.groups()
        year = year if len(year) == 4 else f"20{year}"
        month_first = (year, first, second)
        day_first = (year, second, first)
        if separator == "/":
            return _days(month_first, day_first)
        return _days(day_first, month_first)
    return ()


def _days(*candidates: tuple[str, str, str]) -> tuple[str, ...]:
    days = []
    for year, month, day in candidates:
        try:
            days.append(date(int(year), int(month), int(day)).isoformat())
        except ValueError:
            continue
    return tuple(dict.fromkeys(days))


def read_dimensions(cell: str) -> str:
    """Return ``640x360`` for the ways in which people write it, else the cell as it is."""
    found = re.fullmatch(r"\s*(\d+)\s*[xX×*]\s*(\d+)\s*", cell)
    return f"{found[1]}x{found[2]}" if found else cell.strip()
