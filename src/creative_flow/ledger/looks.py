"""What contents look like, kept so that those near to one are found without going through all.

A look is a hash of 256 bits, cut into 11 bands of 23 or 24 bits. Two hashes that differ in at most
21 bits differ in at most one bit of some band (11 bands with two each would make 22). So every band
of every hash of what is in a library is a row of an index, and a search asks for each band as it is
and with each of its bits turned over: some 270 values, whatever the number of known hashes. Among a
million hashes some 25 are met by chance; with 12 bands, for two bits more, it would be 100. So that
these need not be fetched, each row of the index has a sketch of its hash: its four words, one over
the other. Two sketches differ in no more bits than their hashes do, and by chance in some 32 of
their 63.

What a search has found is kept until another content can be found: a plan that is made once more
searches nothing.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from creative_flow.ledger.chunks import chunked
from creative_flow.ledger.statements import Execute, marks

BITS = 256
MOST_DISTANCE = 21
"""The largest number of differing bits for which the search finds all there is."""

_BANDS = 11
WIDTHS = tuple(BITS // _BANDS + (band < BITS % _BANDS) for band in range(_BANDS))
"""Bits of each band."""
ROOM = 24
"""Bits for a band's value in a row's key; its number stands above."""
_ROWS_AT_ONCE = 1_500

_KNOWN = "SELECT sha256, hash FROM looks WHERE sha256 IN ({}) ORDER BY moment"
_IDS = "SELECT id, hash FROM looks WHERE sha256 IN ({})"
_PAGE = (
    "SELECT id, hash FROM looks WHERE id > ? AND EXISTS (SELECT 1 FROM accounts JOIN library "
    "ON account_id = accounts.id AND library.sha256 = looks.sha256) ORDER BY id LIMIT ?"
)
_UP = (
    "SELECT DISTINCT sha256 FROM library "
    "WHERE account_id IN (SELECT id FROM accounts) AND sha256 IN ({})"
)
_ADD = "INSERT INTO looks (sha256, moment, hash) VALUES {} ON CONFLICT DO NOTHING"
_ADD_BANDS = "INSERT INTO look_bands (band, look_id, sketch) VALUES {} ON CONFLICT DO NOTHING"
_MET = "SELECT look_id, sketch FROM look_bands WHERE band IN ({})"
_NEAR = "SELECT sha256, hash FROM looks WHERE id IN ({}) AND moment = ?"

_SEARCHED = (
    "SELECT sha256, found FROM look_searches WHERE most = ? AND moments = ? AND sha256 IN ({})"
)
_KEEP = (
    "INSERT INTO look_searches (sha256, most, moments, found) VALUES {} ON CONFLICT (sha256) "
    "DO UPDATE SET most = excluded.most, moments = excluded.moments, found = excluded.found"
)
_FORGET = "DELETE FROM look_searches"
AT_ONCE = 64
"""How many searches are kept in one go: nobody else writes to the ledger meanwhile."""

Looks = Mapping[str, Sequence[str]]
"""Hashes in hex by SHA-256 of the content: one for a picture, one for each moment of a clip."""


def distance(one: str, other: str) -> int:
    """Return in how many bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def keys_of(hash_: str) -> list[int]:
    """Return the keys under which a hash is found, one for each band."""
    rest, keys = int(hash_, 16), []
    for band, width in enumerate(WIDTHS):
        keys.append(band << ROOM | rest & ((1 << width) - 1))
        rest >>= width
    return keys


def keys_near(hash_: str) -> Iterator[int]:
    """Yield the keys of all hashes that share a band, or all of it but one bit."""
    for key, width in zip(keys_of(hash_), WIDTHS, strict=True):
        yield key
        for bit in range(width):
            yield key ^ (1 << bit)


