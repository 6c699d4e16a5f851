"""The kinds of knobs that `settings.Settings` is made of: what each takes, and how it is read.

Every function here is used as the right side of an annotated attribute. It returns an attrs field
that carries a `Knob`, which reads a JSON value (strictly) or a form's text.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import attrs

_SIZE = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")


@attrs.frozen
class Knob(ABC):
    """One knob: ``doc`` says what it does, in a sentence."""

    doc: str

    @abstractmethod
    def parse(self, value: object) -> object:
        """Return the setting's value for a JSON value. Raises ValueError saying what it takes."""

    def from_text(self, text: str) -> object:
        """Return the setting's value for what stands in a form's field. Raises ValueError."""
        return self.parse(text)

    def to_text(self, value: object) -> str:
        """Return the value as it stands in a form's field."""
        return str(value)


@attrs.frozen
class Flag(Knob):
    """A knob that is on or off."""

    def parse(self, value: object) -> object:
        """Return the value. Raises ValueError if it is neither true nor false."""
        if value is True or value is False:
            return value
        raise ValueError("takes true or false")

    def from_text(self, text: str) -> object:
        """Return True for "true" and False for "false". Raises ValueError for other text."""
        return self.parse({"true": True, "false": False}.get(text.strip().lower()))

    def to_text(self, value: object) -> str:
        """Return "true" or "false"."""
        return "true" if value else "false"


@attrs.frozen
class Choice(Knob):
    """A knob that takes one of a few words."""

    choices: tuple[str, ...]

    def parse(self, value: object) -> object:
        """Return the word. Raises ValueError naming those there are."""
        if value not in self.choices:
            raise ValueError(f"takes one of: {', '.join(self.choices)}")
        return value


@attrs.frozen
class _Number(Knob):
    low: float
    high: float
    whole: bool

    def parse(self, value: object) -> object:
        kinds = int if self.whole else (int, float)
        if (
            isinstance(value, kinds)
            and not isinstance(value, bool)
            and self.low <= value <= self.high
        ):
            return value if self.whole else float(value)
        kind = "a whole number" if self.whole else "a number"
        raise ValueError(f"takes {kind} from {self.low} to {self.high}")

    def from_text(self, text: str) -> object:
        try:
            value: object = int(text) if self.whole else float(text)
        except ValueError:
            value = text
        return self.parse(value)

    def to_text(self, value: object) -> str:
        return format(value, "d" if self.whole else "g")


@attrs.frozen
class _Sizes(Knob):
    def parse(self, value: object) -> object:
        if not isinstance(value, (list, tuple)) or not value:
            raise ValueError('takes a list of sizes such as "300x250"')
        return tuple(_size(item) for item in value)

    def from_text(self, text: str) -> object:
        return self.parse(text.replace(",", " ").split())

    def to_text(self, value: object) -> str:
        return ", ".join(value) if isinstance(value, tuple) else str(value)


@attrs.frozen
class _Accounts(Knob):
    def parse(self, value: object) -> object:
        if not isinstance(value, dict) or not value or len(value) > 100:
            raise ValueError("takes 1 to 100 pairs of user name and password")
        for text in [*value, *value.values()]:
            if not isinstance(text, str) or not text.strip() or len(text) > 200:
                raise ValueError("takes user names and passwords of 1 to 200 characters")
        return dict(value)

    def from_text(self, text: str) -> object:
        try:
            return self.parse(json.loads(text))
        except json.JSONDecodeError as error:
            raise ValueError(f"takes a JSON object ({error})") from None

    def to_text(self, value: object) -> str:
        return json.dumps(value, ensure_ascii=False)


def _size(value: object) -> str:
    if not isinstance(value, str) or not _SIZE.fullmatch(value):
        raise ValueError(f'takes sizes such as "300x250", not {value!r}')
    return value


def _knob(default: object, knob: Knob) -> Any:  # noqa: ANN401  attrs.field is typed the same way
    return attrs.field(default=default, metadata={"knob": knob})


def knob_of(attribute: attrs.Attribute[Any]) -> Knob:
    """Return the knob that a field of the settings carries."""
    knob = attribute.metadata["knob"]
    assert isinstance(knob, Knob)  # noqa: S101  every field is made by a function of this module
    return knob


def flag(*, default: bool, doc: str) -> bool:
    """Make a knob that is on or off."""
    value: bool = _knob(default, Flag(doc))
    return value


def choice(*choices: str, doc: str) -> str:
    """Make a knob that takes one of ``choices``; the first is the default."""
    value: str = _knob(choices[0], Choice(doc, choices))
    return value


def seconds(default: float, *, doc: str, most: float = 600) -> float:
    """Make a knob that takes a time in seconds."""
    value: float = _knob(float(default), _Number(doc, 0, most, whole=False))
    return value


def whole(default: int, *, doc: str, least: int = 0, most: int) -> int:
    """Make a knob that takes a whole number from ``least`` to ``most``."""
    value: int = _knob(default, _Number(doc, least, most, whole=True))
    return value


def sizes(*default: str, doc: str) -> tuple[str, ...]:
    """Make a knob that takes sizes in pixels, written like "300x250"."""
    value: tuple[str, ...] = _knob(default, _Sizes(doc))
    return value


def accounts(default: Mapping[str, str], *, doc: str) -> Mapping[str, str]:
    """Make a knob that takes user names with their passwords."""
    value: Mapping[str, str] = _knob(default, _Accounts(doc))
    return value
