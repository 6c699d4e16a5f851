"""The names of creatives: what each part of one may be, how a name is made, how one is read.

This module is the only place that knows the grammar::

    [VID_|IMG_|ORG_]EN_Summer_F_Real_SFW_Generic_Ana_4sec_T-B2_ID-1A2B3C4D[-VID|-IMG]

No field holds a ``_``, so a name falls into parts at each of them, and a template is accepted only
if no two of its forms can give the same parts: what `Grammar.format` wrote, `Grammar.parse` reads.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, permutations, product
from operator import attrgetter
from string import ascii_uppercase

from attrs import evolve, fields_dict, frozen

from creative_flow.errors import UsageError

DEFAULT_TEMPLATE = (
    "{Language}_{Category}[_{ModelSex}_{Style}]_{Rating}_{Type}_{Creator}"
    "[_{Duration}sec][_T-{TestID}]_{ID}"
)
"""How names are built. What stands in ``[…]`` is left out where one of its fields is empty."""

PREFIXES = ("VID", "IMG", "ORG")
HALVES = ("VID", "IMG")

MOST_BYTES = 40
"""How long, in bytes of UTF-8, a value may be that is not one of a few."""

# 255 bytes, which most file systems allow, less an extension and what a temporary file adds.
_MOST_NAME_BYTES = 240

VALUES = {
    "language": frozenset(a + b for a, b in product(ascii_uppercase, repeat=2)),
    "rating": frozenset({"SFW", "NSFW"}),
    "model_sex": frozenset(
        "".join(letters) for many in (1, 2, 3) for letters in permutations("MFT", many)
    ),
    "style": frozenset({"Anime", "Real", "Both"}),
}
"""The fields that have one of a few values, and those."""

_WANTED = {
    "language": ("language", "two letters, such as EN"),
    "rating": ("rating", "SFW or NSFW"),
    "model_sex": ("model sex", "M, F, T or a combination such as MF, no letter twice"),
    "style": ("style", "Anime, Real or Both"),
}
_PLACEHOLDERS = {
    "Language": "language",
    "Category": "category",
    "ModelSex": "model_sex",
    "Style": "style",
    "Rating": "rating",
    "Type": "type",
    "Creator": "creator",
    "Duration": "seconds",
    "TestID": "test_id",
    "ID": "unique_id",
}
MAY_BE_EMPTY = frozenset({"model_sex", "style", "seconds", "test_id"})
"""The fields that a name can be without."""

_PATTERNS = {
    "seconds": "[0-9]{1,6}",
    "unique_id": "ID-[0-9A-F]{8}",
    **{field: "|".join(sorted(values)) for field, values in VALUES.items()},
    "language": "[A-Z]{2}",
    "prefix": "|".join(PREFIXES),
    "half": "|".join(HALVES),
}
_FIXED = frozenset({"seconds", "unique_id", "prefix", "half"})
_LONGEST = {"seconds": 6, "unique_id": 11}

_PREFIXED = tuple(f"{prefix}_" for prefix in PREFIXES)
_ID = re.compile(rf"_(?P<base>{_PATTERNS['unique_id']})(?P<half>-(?:{_PATTERNS['half']}))?\Z")
_PIECE = re.compile(r"\[([^\[\]]+)\]|([^\[\]]+)")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_LETTERS = re.compile(r"[A-Za-z0-9_-]*")
_PART = re.compile(r"([A-Za-z0-9-]*)(?:\{(\w+)\}([A-Za-z0-9-]*))?")

# Letters and marks that show nothing: fillers and selectors of variants.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


@frozen
class Fields:
    """What a creative's name tells.

    ``seconds`` is the duration of a video, rounded. ``unique_id`` is the base id (``ID-1A2B3C4D``),
    ``half`` which half of a native pair this is (``VID``, ``IMG``), ``prefix`` ``VID``, ``IMG`` or
    ``ORG``. What is not known is empty. Values are as `clean` gives them.
    """

    language: str
    category: str
    rating: str
    type: str
    creator: str
    model_sex: str = ""
    style: str = ""
    seconds: int | None = None
    test_id: str = ""
    unique_id: str = ""
    prefix: str = ""
    half: str = ""


_FIELDS = tuple(fields_dict(Fields))
_OTHERS = tuple(field for field in _FIELDS if field != "unique_id")
_ALL_BUT_THE_ID = attrgetter(*_OTHERS)


def ids_in(stem: str) -> tuple[str, str]:
    """Return the ids at a name's end: the file's own, and the base id if it is half of a pair.

    ``…_ID-1A2B3C4D-VID`` gives ``("ID-1A2B3C4D-VID", "ID-1A2B3C4D")``. What is not there is empty.
    """
    found = _ID.search(stem)
    if found is None:
        return "", ""
    half = found["half"] or ""
    return found["base"] + half, found["base"] if half else ""


@lru_cache(4096)
def clean(field: str, text: str) -> str:
    """Return a value as it may stand in a name; what has been cleaned stays as it is.

    ``field`` is named as in `Fields`. A language, rating, model sex or style is brought to its
    spelling; of other text the letters (of any script), their marks and the digits stay, with a
    ``-`` for blanks, ``_``, dots and dashes between them. So nothing is left that a file system, a
    browser or a spreadsheet could take for something else. It is cut at `MOST_BYTES`.

    Raises `UsageError` where that leaves no value.
    """
    if field in VALUES:
        plain = re.sub(r"[\s,+/&-]", "", text) if field == "model_sex" else text.strip()
        for value in {plain.upper(), plain.capitalize()} & VALUES[field]:
            return value
        title, wanted = _WANTED[field]
        raise UsageError(f"{_short(text)} is no {title}.", hint=f"Give {wanted}.")
    value = _cut(_without_signs(text))
    if field == "test_id":
        value = re.sub(r"\A(?:T-)+", "", value)  # the name says that by itself
    if not value:
        title = field.replace("_", " ")
        raise UsageError(f"{_short(text)} leaves nothing for the {title}.", hint="Give letters.")
    return value


def _without_signs(text: str) -> str:
    kept = [""]
    for sign in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(sign)
        if sign == "." or sign.isspace() or kind in {"Pc", "Pd"}:
            kept.append("-")
        elif _INVISIBLE.match(sign):
            continue
        elif kind[0] in "LN" or (kind in {"Mn", "Mc"} and kept[-1] not in {"", "-"}):
            kept.append(sign)
    return unicodedata.normalize("NFC", re.sub("-+", "-", "".join(kept)).strip("-"))


def _cut(text: str) -> str:
    """Return as much as may stand in a name; no letter loses a mark."""
    end = len(text.encode()[:MOST_BYTES].decode(errors="ignore"))
    while 0 < end < len(text) and unicodedata.category(text[end])[0] == "M":
        end -= 1
    return text[:end].strip("-")


def _short(text: str, most: int = 60) -> str:
    return repr(text if len(text) <= most else f"{text[:most]}…")


@frozen
class _Piece:
    """What a template has inside or outside of ``[…]``: its text and the fields in it."""

    text: str
    optional: bool
    fields: frozenset[str]


@frozen
class _Part:
    """What a template has between two ``_``: letters, or a field that may stand within letters."""

    before: str
    field: str = ""
    after: str = ""

    @property
    def values(self) -> list[str] | None:
        """All that it can be, or None where that is not one of a few."""
        if not self.field:
            return [self.before]
        if self.field not in VALUES:
            return None
        return [f"{self.before}{value}{self.after}" for value in VALUES[self.field]]

    @property
    def pattern(self) -> str:
        within = f"(?:{_pattern(self.field)})" if self.field else ""
        return f"{self.before}{within}{self.after}"

    @property
    def longest(self) -> int:
        """How many bytes it has at most."""
        if self.values:
            return max(map(len, self.values))
        return len(self.before) + _LONGEST.get(self.field, MOST_BYTES) + len(self.after)

    def may_equal(self, other: _Part) -> bool:
        """Say whether one text can be both. In doubt, it can."""
        for one, two in ((self, other), (other, self)):
            if one.values is not None:
                return any(re.fullmatch(two.pattern, value) for value in one.values)
        return self._may_begin(other) and self._turned()._may_begin(other._turned())

    def _may_begin(self, other: _Part) -> bool:
        if len(self.before) > len(other.before):
            return other._may_begin(self)
        rest = other.before.removeprefix(self.before)
        if len(self.before) + len(rest) > len(other.before):
            return False
        return not rest or self.field != "seconds" or rest[0].isdigit()

    def _turned(self) -> _Part:
        return _Part(self.after[::-1], self.field, self.before[::-1])


class Grammar:
    """Makes names after a template, and reads them.

    A template holds ``{Language} {Category} {ModelSex} {Style} {Rating} {Type} {Creator}
    {Duration} {TestID} {ID}``, with ``_`` between them, and letters, digits and ``-``. What may be
    empty stands in ``[…]``. Prefix and half are none of its business; what follows a prefix begins
    with none.

    Raises `UsageError` for a template whose names could not be read back.
    """

    def __init__(self, template: str = DEFAULT_TEMPLATE) -> None:
        self.template = template
        self._pieces = tuple(self._pieces_of(template))
        self._check_pieces()
        self._check_forms()
        self._regex = re.compile(self._pattern())
        self._start = lru_cache(1_000)(self._begun)

    def __repr__(self) -> str:
        return f"Grammar({self.template!r})"

    def format(self, fields: Fields) -> str:
        """Return the name of these fields, without extension.

        Raises `UsageError` if one that the name needs is empty, or is not as `clean` gives it.
        """
        # The names of a folder have all but the id in common, with which each of them ends.
        start = self._start(*_ALL_BUT_THE_ID(fields))
        _check("unique_id", fields.unique_id)
        _check("half", fields.half)
        name = start + fields.unique_id
        return f"{name}-{fields.half}" if fields.half else name

    def _begun(self, *values: str | int | None) -> str:
        """Return what stands in a name before the id, given all other fields."""
        known = zip(_OTHERS, values, strict=True)
        texts = {field: "" if value is None else str(value) for field, value in known}
        texts["unique_id"] = ""
        pieces = self._shown_pieces(texts)
        shown = set().union(*(piece.fields for piece in pieces))
        for field in ("prefix", *sorted(shown - {"unique_id"})):
            _check(field, texts[field])
        named = {name: texts[field] for name, field in _PLACEHOLDERS.items()}
        body = "".join(piece.text for piece in pieces).format_map(named)
        if body.startswith(_PREFIXED):
            raise UsageError(f"A name can't begin with {body[:3]} of its own: {_short(body)}.")
        return f"{texts['prefix']}_{body}" if texts["prefix"] else body

    def parse(self, stem: str) -> Fields | None:
        """Return what a name tells, or None if it is not one that `format` writes.

        ``stem`` has no extension. ``parse(format(x))`` is ``shown(x)``.
        """
        stem = unicodedata.normalize("NFC", stem)
        found = self._regex.fullmatch(stem)
        if found is None:
            return None
        texts = dict.fromkeys(fields_dict(Fields), "") | found.groupdict("")
        seconds = texts.pop("seconds")
        fields = Fields(**texts, seconds=int(seconds) if seconds else None)
        try:
            return fields if self.format(fields) == stem else None
        except UsageError:
            return None

    def shown(self, fields: Fields) -> Fields:
        """Return what of these fields their name tells.

        That is all, unless the template lacks one, or leaves one out because another is empty.
        """
        shown = set().union(*(each.fields for each in self._shown_pieces(_texts(fields))))
        lost = dict.fromkeys(set(_PLACEHOLDERS.values()) - shown - {"seconds"}, "")
        return evolve(fields, seconds=fields.seconds if "seconds" in shown else None, **lost)

    def left_out(self, fields: Fields) -> dict[str, list[str]]:
        """Return the fields that are left out though they are known, with what each lacks."""
        texts = _texts(fields)
        return {
            field: sorted(other for other in piece.fields if not texts[other])
            for piece in set(self._pieces) - set(self._shown_pieces(texts))
            for field in piece.fields
            if texts[field]
        }

    def _shown_pieces(self, texts: dict[str, str]) -> tuple[_Piece, ...]:
        return tuple(
            piece
            for piece in self._pieces
            if not piece.optional or all(texts[field] for field in piece.fields)
        )

    def _pieces_of(self, template: str) -> Iterator[_Piece]:
        place = 0
        known: set[str] = set()
        while found := _PIECE.match(template, place):
            text = found[1] or found[2]
            names = _PLACEHOLDER.findall(text)
            for name in names:
                if name not in _PLACEHOLDERS:
                    fields = " ".join(f"{{{each}}}" for each in _PLACEHOLDERS)
                    raise self._wrong(f"there is no field {{{name}}}", f"There are {fields}.")
                if name in known:
                    raise self._wrong(f"{{{name}}} stands in it twice")
                known.add(name)
            yield _Piece(text, bool(found[1]), frozenset(_PLACEHOLDERS[name] for name in names))
            place = found.end()
        if place < len(template):
            raise self._wrong(f"its brackets don't match at {_short(template[place:])}")

    def _check_pieces(self) -> None:
        for piece in self._pieces:
            between = _PLACEHOLDER.sub("", piece.text)
            if odd := _LETTERS.sub("", between):
                raise self._wrong(
                    f"{odd[0]!r} may not stand in it",
                    "Between the fields may stand letters A to Z, digits, - and _.",
                )
            if piece.optional and not piece.fields & MAY_BE_EMPTY:
                raise self._wrong(f"nothing in [{piece.text}] is ever empty", "Leave out the [].")
            for name, field in _PLACEHOLDERS.items():
                if not piece.optional and field in piece.fields & MAY_BE_EMPTY:
                    raise self._wrong(f"{{{name}}} may be empty", f"Write [_{{{name}}}].")
        if not self.template.endswith("_{ID}"):
            raise self._wrong("it must end in _{ID}", "That is how a file is known again.")

    def _check_forms(self) -> None:
        """Raise `UsageError` if two forms of the template can give one name."""
        forms = dict(self._forms())
        for form, parts in forms.items():
            if form.startswith("-"):
                raise self._wrong("it begins with -, which a spreadsheet takes for a formula")
            if parts[0].before in PREFIXES and not parts[0].field:
                raise self._wrong(f"{parts[0].before}_ is put before names where it belongs")
            if sum(part.longest + 1 for part in parts) + len("VID_VID") > _MOST_NAME_BYTES:
                raise self._wrong("its names can be too long for a file", "Make it shorter.")
        for (form, parts), (other, others) in combinations(forms.items(), 2):
            if len(parts) == len(others) and all(map(_Part.may_equal, parts, others)):
                raise self._wrong(
                    f"a name can be read as {form} and as {other}",
                    "Put letters before a field to tell it from others, as in T-{TestID}.",
                )

    def _forms(self) -> Iterator[tuple[str, list[_Part]]]:
        """Yield what is left of the template without each choice of ``[…]``, and its parts."""
        groups = [piece for piece in self._pieces if piece.optional]
        for keeps in product((True, False), repeat=len(groups)):
            out = {piece for piece, keep in zip(groups, keeps, strict=True) if not keep}
            form = "".join(piece.text for piece in self._pieces if piece not in out)
            parts = [self._part(text) for text in form.split("_")]
            yield form, parts

    def _part(self, text: str) -> _Part:
        found = _PART.fullmatch(text)
        if found is None:
            raise self._wrong(f"the fields in {text} can't be told apart", "Put a _ between them.")
        return _Part(found[1], _PLACEHOLDERS.get(found[2], ""), found[3] or "")

    def _pattern(self) -> str:
        groups = {name: f"(?P<{f}>{_pattern(f)})" for name, f in _PLACEHOLDERS.items()}
        body = "".join(
            f"(?:{piece.text.format_map(groups)})?"
            if piece.optional
            else piece.text.format_map(groups)
            for piece in self._pieces
        )
        prefix, half = (f"(?P<{field}>{_pattern(field)})" for field in ("prefix", "half"))
        return f"(?:{prefix}_)?(?!(?:{_pattern('prefix')})_){body}(?:-{half})?"

    def _wrong(self, why: str, hint: str = "") -> UsageError:
        return UsageError(f"The template {_short(self.template, 200)} won't do: {why}.", hint=hint)


def _pattern(field: str) -> str:
    return _PATTERNS.get(field, "[^_]+")


def _texts(fields: Fields) -> dict[str, str]:
    texts = {field: getattr(fields, field) for field in _FIELDS}
    return texts | {"seconds": "" if fields.seconds is None else str(fields.seconds)}


def _check(field: str, text: str) -> None:
    if field in _FIXED:
        well = re.fullmatch(_PATTERNS[field], text) or (not text and field in {"prefix", "half"})
    else:
        well = clean(field, text) == text
    if not well:
        raise UsageError(f"A name can't hold {_short(text)} as {field.replace('_', ' ')}.")
