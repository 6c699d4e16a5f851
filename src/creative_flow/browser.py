"""Finds a Chromium, gets one where there is none, and says how to start it.

``python -m creative_flow.browser`` prints the one that is used; with ``--install`` it gets one if
none is there. It ends with 0, or with 2 if there is no browser.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import frozen

from creative_flow.errors import BrowserMissing
from creative_flow.evidence import redact_html, save_evidence

__all__ = [
    "Found",
    "find_chromium",
    "install_chromium",
    "launch_options",
    "redact_html",
    "require_chromium",
    "save_evidence",
    "why_not_launched",
]

INSTALL_SECONDS = 600.0
"""The time limit of one command that gets a browser."""

START_SECONDS = 30.0
"""How long a browser may take to tell its version."""

END_SECONDS = 5.0
"""How long a program that is ended may take to be gone."""

QUIET_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
)
"""Keep the browser to the pages it is told to open: no updates, no reports, no greetings."""

DEBIAN_PACKAGES = ("chromium", "libatomic1")
"""The browser, and what Playwright's driver needs and a small Debian lacks."""

DISABLED_FEATURES = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
    "msEdgeUpdateLaunchServicesPreferredVersion",
    "msForceBrowserSignIn",
)
"""The first two are pages behind the address bar that nobody sees here; to load them costs a
second of a processor at each start. The others are Playwright's own: Chromium heeds only the last
list it is given, so this one has to hold them all (a test compares)."""

LONGEST_TEMPORARY = 60
"""How long the path of the folder for temporary files may be, in bytes: in it Chromium makes a
Unix socket, whose path has room for 107 of them, and ends at its start if it is longer."""

_PROGRAMS = ("google-chrome-stable", "google-chrome", "chromium", "chromium-browser")
_MAC_APPS = ("Google Chrome", "Chromium")


@frozen
class Found:
    """A Chromium on this machine. ``how`` says in one phrase how it was found."""

    path: Path
    how: str


def find_chromium(setting: str | None = None) -> Found | None:
    """Return the Chromium to use, or None if there is none.

    In this order: the one that ``setting``, else the environment's ``CFU_CHROMIUM``, names; the
    one Playwright downloaded; an installed Google Chrome or Chromium. Raises `BrowserMissing` if
    the one that is named can't be started.
    """
    named = os.environ.get("CFU_CHROMIUM", "") if setting is None else setting
    if named:
        return Found(_named(named), "CFU_CHROMIUM")
    for path in _playwrights_own():
        return Found(path, "Playwright's own")
    for path, name in _installed():
        return Found(path, f"installed: {name}")
    return None


def require_chromium(setting: str | None = None) -> Found:
    """Return the Chromium to use; raise `BrowserMissing` with what to do if there is none."""
    found = find_chromium(setting)
    if found is None:
        raise BrowserMissing(
            "No Chromium or Google Chrome was found.",
            hint=f"Run `{sys.executable} -m creative_flow.browser --install`, "
            "or set CFU_CHROMIUM to the path of one.",
        )
    return found


def launch_options(found: Found, *, headless: bool, slow_mo: float = 0) -> dict[str, Any]:
    """Return the arguments for Playwright's ``chromium.launch``.

    ``slow_mo`` counts milliseconds. Chromium's own sandbox is on wherever it can be: not for root,
    nor where the system forbids it (``chromium_sandbox`` in the answer tells).
    """
    folder = tempfile.gettempdir()
    if len(os.fsencode(folder)) > LONGEST_TEMPORARY:
        folder = "/tmp"  # noqa: S108  Chromium makes a folder of its own in it
    return {
        "executable_path": str(found.path),
        "headless": headless,
        "slow_mo": slow_mo,
        "args": [*QUIET_ARGUMENTS, f"--disable-features={','.join(DISABLED_FEATURES)}"],
        "chromium_sandbox": _can_sandbox(found.path),
        "env": {**os.environ, "TMPDIR": folder},
        # A terminal tells Ctrl+C to all its programs: the run closes the browser, not the driver.
        "handle_sigint": False,
    }


