"""What is known of a source file, and where each of it comes from.

Strongest first: the file's own name, if it is built as names are; the row of its folder; the
folder's name, for the category; the settings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath

from attrs import frozen

from creative_flow.creative import AdFormat
from creative_flow.errors import SettingsError, UsageError
from creative_flow.naming import HALVES, PREFIXES, VALUES, Fields, Grammar, clean, ids_in
from creative_flow.process.find import NATIVE
from creative_flow.process.metadata import (
    FIELDS,
    NONE,
    SOURCE_FILES,
    Metadata,
    MetadataRow,
    value,
)
from creative_flow.settings import Settings

_SETTINGS = {
    "language": "DEFAULT_LANGUAGE",
    "category": "DEFAULT_CATEGORY",
    "rating": "DEFAULT_RATING",
    "type": "DEFAULT_TYPE",
    "creator": "DEFAULT_CREATOR",
    "model_sex": "DEFAULT_MODEL_SEX",
    "style": "DEFAULT_STYLE",
}
_QUESTIONS = {
    "category_name": "Category",
    "creator_name": "Creator",
    "language": "Language (two letters)",
    "content_type": "Rating (SFW, NSFW)",
    "creative_description": "Type",
    "model_sex": "Model sex (M, F, T or a combination; - for none)",
    "style": "Style (Anime, Real, Both; - for none)",
    "test_id": "Test ID (- for none)",
}
_OLDER = ("language", "category", "rating", "type", "creator")
_FORMS = (("language", "category", "model_sex", "style", *_OLDER[2:]), _OLDER)
_TRAILING = re.compile(
    r"(?P<seconds>[0-9]+sec)|T-(?P<test_id>.+)|(?P<id>ID-[0-9A-F]{8}(?:-VID|-IMG)?)"
)


@frozen
class Resolved:
    """What is known of one source file.

    ``fields`` may go into a name unless there are ``problems``; they have neither an id nor a
    prefix or half. ``sources`` tells where each that is not empty comes from. ``own_id`` is the id
    in the file's name, half included, empty if there is none. ``unknown`` is True where neither the
    name nor a row of the metadata says anything. ``notes`` and ``problems`` are lines.
    """

    fields: Fields
    sources: Mapping[str, str]
    own_id: str
    unknown: bool
    notes: tuple[str, ...]
    problems: tuple[str, ...]


@frozen
class _Name:
    """What a structured file name tells. ``rest`` are the parts at its end that tell nothing."""

    values: Mapping[str, str]
    own_id: str = ""
    rest: tuple[str, ...] = ()


def grammar(settings: Settings) -> Grammar:
    """Return the grammar of ``NAME_TEMPLATE``. Raises `SettingsError` for one that won't do."""
    try:
        return Grammar(settings.text("NAME_TEMPLATE"))
    except UsageError as error:
        found = settings.find("NAME_TEMPLATE")
        where = found.where if found else "the defaults"
        raise SettingsError(
            f"NAME_TEMPLATE: {error.message}", hint=f"{error.hint} It is set in {where}.".strip()
        ) from error


def resolve(
    name: str,
    folder: str | PurePath,
    *,
    metadata: Metadata,
    settings: Settings,
    grammar: Grammar,
    ad_formats: Sequence[AdFormat] = (),
    seconds: int | None = None,
) -> Resolved:
    """Find out what is known of a file.

    ``name`` has an extension, ``folder`` is relative to ``source_files/``. ``seconds`` is the
    duration that was measured; one in the name counts for nothing. The folders of ``ad_formats``
    are no categories. Raises `SettingsError` for a settings file that can't be read.
    """
    stem = unicodedata.normalize("NFC", Path(name).stem)
    named = _read(stem, grammar)
    row = metadata.nearest(folder)
    values: dict[str, str] = {}
    sources: dict[str, str] = {}
    problems = [row.problem] if row and row.problem else []

    def offers(field: str) -> Iterator[tuple[str, str]]:
        if named:
            yield named.values.get(field, ""), f"the name {name!r}"
        if row:
            yield row.says(field)
        if field == "category":
            yield category(folder, ad_formats), f"the folder {str(folder)!r}"
        yield _default(field, settings)

    for field in FIELDS.values():
        text, where = next((offer for offer in offers(field) if offer[0].strip()), ("", ""))
        values[field] = ""
        try:
            values[field] = value(field, text)
        except UsageError as error:
            problems.append(f"{where}: {error}")
        if values[field]:
            sources[field] = where
    fields = Fields(**values, seconds=seconds)
    notes = [] if problems else list(_notes(fields, grammar))
    if named and named.rest:
        notes.append(f"These parts of its name are left out: {', '.join(named.rest)}.")
    return Resolved(
        fields,
        sources,
        named.own_id if named else ids_in(stem)[0],
        unknown=row is None and named is None,
        notes=tuple(notes),
        problems=tuple(problems),
    )


