"""``cfu resolve``: creatives of which it is open what became of them, settled one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from attrs import frozen

from creative_flow.blocking import finish
from creative_flow.cli.options import (
    account_option,
    platform_option,
    window_option,
    workspace_option,
)
from creative_flow.cli.output import Output, one_line, tell
from creative_flow.creative import Status
from creative_flow.errors import CreativeFlowError, Interrupted
from creative_flow.report.text import clean, shown_path
from creative_flow.wording import counted

if TYPE_CHECKING:
    from creative_flow.ledger import Intent
    from creative_flow.uploading.resolving import Resolver

_EPILOG = """\b
Exit codes:
  0    nothing is open, or nothing is any more
  1    something is still open
Others are those of `cfu upload --help`.
"""
_CHOICES = "[i]d known  [n]ot there  [l]ook now  [o]pen the evidence  [s]kip  [q]uit"


@click.command(epilog=_EPILOG)
@platform_option()
@account_option
@window_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document; nothing is asked.")
@workspace_option()
@click.pass_obj
def resolve(
    output: Output,
    platform: str,
    account: str,
    headless: bool | None,
    as_json: bool,
    workspace: Path,
) -> int:
    """Settle creatives of which it is open what became of them.

    They are those that ended as unknown_id, and those whose sending was interrupted. In a terminal
    each is shown with its evidence, and you say what to do: give the id that you found on the
    platform, say that it is not there, have cfu look, or leave it. Without a terminal they are
    only listed. A live upload asks the platform about all of them by itself, too.
    """
    from creative_flow import registry
    from creative_flow.cli.running import is_interactive
    from creative_flow.uploading.resolving import resolver
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    chosen = registry.load(platform, place.overrides_file(platform))
    interactive = is_interactive() and not as_json
    with resolver(place, chosen, account, interactive=interactive, notify=tell) as desk:
        found = desk.open()
        if as_json:
            document = {"platform": platform, "account": account, "error": None}
            output.document({**document, "open": [_described(intent) for intent in found]})
        elif not interactive or not found:
            _list(found, place.root, output.people)
        else:
            _Round(desk, headless).go(found)
        return 1 if desk.open() else 0


@frozen
class _Round:
    """Goes through what is open, with a person at the terminal."""

    desk: Resolver
    headless: bool | None

    def go(self, found: tuple[Intent, ...]) -> None:
        """Ask about each, until all are through or the person has had enough."""
        for number, intent in enumerate(found, start=1):
            if not self._is_open(intent):
                continue  # a look before has settled it
            _say(f"\n{number} of {len(found)}")
            for line in _facts(intent, self.desk.place.root):
                _say(line)
            while self._is_open(intent):
                _say(_CHOICES)
                answer = click.prompt(">", prompt_suffix=" ", err=True).strip().casefold()[:1]
                if answer == "q":
                    return
                if answer == "s":
                    break
                try:
                    self._act(answer, intent)
                except Interrupted:
                    raise
                except CreativeFlowError as error:
                    _say(one_line(error))

    def _act(self, answer: str, intent: Intent) -> None:
        match answer:
            case "i":
                self._id_known(intent)
            case "n":
                self._not_there(intent)
            case "l":
                self._look()
            case "o":
                self._show(intent)
            case _:
                _say("Please answer with one of the letters in brackets.")

    def _id_known(self, intent: Intent) -> None:
        creative_id = click.prompt(
            "Its Creative ID (nothing: back)", default="", show_default=False, err=True
        ).strip()
        if creative_id:
            self.desk.known_as(intent, creative_id)
            _say(f"Recorded on your word: {intent.path.name} is Creative ID {creative_id}.")

    def _not_there(self, intent: Intent) -> None:
        info = self.desk.context.info
        _say(
            f"Have you looked at all of {info.ad_format(intent.ad_format).title} on {info.title}, "
            f"and is {intent.path.name} not there?\n"
            "The next upload will send it again. If it is there after all, it will be there twice."
        )
        if click.confirm("It is not there, and may be sent again", default=False, err=True):
            self.desk.not_there(intent)
            _say("It is free to be sent again, on your word.")

    def _look(self) -> None:
        info = self.desk.context.info
        before = self.desk.open()
        longest = max(info.settle_seconds, info.appear_seconds)
        _say(
            f"Asking {info.title} about {counted(len(before), 'creative')}; this may take "
            f"{longest:.0f} s or more …"
        )
        try:
            finish(self.desk.look(before, headless=self.headless, step=lambda _: None))
        finally:
            self._tell_what_came_of(before)

    def _tell_what_came_of(self, before: tuple[Intent, ...]) -> None:
        outcomes = {
            (run, outcome.path): outcome
            for run in {intent.run for intent in before}
            for outcome in self.desk.ledger.outcomes(run)
        }
        for intent in before:
            outcome = outcomes[intent.run, intent.path]
            what = f"{intent.path.name}: "
            if outcome.status is Status.PENDING and not self._is_open(intent):
                what += "not there; it is free to be sent again"
            elif outcome.creative_id:
                what += f"{outcome.status.value}, Creative ID {outcome.creative_id}"
            else:
                what += f"still open: {outcome.error or _why(intent)}"
            _say(what)

    def _show(self, intent: Intent) -> None:
        import webbrowser

        files = self.desk.evidence(intent)
        if not files:
            _say("There is no evidence of it, or it is not there any more.")
        for file in files:
            if not webbrowser.open(file.as_uri()):
                _say(f"No browser could be started; open it yourself: {file}")

    def _is_open(self, intent: Intent) -> bool:
        return intent.upload_id in {it.upload_id for it in self.desk.open()}


def _say(text: str) -> None:
    for line in text.split("\n"):
        click.echo(clean(line), err=True)


def _list(found: tuple[Intent, ...], root: Path, out: TextIO) -> None:
    if not found:
        print("Nothing is open.", file=out)
        return
    for intent in found:
        print(*map(clean, _facts(intent, root)), sep="\n", end="\n\n", file=out)
    print(
        f"{counted(len(found), 'creative')} open. In a terminal this command goes through them; "
        "a live upload asks the platform about them.",
        file=out,
    )


def _facts(intent: Intent, root: Path) -> list[str]:
    """Return what is known of an open creative, in lines."""
    facts = [
        f"{intent.path.name} ({intent.ad_format})",
        f"  file      {shown_path(intent.path, root)}",
        f"  sent      {_when(intent)}, run {intent.run}",
        f"  status    {_status(intent)}",
        f"  why       {_why(intent)}",
    ]
    facts += [f"  evidence  {name}" for name in intent.evidence]
    return facts


def _when(intent: Intent) -> str:
    began = intent.sending_began_at
    return f"{began.astimezone():%Y-%m-%d %H:%M:%S}" if began else "not"


def _status(intent: Intent) -> str:
    return intent.status.value if intent.status is Status.UNKNOWN_ID else "interrupted"


def _why(intent: Intent) -> str:
    return intent.error or "the run ended before it was known what became of it"


def _described(intent: Intent) -> dict[str, object]:
    began = intent.sending_began_at
    return {
        "path": str(intent.path),
        "name": intent.path.name,
        "ad_format": intent.ad_format,
        "status": _status(intent),
        "run": intent.run,
        "sent_at": began.isoformat() if began else None,
        "why": _why(intent),
        "evidence": list(intent.evidence),
    }
