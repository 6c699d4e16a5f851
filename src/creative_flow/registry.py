"""Finds platform plugins and hands out platforms.

A plugin is an entry point in the group ``creative_flow.platforms``; its name is the platform's.
Only the plugin that is asked for is imported. Whatever goes wrong in it is told by name, in one
line: here is one of the two places that may catch any exception.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy
from attrs import field, frozen

from creative_flow import hookspecs
from creative_flow.errors import CreativeFlowError, PluginBroken, PluginError
from creative_flow.events import Listener
from creative_flow.platform import (
    AdPublisher,
    Auth,
    Context,
    Doctor,
    IdExtractor,
    Library,
    PlatformInfo,
    Sandbox,
    Session,
    Uploader,
)
from creative_flow.plugin_checks import (
    ADS,
    AUTH,
    DOCTOR,
    IDS,
    INFO,
    LIBRARY,
    NAME,
    NEEDED,
    PUBLISHER,
    SANDBOX,
    UPLOADER,
    Package,
    broken,
    check_hooks,
    checked_class,
    checked_info,
    duplicate,
    missing,
    version_of,
)
from creative_flow.workspace import login_is_old

if TYPE_CHECKING:
    from creative_flow.ads import AdsCsv

GROUP = "creative_flow.platforms"
"""The entry-point group that plugin packages register in."""

LISTENERS = "creative_flow.listeners"
"""The entry-point group for functions that are told every event of every run."""


@frozen
class Platform:
    """A platform that can be used: its description, and its classes ready to be made."""

    name: str
    package: str
    version: str
    info: PlatformInfo
    _auth: type[Auth[Any]] = field(repr=False)
    _uploader: type[Uploader[Any]] = field(repr=False)
    _ids: type[IdExtractor[Any]] = field(repr=False)
    _find_library: Callable[[], type[Library[Any]] | None] = field(repr=False)
    _find_doctor: Callable[[], type[Doctor[Any]] | None] = field(repr=False)
    _find_sandbox: Callable[[], type[Sandbox] | None] = field(repr=False)
    _find_ads_csv: Callable[[], type[AdsCsv] | None] = field(repr=False)
    _find_publisher: Callable[[], type[AdPublisher[Any]] | None] = field(
        default=lambda: None, repr=False
    )
    _publishes: bool = field(default=False, repr=False)

    def boundary(self) -> AbstractContextManager[None]:
        """Turn whatever the plugin raises that is no `CreativeFlowError` into `PluginBroken`."""
        return _boundary(self.name, self.package)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What it really can do: ``upload``, ``library``, ``ads``; perhaps nothing yet."""
        if self.info.unsupported:
            return ()
        return ("upload", "library", "ads") if self._publishes else ("upload", "library")

    def auth(self, context: Context) -> Auth[Any]:
        """Make what opens sessions. Raises `PluginBroken` if it can't be made."""
        with self.boundary():
            return self._auth(context)

    async def open_session(self, context: Context, auth: Auth[Any] | None = None) -> Session:
        """Return a session of the account; a saved login that is too old is forgotten first.

        ``auth`` is one that was prepared. Raises what `Auth.open` does, and `PluginBroken`.
        """
        auth = auth or self.auth(context)
        with self.boundary():
            if login_is_old(context) and auth.forget():
                context.notify("The saved login has become too old; signing in anew.")
            session: Session = await auth.open()
        return session

    def uploader(self, context: Context) -> Uploader[Any]:
        """Make what sends batches. Raises `PluginBroken` if it can't be made."""
        with self.boundary():
            return self._uploader(context)

    def ids(self, context: Context) -> IdExtractor[Any]:
        """Make what reads the library's list. Raises `PluginBroken` if it can't be made."""
        with self.boundary():
            return self._ids(context)

    def library(self, context: Context) -> Library[Any]:
        """Make what walks whole libraries; the core's own where the plugin has none.

        Raises `PluginBroken` if it can't be made.
        """
        ids = self.ids(context)
        with self.boundary():
            return (self._find_library() or Library)(context, ids)

    def doctor(self, context: Context) -> Doctor[Any] | None:
        """Make what examines the platform's pages; None if the plugin has no such thing.

        Raises `PluginBroken` if it can't be made.
        """
        with self.boundary():
            found = self._find_doctor()
            return None if found is None else found(context)

    def ads_csv(self, context: Context) -> AdsCsv | None:
        """Make what writes and reads ads CSVs; None if the platform has none.

        Raises `PluginBroken` if it can't be made.
        """
        with self.boundary():
            found = self._find_ads_csv()
            return None if found is None else found(context)

    def publisher(self, context: Context) -> AdPublisher[Any] | None:
        """Make what puts ads into campaigns; None if the plugin has no such thing.

        Raises `PluginBroken` if it can't be made.
        """
        with self.boundary():
            found = self._find_publisher()
            return None if found is None else found(context)

    def sandbox(self) -> type[Sandbox] | None:
        """Return the platform's sandbox, or None if there is none or it is not installed.

        Raises `PluginBroken` if it can't be imported.
        """
        return self._find_sandbox()


