"""The page of one run over campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from attrs import evolve, frozen

from creative_flow.campaign import CampaignOutcome, CampaignStatus
from creative_flow.ledger import PastAdRun
from creative_flow.report.page.document import closing, facts, opening, section, wide
from creative_flow.report.page.files_table import led_to
from creative_flow.report.page.markup import Markup, el, join, named, text
from creative_flow.report.page.view import Evidence, evidence_of
from creative_flow.report.page.words import clock, day, moment, zone
from creative_flow.report.text import shown_time
from creative_flow.wording import counted

_CLASSES = {CampaignStatus.UNKNOWN: "unknown_id", CampaignStatus.DRY_RUN_SUCCESS: "dry_run"}
_COLUMNS = ("Campaign", "CSV", "Status", "Ads created", "Reason and evidence", "Time")


@frozen
class CampaignsView:
    """What the page tells, without secrets. ``evidence`` is by campaign."""

    past: PastAdRun
    title: str
    workspace: str
    made_at: datetime
    outcomes: tuple[CampaignOutcome, ...]
    evidence: dict[str, tuple[Evidence, ...]]


def gather_campaigns(
    past: PastAdRun,
    outcomes: Sequence[CampaignOutcome],
    *,
    title: str,
    root: Path,
    page_folder: Path,
    redact: Callable[[str], str],
    now: datetime,
) -> CampaignsView:
    """Gather a run, what needs attention first, with its secrets taken out."""
    ordered = sorted(outcomes, key=lambda it: it.status.is_well)
    return CampaignsView(
        past=evolve(past, login=redact(past.login), error=redact(past.error)),
        title=title,
        workspace=root.name,
        made_at=now,
        outcomes=tuple(
            evolve(
                it,
                name=redact(it.name),
                csv_file=redact(it.csv_file),
                error=redact(it.error),
                note=redact(it.note),
            )
            for it in ordered
        ),
        evidence={
            it.campaign_id: tuple(
                evidence_of(name, root, page_folder, redact) for name in it.evidence
            )
            for it in outcomes
        },
    )


def campaigns_page(view: CampaignsView) -> Iterator[bytes]:
    """Yield the page, piece by piece, in UTF-8."""
    for piece in _pieces(view):
        yield piece.encode()


def _pieces(view: CampaignsView) -> Iterator[Markup]:
    past = view.past
    yield opening(f"{view.title} campaigns, {past.run}")
    yield _header(view)
    yield Markup("<main>\n")
    yield _summary(view)
    yield section("Campaigns", wide(_table(view), "Every campaign of the run"), id_="campaigns")
    yield Markup("</main>\n")
    yield closing(
        f"Made by creative-flow from the ledger, {day(view.made_at)}, "
        f"{clock(view.made_at, view.made_at)}. Times are local, {zone(past.started_at)}. "
        f"`cfu report {past.run}` makes this page anew."
    )


def _header(view: CampaignsView) -> Markup:
    past = view.past
    began = f"{day(past.started_at)}, {clock(past.started_at, past.started_at)}"
    until = clock(past.finished_at, past.started_at) if past.finished_at else "end not recorded"
    return el(
        "header",
        el("p", el("span", "Live", class_="live"), f" run {past.run}", class_="over"),
        el("h1", f"Ads into campaigns of {view.title}"),
        facts(
            [
                ("When", text(f"{began} – {until}")),
                ("Account", text(past.account)),
                ("Login", text(past.login)),
                ("Workspace", text(view.workspace)),
                ("Slot", text(past.slot)),
            ]
        ),
    )


def _summary(view: CampaignsView) -> Markup:
    past = view.past
    counts = Counter(it.status for it in view.outcomes)
    bad = sum(not it.status.is_well for it in view.outcomes)
    ended = past.finished_at
    time = "–" if ended is None else shown_time((ended - past.started_at).total_seconds())
    tiles = [
        ("Campaigns", f"{len(view.outcomes):,}", ""),
        ("Success", f"{counts[CampaignStatus.SUCCESS]:,}", "good"),
        ("Need attention", f"{bad:,}", "bad" if bad else ""),
        ("Ads created", f"{sum(it.ads_created for it in view.outcomes):,}", ""),
        ("Duration", time, ""),
    ]
    stopped = el("p", el("b", "The run was stopped: "), past.error, class_="stopped", role="note")
    rest = past.total - len(view.outcomes)
    left = el("p", f"{counted(rest, 'campaign')} of the mapping were left alone.", class_="quiet")
    items = [el("li", el("b", value), el("span", name), class_=kind) for name, value, kind in tiles]
    return section(
        "Summary",
        stopped if past.error else "",
        el("ul", join(items), class_="tiles"),
        left if rest > 0 else "",
        id_="summary",
    )


def _table(view: CampaignsView) -> Markup:
    rows = [_row(it, view) for it in view.outcomes]
    headings = join([el("th", heading, scope="col") for heading in _COLUMNS])
    return el("table", el("thead", el("tr", headings)), el("tbody", join(rows)))


def _row(outcome: CampaignOutcome, view: CampaignsView) -> Markup:
    status = outcome.status
    parts = [el("p", outcome.error)] if outcome.error else []
    if outcome.note:
        parts.append(el("p", "Note: ", text(outcome.note), class_="quiet"))
    if outcome.invalid:
        parts.append(el("p", f"Invalid creatives: {', '.join(outcome.invalid)}", class_="quiet"))
    if evidence := view.evidence[outcome.campaign_id]:
        parts.append(el("p", join([led_to(it) for it in evidence]), class_="evidence"))
    kind = _CLASSES.get(status, status.value)
    return el(
        "tr",
        el("th", named(outcome.name or outcome.campaign_id), " ", el("small", outcome.campaign_id)),
        el("td", named(outcome.csv_file)),
        el("td", el("span", status.value.replace("_", " "), class_=f"st {kind}")),
        el("td", f"{outcome.ads_created:,}"),
        el("td", join(parts)),
        el("td", moment(outcome.at, view.past.started_at)),
        class_="" if status.is_well else "bad",
    )
