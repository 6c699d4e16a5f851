"""``cfu sandbox``: a stand-in of a platform on this machine."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from creative_flow.cli.options import FOLDER, platform_option, workspace_option
from creative_flow.errors import NotSupported

if TYPE_CHECKING:
    from creative_flow.platform import Sandbox
    from creative_flow.workspace import Workspace


_EXAMPLES = """\b
Examples:
  cfu sandbox --platform tj --port 8080
  cfu sandbox --platform tj --set captcha=auto --state my-sandbox
"""


@click.command(epilog=_EXAMPLES)
@platform_option()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="The port to serve on (default: any that is free).",
)
@click.option(
    "--host", default="127.0.0.1", metavar="ADDRESS", help="The loopback address to serve on."
)
@click.option(
    "--state",
    type=FOLDER,
    metavar="DIR",
    help="Keep what it is sent in this folder; else it forgets all when it stops.",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one of the sandbox's own settings. May be repeated.",
)
@workspace_option()
def sandbox(
    platform: str,
    port: int,
    host: str,
    state: Path | None,
    changes: tuple[str, ...],
    workspace: Path,
) -> None:
    """Serve a stand-in of a platform on this machine.

    It is for trying things out without risk. It prints its address, and the lines that aim cfu at
    it; paste those into another terminal. Open the address in a browser to see what it holds and to
    change how it behaves. Ctrl+C stops it.
    """
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    made = sandbox_class(place, platform)(state_dir=state, settings=_settings(changes))
    asyncio.run(_serve(made, host, port))


def sandbox_class(workspace: Workspace, platform: str) -> type[Sandbox]:
    """Return a platform's sandbox. Raises `NotSupported` if it has none, or none is installed."""
    from creative_flow import registry

    chosen = registry.load(platform, workspace.overrides_file(platform))
    found = chosen.sandbox()
    if found is None:
        raise NotSupported(
            f"{chosen.info.title} has no sandbox here.",
            hint=f"If it has one, this installs it: pip install '{chosen.package}[sandbox]'",
        )
    return found


def _settings(changes: tuple[str, ...]) -> dict[str, object]:
    settings: dict[str, object] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--set takes KEY=VALUE, not {change!r}.")
        settings[name] = _value(value)
    return settings


def _value(text: str) -> object:
    """Read a number, true, false or a list as such, anything else as text."""
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value


async def _serve(made: Sandbox, host: str, port: int) -> None:
    """Serve until the user stops it."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        address = await made.start(host, port)
    except OSError as error:
        raise click.UsageError(
            f"{host}:{port} can't be served: {error.strerror or error}."
        ) from None
    try:
        click.echo(f"The sandbox is at {address} and has no connection to the real site.\n")
        click.echo("To aim cfu at it, paste this into another terminal:\n")
        for name, value in made.environment().items():
            click.echo(f"  export {name}={shlex.quote(value)}")
        click.echo("\nOpen the address in a browser to look at it. Ctrl+C stops it.")
        await stopped.wait()
    finally:
        await made.stop()
    click.echo("The sandbox has stopped.")