def known(execute: Execute, contents: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the looks of those contents that were looked at."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for chunk in chunked(contents):
        for content, hash_ in execute(_KNOWN.format(marks(chunk)), chunk):
            found[content].append(hash_)
    return {content: tuple(hashes) for content, hashes in found.items()}


def add(execute: Execute, looks: Looks) -> None:
    """Write looks down. One that is known stays as it is.

    Only what is in a library is found by them; what comes into one later, by `index`. What was
    planned and never sent would make the index large, and its rows lie far apart.
    """
    rows = [
        (content, moment, hash_)
        for content, hashes in looks.items()
        for moment, hash_ in enumerate(hashes)
    ]
    for chunk in chunked(rows, _ROWS_AT_ONCE):
        values = ", ".join(["(?, ?, ?)"] * len(chunk))
        execute(_ADD.format(values), [value for row in chunk for value in row])
    for part in chunked(looks):
        index(execute, [content for (content,) in execute(_UP.format(marks(part)), part)])


def index(execute: Execute, contents: Collection[str]) -> None:
    """Let contents be found by their looks, if they were looked at."""
    for part in chunked(contents):
        found = {look: hash_ for look, hash_ in execute(_IDS.format(marks(part)), part) if hash_}
        if found:
            _add_bands(execute, found)
            execute(_FORGET, ())


def cut_anew(execute: Execute) -> None:
    """Write down, as they are cut now, the bands of all hashes of what is in a library."""
    execute("DELETE FROM look_bands", ())
    last = 0
    while page := execute(_PAGE, (last, _ROWS_AT_ONCE)):
        _add_bands(execute, {look: hash_ for look, hash_ in page if hash_})
        last = page[-1][0]


def _add_bands(execute: Execute, hashes: Mapping[int, str]) -> None:
    rows = [
        (key, look, _sketch(int(hash_, 16)))
        for look, hash_ in hashes.items()
        for key in keys_of(hash_)
    ]
    for some in chunked(rows, _ROWS_AT_ONCE):
        values = ", ".join(["(?, ?, ?)"] * len(some))
        execute(_ADD_BANDS.format(values), [value for row in some for value in row])


def _sketch(number: int) -> int:
    """Return 63 bits of a hash that differ in no more places than the hash does."""
    word = number ^ number >> 64 ^ number >> 128 ^ number >> 192
    return word & 0x7FFF_FFFF_FFFF_FFFF


def near(execute: Execute, hashes: Sequence[str], most: int, moments: int) -> dict[str, int]:
    """Return the contents that look alike, each with the bits in which it differs at most.

    Alike are pictures that differ in ``most`` bits at most, and clips of which at least ``moments``
    moments do. ``most`` counts up to `MOST_DISTANCE`.
    """
    most = min(most, MOST_DISTANCE)
    found: defaultdict[str, list[int]] = defaultdict(list)
    for moment, hash_ in enumerate(hashes):
        if not hash_:
            continue
        keys, sketch = list(keys_near(hash_)), _sketch(int(hash_, 16))
        met = {
            look
            for look, other in execute(_MET.format(marks(keys)), keys)
            if (sketch ^ other).bit_count() <= most
        }
        for some in chunked(sorted(met)):
            for content, other in execute(_NEAR.format(marks(some)), [*some, moment]):
                if (bits := distance(hash_, other)) <= most:
                    found[content].append(bits)
    wanted = min(moments, len(hashes))
    pictures = {} if not found else known(execute, found)
    return {
        content: max(sorted(bits)[:wanted])
        for content, bits in found.items()
        if len(bits) >= wanted and len(pictures.get(content, ())) == len(hashes)
    }


def searched(
    execute: Execute, contents: Collection[str], most: int, moments: int
) -> dict[str, dict[str, int]]:
    """Return what `search` has found for some of these contents, as far as it still holds."""
    known = {}
    for part in chunked(contents):
        for content, found in execute(_SEARCHED.format(marks(part)), [most, moments, *part]):
            known[content] = json.loads(found)
    return known


def search(execute: Execute, looks: Looks, most: int, moments: int) -> dict[str, dict[str, int]]:
    """Return for each content what is `near` its look, and keep that.

    To be done in one transaction. SQLite lets nobody write meanwhile; on a server, what comes in
    between is told of only once something else came in.
    """
    found = {content: near(execute, hashes, most, moments) for content, hashes in looks.items()}
    for some in chunked(found.items()):
        values = ", ".join(["(?, ?, ?, ?)"] * len(some))
        kept = [(content, most, moments, json.dumps(others)) for content, others in some]
        execute(_KEEP.format(values), [value for row in kept for value in row])
    return found