def tells(stem: str, grammar: Grammar) -> bool:
    """Say whether a file's name, without extension, is built as names are: then its parts count."""
    return _read(unicodedata.normalize("NFC", stem), grammar) is not None


def category(folder: str | PurePath, ad_formats: Sequence[AdFormat] = ()) -> str:
    """Return the lowest folder that is there for a category, empty if there is none.

    ``native`` is not, nor are the folders that choose an ad format, such as ``Native/Video``.
    """
    names = list(PurePath(folder).parts)
    plain = [name.casefold() for name in names]
    ways = [way for each in ad_formats for way in (*each.folders, each.name)]
    for way in (*sorted(ways, key=len, reverse=True), NATIVE):
        wanted = [name.casefold() for name in PurePath(way).parts]
        for at in reversed(range(len(plain))):
            if plain[at : at + len(wanted)] == wanted:
                del names[at : at + len(wanted)], plain[at : at + len(wanted)]
    return names[-1] if names else ""


def ask(
    folder: str | PurePath,
    prompt: Callable[[str, str], str],
    settings: Settings,
    ad_formats: Sequence[AdFormat] = (),
) -> MetadataRow:
    """Ask for what holds for a folder's files; return it as a row to be remembered.

    ``prompt`` is called with a question and the answer that is suggested, and returns the answer.
    An answer that won't do is asked for again, with the reason; ``-`` stands for none.
    """
    path = SOURCE_FILES if PurePath(folder) == PurePath() else PurePath(folder).as_posix()
    answers: dict[str, str] = {}
    for column, question in _QUESTIONS.items():
        field = FIELDS[column]
        suggested, _ = _default(field, settings)
        if field == "category":
            suggested = category(folder, ad_formats) or suggested
        reason = ""
        while column not in answers:
            text = prompt(f"{reason}{question} for {path}", suggested).strip()
            try:
                answers[column] = value(field, text) or (NONE if text else "")
            except UsageError as error:
                reason = f"{error} "
    return MetadataRow(path, **answers)


def _default(field: str, settings: Settings) -> tuple[str, str]:
    """Return what the settings say of a field, and where."""
    name = _SETTINGS.get(field)
    if name is None:
        return "", ""
    found = settings.find(name)
    return settings.text(name), f"{name} in {found.where}" if found else f"the default {name}"


def _read(stem: str, grammar: Grammar) -> _Name | None:
    """Return what a structured name tells, None for any other."""
    parsed = grammar.parse(stem)
    if parsed is not None:
        values = {field: getattr(parsed, field) for field in FIELDS.values()}
        return _Name(values, ids_in(stem)[0])
    parts = stem.split("_")
    if parts[0] in PREFIXES:
        prefix = parts.pop(0)
        if parts and prefix in HALVES and not ids_in(stem)[0]:
            parts[-1] = parts[-1].removesuffix(f"-{prefix}")
    for form in _FORMS:
        if len(parts) >= len(form) and all(map(_fits, form, parts)):
            values = dict(zip(form, parts, strict=False))
            found: dict[str, str] = {}
            rest = []
            for part in parts[len(form) :]:
                trailing = _TRAILING.fullmatch(part)
                if trailing is None or str(trailing.lastgroup) in found:
                    rest.append(part)
                else:
                    found[str(trailing.lastgroup)] = trailing[str(trailing.lastgroup)]
            values["test_id"] = found.get("test_id", "")
            return _Name(values, found.get("id", ""), tuple(rest))
    return None


def _fits(field: str, text: str) -> bool:
    """Say whether a part of a name can be this field, as far as that can be told."""
    if field not in VALUES:
        return True
    try:
        return bool(clean(field, text))
    except UsageError:
        return False


def _notes(fields: Fields, grammar: Grammar) -> Iterator[str]:
    for field, lacking in sorted(grammar.left_out(fields).items()):
        known, unknown = (" and ".join(each).replace("_", " ") for each in ([field], lacking))
        yield f"The name is without its {known}, since there is no {unknown}."
