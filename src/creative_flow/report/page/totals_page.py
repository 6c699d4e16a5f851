"""The page of totals: all live runs over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from creative_flow.creative import Status
from creative_flow.report.page.charts import Column, bars, columns
from creative_flow.report.page.document import closing, facts, opening, section, wide
from creative_flow.report.page.markup import Markup, el, join, text
from creative_flow.report.page.totals import TRIED, Reason, Totals, periods
from creative_flow.report.page.words import ORDER, badge, clock, day, said, zone
from creative_flow.report.text import clean, shown_size, shown_time
from creative_flow.wording import counted

_REASONS = 10
"""How many reasons the chart shows; the table below it has all."""
_LISTED = 200


def totals_page(
    totals: Totals, *, workspace: str, minutes_by_hand: float, now: datetime
) -> Iterator[bytes]:
    """Yield the page, piece by piece, in UTF-8."""
    pieces = (
        opening(f"Uploads over time, {workspace}"),
        _header(totals, workspace),
        Markup("<main>\n"),
        _summary(totals, minutes_by_hand),
        _over_time(totals),
        _reasons(totals.reasons),
        _how_counted(minutes_by_hand),
        Markup("</main>\n"),
        closing(
            f"Made by creative-flow from the ledger, {day(now)}, {clock(now, now)}. "
            f"Days are local, {zone(now)}. `cfu report --totals` makes this page anew."
        ),
    )
    for piece in pieces:
        yield piece.encode()


def _header(totals: Totals, workspace: str) -> Markup:
    days = list(totals.days)
    span = f"{days[0]:%Y-%m-%d} – {days[-1]:%Y-%m-%d}" if days else "no uploads yet"
    return el(
        "header",
        el("p", "All live runs", class_="over"),
        el("h1", "Uploads over time"),
        facts([("Days", text(span)), ("Workspace", text(workspace))]),
    )


def _summary(totals: Totals, minutes_by_hand: float) -> Markup:
    up = totals.counts.get(Status.SUCCESS, 0)
    share = f"{100 * up / totals.tried:.1f} %" if totals.tried else "–"
    saved = up * minutes_by_hand * 60
    tiles = [
        ("Runs", f"{totals.runs:,}", ""),
        ("Uploaded", f"{up:,}", "good"),
        ("Sent", shown_size(totals.sizes.get(Status.SUCCESS, 0)), ""),
        ("Success share", share, ""),
        ("Saved, an estimate", _about(saved) if saved else "–", ""),
        ("Runs took", shown_time(totals.run_seconds), ""),
    ]
    return section(
        "Summary",
        el(
            "ul",
            join(
                [el("li", el("b", value), el("span", name), class_=c) for name, value, c in tiles]
            ),
            class_="tiles",
        ),
        id_="summary",
    )


def _about(seconds: float) -> str:
    """Return an estimate, no more exact than it is."""
    hours = seconds / 3600
    return f"≈ {hours:,.0f} h" if hours >= 3 else f"≈ {seconds / 60:,.0f} min"


def _over_time(totals: Totals) -> Markup:
    name, found = periods(totals.days)
    if not found:
        return section("Uploads", el("p", "Nothing was uploaded yet."), id_="uploads")
    chart = columns(
        [Column(_label(begin, name), _only_tried(counts)) for begin, counts in found],
        TRIED,
        across=f"{name.capitalize()}, by its first day" if name != "day" else "Day",
        up="Creatives",
    )
    used = [status for status in ORDER if totals.counts.get(status)]
    head = [name.capitalize(), *(said(status) for status in used)]
    rows = [
        [f"{begin:%Y-%m}" if name == "month" else f"{begin:%Y-%m-%d}"]
        + [f"{counts[status]:,}" for status in used]
        for begin, counts in reversed(found)
        if counts
    ]
    heading = f"Creatives per {name}, by status"
    return section(
        heading,
        chart,
        _table(heading, head, rows, f"The same as a table, per {name}"),
        id_="uploads",
    )


def _only_tried(counts: Counter[Status]) -> dict[Status, int]:
    return {status: counts[status] for status in TRIED}


def _label(begin: date, period: str) -> str:
    return f"{begin:%b %Y}" if period == "month" else f"{begin.day} {begin:%b}"


def _reasons(reasons: tuple[Reason, ...]) -> Markup:
    if not reasons:
        return section("Why creatives did not make it", el("p", "All did."), id_="reasons")
    chart = bars(
        [
            (f"{said(it.status)}: {clean(it.error) or 'no reason was given'}", it.status, it.number)
            for it in reasons[:_REASONS]
        ],
        what="Outcomes, by reason",
    )
    head = ["Status", "Reason", "Outcomes", "What to do"]
    rows = [[badge(it.status), it.error, f"{it.number:,}", it.advice] for it in reasons[:_LISTED]]
    left = len(reasons) - _LISTED
    more = el("p", f"And {counted(left, 'rarer reason')}.", class_="quiet") if left > 0 else ""
    table = _table("Reasons, the commonest first", head, rows, "All reasons, with what to do")
    return section("Why creatives did not make it", chart, table, more, id_="reasons")


def _table(caption: str, head: list[str], rows: list[list[str]], summary: str) -> Markup:
    body = [
        el("tr", el("th", row[0], scope="row"), join([el("td", cell) for cell in row[1:]]))
        for row in rows
    ]
    whole = el(
        "table",
        el("caption", caption, class_="unseen"),
        el("thead", el("tr", join([el("th", it, scope="col") for it in head]))),
        el("tbody", join(body, "\n")),
        class_="plain",
    )
    return el("details", el("summary", summary), wide(whole, caption))


def _how_counted(minutes_by_hand: float) -> Markup:
    counted_are = (
        "Counted is each outcome of a live run that tried to bring a creative up; one that failed "
        "and came up in a later run counts once as either. Charts leave out what was skipped or "
        "left pending. The success share is what came up, of all that was tried."
    )
    saved_is = (
        f"The time saved is an estimate: creatives uploaded × {minutes_by_hand:g} minutes. That "
        "one creative takes so long by hand (choosing the file, waiting, finding its entry, "
        "copying the ID) is an assumption, not a measurement; set MINUTES_BY_HAND to what you have "
        "measured. How long the runs took is not taken off, since nobody has to sit by."
    )
    return section(
        "How this is counted",
        el("p", counted_are, class_="note"),
        el("p", saved_is, class_="note"),
        id_="counted",
    )
