"""The page of one run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from creative_flow.creative import Status
from creative_flow.report.advice import Problem, problems
from creative_flow.report.page.charts import share_bar
from creative_flow.report.page.document import closing, facts, opening, section, wide
from creative_flow.report.page.files_table import table
from creative_flow.report.page.markup import Markup, el, join, named, text
from creative_flow.report.page.view import File, RunView, bytes_up
from creative_flow.report.page.words import ORDER, badge, clock, day, moment, said, zone
from creative_flow.report.text import shown_size, shown_time
from creative_flow.wording import counted

_NAMED = 5
"""How many files of one problem, and how many halves of pairs, are named."""
_FEW_BATCHES = 12
"""Of more batches than this the table is folded up."""


def run_page(view: RunView) -> Iterator[bytes]:
    """Yield the page of a run, piece by piece, in UTF-8."""
    for piece in _pieces(view):
        yield piece.encode()


def _pieces(view: RunView) -> Iterator[Markup]:
    yield opening(f"{view.title} upload, {view.past.run}")
    yield _header(view)
    yield Markup("<main>\n")
    yield _summary(view)
    yield _attention(view)
    yield _pairs(view)
    yield Markup('<section id="files" aria-labelledby="files-h">')
    yield el("h2", "Files", id="files-h")
    if view.folder:
        yield el("p", "In ", named(view.folder), class_="quiet")
    yield _tools(view)
    yield from table(view)
    yield Markup("</section>\n")
    yield _batches(view)
    yield Markup("</main>\n")
    yield closing(
        f"Made by creative-flow from the ledger, {day(view.made_at)}, "
        f"{clock(view.made_at, view.made_at)}. Times are local, {zone(view.past.started_at)}. "
        f"`cfu report {view.past.run}` makes this page anew."
    )


def _header(view: RunView) -> Markup:
    past = view.past
    began = f"{day(past.started_at)}, {clock(past.started_at, past.started_at)}"
    until = clock(past.finished_at, past.started_at) if past.finished_at else "end not recorded"
    return el(
        "header",
        el("p", el("span", "Live", class_="live"), f" run {past.run}", class_="over"),
        el("h1", f"Upload to {view.title}"),
        facts(
            [
                ("When", text(f"{began} – {until}")),
                ("Account", text(past.account)),
                ("Login", text(past.login)),
                ("Workspace", text(view.workspace)),
                ("Campaign", text(past.campaign)),
            ]
        ),
    )


def _summary(view: RunView) -> Markup:
    past = view.past
    counts = {status: past.counts.get(status, 0) for status in ORDER}
    bad = sum(file.attention for file in view.files)
    # Of a run whose end is not recorded it can't be said that it is about to go on, or was killed.
    time = "–" if past.seconds is None else shown_time(past.seconds)
    tiles = [
        ("Files", f"{len(view.files):,}", ""),
        ("Success", f"{counts[Status.SUCCESS]:,}", "good"),
        ("Need attention", f"{bad:,}", "bad" if bad else ""),
        ("Sent", shown_size(bytes_up(past)), ""),
        ("Batches", f"{len(view.batches):,}", ""),
        ("Duration", time, ""),
    ]
    legend = [
        el("li", badge(status), f" {number:,}") for status, number in counts.items() if number
    ]
    stopped = el("p", el("b", "The run was stopped: "), past.error, class_="stopped", role="note")
    return section(
        "Summary",
        stopped if past.error else "",
        el(
            "ul",
            join(
                [
                    el("li", el("b", value), el("span", name), class_=kind)
                    for name, value, kind in tiles
                ]
            ),
            class_="tiles",
        ),
        share_bar([(status, number) for status, number in counts.items() if number]),
        el("ul", join(legend), class_="legend"),
        id_="summary",
    )


def _attention(view: RunView) -> Markup:
    found = problems(file.outcome for file in view.files)
    if not found:
        return Markup("")
    return section(
        "What needs attention",
        el("ul", join([_problem(problem) for problem in found]), class_="problems"),
        id_="attention",
    )


def _problem(problem: Problem) -> Markup:
    number = len(problem.outcomes)
    alike = " (and the like)" if len({outcome.error for outcome in problem.outcomes}) > 1 else ""
    names = join([named(outcome.name) for outcome in problem.outcomes[:_NAMED]], ", ")
    more = f" and {number - _NAMED:,} more" if number > _NAMED else ""
    return el(
        "li",
        el("p", el("b", counted(number, "file")), " ", badge(problem.status)),
        el("p", (problem.reason or "No reason was given") + alike),
        el("p", "→ " + problem.advice, class_="advice"),
        el("p", names, more, class_="quiet"),
    )


def _pairs(view: RunView) -> Markup:
    pairs = view.pairs
    if not pairs:
        return Markup("")
    halves = {pair: files for pair, files in pairs.items() if files[0].half_up}
    none = sum(files[0].halves_up == 0 for files in pairs.values())
    told = [
        (len(pairs) - len(halves) - none, "with both halves up"),
        (len(halves), "with only one half up"),
        (none, "with neither half up"),
    ]
    listed = [_pair(pair, files) for pair, files in islice(halves.items(), _NAMED * 4)]
    more = len(halves) - len(listed)
    return section(
        "Native pairs",
        el("p", ", ".join(f"{number:,} {what}" for number, what in told if number) + "."),
        el("ul", join(listed), class_="problems") if listed else "",
        el("p", f"And {more:,} more: choose “one half up” above the files.") if more else "",
        id_="pairs",
    )


def _pair(pair: str, files: list[File]) -> Markup:
    halves = [el("li", named(file.outcome.name), " ", badge(file.outcome.status)) for file in files]
    other = el("li", "The other half was not in this run.", class_="quiet")
    return el(
        "li",
        el("p", el("b", pair), ": one half is up, the other is not"),
        el("ul", join(halves), other if len(files) == 1 else "", class_="halves"),
    )


def _tools(view: RunView) -> Markup:
    """Return what searches and chooses. It is shown by the program that makes it work."""
    counts = view.past.counts
    choices = [("", "All", len(view.files))]
    choices += [("bad", "Need attention", sum(file.attention for file in view.files))]
    choices += [("half", "One half up", sum(file.half_up for file in view.files))]
    choices += [(it.value, said(it).capitalize(), counts.get(it, 0)) for it in ORDER]
    chips = [
        el(
            "label",
            el("input", type="radio", name="choice", value=value, checked=not value),
            el("span", f"{words} ", el("b", f"{number:,}")),
        )
        for value, words, number in choices
        if number or not value
    ]
    return el(
        "div",
        el(
            "div",
            el("label", "Search", for_="search"),
            el(
                "input",
                type="search",
                id="search",
                placeholder="name, id, reason …   ( / )",
                autocomplete="off",
                spellcheck="false",
            ),
            class_="search",
        ),
        el("fieldset", el("legend", "Show", class_="unseen"), join(chips), class_="chips"),
        el(
            "div",
            el("button", "Copy IDs", type="button", id="copy"),
            el("output", id="copied", class_="unseen", for_="copy"),
            el("output", id="shown", for_="search"),
            el("button", "‹", type="button", id="back", aria_label="Earlier files"),
            el("button", "›", type="button", id="on", aria_label="Further files"),
            el("label", "at once ", _page_sizes(), class_="at-once"),
            class_="pager",
        ),
        class_="tools",
        hidden=True,
    )


def _page_sizes() -> Markup:
    sizes = (("100", "100"), ("500", "500"), ("0", "all"))
    return el("select", join([el("option", words, value=it) for it, words in sizes]), id="size")


def _batches(view: RunView) -> Markup:
    if not view.batches:
        return Markup("")
    beside = view.past.started_at
    headings = (
        "Batch",
        "Ad format",
        "Files",
        "Size",
        "Intended",
        "Sending began",
        "Closed",
        "Took",
    )
    rows = []
    for batch in view.batches:
        took = (batch.closed_at - batch.intended_at).total_seconds() if batch.closed_at else None
        rows.append(
            el(
                "tr",
                el("th", str(batch.number), scope="row"),
                el("td", batch.ad_format),
                el("td", f"{batch.files:,}"),
                el("td", shown_size(batch.size)),
                el("td", moment(batch.intended_at, beside)),
                el("td", moment(batch.sending_began_at, beside) or "not begun"),
                el("td", moment(batch.closed_at, beside) or "not closed"),
                el("td", "" if took is None else shown_time(took)),
            )
        )
    head = el("tr", join([el("th", it, scope="col") for it in headings]))
    whole = el(
        "table",
        el("caption", "The run's batches, with their times", class_="unseen"),
        el("thead", head),
        el("tbody", join(rows, "\n")),
        class_="plain",
    )
    many = len(view.batches) > _FEW_BATCHES
    content = wide(whole, "Batches")
    if many:
        content = el(
            "details", el("summary", counted(len(view.batches), "batch", "batches")), content
        )
    return section("Batches", content, id_="batches")
