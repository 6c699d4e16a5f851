"""Times and statuses, as pages show them."""

from __future__ import annotations

from datetime import datetime

from creative_flow.creative import Status
from creative_flow.report.page.markup import Markup, el

ORDER = tuple(Status)
"""The order in which statuses are told."""


def said(status: Status) -> str:
    """Return a status for people."""
    return status.value.replace("_", " ")


def badge(status: Status) -> Markup:
    """Return a status as a coloured word."""
    return el("span", said(status), class_=f"st {status.value}")


def day(when: datetime) -> str:
    """Return a day, in local time, such as ``14 March 2026``."""
    local = when.astimezone()
    return f"{local.day} {local:%B %Y}"


def clock(when: datetime | None, beside: datetime) -> str:
    """Return a time of day, in local time; with its day where that is not ``beside``'s."""
    if when is None:
        return ""
    local = when.astimezone()
    same = local.date() == beside.astimezone().date()
    return f"{local:%H:%M:%S}" if same else f"{local:%Y-%m-%d %H:%M:%S}"


def moment(when: datetime | None, beside: datetime) -> Markup:
    """Return a time of day that a program can read, too; nothing if it did not come to that."""
    if when is None:
        return Markup("")
    local = when.astimezone()
    return el("time", clock(when, beside), datetime=local.isoformat(timespec="seconds"))


def zone(when: datetime) -> str:
    """Return how far local time is from UTC, such as ``UTC+01:00``."""
    shown = f"{when.astimezone():%z}"
    return f"UTC{shown[:3]}:{shown[3:5]}"
