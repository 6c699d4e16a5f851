"""The site's facts as data: ``site.toml``, and over it the user's ``config/tj.toml``.

Nothing else in the plugin holds a selector, an address, a text, a limit or a waiting time.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from creative_flow.creative import AdFormat, Certainty, Kind, Limit, NativePair
from creative_flow.errors import SettingsError

T = TypeVar("T")

_CERTAINTY = {"C": Certainty.KNOWN, "L": Certainty.LIKELY, "?": Certainty.UNKNOWN}


@frozen
class Candidate:
    """One way to find something on a page, and where the knowledge of it comes from."""

    selector: str
    source: str


Ranked = tuple[Candidate, ...]
"""Ways to find the same thing, the most trusted first."""


@frozen
class Site:
    """The merged data. Look-ups are by dotted key, as a user would write it in ``config/tj.toml``.

    ``overrides`` names the user's file for messages.
    """

    data: Mapping[str, Any]
    overrides: Path | None = None

    def ranked(self, key: str) -> Ranked:
        """Return the ranked ways to find ``key``, such as ``selectors.sign_in.username``."""
        return tuple(Candidate(entry["try"], entry["source"]) for entry in self._at(key))

    def css(self, group: str) -> dict[str, list[str]]:
        """Return a whole group of CSS lists, such as ``list``, for use inside the page."""
        table: Mapping[str, Any] = self._at(f"css.{group}")
        return {name: [entry["try"] for entry in entries] for name, entries in table.items()}

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of texts or of parts of addresses."""
        return tuple(self._at(key))

    def text(self, key: str) -> str:
        """Return one text."""
        return str(self._at(key))

    def seconds(self, key: str) -> float:
        """Return a waiting time."""
        return float(self._at(f"waits.{key}"))

    def number(self, key: str) -> int:
        """Return a whole number."""
        return int(self._at(key))

    def flag(self, key: str) -> bool:
        """Return what is on or off."""
        return bool(self._at(key))

    def has(self, key: str) -> bool:
        """Say whether there is anything at ``key``."""
        return self._find(key) is not None

    @property
    def formats(self) -> tuple[str, ...]:
        """The names of the ad formats."""
        return tuple(self._at("formats"))

    def ad_formats(self) -> tuple[AdFormat, ...]:
        """Return the ad formats with their rules."""
        return tuple(self._ad_format(name) for name in self.formats)

    def headings(self, key: str) -> dict[str, str]:
        """Return a table of texts in its order, such as the columns of an ads CSV."""
        return {name: str(text) for name, text in self._at(key).items()}

    def most(self, key: str) -> Limit[int] | None:
        """Return a limit that is a whole number, None where there is none."""
        table, _, _ = key.rpartition(".")
        limit = self._limit(key, self._at(table))
        if limit is None:
            return None
        if isinstance(limit.value, bool) or not isinstance(limit.value, int) or limit.value < 1:
            raise SettingsError(
                f"{self.overrides}: {key} is {limit.value!r}.",
                hint="It must be a whole number, 1 or more, or false for no limit.",
            )
        return _with(limit, limit.value)

    def native_pair(self) -> NativePair:
        """Return how the two halves of a native pair are made."""
        try:
            width, height = _pixels(self.text("native_pair.dimensions"))
            return NativePair(
                video=self.text("native_pair.video"),
                image=self.text("native_pair.image"),
                width=width,
                height=height,
                seconds=float(self._at("native_pair.seconds")),
            )
        except ValueError as error:
            raise SettingsError(f"{self.overrides}: native_pair can't be read: {error}.") from error

    def _find(self, key: str) -> Any:  # noqa: ANN401 - TOML
        node: Any = self.data
        for part in key.split("."):
            if not isinstance(node, Mapping) or part not in node:
                return None
            node = node[part]
        return node

    def _at(self, key: str) -> Any:  # noqa: ANN401 - TOML
        found = self._find(key)
        if found is None:
            raise SettingsError(f"{self.overrides or 'site.toml'}: {key} is missing.")
        return found

    def _ad_format(self, name: str) -> AdFormat:
        table = self._at(f"formats.{name}")
        for needed in ("title", "kind", "types", "tab"):
            if needed not in table:
                raise SettingsError(f"{self.overrides}: formats.{name}.{needed} is missing.")
        where = f"formats.{name}"
        try:
            seconds = self._limit(f"{where}.seconds", table)
            size = self._limit(f"{where}.max_bytes", table)
            dimensions = self._limit(f"{where}.dimensions", table)
            types = self._limit(f"{where}.types", table)
            if types is None:
                types = Limit([], Certainty.UNKNOWN, "", "")
            return AdFormat(
                name=name,
                title=str(table["title"]),
                kind=Kind(table["kind"]),
                file_types=_with(types, frozenset(types.value)),
                dimensions=dimensions
                and _with(dimensions, frozenset(_pixels(pair) for pair in dimensions.value)),
                seconds=seconds and _with(seconds, _range(seconds.value)),
                max_bytes=size and _with(size, int(size.value)),
                folders=tuple(table.get("folders", ())),
                name_pattern=table.get("name_pattern", ""),
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise SettingsError(f"{self.overrides}: {where} can't be read: {error}.") from error

    def _limit(self, key: str, table: Mapping[str, Any]) -> Limit[Any] | None:
        """Return a limit; a user's plain value counts as known, ``false`` as no limit."""
        entry = table.get(key.rsplit(".", 1)[1], False)
        if entry is False:
            return None
        if not isinstance(entry, Mapping):
            entry = {"value": entry, "certainty": "C", "source": str(self.overrides)}
        certainty = _CERTAINTY.get(entry.get("certainty", "L"))
        if certainty is None or "value" not in entry:
            raise SettingsError(
                f"{self.overrides}: {key} is {dict(entry)!r}.",
                hint='It must be like { value = …, certainty = "C", "L" or "?" }.',
            )
        return Limit(
            entry["value"],
            certainty,
            entry.get("source", str(self.overrides)),
            f"{key} in config/tj.toml",
        )


def load(overrides: Path | None = None) -> Site:
    """Return the built-in data with the user's laid over it.

    Raises `SettingsError` naming file and line, or file and key, for data that can't be used.
    """
    built_in = tomllib.loads(files(__package__).joinpath("site.toml").read_text("utf-8"))
    if overrides is None or not overrides.exists():
        return Site(built_in)
    try:
        user = tomllib.loads(overrides.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{overrides} is not valid TOML: {error}.", hint="Mend it or remove it."
        ) from error
    except OSError as error:
        raise SettingsError(f"{overrides} can't be read: {error.strerror}.") from error
    site = Site(_merge(built_in, user, overrides, ""), overrides)
    for key in ("limits.id_pattern", *(f"formats.{name}.name_pattern" for name in site.formats)):
        _check_pattern(site, key, overrides)
    return site


def _check_pattern(site: Site, key: str, file: Path) -> None:
    try:
        re.compile(site.text(key) if site.has(key) else "")
    except re.error as error:
        raise SettingsError(
            f"{file}: {key} is no regular expression: {error}.", hint="Mend it."
        ) from error


def _merge(
    base: Mapping[str, Any], over: Mapping[str, Any], file: Path, where: str
) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        path = f"{where}{key}"
        known = base.get(key)
        if known is None and where != "formats.":
            if not _may_be_new(path):
                from difflib import get_close_matches

                near = get_close_matches(key, base, n=1)
                hint = f"Did you mean {where}{near[0]}?" if near else "It knows: " + ", ".join(base)
                raise SettingsError(f"{file}: {path} is not a key this plugin reads.", hint=hint)
            merged[key] = value
        elif known is None:
            if not isinstance(value, Mapping):
                raise SettingsError(f"{file}: {path} must be a table.")
            merged[key] = {
                name: _candidates(entry, [], file, f"{path}.{name}")
                if name in {"tab", "sub_tab", "sub_input"}
                else entry
                for name, entry in value.items()
            }
        elif _is_ranked(known):
            merged[key] = _candidates(value, known, file, path)
        elif _is_limit(known):
            merged[key] = {**known, **value} if isinstance(value, Mapping) else value
        elif isinstance(known, Mapping):
            if not isinstance(value, Mapping):
                raise SettingsError(f"{file}: {path} must be a table.")
            merged[key] = _merge(known, value, file, f"{path}.")
        elif _same_type(known, value):
            merged[key] = value
        else:
            raise SettingsError(f"{file}: {path} is {value!r}.", hint=f"It must be like {known!r}.")
    return merged


def _candidates(
    value: object, behind: list[dict[str, str]], file: Path, path: str
) -> list[dict[str, str]]:
    """Put the user's ways to find something before the built-in ones."""
    entries = value if isinstance(value, list) else [value]
    ranked = []
    for entry in entries:
        selector = entry.get("try") if isinstance(entry, Mapping) else entry
        if not isinstance(selector, str) or not selector.strip():
            raise SettingsError(
                f"{file}: {path} holds {entry!r}.", hint='It must be a selector, such as "#id".'
            )
        ranked.append({"try": selector, "source": str(file)})
    return ranked + behind


def _may_be_new(path: str) -> bool:
    """Limits that the site is not known to have can be set for any ad format."""
    parts = path.split(".")
    return (
        len(parts) == 3
        and parts[0] == "formats"
        and parts[2] in {"dimensions", "seconds", "max_bytes", "folders", "name_pattern"}
    )


def _is_ranked(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _is_limit(value: object) -> bool:
    return isinstance(value, Mapping) and "value" in value and "certainty" in value


def _same_type(known: object, value: object) -> bool:
    if isinstance(known, list):
        return isinstance(value, list) and all(
            isinstance(item, str) and bool(item.strip()) for item in value
        )
    if isinstance(known, bool) or isinstance(value, bool):
        return isinstance(known, bool) and isinstance(value, bool)
    if isinstance(known, int | float):
        return isinstance(value, int | float) and value >= 0
    return isinstance(value, type(known))


def _with(limit: Limit[Any], value: T) -> Limit[T]:
    return Limit(value, limit.certainty, limit.source, limit.setting)


def _pixels(pair: str) -> tuple[int, int]:
    width, _, height = pair.lower().partition("x")
    return int(width), int(height)


def _range(pair: list[float]) -> tuple[float, float]:
    least, most = pair
    return float(least), float(most)
