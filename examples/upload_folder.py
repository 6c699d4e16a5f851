"""Upload a folder from a script, and print each Creative ID.

    python examples/upload_folder.py FOLDER            shows the plan; nothing is sent
    python examples/upload_folder.py FOLDER --live     sends

Credentials and settings are those of the workspace, here the current folder: run
``cfu setup --platform tj`` there once. The same report is printed by ``cfu upload --json``.
"""

from __future__ import annotations

import sys

import creative_flow
from creative_flow.events import BatchFinished, Event


def show(event: Event) -> None:
    """Say how far the upload is; any function that takes an event can listen."""
    if isinstance(event, BatchFinished):
        print(f"batch {event.batch.number} is through", file=sys.stderr)


def main(folder: str, *, live: bool) -> int:
    """Upload and return the exit code of `cfu upload`: 0 if all is well."""
    report = creative_flow.upload("tj", [folder], live=live, on_event=show)
    for outcome in report.outcomes:
        print(f"{outcome.status:<14} {outcome.creative_id or '-':<12} {outcome.name}")
        if outcome.error:
            print(f"{'':<14} {outcome.error}")
    if report.error:
        print(report.error, file=sys.stderr)
    return report.exit_code


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--live"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    sys.exit(main(arguments[0], live="--live" in sys.argv))
