"""The table of a run's files: whole without a program, and searchable with one."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime

from creative_flow.report.page.markup import Markup, el, join, named, text
from creative_flow.report.page.view import Evidence, File, RunView
from creative_flow.report.page.words import badge, clock, moment
from creative_flow.report.text import shown_size

_COLUMNS = (
    "Picture",
    "File",
    "Ad format",
    "Size",
    "Batch",
    "Status",
    "Creative ID",
    "Reason and evidence",
    "Times",
)

_MANY = 200
"""Of more rows than this, those that are not seen are not laid out."""


def table(view: RunView) -> Iterator[Markup]:
    """Yield the table piece by piece, a row each, so that nobody holds it as a whole."""
    headings = join([el("th", heading, scope="col") for heading in _COLUMNS])
    many = " many" if len(view.files) > _MANY else ""
    yield Markup(f'<table class="files{many}">')
    yield el("caption", "Every file of the run", class_="unseen")
    yield el("thead", el("tr", headings))
    yield Markup("\n<tbody>\n")
    for file in view.files:
        yield _row(file, view)
        yield Markup("\n")
    yield Markup("</tbody></table>\n")


def _row(file: File, view: RunView) -> Markup:
    outcome = file.outcome
    classes = [outcome.status.value]
    classes += ["bad"] if file.attention else []
    classes += ["half"] if file.half_up else []
    return el(
        "tr",
        el("td", _picture(file, view)),
        el("th", named(outcome.name), _about(file), scope="row"),
        el("td", outcome.ad_format),
        el("td", shown_size(outcome.size) if outcome.size else "", data_v=outcome.size),
        el("td", "" if outcome.batch is None else str(outcome.batch)),
        el("td", badge(outcome.status)),
        el("td", el("code", outcome.creative_id) if outcome.creative_id else ""),
        el("td", *_why(file)),
        el("td", *_times(file, view.past.started_at), data_v=_sortable(outcome.at)),
        class_=" ".join(classes),
    )


def _picture(file: File, view: RunView) -> Markup:
    picture = view.pictures.get(file.outcome.path)
    if picture:
        data = base64.b64encode(picture).decode()
        # The file's name stands beside it and says more than any words about the picture.
        return el("img", src=f"data:image/webp;base64,{data}", alt="", decoding="async")
    use = el("use", href="#p-video" if file.is_video else "#p-image")
    return el("svg", use, class_="ph", aria_hidden="true")


def _about(file: File) -> Markup:
    """Return what is known of the file itself, below its name."""
    parts = []
    if file.folder and file.folder != ".":
        parts.append(el("span", "in ", named(file.folder)))
    if file.outcome.unique_id:
        parts.append(el("span", file.outcome.unique_id, class_="whole"))
    if file.pair:
        whole = {0: "neither half up", 1: "one half up"}.get(file.halves_up, "both halves up")
        kind = "pair half" if file.half_up else "pair"
        about = el("span", file.pair, class_="whole")
        parts.append(el("span", "native pair ", about, f": {whole}", class_=kind))
    return el("small", join(parts, " ")) if parts else Markup("")


def _why(file: File) -> list[Markup]:
    outcome = file.outcome
    parts = []
    if file.reason:
        parts.append(el("p", file.reason))
    if outcome.note:
        parts.append(el("p", "Note: ", text(outcome.note), class_="quiet"))
    if outcome.retries:
        again = "once" if outcome.retries == 1 else f"{outcome.retries} times"
        parts.append(el("p", f"Tried again {again}", class_="quiet"))
    if file.evidence:
        parts.append(el("p", join([led_to(it) for it in file.evidence]), class_="evidence"))
    return parts


def led_to(evidence: Evidence) -> Markup:
    """Return a link to evidence, with the picture if it is one."""
    name = evidence.name.replace("\\", "/").rsplit("/", 1)[-1]
    if not evidence.href:
        return el("span", evidence.name)
    if not evidence.is_picture:
        return el("a", "page as seen", href=evidence.href, title=name)
    shown = el("img", src=evidence.href, alt="", loading="lazy", decoding="async")
    return el("a", shown, "screenshot", href=evidence.href, title=name)


def _times(file: File, beside: datetime) -> list[Markup]:
    parts = [moment(file.outcome.at, beside)] if file.outcome.at else []
    batch = file.batch
    if batch is None:
        return parts
    steps = (
        ("intended", batch.intended_at),
        ("sending", batch.sending_began_at),
        ("closed", batch.closed_at),
    )
    lines = (el("small", f"{what} {clock(when, beside)}") for what, when in steps if when)
    return [*parts, *lines]


def _sortable(when: datetime | None) -> str:
    return when.isoformat(timespec="milliseconds") if when else ""