@frozen
class Listing:
    """One line of ``cfu platforms``. ``problem`` says why the plugin can't be used, if so.

    ``note`` is the plugin's own word on what it can't do.
    """

    name: str
    package: str
    version: str
    title: str = ""
    capabilities: tuple[str, ...] = ()
    problem: str = ""
    note: str = ""


def load(name: str, overrides_file: Path) -> Platform:
    """Import one plugin and return its platform.

    ``overrides_file`` is the user's own data for it; it need not exist. Raises `PluginMissing`,
    `PluginBroken`, and `SettingsError` for overrides that make no sense.
    """
    return _load(_the_one(_entry_points(), name), overrides_file)


def _the_one(points: Sequence[EntryPoint], name: str) -> EntryPoint:
    chosen = [point for point in points if point.name == name]
    if not chosen:
        raise missing(name, _names(points))
    if len(chosen) > 1:
        raise duplicate(name, chosen)
    return chosen[0]


def survey() -> tuple[Listing, ...]:
    """List every installed plugin, those that are broken with the reason, ordered by name."""
    found = sorted(_entry_points(), key=lambda point: (point.name, str(Package(point))))
    listings = []
    for point in found:
        same = [other for other in found if other.name == point.name]
        try:
            if len(same) > 1:
                raise duplicate(point.name, same)
            platform = _load(point, Path(os.devnull))
        except CreativeFlowError as error:
            listings.append(
                Listing(point.name, str(Package(point)), version_of(point), problem=str(error))
            )
        else:
            listings.append(
                Listing(
                    platform.name,
                    platform.package,
                    platform.version,
                    title=platform.info.title,
                    capabilities=platform.capabilities,
                    note=platform.info.unsupported,
                )
            )
    return tuple(listings)


def infos(overrides_file: Callable[[str], Path]) -> dict[str, PlatformInfo]:
    """Return what each installed platform says of itself, by name; what can't say it is left out.

    Of a plugin that is here, something else may still be broken: that shows when it is loaded.
    ``overrides_file`` tells where the user's own data for a platform may lie. Raises
    `SettingsError` for such data that make no sense.
    """
    found = {}
    points = _entry_points()
    for name in _names(points):
        with suppress(PluginError):
            point = _the_one(points, name)
            with _boundary(name, Package(point)):
                found[name] = _Plugin.of(point, overrides_file(name)).info
    return found


def installed() -> tuple[str, ...]:
    """Return the names of all installed plugins, broken ones included. Imports none."""
    return _names(_entry_points())


