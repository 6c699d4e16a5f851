"""Which ad format a file has (DESIGN, "Which ad format?")."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from creative_flow.creative import AdFormat, Finding, Media


@frozen
class Choice:
    """The ad format with the warnings of its rules; or None, and in one line why."""

    ad_format: AdFormat | None
    findings: tuple[Finding, ...] = ()
    why_not: str = ""


def choose(
    formats: Sequence[AdFormat],
    media: Media,
    size: int,
    *,
    named: str = "",
    claimed: Callable[[], Sequence[AdFormat]] = tuple,
) -> Choice:
    """Choose the ad format of a file of ``size`` bytes.

    ``named`` is the one that somebody named; without it ``claimed`` tells those that folder or name
    choose; else it is the only one whose rules fit.
    """
    if named:
        chosen = [it for it in formats if named.casefold() in _names(it)]
        if not chosen:
            known = ", ".join(it.name for it in formats)
            return Choice(None, why_not=f"there is no ad format {named!r}; there are {known}")
    else:
        chosen = list(claimed())
    among = chosen or list(formats)
    findings = {it.name: tuple(it.check(media, size)) for it in among}
    fitting = [it for it in among if not any(f.rejects for f in findings[it.name])]
    if len(fitting) == 1:
        return Choice(fitting[0], findings[fitting[0].name])
    if fitting:
        names = ", ".join(it.name for it in fitting)
        folder = (fitting[0].folders or (fitting[0].name,))[0]
        return Choice(
            None,
            why_not=(
                f"it fits {names}; say which with --ad-format, or put it into a folder "
                f"named for it, such as {folder}"
            ),
        )
    of_kind = [it for it in among if it.kind is media.kind] or among
    reasons = "; ".join(
        f"{it.name}: " + ", ".join(map(_why, (f for f in findings[it.name] if f.rejects)))
        for it in of_kind
    )
    return Choice(None, why_not=reasons if chosen else f"no ad format takes it. {reasons}")


def _names(ad_format: AdFormat) -> set[str]:
    return {ad_format.name.casefold(), ad_format.title.casefold()}


def _why(finding: Finding) -> str:
    return f"{finding.message} ({finding.setting} lifts it)" if finding.setting else finding.message
