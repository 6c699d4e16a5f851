"""Every error the project raises on purpose, in one tree, each with its exit code.

::

    CreativeFlowError                 1   base of all; some creative did not make it
    ├── UsageError                    2   what the user gave is wrong
    │   ├── SettingsError                 a setting or settings file
    │   ├── WorkspaceError                the folder can't be read or written
    │   ├── LedgerError                   the record can't be opened or trusted
    │   └── BrowserMissing                no Chromium to be found
    ├── CampaignUnavailable           1   a campaign is not there, or takes no ads
    ├── LoginError                    3   login needed or refused
    │   ├── CredentialsMissing
    │   ├── CredentialsRefused
    │   ├── LoginTimeout                  nobody solved the captcha in time
    │   ├── LoginLost                     the session died while it was in use
    │   └── WrongAccount                  signed in as somebody else
    ├── PageNotUnderstood             4   the platform's page is not as expected
    ├── AccountBusy                   5   another run holds this account
    ├── PluginError                   6   a plugin is missing or broken
    │   ├── PluginMissing
    │   ├── PluginBroken
    │   └── NotSupported                  the plugin says it can't do this
    ├── PlatformUnreachable           7   the platform doesn't answer (worth another try)
    └── Interrupted                 130   stopped by the user; resumable

A message is one line: what is wrong and where. ``hint`` is one line: what to do next.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from creative_flow.checks import Check


class CreativeFlowError(Exception):
    """Base of every error raised on purpose.

    ``message`` says what is wrong and where; ``hint`` what to do next; ``evidence`` names the files
    that show what was seen (screenshot, page snapshot).
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", evidence: tuple[Path, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.evidence = evidence

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(CreativeFlowError):
    """Something the user gave is wrong."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting, or a settings file, is wrong."""


class WorkspaceError(UsageError):
    """The workspace can't be read or written."""


class LedgerError(UsageError):
    """The ledger can't be opened, or what it holds can't be trusted."""


class BrowserMissing(UsageError):
    """No Chromium was found on this machine."""


class CampaignUnavailable(CreativeFlowError):
    """A campaign does not exist, or takes no ads now. Others are not concerned."""


class LoginError(CreativeFlowError):
    """A login is needed, or was refused."""

    exit_code = 3


class CredentialsMissing(LoginError):
    """No user name or password is set for the account."""


class CredentialsRefused(LoginError):
    """The platform does not accept the credentials. They are tried once."""


class LoginTimeout(LoginError):
    """Nobody completed the sign-in within the time limit."""


class LoginLost(LoginError):
    """The session was valid and is no more."""


class WrongAccount(LoginError):
    """The page, or the saved session, belongs to another login."""


class PageNotUnderstood(CreativeFlowError):
    """A page of the platform is not as expected. Nothing is guessed from it.

    ``checks`` tells what was found of all that the page should hold, where the plugin looked.
    """

    exit_code = 4

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        evidence: tuple[Path, ...] = (),
        checks: tuple[Check, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint, evidence=evidence)
        self.checks = checks


class AccountBusy(CreativeFlowError):
    """Another run holds this account."""

    exit_code = 5


class PluginError(CreativeFlowError):
    """A plugin can't be used."""

    exit_code = 6


class PluginMissing(PluginError):
    """No installed package provides this platform."""


class PluginBroken(PluginError):
    """The plugin fails to import, or breaks the contract of :mod:`creative_flow.platform`."""


class NotSupported(PluginError):
    """The plugin works, and says that it can't do what was asked."""


class PlatformUnreachable(CreativeFlowError):
    """The platform does not answer, or answers with a server error. Worth another try."""

    exit_code = 7


class Interrupted(CreativeFlowError):
    """The user stopped the run. Running the same command again goes on."""

    exit_code = 130