def why_not_launched(report: str) -> str:
    """Return, in one line, why a browser ended at its start: its own last words if it left any."""
    last_words = re.search(r"\bFATAL:[^\]\n]*\] *(.+)", report)
    return (last_words[1] if last_words else report.strip().partition("\n")[0]).strip(" .")


def install_chromium(tell: Callable[[str], None], ways: Iterable[Way] | None = None) -> Found:
    """Get a Chromium without asking anything; ``tell`` is told each step in one line.

    ``ways`` are tried one after the other; they are those of this machine if not given. Each of
    their commands has `INSTALL_SECONDS`. Raises `BrowserMissing` with all reasons if none works.
    """
    if ways is None:
        ways = ways_to_install(_os_release(), _privilege())
    reasons = []
    for way in ways:
        tell(f"Getting Chromium: {way.title} …")
        reason = way.go()
        found = None if reason else find_chromium("")
        if found is not None:
            reason = _why_not_starting(found.path)
            if not reason:
                return found
        reasons.append(f"{way.title}: {reason or 'no browser came of it'}")
        tell(f"That did not work: {reasons[-1]}")
    raise BrowserMissing(
        f"No Chromium could be installed ({'; '.join(reasons)}).",
        hint=f"{_advice(_os_release())}, or set CFU_CHROMIUM to the path of one.",
    )


@frozen
class Way:
    """One way to get a Chromium: commands that run one after the other."""

    title: str
    commands: tuple[tuple[str, ...], ...]

    def go(self) -> str:
        """Run the commands; return why that failed, or an empty string."""
        for command in self.commands:
            reason = _run(command, INSTALL_SECONDS)
            if reason:
                return reason
        return ""


def ways_to_install(
    os_release: Mapping[str, str], privilege: tuple[str, ...] | None
) -> tuple[Way, ...]:
    """Return the ways to get a Chromium on a machine, best first.

    ``os_release`` is what the system says of itself (empty on macOS), ``privilege`` the words that
    make a command run as root: none for root, ``sudo -n``, or None if that can't be had.
    """
    linux = bool(os_release)
    with_deps = ("--with-deps",) if linux and privilege == () else ()
    download = (sys.executable, "-m", "playwright", "install", "--no-shell", *with_deps, "chromium")
    ways = [Way("Playwright's download", (download,))]
    if privilege is not None and _packages_chromium(os_release):
        # The limit is kept by a program that has the same privilege: only that may end them.
        limit = ("timeout", "--kill-after=10", f"{INSTALL_SECONDS:.0f}")
        apt = (
            *(*privilege, *limit, "env", "DEBIAN_FRONTEND=noninteractive"),
            *("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"),
        )
        install = (*apt, "install", "-y", "--no-install-recommends", *DEBIAN_PACKAGES)
        ways.insert(0, Way("Debian's packages", ((*apt, "update"), install)))
    return tuple(ways)


def _packages_chromium(os_release: Mapping[str, str]) -> bool:
    """Say whether ``apt-get install chromium`` gives a browser that can be used from here."""
    family = {os_release.get("ID", ""), *os_release.get("ID_LIKE", "").split()}
    # Ubuntu's package of that name only points at the snap.
    return "debian" in family and "ubuntu" not in family


def _advice(os_release: Mapping[str, str]) -> str:
    if _packages_chromium(os_release):
        return f"Run `apt install {' '.join(DEBIAN_PACKAGES)}` as root"
    return "Install Chromium or Google Chrome"


def _named(name: str) -> Path:
    path = Path(name).expanduser()
    program = shutil.which(path)
    if program is not None:
        return Path(program).absolute()
    wrong = "is not a program that may be started" if path.exists() else "does not exist"
    raise BrowserMissing(
        f"CFU_CHROMIUM names {name}, which {wrong}.",
        hint="Correct it, or remove it to have a browser found.",
    )


