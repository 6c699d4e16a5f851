"""The house rules that hold for every source file."""

from __future__ import annotations

import ast

from architecture.sources import CORE, PLUGINS, Module, imports, modules

FLOORS = (
    {"cli"},
    {"process", "uploading", "libraries", "campaigns", "archive", "report"},
    {
        "registry",
        "link",
        "tracking",
        "adfiles",
        "processed",
        "browser",
        "evidence",
        "probe",
        "waiting",
        "asking",
        "blocking",
    },
    {"ledger"},
    {"workspace", "settings"},
    {"plugin_checks"},
    {"hookspecs", "platform", "ads", "testing"},
    {
        "proof",
        "adtext",
        "campaign",
        "walked",
        "events",
        "lazy",
        "wording",
        "choosing",
        "creative",
        "naming",
        "checks",
        "errors",
        "durable",
        "moving",
        "failpoints",
    },
)
"""Every room of the core, the highest first."""

HEAVY = {"playwright", "sqlalchemy", "av", "PIL", "aiohttp", "rich", "tenacity", "psycopg"}
SLEEPS = {"sleep", "wait_for_timeout"}
CATCH_ALL_PLACES = {
    "creative_flow.cli.top": "the top of the command line",
    "creative_flow.registry": "the plugin boundary",
    "creative_flow.uploading.books": "the plugin boundary for listeners",
}


def room(module: str) -> str:
    """Return the room that a module of the core belongs to, empty for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def floor(module: str) -> int:
    """Return how deep a module lies, the highest floor being 0."""
    return next(depth for depth, rooms in enumerate(FLOORS) if room(module) in rooms)


def inner_rooms() -> list[Module]:
    return [module for module in modules(CORE) if room(module.name)]


def test_every_room_has_its_floor() -> None:
    unknown = {room(module.name) for module in inner_rooms()} - set().union(*FLOORS)
    assert not unknown, f"say in FLOORS where these stand: {unknown}"


def test_no_room_imports_one_above_it() -> None:
    upward = [
        f"{module.where}:{found.line} imports {found.name}"
        for module in inner_rooms()
        for found in imports(module)
        if found.name.startswith("creative_flow.") and floor(found.name) < floor(module.name)
    ]
    assert upward == []


def test_the_rooms_below_the_command_line_stand_alone() -> None:
    beside = [
        f"{module.where}:{found.line} imports {found.name}"
        for module in inner_rooms()
        for found in imports(module)
        if found.name.startswith("creative_flow.")
        and floor(module.name) == 1
        and floor(found.name) == 1
        and room(found.name) != room(module.name)
    ]
    assert beside == []


def test_no_room_leans_on_the_public_names() -> None:
    leaning = [
        f"{module.where}:{found.line}"
        for module in inner_rooms()
        for found in imports(module)
        if found.name == "creative_flow"
    ]
    assert leaning == []


def test_there_are_no_import_cycles() -> None:
    graph = {
        module.name: {
            found.name
            for found in imports(module)
            if not found.typed and found.name.startswith("creative_flow")
        }
        - {module.name}
        for module in modules(CORE, *PLUGINS)
        if module.name != "creative_flow"
    }
    while free := [name for name, needs in graph.items() if not needs & graph.keys()]:
        for name in free:
            del graph[name]
    assert graph == {}


def test_the_core_imports_no_plugin() -> None:
    plugins = {module.name.split(".")[0] for module in modules(*PLUGINS)}
    assert plugins
    reaching = [
        f"{module.where}:{found.line} imports {found.name}"
        for module in modules(CORE)
        for found in imports(module)
        if found.name.split(".")[0] in plugins
    ]
    assert reaching == []


def test_plugins_do_not_reach_into_the_rooms_above_them() -> None:
    reaching = [
        f"{module.where}:{found.line} imports {found.name}"
        for module in modules(*PLUGINS)
        for found in imports(module)
        if room(found.name)
        and found.name.startswith("creative_flow.")
        and (floor(found.name) < 2 or room(found.name) in {"registry", "ledger"})
    ]
    assert reaching == []


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    """Follow the imports at the top of modules from where every command starts."""
    known = {module.name: module for module in modules(CORE)}
    waiting = [
        name for name in known if name.count(".") < 2 or name.startswith("creative_flow.cli.")
    ]
    # What only running a command needs, and imports by itself.
    waiting = [
        name for name in waiting if room(name) in {"", "cli", "workspace", "registry", "platform"}
    ]
    waiting.remove("creative_flow.cli.running")
    seen: set[str] = set()
    heavy = []
    while waiting:
        name = waiting.pop()
        if name in seen or name not in known:
            continue
        seen.add(name)
        for found in imports(known[name]):
            if found.late or found.typed:
                continue
            if found.name.split(".")[0] in HEAVY:
                heavy.append(f"{known[name].where}:{found.line} imports {found.name}")
            waiting.append(found.name)
    assert "creative_flow.errors" in seen
    assert heavy == []


def test_only_the_two_boundaries_catch_everything() -> None:
    broad = [
        f"{module.where}:{node.lineno}"
        for module in modules(CORE, *PLUGINS)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and _is_broad(node)
        and not _raises_on(node)
        and module.name not in CATCH_ALL_PLACES
    ]
    assert broad == []


def test_nothing_sleeps_for_a_fixed_time() -> None:
    """A sleep is part of waiting on a condition only where a loop looks again after it."""
    fixed = [
        f"{module.where}:{call.lineno}"
        for module in modules(CORE, *PLUGINS)
        if ".sandbox" not in module.name  # it acts out the site's own slowness
        for call in _sleeps(module.tree)
    ]
    assert fixed == []


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(each) in {"Exception", "BaseException"} for each in types)


def _raises_on(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _sleeps(tree: ast.Module) -> list[ast.Call]:
    looped = {
        id(inner)
        for loop in ast.walk(tree)
        if isinstance(loop, ast.While)
        for inner in ast.walk(loop)
    }
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "attr", "") or getattr(node.func, "id", "")) in SLEEPS
        and id(node) not in looped
    ]
