"""Whether what a plugin hands over can be used, and how it is told where it can't."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from attrs import frozen

from creative_flow import hookspecs
from creative_flow.errors import PluginBroken, PluginError, PluginMissing
from creative_flow.platform import (
    API_VERSION,
    AdPublisher,
    Auth,
    Doctor,
    IdExtractor,
    Library,
    PlatformInfo,
    Sandbox,
    Uploader,
)

_HOOK_PREFIX = "creative_flow_"
INFO = "creative_flow_platform_info"
AUTH = "creative_flow_auth"
UPLOADER = "creative_flow_uploader"
IDS = "creative_flow_id_extractor"
LIBRARY = "creative_flow_library"
DOCTOR = "creative_flow_doctor"
SANDBOX = "creative_flow_sandbox"
ADS = "creative_flow_ads_csv"
PUBLISHER = "creative_flow_ad_publisher"
NEEDED = (INFO, AUTH, UPLOADER, IDS)
NAME = re.compile(r"[a-z][a-z0-9-]*")
_PREFIX = re.compile(r"[a-z][a-z0-9_]*")

_BASES: dict[str, type[Any]] = {
    AUTH: Auth,
    UPLOADER: Uploader,
    IDS: IdExtractor,
    LIBRARY: Library,
    DOCTOR: Doctor,
    SANDBOX: Sandbox,
    PUBLISHER: AdPublisher,
}


@frozen
class Package:
    """The package that an entry point comes from: its name is read when it is shown."""

    point: EntryPoint

    def __str__(self) -> str:
        return _metadata(self.point, "Name") or "unknown package"


def version_of(point: EntryPoint) -> str:
    """Return the version of the package that an entry point comes from."""
    return _metadata(point, "Version") or "?"


def _metadata(point: EntryPoint, key: str) -> str:
    """Return what a package says of itself, empty if it does not."""
    known = point.dist.metadata.get_all(key) if point.dist else None
    return str(known[0]) if known else ""


def check_hooks(name: str, package: Package | str, plugin: object) -> None:
    """Find hooks that would never be called: misspelt ones, and ones without the decorator."""
    known = [hook for hook in vars(hookspecs) if hook.startswith(_HOOK_PREFIX)]
    for attribute, value in inspect.getmembers(plugin, callable):
        marked = hasattr(value, f"{hookspecs.PROJECT}_impl")
        if marked and attribute not in known:
            from difflib import get_close_matches

            near = get_close_matches(attribute, known, n=1, cutoff=0.5)
            meant = f"; did it mean {near[0]}?" if near else f"; there are {', '.join(known)}"
            raise broken(name, package, f"there is no hook {attribute}{meant}")
        if attribute in known and not marked:
            raise broken(name, package, f"its hook {attribute} lacks the decorator @hookimpl")


def checked_info(name: str, package: Package | str, info: object) -> PlatformInfo:
    """Return what the plugin says of itself, if it can be worked with."""
    if not isinstance(info, PlatformInfo):
        raise broken(name, package, f"{INFO} must return a PlatformInfo, not {type(info).__name__}")
    if info.api_version != API_VERSION:
        raise broken(
            name,
            package,
            f"it was written for version {info.api_version} of the plugin contract, this is "
            f"version {API_VERSION}",
            hint="Install a version of both that fit together.",
        )
    names = [ad_format.name for ad_format in info.ad_formats]
    problems = {
        "two of its ad formats have one name": len(set(names)) < len(names),
        f"its library mirror is no plain file name: {info.library_mirror!r}": (
            Path(info.library_mirror).name != info.library_mirror or not info.library_mirror
        ),
        f"its column prefix is no plain word: {info.column_prefix!r}": (
            not _PREFIX.fullmatch(info.column_prefix)
        ),
        f"its batches hold {info.batch_size} files": info.batch_size < 1,
    }
    for problem, found in problems.items():
        if found:
            raise broken(name, package, problem)
    try:
        re.compile(info.id_pattern)
    except re.error as error:
        raise broken(name, package, f"its id pattern is no regular expression: {error}") from error
    return info


def checked_class(name: str, package: Package | str, hook: str, found: object) -> type[Any]:
    """Return the class that a hook handed over, if it is one that can be used."""
    base = _base(hook)
    if not (inspect.isclass(found) and issubclass(found, base)):
        shown = found.__name__ if inspect.isclass(found) else type(found).__name__
        raise broken(
            name, package, f"{hook} must return a subclass of {base.__name__}, not {shown}"
        )
    if missing := sorted(getattr(found, "__abstractmethods__", ())):
        raise broken(name, package, f"its {found.__name__} lacks {', '.join(missing)}")
    return found


def _base(hook: str) -> type[Any]:
    """Return what the class that a hook hands over must be a kind of."""
    if hook == ADS:  # few commands have to do with ads, and it takes its time to load
        from creative_flow.ads import AdsCsv

        return AdsCsv
    return _BASES[hook]


def broken(name: str, package: Package | str, reason: str, *, hint: str = "") -> PluginBroken:
    """Return the error for a plugin that can't be used."""
    return PluginBroken(f"The plugin {name!r} ({package}) can't be used: {reason}.", hint=hint)


def missing(name: str, installed: Sequence[str]) -> PluginMissing:
    """Return the error for a platform that no plugin provides; the nearest one is named."""
    from difflib import get_close_matches

    near = get_close_matches(name, installed, n=1)
    known = f"Installed: {', '.join(installed)}." if installed else "None is installed."
    if near:
        return PluginMissing(f"There is no platform {name!r}. {known}", hint=f"Try {near[0]!r}.")
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "NAME"
    return PluginMissing(
        f"There is no platform {name!r}. {known}",
        hint=f"A plugin is a package of its own: pip install creative-flow-{plain}",
    )


def duplicate(name: str, points: Sequence[EntryPoint]) -> PluginError:
    """Return the error for a platform that several packages provide."""
    packages = " and ".join(sorted(f"{Package(point)} {version_of(point)}" for point in points))
    return PluginBroken(
        f"Two packages provide the platform {name!r}: {packages}.", hint="Uninstall one of them."
    )
