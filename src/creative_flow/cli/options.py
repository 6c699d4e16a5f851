"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

C = TypeVar("C", bound=Callable[..., Any])

FOLDER = click.Path(file_okay=False, path_type=Path)
"""A folder, which need not exist yet."""


def workspace_option(default: str = ".", shown: str = "the current folder") -> Callable[[C], C]:
    """Add ``--workspace``."""
    return click.option(
        "--workspace",
        type=FOLDER,
        default=default,
        metavar="DIR",
        help=f"The folder to work in (default: {shown}).",
    )


def platform_option(default: str | None = None) -> Callable[[C], C]:
    """Add ``--platform``, for one platform."""
    # A default of None would count as one that was given: click takes the option as satisfied.
    demand: dict[str, Any] = {"default": default} if default else {"required": True}
    return click.option(
        "--platform",
        metavar="NAME",
        help="The platform, as `cfu platforms` names it, such as tj."
        + (f" Default: {default}." if default else ""),
        **demand,
    )


def account_option(function: C) -> C:
    """Add ``--account``."""
    return click.option(
        "--account",
        default="default",
        metavar="NAME",
        help="Which of several logins to use; each has records of its own (default: default).",
    )(function)


def window_option(function: C) -> C:
    """Add ``--headless`` and ``--headed``."""
    return click.option(
        "--headless/--headed",
        default=None,
        help="Hide or show the browser's window (default: the setting HEADLESS_MODE).",
    )(function)
