"""The fail points, read from the source: whoever adds one has it tested."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "src", ROOT / "plugins" / "tj" / "src")


@cache
def all_points() -> tuple[str, ...]:
    """Return every name given to ``failpoint(…)``, once. A name must be a plain text."""
    names = set()
    for source in SOURCES:
        for file in source.rglob("*.py"):
            text = file.read_text("utf-8")
            if "failpoint" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "failpoint":
                    (name,) = node.args
                    assert isinstance(name, ast.Constant), f"{file}:{node.lineno}"
                    names.add(str(name.value))
    return tuple(sorted(names))


OTHERS = {
    "process": ("process.", "inventory.", "mirror.session", "mirror.inventory"),
    "archive": ("archive.",),
    "campaigns": ("campaigns.",),
}
"""Whose rehearsal reaches which points; all others are an upload's."""


def points_of(job: str) -> list[str]:
    """Return the points that the rehearsal of a job (``upload``, ``process``, …) must reach."""
    others = {
        name: [point for point in all_points() if point.startswith(starts)]
        for name, starts in OTHERS.items()
    }
    if job in others:
        return others[job]
    known = {point for points in others.values() for point in points}
    return [point for point in all_points() if point not in known]


def sides_of(job: str) -> list[str]:
    """Return both sides of each of a job's points."""
    return [f"{name}:{side}" for name in points_of(job) for side in ("before", "after")]
