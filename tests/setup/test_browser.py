"""A Chromium is found wherever it may be, got where there is none, and started with care."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import Error, async_playwright

from creative_flow import browser
from creative_flow.browser import (
    Found,
    Way,
    find_chromium,
    install_chromium,
    launch_options,
    require_chromium,
    ways_to_install,
    why_not_launched,
)
from creative_flow.errors import BrowserMissing

linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a browser may be in fixed places"
)
STARTS = "#!/bin/sh\necho Chromium 1.0\n"


def program(path: Path, text: str = STARTS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hide every browser of this machine; return the only folder that programs are found in."""
    for name in ("CFU_CHROMIUM", "PLAYWRIGHT_BROWSERS_PATH", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


async def playwrights_path() -> Path:
    """Return where Playwright itself would look for its browser."""
    async with async_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def downloaded(executable: Path, *, whole: bool = True) -> Path:
    """Put a browser where Playwright's download would."""
    program(executable)
    if whole:
        folder = next(each for each in executable.parents if each.name.startswith("chromium-"))
        (folder / "INSTALLATION_COMPLETE").touch()
    return executable


def test_the_named_browser_is_used_before_all_others(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(nowhere / "chromium")
    named = program(tmp_path / "my browser")
    assert find_chromium(str(named)) == Found(named, "CFU_CHROMIUM")
    monkeypatch.setenv("CFU_CHROMIUM", str(named))
    assert find_chromium() == Found(named, "CFU_CHROMIUM")
    assert require_chromium() == Found(named, "CFU_CHROMIUM")


def test_a_browser_may_be_named_as_it_is_called_in_a_shell(nowhere: Path) -> None:
    named = program(nowhere / "my-chromium")
    assert find_chromium("my-chromium") == Found(named, "CFU_CHROMIUM")


def test_a_named_browser_that_cannot_be_started_is_told(nowhere: Path, tmp_path: Path) -> None:
    program(nowhere / "chromium")
    with pytest.raises(BrowserMissing, match=r"CFU_CHROMIUM names /no/where, which does not exist"):
        find_chromium("/no/where")
    text = tmp_path / "notes.txt"
    text.touch()
    for path in (text, tmp_path):
        with pytest.raises(BrowserMissing, match="is not a program that may be started"):
            find_chromium(str(path))


@linux_only
def test_an_empty_setting_names_nothing(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = program(nowhere / "chromium")
    monkeypatch.setenv("CFU_CHROMIUM", "/no/where")
    assert find_chromium("") == Found(installed, "installed: chromium")


@pytest.mark.parametrize(
    "place",
    [
        "default",
        *(pytest.param(it, marks=pytest.mark.slow) for it in ("cache", "named", "package")),
    ],
)
async def test_playwrights_own_browser_is_found_where_playwright_looks(
    place: str, nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(nowhere / "chromium")
    if place == "cache":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    elif place == "named":
        monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    elif place == "package":
        monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", "0")
    expected = await playwrights_path()
    if place == "package":
        assert browser._playwright_folder(_driver()) in expected.parents
        return
    assert tmp_path in expected.parents
    downloaded(expected)
    assert find_chromium() == Found(expected, "Playwright's own")


def _driver() -> Path:
    import playwright

    return Path(playwright.__file__).parent / "driver" / "package"


async def test_of_several_downloads_the_drivers_own_comes_first_then_the_newest(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    own = await playwrights_path()
    inside = own.relative_to(tmp_path)
    old, new = (tmp_path / f"chromium-{number}" / Path(*inside.parts[1:]) for number in (9, 99999))
    downloaded(old)
    downloaded(tmp_path / "chromium-999999" / Path(*inside.parts[1:]), whole=False)
    assert find_chromium("") == Found(old, "Playwright's own")
    downloaded(new)
    assert find_chromium("") == Found(new, "Playwright's own")
    downloaded(own)
    assert find_chromium("") == Found(own, "Playwright's own")


@linux_only
def test_an_installed_browser_is_found_but_not_a_pointer_to_the_snap(nowhere: Path) -> None:
    program(nowhere / "chromium-browser", "#!/bin/sh\necho 'try: snap install chromium'\nexit 1\n")
    assert find_chromium() is None
    chromium = program(nowhere / "chromium")
    assert find_chromium() == Found(chromium, "installed: chromium")
    chrome = program(nowhere / "google-chrome")
    assert find_chromium() == Found(chrome, "installed: google-chrome")


@linux_only
def test_without_a_browser_it_is_said_how_to_get_one(nowhere: Path) -> None:
    with pytest.raises(BrowserMissing) as caught:
        require_chromium()
    assert "-m creative_flow.browser --install" in caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.browser
async def test_the_browser_that_is_found_starts_and_shows_a_page() -> None:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(**launch_options(find_or_skip(), headless=True))
        page = await started.new_page()
        await page.set_content("<title>It works</title>")
        assert await page.title() == "It works"
        await started.close()


@pytest.mark.browser
@linux_only
async def test_nothing_that_playwright_turns_off_is_on(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    listener = program(tmp_path / "listener", f'#!/bin/sh\nprintf "%s\\n" "$@" >> {heard}\n')
    async with async_playwright() as playwright:
        arguments: list[str] = launch_options(find_or_skip(), headless=True)["args"]
        for args in ([], arguments):
            with pytest.raises(Error):
                await playwright.chromium.launch(executable_path=listener, args=args)
    theirs, again, ours = (
        set(line.partition("=")[2].split(","))
        for line in heard.read_text().splitlines()
        if line.startswith("--disable-features=")
    )
    assert theirs == again
    assert theirs < ours


@pytest.mark.browser
async def test_the_browser_starts_however_long_the_path_for_temporary_files_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("temporary" * 8)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    monkeypatch.setattr("tempfile.tempdir", None)
    async with async_playwright() as playwright:
        options = launch_options(find_or_skip(), headless=True)
        started = await playwright.chromium.launch(**options)
        await started.close()
        options["env"]["TMPDIR"] = str(deep)
        with pytest.raises(Error) as caught:
            await playwright.chromium.launch(**options)
    assert why_not_launched(str(caught.value)).startswith("Socket path too long: /")


def find_or_skip() -> Found:
    found = find_chromium()
    if found is None:
        pytest.skip("there is no browser on this machine")
    return found


def test_the_browser_is_kept_from_talking_to_anybody_else(tmp_path: Path) -> None:
    options = launch_options(Found(tmp_path / "chromium", "test"), headless=False, slow_mo=20)
    assert {"--disable-background-networking", "--disable-component-update", "--disable-sync"} <= {
        *options["args"]
    }
    assert (options["headless"], options["slow_mo"]) == (False, 20)


@linux_only
def test_chromiums_sandbox_is_off_for_root_only_or_where_it_is_forbidden(tmp_path: Path) -> None:
    options = launch_options(Found(tmp_path / "chromium", "test"), headless=True)
    allowed = subprocess.run(["unshare", "-Ur", "true"], capture_output=True, check=False)
    assert options["chromium_sandbox"] == (os.geteuid() != 0 and allowed.returncode == 0)


DEBIAN = {"ID": "debian"}
UBUNTU = {"ID": "ubuntu", "ID_LIKE": "debian"}
MINT = {"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}
RASPBIAN = {"ID": "raspbian", "ID_LIKE": "debian"}
FEDORA = {"ID": "fedora"}
SUDO = ("sudo", "-n")


@pytest.mark.parametrize("release", [DEBIAN, RASPBIAN])
@pytest.mark.parametrize("privilege", [(), SUDO])
def test_debian_installs_its_own_package_where_it_may(
    release: dict[str, str], privilege: tuple[str, ...]
) -> None:
    first, second = ways_to_install(release, privilege)
    update, install = first.commands
    assert update[-1] == "update"
    assert install[-5:-2] == ("install", "-y", "--no-install-recommends")
    assert install[-2:] == ("chromium", "libatomic1")
    for command in (update, install):
        assert command[: len(privilege)] == privilege
        assert "DEBIAN_FRONTEND=noninteractive" in command
    assert second.title == "Playwright's download"


@pytest.mark.parametrize(
    ("release", "privilege"),
    [(DEBIAN, None), (UBUNTU, ()), (MINT, SUDO), (FEDORA, ()), ({}, SUDO), ({}, None)],
)
def test_elsewhere_the_download_is_the_only_way(
    release: dict[str, str], privilege: tuple[str, ...] | None
) -> None:
    [way] = ways_to_install(release, privilege)
    [command] = way.commands
    assert command[1:4] == ("-m", "playwright", "install")
    assert ("--with-deps" in command) == (bool(release) and privilege == ())


@linux_only
def test_if_one_way_fails_the_next_is_tried_and_each_step_is_told(nowhere: Path) -> None:
    chromium = nowhere / "chromium"
    write = f"printf '#!/bin/sh\\n' > '{chromium}'; /bin/chmod 755 '{chromium}'"
    told: list[str] = []
    found = install_chromium(
        told.append,
        [
            Way("The first", (("/bin/sh", "-c", "echo reading; echo E: no network; exit 100"),)),
            Way("The second", (("/bin/sh", "-c", "exit 0"), ("/bin/sh", "-c", write))),
        ],
    )
    assert found == Found(chromium, "installed: chromium")
    assert told == [
        "Getting Chromium: The first …",
        "That did not work: The first: E: no network",
        "Getting Chromium: The second …",
    ]


@linux_only
def test_if_no_way_works_all_reasons_stand_in_one_line(nowhere: Path) -> None:
    broken = f"printf '#!/bin/sh\\necho libnss3.so is missing; exit 127\\n' > '{nowhere}/chromium'"
    ways = [
        Way("Absent", (("not-a-program",),)),
        Way("Useless", (("/bin/sh", "-c", "exit 0"),)),
        Way("Broken", (("/bin/sh", "-c", f"{broken}; /bin/chmod 755 '{nowhere}/chromium'"),)),
    ]
    with pytest.raises(BrowserMissing) as caught:
        install_chromium(lambda _: None, ways)
    message = caught.value.message
    assert "Absent: not-a-program: No such file or directory" in message
    assert "Useless: no browser came of it" in message
    assert "Broken: " in message
    assert "does not start: libnss3.so is missing" in message
    assert "\n" not in str(caught.value)


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    reason = browser._run(("/bin/sh", "-c", f"exec 3> '{held}'; sleep 600 & wait"), limit=0.5)
    assert reason == "took longer than 0.5 s"
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # comes when the last that held it is gone
    os.close(reader)


def run_module(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "creative_flow.browser", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_as_a_program_it_prints_what_is_used(tmp_path: Path) -> None:
    named = program(tmp_path / "chromium")
    for arguments in ([], ["--install"]):
        shown = run_module(*arguments, CFU_CHROMIUM=str(named))
        assert (shown.returncode, shown.stderr) == (0, "")
        assert shown.stdout == f"Chromium: {named} (CFU_CHROMIUM)\n"


def test_as_a_program_it_ends_with_2_if_there_is_none(tmp_path: Path) -> None:
    shown = run_module(CFU_CHROMIUM=str(tmp_path / "none"))
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "does not exist" in shown.stderr
    broken = program(tmp_path / "broken", "#!/bin/sh\necho no display\nexit 1\n")
    shown = run_module(CFU_CHROMIUM=str(broken))
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr == f"{broken} does not start: no display\n"
