"""The scripts of this package that run inside the page."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def script(name: str) -> str:
    """Return a script that is one function."""
    # An expression, not a statement: Playwright wants to call what it is given.
    return re.sub(r"^//.*\n", "", _source(name), flags=re.MULTILINE).strip().rstrip(";")


@cache
def joined(*names: str) -> str:
    """Return one function made of several scripts, each of which sees what those before it made.

    Its argument is called ``given``; the last script returns its value.
    """
    body = "\n".join(map(_source, names))
    return f"(given) => {{\n{body}\n}}"


def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
