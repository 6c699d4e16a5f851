"""The fail points, read from the source: whoever adds one has it tested."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "src", ROOT / "plugins" / "tj" / "src")


def all_points() -> list[str]:
    """Return every name given to ``failpoint(…)``, once. A name must be a plain text."""
    names = set()
    for source in SOURCES:
        for file in source.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "failpoint":
                    (name,) = node.args
                    assert isinstance(name, ast.Constant), f"{file}:{node.lineno}"
                    names.add(str(name.value))
    return sorted(names)