def _playwrights_own() -> Iterator[Path]:
    """Yield what Playwright downloaded: its driver's own revision first, then the newest."""
    package = importlib.util.find_spec("playwright")
    if package is None or not package.submodule_search_locations:
        return
    driver = Path(package.submodule_search_locations[0]) / "driver" / "package"
    try:
        browsers = json.loads((driver / "browsers.json").read_text())["browsers"]
    except (OSError, ValueError, KeyError):
        browsers = []
    own = {f"chromium-{each['revision']}" for each in browsers if each["name"] == "chromium"}
    app = (
        "chrome-mac*/*.app/Contents/MacOS/*" if sys.platform == "darwin" else "chrome-linux*/chrome"
    )
    downloads = [
        folder
        for folder in _playwright_folder(driver).glob("chromium-*")
        if re.fullmatch(r"chromium-\d+", folder.name)
        and (folder / "INSTALLATION_COMPLETE").exists()
    ]
    downloads.sort(key=lambda each: (each.name in own, int(each.name.split("-")[1])), reverse=True)
    for folder in downloads:
        yield from (path for path in sorted(folder.glob(app)) if os.access(path, os.X_OK))


def _playwright_folder(driver: Path) -> Path:
    """Return where Playwright keeps its downloads, as its documentation on browsers says."""
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if named == "0":
        return driver / ".local-browsers"
    if named:
        return Path(named).absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "ms-playwright"


def _installed() -> Iterator[tuple[Path, str]]:
    for name in _PROGRAMS:
        program = shutil.which(name)
        if program is not None and not _only_points_at_snap(Path(program)):
            yield Path(program).absolute(), name
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            for name in _MAC_APPS:
                path = folder / f"{name}.app" / "Contents" / "MacOS" / name
                if os.access(path, os.X_OK):
                    yield path, name


def _only_points_at_snap(program: Path) -> bool:
    """Say whether this is Ubuntu's script that asks to install the snap."""
    try:
        with program.open("rb") as file:
            start = file.read(4096)
    except OSError:
        return False
    return start.startswith(b"#!") and b"snap install" in start


def _can_sandbox(browser: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return True
    if os.geteuid() == 0:
        return False
    helper = browser.resolve().parent / "chrome-sandbox"
    with suppress(OSError):
        if helper.stat().st_mode & stat.S_ISUID:
            return True
    # Containers and some distributions forbid what Chromium needs; it would refuse to start there.
    return not _run(("unshare", "--user", "--map-root-user", "true"), START_SECONDS)


def _why_not_starting(browser: Path) -> str:
    """Return why a browser, or what drives it, can't even tell its version; else nothing."""
    reason = _run((sys.executable, "-m", "playwright", "--version"), START_SECONDS)
    if reason:
        return f"Playwright's driver does not start: {reason}"
    reason = _run((str(browser), "--version"), START_SECONDS)
    return f"{browser} does not start: {reason}" if reason else ""


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {"ID": "linux"} if sys.platform.startswith("linux") else {}


def _privilege() -> tuple[str, ...] | None:
    if os.geteuid() == 0:
        return ()
    sudo = ("sudo", "-n")
    return None if _run((*sudo, "true"), START_SECONDS) else sudo


def _run(command: tuple[str, ...], limit: float) -> str:
    """Run a command with a limit in seconds; return in one line why it failed, or nothing."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        return f"took longer than {limit:g} s"
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=END_SECONDS)
    if process.returncode == 0:
        return ""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("E:", "Error"))]
    return (errors or lines[-1:] or [f"exit code {process.returncode}"])[0]


def main(arguments: list[str] | None = None) -> int:
    """Print the browser that is used, first getting one if told to; return the exit code."""
    parser = argparse.ArgumentParser("python -m creative_flow.browser", description=__doc__)
    parser.add_argument("--install", action="store_true", help="get a browser if none is there")
    wants_one = parser.parse_args(arguments).install
    try:
        found = find_chromium()
        reason = _why_not_starting(found.path) if found else ""
        if reason:
            print(reason, file=sys.stderr)
        if wants_one and (found is None or reason):
            found = install_chromium(lambda line: print(line, file=sys.stderr, flush=True))
        elif found is None:
            found = require_chromium()
        elif reason:
            return BrowserMissing.exit_code
    except BrowserMissing as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"Chromium: {found.path} ({found.how})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
