"""What scripts and the command line call."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from attrs import frozen

from creative_flow import registry
from creative_flow.blocking import blocking
from creative_flow.campaign import CampaignsReport, CampaignStatus
from creative_flow.campaigns.items import Wish
from creative_flow.campaigns.run import Run
from creative_flow.errors import NotSupported, UsageError
from creative_flow.events import Listener, Noticed
from creative_flow.ledger import AdEntry, AdJob, CheckpointMirror
from creative_flow.workspace import Workspace, check_account

AnyPath = str | PathLike[str]


async def put_ads_async(
    platform: str,
    wish: Wish,
    *,
    workspace: Workspace | AnyPath = ".",
    live: bool = False,
    account: str = "default",
    headless: bool | None = None,
    interactive: bool | None = None,
    on_event: Listener = lambda _: None,
) -> CampaignsReport:
    """Put ads into campaigns and return what became of each.

    Unless ``live``, everything is read and checked and nothing is sent. A run goes on where earlier
    ones of the same slot stopped. ``on_event`` is told what happens; it must not raise.

    What goes wrong within the run stands in the report (``error``, ``exit_code``). Raised is only
    what keeps it from starting: `CheckFailed` with all that is wrong in the files, `UsageError`,
    `PluginError`, `WrongAccount`, `CredentialsMissing`.
    """
    if (wish.mapping is None) == (wish.ads is None):
        raise UsageError(
            "Give either a mapping or an ads CSV.",
            hint="A mapping says which campaign gets which ads CSV.",
        )
    if wish.parallel < 1:
        raise UsageError(f"{wish.parallel} campaigns at once do nothing.", hint="Give 1 or more.")
    place = workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))
    used = registry.load(platform, place.overrides_file(platform))
    if used.info.unsupported:
        raise NotSupported(used.info.unsupported)
    place.prepare()
    context = place.context(
        platform,
        used.info,
        account,
        headless=headless if live else True,
        interactive=sys.stdin.isatty() if interactive is None else interactive,
        notify=lambda message: on_event(Noticed(message)),
    )
    publisher, ads = used.publisher(context), used.ads_csv(context)
    if publisher is None or ads is None:
        raise NotSupported(f"{used.info.title} takes no ads by CSV.")
    run = Run(place, used, context, publisher, ads, wish, listener=on_event)
    return await run.carry_out(live=live)


put_ads = blocking(put_ads_async)
"""`put_ads_async` for scripts without an event loop; inside one it raises `UsageError`."""


@frozen
class JobStatus:
    """A job of ads into campaigns as its checkpoint shows it; ``open`` names unsettled ones."""

    job: AdJob
    file: Path
    entries: tuple[AdEntry, ...]
    open: frozenset[str]


def status_of(
    platform: str,
    *,
    workspace: Workspace | AnyPath = ".",
    account: str = "default",
    slot: str = "",
    notify: Listener = lambda _: None,
) -> Sequence[JobStatus]:
    """Return how far the jobs of a slot are, edits of their files taken in.

    Raises `UsageError`, `PluginError`.
    """
    from creative_flow.ledger import Ledger

    place = workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))
    used = registry.load(platform, place.overrides_file(platform))
    check_account(account)
    place.prepare()
    context = place.context(
        platform,
        used.info,
        account,
        headless=True,
        interactive=False,
        notify=lambda message: notify(Noticed(message)),
    )
    ads = used.ads_csv(context)
    found = []
    with Ledger.open(place.ledger_url) as ledger:
        record = ledger.ad_jobs(place.identity)
        for sheet in ads.sheets if ads else ():
            native = not sheet.ad_format
            mirror = CheckpointMirror(
                ledger,
                record,
                place.checkpoint_file(account, slot, native=native),
                job=(platform, account, sheet.name, slot),
                kept_aside=place.kept_aside,
                notify=lambda message: notify(Noticed(message, warning=True)),
            )
            if record.job(platform, account, sheet.name, slot) is None and mirror.is_anothers():
                continue
            mirror.take_in()
            if job := record.job(platform, account, sheet.name, slot):
                mirror.follow()
                entries = record.entries(job)
                opened = [
                    name
                    for name, intents in record.intents(job).items()
                    if any(it.job_id == job.job_id and it.sending_began_at for it in intents)
                ]
                for name in opened:  # the first time that it was worked on may have been cut short
                    entries.setdefault(name, AdEntry(name, CampaignStatus.PENDING))
                found.append(
                    JobStatus(job, mirror.path, tuple(entries.values()), frozenset(opened))
                )
    return tuple(found)
