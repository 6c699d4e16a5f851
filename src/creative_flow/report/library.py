"""What a walk through a library found, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from creative_flow.report.text import clean, shown_time
from creative_flow.walked import Change, Changes, FormatWalked, Walked
from creative_flow.wording import counted

_NAMED = 5
"""How many creatives of one kind are named; rejected ones all are, for each has its reason."""
_REJECTED = "rejected"


def show_walk(walked: Walked, out: TextIO) -> None:
    """Print what was found, ad format by ad format."""
    for line in lines(walked):
        print(clean(line), file=out)
    out.flush()


def lines(walked: Walked) -> Iterator[str]:
    """Yield what was found, line by line."""
    yield f"{walked.title}, account {walked.account}: {walked.what}"
    for each in walked.formats:
        if walked.what == "sync-status" and not each.walks:
            continue
        yield f"  {each.title}: {_summary(each)}"
        for label, changes in (("new", each.new), ("back", each.back), ("removed", each.removed)):
            if changes.count:
                yield f"    {label}: {_names(changes.first, changes.count)}"
        yield from _reviewed(each.reviewed)
        if each.why:
            yield f"    {each.why}"
    if not any(each.walks or each.earlier for each in walked.formats) and not walked.error:
        yield "  Nothing waits for a verdict."
    yield f"  {counted(walked.pages, 'page')} in {shown_time(walked.seconds)}"
    if walked.error:
        yield f"Stopped: {walked.error}"


def _summary(found: FormatWalked) -> str:
    if found.earlier:
        return "read before the interruption"
    parts = [counted(found.entries, "creative") + f" on {counted(found.pages, 'page')}"]
    if not found.complete:
        parts[0] += ", not read to the end"
    counts = {
        "new": found.new.count,
        "with another review status": found.reviewed.count,
        "back again": found.back.count,
        "removed": found.removed.count,
        "waiting for a verdict": found.waiting,
        "not seen and left as they are": found.unseen,
    }
    parts += [f"{count:,} {what}" for what, count in counts.items() if count]
    return "; ".join(parts)


def _reviewed(changes: Changes) -> Iterator[str]:
    """Yield which got which review status; why, where the platform says it."""
    by_status: dict[str, list[Change]] = {}
    for change in changes.first:
        by_status.setdefault(change.now, []).append(change)
    for status, group in sorted(by_status.items()):
        if status == _REJECTED or any(change.reason for change in group):
            for change in group:
                why = f": {change.reason}" if change.reason else ", the page does not say why"
                yield f"    {status}: {change.name} ({change.creative_id}){why}"
        else:
            yield f"    {status}: {_names(group, len(group))}"
    if changes.count > len(changes.first):
        yield f"    and {changes.count - len(changes.first):,} more with another review status"


def _names(first: Sequence[Change], count: int) -> str:
    named = ", ".join(f"{change.name} ({change.creative_id})" for change in first[:_NAMED])
    more = count - min(len(first), _NAMED)
    return f"{named} and {more:,} more" if more > 0 else named


def show_rebuilt(told: Mapping[str, Any], out: TextIO) -> None:
    """Print what came of rebuilding a record, given as ``--json`` prints it."""
    rows: Mapping[str, int] = told["rows"]
    if not rows:
        print("There is nothing in tracking/ to rebuild the record from.", file=out)
        return
    for name, count in rows.items():
        print(clean(f"{name}: {counted(count, 'row')}"), file=out)
    for line in told["conflicts"]:
        print(clean(line), file=out)
    would = "Would be taken" if told["dry_run"] else "Taken"
    print(
        f"{would} in: {told['new']:,} new, {told['filled']:,} with facts added; "
        f"{told['known']:,} were known; {told['not_counted']:,} rows do not count.",
        file=out,
    )
    if told["still_open"]:
        print(
            f"Of {counted(len(told['still_open']), 'file')} nobody knows whether it is on the "
            "platform. Run `cfu library refresh` before you upload.",
            file=out,
        )
    out.flush()
