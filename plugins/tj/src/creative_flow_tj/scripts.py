"""The scripts of this package that run inside the page."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def script(name: str) -> str:
    """Return a script of this package that runs inside the page."""
    source = files(__package__).joinpath(name).read_text("utf-8")
    # An expression, not a statement: Playwright wants to call what it is given.
    return re.sub(r"^//.*\n", "", source, flags=re.MULTILINE).strip().rstrip(";")
