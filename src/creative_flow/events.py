"""What happens during a run, for those who want to show or log it.

A listener is a function that takes an `Event`. Listeners are called after the ledger has committed
what they are told; one that fails is logged and never alters an outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import frozen

from creative_flow.creative import Batch, Outcome, Report

if TYPE_CHECKING:
    from creative_flow.campaign import CampaignOutcome, CampaignsReport


@frozen
class Event:
    """Base of all events."""


@frozen
class RunStarted(Event):
    """The plan stands. ``files`` and ``size`` (bytes) count what is to be sent in ``batches``."""

    run: str
    platform: str
    title: str
    account: str
    login: str
    live: bool
    files: int
    size: int
    batches: int


@frozen
class Noticed(Event):
    """Something the user should know now: a wait, a warning, a person needed."""

    message: str
    warning: bool = False


@frozen
class BatchStarted(Event):
    """A batch is about to be sent."""

    batch: Batch
    of: int


@frozen
class BatchProgress(Event):
    """How far the batch under way is: files and bytes the platform has taken in."""

    batch: Batch
    files: int
    size: int


@frozen
class StepChanged(Event):
    """What the run is busy with, in a few words ("reading ids back").

    ``batch`` is the number of the batch that this is about, if it is about one.
    """

    what: str
    batch: int | None = None


@frozen
class Progressed(Event):
    """How far work that sends nothing is: ``done`` things ``of`` so many, ``now`` the last one.

    It is told as often as something was recorded, which may be several things at once.
    """

    what: str
    done: int
    of: int
    now: str = ""


@frozen
class OutcomeKnown(Event):
    """One creative has its outcome, committed."""

    outcome: Outcome


@frozen
class BatchFinished(Event):
    """A batch is through: every creative of it has its outcome."""

    batch: Batch


@frozen
class RunFinished(Event):
    """The run is over."""

    report: Report


@frozen
class CampaignsStarted(Event):
    """It stands what is to be done in campaigns.

    ``successful`` and ``failed`` count what earlier runs came to and this one leaves alone,
    ``remaining`` what it will do.
    """

    run: str
    platform: str
    title: str
    account: str
    login: str
    live: bool
    successful: int
    failed: int
    remaining: int


@frozen
class CampaignStarted(Event):
    """A campaign is being worked on. ``name`` is what the mapping calls it."""

    campaign_id: str
    name: str


@frozen
class CampaignKnown(Event):
    """A campaign has its outcome, committed."""

    outcome: CampaignOutcome


@frozen
class CampaignsFinished(Event):
    """The run over campaigns is over."""

    report: CampaignsReport


Listener = Callable[[Event], None]