def listeners(report: Callable[[str], None]) -> tuple[Listener, ...]:
    """Return the listeners that installed packages register.

    One that can't be used is reported in one line, and stops neither the others nor a run.
    """
    found: list[Listener] = []
    for point in entry_points(group=LISTENERS):
        try:
            with _boundary(point.name, Package(point)):
                listener = point.load()
                if not callable(listener):
                    raise TypeError(f"{point.value} is not a function that takes an event")
        except PluginBroken as error:
            report(str(error))
        else:
            found.append(listener)
    return tuple(found)


def _names(points: Sequence[EntryPoint]) -> tuple[str, ...]:
    return tuple(sorted({point.name for point in points}))


def _entry_points() -> list[EntryPoint]:
    with _boundary("?", "an installed package"):
        return list(entry_points(group=GROUP))


def _load(point: EntryPoint, overrides_file: Path) -> Platform:
    with _boundary(point.name, Package(point)):
        return _assemble(point, overrides_file)


@frozen
class _Plugin:
    """A plugin that was imported and looked over, but for the classes that it hands over."""

    name: str
    package: Package
    hooks: pluggy.HookRelay
    info: PlatformInfo

    @classmethod
    def of(cls, point: EntryPoint, overrides_file: Path) -> _Plugin:
        """Import a plugin, and have it say what it is. To be called within its boundary."""
        name, package = point.name, Package(point)
        if not NAME.fullmatch(name):
            raise broken(name, package, "a platform's name holds small letters, digits and - only")
        plugin = point.load()
        manager = pluggy.PluginManager(hookspecs.PROJECT)
        manager.add_hookspecs(hookspecs)
        manager.register(plugin, name=name)
        # The version comes first: in a plugin written for another one, all else may look wrong.
        info: PlatformInfo | None = None
        if _implements(manager.hook, INFO):
            described = getattr(manager.hook, INFO)(overrides=overrides_file)
            info = checked_info(name, package, described)
        check_hooks(name, package, plugin)
        lacking = [hook for hook in NEEDED if not _implements(manager.hook, hook)]
        if info is None or lacking:
            raise broken(name, package, f"it has no hook {lacking[0]}")
        return cls(name, package, manager.hook, info)

    def needed(self, hook: str) -> type[Any]:
        return checked_class(self.name, self.package, hook, getattr(self.hooks, hook)())

    def optional(self, hook: str) -> Callable[[], type[Any] | None]:
        """Return what asks for a class, when it is needed, that a plugin need not have."""

        def find() -> type[Any] | None:
            with _boundary(self.name, self.package):
                found = getattr(self.hooks, hook)()
                return (
                    None if found is None else checked_class(self.name, self.package, hook, found)
                )

        return find


def _assemble(point: EntryPoint, overrides_file: Path) -> Platform:
    plugin = _Plugin.of(point, overrides_file)
    return Platform(
        name=plugin.name,
        package=str(plugin.package),
        version=version_of(point),
        info=plugin.info,
        auth=plugin.needed(AUTH),
        uploader=plugin.needed(UPLOADER),
        ids=plugin.needed(IDS),
        find_library=plugin.optional(LIBRARY),
        find_doctor=plugin.optional(DOCTOR),
        find_sandbox=plugin.optional(SANDBOX),
        find_ads_csv=plugin.optional(ADS),
        find_publisher=plugin.optional(PUBLISHER),
        publishes=_implements(plugin.hooks, PUBLISHER),
    )


def _implements(hooks: pluggy.HookRelay, hook: str) -> bool:
    return bool(getattr(hooks, hook).get_hookimpls())


@contextmanager
def _boundary(name: str, package: Package | str) -> Iterator[None]:
    """Turn whatever a plugin raises into one line that names it. Errors of our own pass."""
    try:
        yield
    except CreativeFlowError:
        raise
    except (Exception, SystemExit) as error:
        reason = " ".join(str(error).split())
        kind = type(error).__name__
        raise broken(name, package, f"{kind}: {reason}" if reason else kind) from error
