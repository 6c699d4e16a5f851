"""What of a run ads can be made of, as the ledger has it; and what is missing for the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from attrs import frozen

from creative_flow.ads import AdSheet, NativePairUp, Subject, UploadedCreative
from creative_flow.creative import Status
from creative_flow.ledger import Origin, Part
from creative_flow.naming import DEFAULT_TEMPLATE, Grammar
from creative_flow.platform import PlatformInfo
from creative_flow.workspace import Workspace

if TYPE_CHECKING:
    from creative_flow.ledger import Ledger
    from creative_flow.ledger.brought import Brought, LiveRun

_NEVER = datetime.min.replace(tzinfo=UTC)
_NAMED = 3
"""How many of many are named."""

_HALF = "only one half being up"
_LATER = "since a later run completed it and has it in its own"
_UNTIED = "no id in the name telling which is its other half"
_UNPROVED = "the Creative ID standing on your word only"
_GONE = "the platform not having it any more"
_NOUNS = {
    _HALF: "native pair",
    _LATER: "native pair",
    _UNTIED: "native creative",
    _UNPROVED: "creative",
    _GONE: "creative",
}


@frozen
class Subjects:
    """What ads are made of, in the order in which it went up, and what is to be said."""

    subjects: tuple[Subject, ...]
    remarks: tuple[str, ...]


def subjects_of(
    run: LiveRun, ledger: Ledger, place: Workspace, info: PlatformInfo, sheets: Sequence[AdSheet]
) -> Subjects:
    """Return what these sheets take of a run: creatives, and native halves as pairs.

    The other half of a pair may have gone up in an earlier run. A category is what ``process`` has
    recorded, else what the file's name tells. Left out, with a remark, is what is there on the
    user's word only or no more, and halves whose other half is not up.
    """
    front = ledger.brought_up()
    native = info.native_pair if any(not sheet.ad_format for sheet in sheets) else None
    formats = (native.video, native.image) if native else ()
    taken = {*formats, *(sheet.ad_format for sheet in sheets)}
    brought = [it for it in front.by_run(run) if it.ad_format in taken]
    pairs = {it.native_pair_id for it in brought if it.ad_format in formats} - {""}
    ids = {f"{pair}-{part}" for pair in pairs for part in (Part.VIDEO, Part.IMAGE)}
    known = front.by_unique_id(run.platform, run.account, ids)
    rows = {it.position: it for it in (*brought, *chain.from_iterable(known.values()))}
    halves: defaultdict[tuple[str, str], list[Brought]] = defaultdict(list)
    for row in rows.values():
        if row.stands and row.origin is not Origin.USER:
            halves[row.native_pair_id, row.ad_format].append(row)
    mine, until = {it.position for it in brought}, max((it.at for it in brought), default=_NEVER)
    category = _categories(ledger, place, rows.values())

    found: dict[object, Subject] = {}
    left: defaultdict[str, list[str]] = defaultdict(list)
    for it in brought:
        if not it.stands:
            left[_GONE].append(it.path.name)
        elif it.origin is Origin.USER:
            left[_UNPROVED].append(it.path.name)
        elif it.ad_format not in formats:
            found[it.position] = _creative(it, run, category)
        elif not it.native_pair_id:
            left[_UNTIED].append(it.path.name)
        elif (pair := it.native_pair_id) not in found:
            video, image = (_pick(halves[pair, name], mine, until) for name in formats)
            if video and image:
                found[pair] = NativePairUp(
                    _creative(video, run, category), _creative(image, run, category)
                )
            elif all(halves[pair, name] for name in formats):
                left[_LATER].append(pair)
            else:
                left[_HALF].append(f"{pair} lacks its {'image' if video else 'video'}")
    return Subjects(tuple(found.values()), tuple(_said(left)))


def _pick(rows: Sequence[Brought], mine: set[int], until: datetime) -> Brought | None:
    """Return the newest half that the run brought up, else the newest that was there by then."""
    own = [row for row in rows if row.position in mine]
    # What was skipped was there, nobody knows since when.
    there = [row for row in rows if row.status is Status.SKIPPED or row.at <= until]
    return max(own or there, key=lambda row: row.position, default=None)


def _creative(it: Brought, run: LiveRun, category: Mapping[int, str]) -> UploadedCreative:
    return UploadedCreative(
        path=it.path,
        ad_format=it.ad_format,
        creative_id=it.creative_id,
        account=run.account,
        unique_id=it.unique_id,
        native_pair_id=it.native_pair_id,
        category=category[it.position],
        review_status=it.review_status,
    )


def _categories(ledger: Ledger, place: Workspace, rows: Collection[Brought]) -> dict[int, str]:
    """Return the category of each, by position; empty where nothing tells it."""
    ids = {row.unique_id for row in rows} - {""}
    processed = ledger.inventory(place.identity).by_unique_id(ids)
    templates = dict.fromkeys((place.setting("NAME_TEMPLATE"), DEFAULT_TEMPLATE))
    grammars = [Grammar(template) for template in templates]
    found = {}
    for row in rows:
        known = processed.get(row.unique_id)
        read = (grammar.parse(row.path.stem) for grammar in grammars)
        fields = next(filter(None, read), None)
        named = fields.category if fields else ""
        found[row.position] = (known.facts.get("category", "") if known else "") or named
    return found


def _said(left: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for why, noun in _NOUNS.items():
        if names := dict.fromkeys(left.get(why, ())):
            many = f"{len(names):,} {noun}{'' if len(names) == 1 else 's'}"
            named = ", ".join([*names][:_NAMED])
            more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
            yield f"Left out of the ads CSVs, {why}: {many} ({named}{more})."
