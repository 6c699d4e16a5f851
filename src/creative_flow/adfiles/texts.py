"""What the user wants ads to say: ``config/{platform}_ads.toml``, and below it the settings.

::

    [default]                       all ads
    target_url = "https://…"
    [native]                        those of one sheet
    headline = "…"
    [category.Summer]               those of one category
    headline = "…"
    [category.Summer.native]        those of both
    headline = "…"

The narrower table wins; where none has a text, its setting counts (``TJ_ADS_TARGET_URL``).
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from creative_flow.ads import AdColumn, AdsCsv, AdSheet, Weight
from creative_flow.errors import SettingsError
from creative_flow.platform import PlatformInfo
from creative_flow.settings import Value

_CATEGORY = "category"
_DEFAULT = "default"
_MOST = 5_000
"""Signs in a text; more is no text for an ad, and a row of such could outgrow a file."""
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([^=\s#][^=]*?)\s*=")

Keys = tuple[str, ...]


@frozen
class AdText:
    """One text for one kind of ads, and ``where`` it was set."""

    text: str
    where: str


class AdTexts:
    """The texts of one workspace for one platform.

    ``find`` returns what a setting was set to, None if it is at its default. Raises `SettingsError`
    naming file, line and key of everything that is wrong.
    """

    def __init__(
        self,
        file: Path,
        ads: AdsCsv,
        info: PlatformInfo,
        find: Callable[[str], Value | None],
    ) -> None:
        self.file = file
        self.shown = f"{file.parent.name}/{file.name}"
        """The file as people know it, from the workspace on."""
        self._ads = ads
        self._find = find
        self._defaults = {setting.name: setting.default for setting in info.settings}
        self._content, self._data = _read(file)
        if problems := [*self._problems()]:
            more = f" (and {len(problems) - 5} more)" if len(problems) > 5 else ""
            raise SettingsError(
                f"{file}, {'; '.join(problems[:5])}{more}.", hint="Mend it, then run `cfu ads`."
            )

    @property
    def categories(self) -> frozenset[str]:
        """The categories that have texts of their own."""
        return frozenset(self._data.get(_CATEGORY, {}))

    def of(self, sheet: AdSheet, category: str) -> dict[str, AdText]:
        """Return the texts of a sheet's ads in a category (empty: in none), by key.

        Raises `SettingsError` for one that the platform will not take.
        """
        tables: list[Keys] = [(_DEFAULT,), (sheet.name,)]
        own = self._spelt(category)
        if own is not None:
            tables += [(_CATEGORY, own), (_CATEGORY, own, sheet.name)]
        found = {}
        for column in sheet.texts:
            text = self._setting(column)
            for table in tables:
                value = _at(self._data, table).get(column.key)
                if isinstance(value, str):
                    where = self._where((*table, column.key))
                    text = AdText(value, f"{column.key} in {self.shown}{where}")
            self._check(column, text)
            found[column.key] = text
        return found

    def _setting(self, column: AdColumn) -> AdText:
        value = self._find(column.setting) if column.setting else None
        if value is not None:
            return AdText(value.text, f"{column.setting} in {value.where}")
        default = self._defaults.get(column.setting, "")
        return AdText(default, f"{column.key} in {self.shown}, or {column.setting}")

    def _check(self, column: AdColumn, text: AdText) -> None:
        """Refuse what is wrong; what is too long is cut later."""
        if len(text.text) > _MOST:
            raise SettingsError(f"{text.where} has {len(text.text):,} characters.")
        for remark in self._ads.check_cell(column, text.text):
            too_long = remark.weight is Weight.TOO_LONG and column.is_url
            if remark.weight is Weight.WRONG or too_long:
                raise SettingsError(
                    f"{text.where}: {column.heading} {remark.message}.",
                    hint="Mend it, then run `cfu ads`.",
                )

    def _spelt(self, category: str) -> str | None:
        """Return a category as the file spells it: exactly so, else whatever the case."""
        known = self._data.get(_CATEGORY, {})
        if not category or category in known:
            return category or None
        return next((each for each in known if each.casefold() == category.casefold()), None)

    def _problems(self) -> Iterator[str]:
        everywhere = {column.key for sheet in self._ads.sheets for column in sheet.texts}
        sheets = {sheet.name: {each.key for each in sheet.texts} for sheet in self._ads.sheets}
        tables = (_DEFAULT, *sheets, _CATEGORY)
        for name, table in self._data.items():
            if name in everywhere:
                yield self._line((name,), f"{name} must stand below a table, such as [{_DEFAULT}]")
            elif name not in tables:
                known = [f"[{each}]" for each in tables]
                yield self._line((name,), f"there is no [{name}]{_meant(name, tables, known)}")
            elif not isinstance(table, Mapping):
                yield self._line((name,), f"{name} must be a table, [{name}]")
            elif name != _CATEGORY:
                yield from self._of_table((name,), table, sheets.get(name, everywhere))
            else:
                for category, texts in table.items():
                    where = (_CATEGORY, category)
                    if not isinstance(texts, Mapping):
                        said = f"{category} must stand below a table, [{_CATEGORY}.NAME]"
                        yield self._line(where, said)
                        continue
                    plain = {k: v for k, v in texts.items() if k not in sheets}
                    yield from self._of_table(where, plain, everywhere, also=tuple(sheets))
                    for sheet in sheets.keys() & texts.keys():
                        yield from self._of_table((*where, sheet), texts[sheet], sheets[sheet])

    def _of_table(
        self, where: Keys, table: object, keys: set[str], also: Sequence[str] = ()
    ) -> Iterator[str]:
        if not isinstance(table, Mapping):
            yield self._line(where, f"{where[-1]} must be a table, [{'.'.join(where)}]")
            return
        for key, value in table.items():
            path = (*where, key)
            if key not in keys:
                known = (*sorted(keys), *also)
                said = f"[{'.'.join(where)}] takes no {key}{_meant(key, known, sorted(keys))}"
                yield self._line(path, said)
            elif not isinstance(value, str):
                yield self._line(path, f'{key} must be a text: {key} = "{value}"')

    def _line(self, path: Keys, said: str) -> str:
        number = _line_of(self._content, path)
        return f"line {number}: {said}" if number else said

    def _where(self, path: Keys) -> str:
        number = _line_of(self._content, path)
        return f", line {number}" if number else f", [{'.'.join(path[:-1])}]"


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    try:
        content = file.read_bytes().decode("utf-8-sig")
        return content, tomllib.loads(content)
    except FileNotFoundError:
        return "", {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{file} is not valid TOML: {error}.", hint='A line is key = "text", in quotes.'
        ) from error
    except OSError as error:
        raise SettingsError(f"{file} can't be read: {error.strerror or error}.") from error


def _meant(name: str, known: Sequence[str], shown: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(shown)}"


def _at(data: Mapping[str, Any], path: Keys) -> Mapping[str, Any]:
    node: Any = data
    for part in path:
        node = node.get(part, {}) if isinstance(node, Mapping) else {}
    return node if isinstance(node, Mapping) else {}


def _line_of(content: str, path: Keys) -> int | None:
    """Return the line of a table or key, where it is written in the plain way."""
    table: Keys = ()
    for number, line in enumerate(content.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _keys(header[1])
            if table == path:
                return number
        elif (key := _KEY.match(line)) and (*table, *_keys(key[1])) == path:
            return number
    return None


def _keys(dotted: str) -> Keys:
    """Return the parts of a dotted TOML key, quoted ones included; none if it is no key."""
    try:
        node: Any = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    parts = []
    while isinstance(node, dict):
        [(part, node)] = node.items()
        parts.append(part)
    return tuple(parts)
