"""The commands by name, each in a module that is imported when it is needed."""

from __future__ import annotations

from importlib import import_module

import click

_COMMANDS = {
    "setup": ("account", "Store your login for a platform, try it, and save the session."),
    "login": ("account", "Sign in anew and save the session."),
    "logout": ("account", "Forget the saved session."),
    "process": ("process", "Make raw files ready: probe, name, convert, compress."),
    "upload": ("upload", "Send creatives to a platform, or show what would be sent."),
    "ads": ("ads", "Make the ads CSVs of an earlier run again."),
    "campaigns": (
        "campaigns",
        "Put the ads of CSVs into campaigns, and go on after a crash.",
    ),
    "doctor": ("doctor", "Check that a platform's pages are still as expected."),
    "resolve": ("resolve", "Settle creatives of which it is open what became of them."),
    "archive": ("archive", "Move uploaded files to the archive, or back."),
    "library": ("library", "Look after the record of what a platform has."),
    "report": ("report", "List the live runs, or make the page of one and open it."),
    "platforms": ("platforms", "List the installed platforms and what each can do."),
    "sandbox": ("sandbox", "Serve a stand-in of a platform on this machine."),
    "demo": ("demo", "Upload samples to a sandbox, to see the whole job done."),
    "completion": ("completion", "Print what makes SHELL complete cfu's commands and options."),
}
"""Each command's module, and the first line of its help, so that the list of all imports none.

They stand in the order in which a new user needs them.
"""


class Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None if there is none of that name."""
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"creative_flow.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named first; suggest the nearest one for a mistyped name."""
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(args[0], _COMMANDS, n=1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"There is no command {args[0]!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"cfu {version('creative-flow')}")
        ctx.exit()


_BEGIN = """\b
Begin here:
  cfu demo                                    see it work, on this machine alone
  cfu setup --platform tj                     give it your login
  cfu upload banners/ --platform tj           show what would be sent
  cfu upload banners/ --platform tj --live    send it

`cfu COMMAND --help` tells more of each.
"""


@click.group(
    cls=Commands,
    epilog=_BEGIN,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version.",
)
@click.pass_context
def cfu(ctx: click.Context) -> None:
    """Upload ad creatives to ad networks, and get back Creative IDs that are proven.

    Files go up through the network's own web page in a real browser; each comes back with the id
    that the network gave it, in a record that survives a crash. Nothing is sent without --live.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
