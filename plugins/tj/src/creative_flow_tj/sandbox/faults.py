"""Faults that can be ordered while the sandbox runs: which request, and what happens to it."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from creative_flow.errors import SettingsError

PATH_KINDS = ("any", "page", "list", "upload", "sign_in", "ads", "preview", "confirm")
"""The kinds of request that a fault can hit: "list" and "upload" are the library's, "ads" asks
for a campaign's ads, "preview" sends a CSV, "confirm" creates its ads. The rest (style sheets,
pictures, captchas, the control API) is never hit, and "any" does not count it."""

FAULT_KINDS = ("status", "reset", "timeout", "drip", "expire", "silent")
WHEN = ("before", "after", "during")
_NAMED = ("upload", "preview", "confirm")
MAX_FAULTS = 200
MAX_NUMBER = 100_000
MAX_SECONDS = 600


@attrs.define(kw_only=True)
class Fault:
    """One order: ``count`` requests fail, from the ``nth`` of that kind on, counted from now.

    ``kind`` is "status" (answer ``status``), "reset" (cut the connection without an answer),
    "timeout" (no answer for ``seconds``, then cut), "drip" (answer in small pieces over
    ``seconds``), "expire" (the session ends at this request), or, for confirmations only, "silent"
    (answered like a success, but no ad is created).

    For uploads, ``when`` is "before" (the file has arrived and is not kept), "after" (the creative
    is kept; only the answer suffers), or "during" (the first bytes of the file have arrived), and
    ``name`` restricts the fault to files whose name contains that text. For confirmations, ``when``
    is before any ad is created, after all were, or during: half of them were. ``name`` is then the
    id of a campaign, for previews too.
    """

    path: str
    kind: str
    status: int = 500
    seconds: float = 30
    nth: int = 1
    count: int = 1
    when: str = "before"
    name: str = ""
    seen: int = 0

    def hits(self) -> bool:
        """Count one request that this fault is meant for; return whether it fails."""
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.count

    @property
    def spent(self) -> bool:
        """Whether no further request can be hit."""
        return self.seen >= self.nth + self.count - 1


class Faults:
    """The faults that are ordered and not spent."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, body: object) -> Fault:
        """Add a fault from a JSON object. Raises `SettingsError` with one line if it is wrong."""
        if len(self._ordered) >= MAX_FAULTS:
            raise SettingsError(f"There are {MAX_FAULTS} faults already. Delete them first.")
        fault = _parse(body)
        self._ordered.append(fault)
        return fault

    def clear(self) -> None:
        """Drop every fault."""
        self._ordered.clear()

    def as_json(self) -> list[dict[str, object]]:
        """Return what is ordered and not spent, oldest first."""
        return [attrs.asdict(fault) for fault in self._ordered]

    def take(self, path_kind: str, *, name: str = "") -> Fault | None:
        """Count a request with every fault meant for it; return the first that hits it."""
        hit: Fault | None = None
        for fault in list(self._ordered):
            if fault.path not in {path_kind, "any"} or fault.name not in name:
                continue
            if fault.hits() and hit is None:
                hit = fault
            if fault.spent:
                self._ordered.remove(fault)
        return hit


def _parse(body: object) -> Fault:
    if not isinstance(body, Mapping):
        raise SettingsError('A fault is a JSON object such as {"path": "upload", "kind": "reset"}.')
    unknown = sorted(set(map(str, body)) - _FIELDS)
    if unknown:
        raise SettingsError(f"A fault has no field {unknown[0]!r}.")
    fault = Fault(
        path=_word(body, "path", PATH_KINDS),
        kind=_word(body, "kind", FAULT_KINDS),
        status=_whole(body, "status", 500, 400, 599),
        seconds=_seconds(body),
        nth=_whole(body, "nth", 1, 1, MAX_NUMBER),
        count=_whole(body, "count", 1, 1, MAX_NUMBER),
        when=_word(body, "when", WHEN, default="before"),
        name=str(body.get("name", "")),
    )
    if fault.name and fault.path not in _NAMED:
        raise SettingsError(
            f"Only a fault with one of these paths has a name: {', '.join(_NAMED)}."
        )
    if fault.kind == "silent" and fault.path != "confirm":
        raise SettingsError('Only a fault with path "confirm" can be silent.')
    return fault


_FIELDS = {field.name for field in attrs.fields(Fault)} - {"seen"}


def _word(
    body: Mapping[str, object], name: str, words: tuple[str, ...], default: str | None = None
) -> str:
    value = body.get(name, default)
    if not isinstance(value, str) or value not in words:
        raise SettingsError(f"A fault's {name} is one of: {', '.join(words)}.")
    return value


def _whole(body: Mapping[str, object], name: str, default: int, least: int, most: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SettingsError(f"A fault's {name} is a whole number from {least} to {most}.")
    return value


def _seconds(body: Mapping[str, object]) -> float:
    value = body.get("seconds", 30)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        value = -1
    if not 0 <= value <= MAX_SECONDS:
        raise SettingsError(f"A fault's seconds is a number from 0 to {MAX_SECONDS}.")
    return float(value)
