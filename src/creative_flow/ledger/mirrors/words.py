"""The words people use for ad formats in ``creative_type``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from creative_flow.creative import AdFormat, Kind

_KINDS = {
    "image": Kind.IMAGE,
    "images": Kind.IMAGE,
    "picture": Kind.IMAGE,
    "video": Kind.VIDEO,
    "videos": Kind.VIDEO,
}
_OTHER_WORDS = {"preroll": "instream", "prerollvideo": "instream", "instreamad": "instream"}


class AdFormatWords:
    """Understands words for the ad formats of one platform."""

    def __init__(self, ad_formats: Sequence[AdFormat]) -> None:
        self._ad_formats = tuple(ad_formats)
        self._exact = {
            _plain(word): ad_format.name
            for ad_format in ad_formats
            for word in (ad_format.title, ad_format.name)
        }

    def meant(self, word: str, *, name: str, dimensions: str, file_type: str) -> tuple[str, ...]:
        """Return the names of the ad formats that the word can mean for such a file.

        A name or title means just that one. A kind (``video``), a part of a name (``native``) or no
        word at all leaves those whose rules the file's type and dimensions do not break.
        """
        plain = _plain(word)
        if plain in self._exact:
            return (self._exact[plain],)
        candidates = [a for a in self._ad_formats if self._covers(plain, a)]
        kind = file_type.strip().lower().lstrip(".") or Path(name).suffix.lower().lstrip(".")
        kind = {"jpeg": "jpg"}.get(kind, kind)
        return tuple(a.name for a in candidates if _fits(a, kind, dimensions))

    def key_stem(self, name: str) -> str:
        """Return the name without its extension, if what it ends in is a file type."""
        path = Path(name)
        ending = path.suffix.lower().lstrip(".")
        types = {t for ad_format in self._ad_formats for t in ad_format.file_types.value}
        return path.stem if ending in types | {"jpeg"} else name

    def _covers(self, plain: str, ad_format: AdFormat) -> bool:
        if plain in _KINDS:
            return ad_format.kind is _KINDS[plain]
        part = _OTHER_WORDS.get(plain, plain)
        return part in _plain(ad_format.name) or part in _plain(ad_format.title)


def _plain(word: str) -> str:
    return "".join(character for character in word.casefold() if character.isalnum())


def _fits(ad_format: AdFormat, file_type: str, dimensions: str) -> bool:
    if file_type and file_type not in ad_format.file_types.value:
        return False
    width, _, height = dimensions.partition("x")
    if ad_format.dimensions is None or not (width.isdigit() and height.isdigit()):
        return True
    return (int(width), int(height)) in ad_format.dimensions.value
