"""``cfu setup``, ``cfu login``, ``cfu logout``: credentials and the saved login."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from creative_flow.blocking import finish
from creative_flow.cli.options import (
    account_option,
    platform_option,
    window_option,
    workspace_option,
)
from creative_flow.cli.output import tell
from creative_flow.errors import (
    CreativeFlowError,
    CredentialsMissing,
    CredentialsRefused,
    NotSupported,
    WrongAccount,
)

if TYPE_CHECKING:
    from creative_flow.platform import Context, Credentials, Session
    from creative_flow.registry import Platform
    from creative_flow.workspace import Workspace


_EXAMPLES = """\b
Examples:
  cfu setup --platform tj
  cfu setup --platform tj --account second
"""


@click.command(epilog=_EXAMPLES)
@platform_option()
@account_option
@click.option("--no-login", is_flag=True, help="Only store the credentials; do not try them.")
@window_option
@workspace_option()
def setup(
    platform: str, account: str, no_login: bool, headless: bool | None, workspace: Path
) -> None:
    """Store your login for a platform, try it, and save the session.

    User name and password are asked for, never given as arguments; without a terminal they are
    read as two lines from standard input. They are kept in config/.env, readable by you only.
    Then cfu signs in once to prove them. If a captcha shows up in the browser's window, solve it.
    """
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    place.prepare()
    chosen = _load(place, platform)
    credentials = _ask(place, chosen, account)
    if no_login:
        _store(place, chosen, account, credentials)
        return
    names = _names(chosen, account)
    given = dict(zip(names, (credentials.login, credentials.password), strict=True))
    trial = Workspace(workspace, overrides=given)
    context = _context(trial, chosen, account, headless)
    try:
        login = finish(_sign_in(chosen, context))
    except CredentialsRefused as error:
        raise CredentialsRefused(
            error.message,
            hint="Nothing was stored. Run `cfu setup` again.",
            evidence=error.evidence,
        ) from error
    except CreativeFlowError:
        _store(place, chosen, account, credentials)
        raise
    _bind(place, chosen, context, login, may_change=True)
    _store(place, chosen, account, credentials)
    click.echo(f"Signed in to {chosen.info.title} as {login or credentials.login}.")
    click.echo(f"Next: cfu upload PATHS --platform {platform}")


@click.command()
@platform_option()
@account_option
@window_option
@workspace_option()
def login(platform: str, account: str, headless: bool | None, workspace: Path) -> None:
    """Sign in anew and save the session.

    Uses the credentials of `cfu setup`. If a captcha shows up in the browser's window, solve it;
    with --headless cfu waits until there is none, up to a time limit, then exits with 3.
    """
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    place.prepare()
    chosen = _load(place, platform)
    context = _context(place, chosen, account, headless)
    who = finish(_sign_in(chosen, context))
    _bind(place, chosen, context, who, may_change=False)
    click.echo(f"Signed in to {chosen.info.title} as {who}, account {account}.")


@click.command()
@platform_option()
@account_option
@workspace_option()
def logout(platform: str, account: str, workspace: Path) -> None:
    """Forget the saved session.

    The next run signs in anew, with the credentials in config/.env, which stay.
    """
    from creative_flow.workspace import Workspace

    place = Workspace(workspace)
    chosen = _load(place, platform)
    context = _context(place, chosen, account, headless=True)
    with chosen.boundary():
        forgotten = chosen.auth(context).forget()
    title = chosen.info.title
    click.echo(
        f"The saved session of {title}, account {account}, is forgotten."
        if forgotten
        else f"There was no saved session of {title}, account {account}."
    )


def _load(workspace: Workspace, platform: str) -> Platform:
    """Return a platform that one can sign in to."""
    from creative_flow import registry

    chosen = registry.load(platform, workspace.overrides_file(platform))
    if chosen.info.unsupported:
        raise NotSupported(chosen.info.unsupported)
    return chosen


def _context(
    workspace: Workspace, platform: Platform, account: str, headless: bool | None
) -> Context:
    from creative_flow.cli.running import is_interactive

    return workspace.context(
        platform.name,
        platform.info,
        account,
        headless=headless,
        interactive=is_interactive(),
        notify=tell,
    )


def _names(platform: Platform, account: str) -> tuple[str, str]:
    from creative_flow.workspace import credential_names

    return credential_names(platform.info, account)


def _ask(workspace: Workspace, platform: Platform, account: str) -> Credentials:
    """Ask for user name and password; what is typed as password is not shown."""
    from creative_flow.platform import Credentials

    known = workspace.find(_names(platform, account)[0])
    if sys.stdin.isatty():
        title = platform.info.title
        login = click.prompt(f"{title} user name", default=known.text if known else None, err=True)
        password = click.prompt("Password (not shown)", hide_input=True, err=True)
    else:
        login, password = (sys.stdin.readline().rstrip("\r\n") for _ in range(2))
    if not login or not password:
        raise CredentialsMissing(
            "User name and password are needed.",
            hint="Run `cfu setup` in a terminal, or give both as two lines of standard input.",
        )
    return Credentials(login.strip(), password)


def _store(
    workspace: Workspace, platform: Platform, account: str, credentials: Credentials
) -> None:
    workspace.save_credentials(platform.info, account, credentials)
    click.echo(f"The credentials are in {workspace.env_file}, readable by you only.")
    for name in _names(platform, account):
        found = workspace.find(name)
        if found is not None and found.where == "the environment":
            tell(f"Warning: {name} is also set in the environment, which is stronger.")


async def _sign_in(platform: Platform, context: Context) -> str:
    """Sign in anew and return the login that the session was made for."""
    with platform.boundary():
        session: Session = await platform.auth(context).open(fresh=True)
        try:
            return session.login
        finally:
            await session.close()


def _bind(
    workspace: Workspace, platform: Platform, context: Context, login: str, *, may_change: bool
) -> None:
    """Hold the account to its login (law 9). Only a person may change whose account it is."""
    from creative_flow.ledger import Ledger

    if not login:
        return
    with Ledger.open(workspace.ledger_url) as ledger:
        try:
            ledger.bind_account(platform.name, context.account, login)
        except WrongAccount as error:
            if may_change and context.interactive:
                tell(error.message)
                if click.confirm(f"Use it for {login} from now on?", default=False, err=True):
                    ledger.bind_account(platform.name, context.account, login, rebind=True)
                    return
            platform.auth(context).forget()
            raise
