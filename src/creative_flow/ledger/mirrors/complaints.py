"""What of a user's changes in a mirror does not count, told in lines."""

from __future__ import annotations

from attrs import Factory, define

_MOST_LINES = 10


@define
class Complaints:
    """Differences that do not count; of many, the first ones are told."""

    file: str
    count: int = 0
    _lines: list[str] = Factory(list)

    def add(self, what: str, *, line: int | None = None, column: str = "") -> None:
        """Note one difference."""
        self.count += 1
        if self.count <= _MOST_LINES:
            heading = column if column.isprintable() else repr(column)
            where = f" line {line}" if line is not None else ""
            where += f", {heading}" if heading else ""
            self._lines.append(f"{self.file}{where}: {what}")

    def lines(self) -> tuple[str, ...]:
        """Return them for the user, one line each."""
        more = self.count - len(self._lines)
        return (*self._lines, f"{self.file}: and {more} more.") if more else tuple(self._lines)
