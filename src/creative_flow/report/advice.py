"""What to do about creatives that did not make it."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from creative_flow.creative import Outcome, Status
from creative_flow.report.text import reason_shape

_ADVICE = {
    Status.REJECTED: "Change the file so that it fits, then run the same command again.",
    Status.FAILED: "Run the same command again; what is already there is not sent again.",
    Status.UNKNOWN_ID: (
        "Run the same command again later: the platform is asked before anything is sent again. "
        "Or settle it by hand: `cfu resolve`."
    ),
    Status.FILE_NOT_FOUND: "Check the path, or leave the file out.",
    Status.PENDING: "Run the same command again; it goes on where this run stopped.",
    Status.DUPLICATE: "The platform has a creative of this name. Rename the file if it is another.",
}
_CLUES = (
    ("name taken", "Rename the file, then run the same command again."),
    ("--ad-format", "Choose with --ad-format, or put the file into that ad format's folder."),
    ("no longer", "Put the file back, then run the same command again."),
)


@frozen
class Problem:
    """Creatives that did not make it for one reason, and what to do about it.

    ``reason`` is the first one's error; the others' differ at most in numbers and names.
    """

    status: Status
    reason: str
    advice: str
    outcomes: tuple[Outcome, ...]


def needs_attention(outcome: Outcome) -> bool:
    """Say whether somebody has to do something about an outcome."""
    return not outcome.status.is_well or (
        outcome.status is Status.DUPLICATE and not outcome.creative_id
    )


def problems(outcomes: Iterable[Outcome]) -> tuple[Problem, ...]:
    """Group what did not make it by reason, the commonest first."""
    groups: dict[tuple[Status, str], list[Outcome]] = {}
    for outcome in outcomes:
        if needs_attention(outcome):
            key = (outcome.status, reason_shape(outcome.error))
            groups.setdefault(key, []).append(outcome)
    found = [
        Problem(status, group[0].error, advice(status, group[0].error), tuple(group))
        for (status, _), group in groups.items()
    ]
    return tuple(sorted(found, key=lambda problem: -len(problem.outcomes)))


def advice(status: Status, error: str) -> str:
    """Say what to do about a creative of which somebody has to do something."""
    for clue, what_to_do in _CLUES:
        if clue in error:
            return what_to_do
    return _ADVICE[status]
