"""The project's source files and what each imports, read without running any."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]
CORE = ROOT / "src"
PLUGINS = sorted((ROOT / "plugins").glob("*/src"))


@frozen
class Import:
    """One imported name. ``late`` is True within a function, ``typed`` for types only."""

    name: str
    line: int
    late: bool
    typed: bool


@frozen
class Module:
    """One source file."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def where(self) -> str:
        return str(self.path.relative_to(ROOT))


def modules(*roots: Path) -> tuple[Module, ...]:
    """Return every module below the roots."""
    return tuple(module for root in roots for module in _below(root))


@cache
def _below(root: Path) -> tuple[Module, ...]:
    found = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, path, ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


@cache
def imports(module: Module) -> tuple[Import, ...]:
    """Return what a module imports anywhere, function bodies included.

    ``from package import name`` counts as ``package.name`` where that is a module.
    """
    names = {known.name for known in modules(CORE, *PLUGINS)}
    found: list[Import] = []
    for node, late, typed in _walk(module.tree, late=False, typed=False):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno, late, typed) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.where}:{node.lineno} is a relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                name = inner if inner in names else str(node.module)
                found.append(Import(name, node.lineno, late, typed))
    return tuple(found)


def _walk(node: ast.AST, *, late: bool, typed: bool) -> Iterator[tuple[ast.AST, bool, bool]]:
    for child in ast.iter_child_nodes(node):
        inside = late or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        types = typed or (
            isinstance(child, ast.If)
            and isinstance(child.test, ast.Name)
            and child.test.id == "TYPE_CHECKING"
        )
        yield child, inside, types
        yield from _walk(child, late=inside, typed=types)
