"""The workspace: its folders, and what a plugin is told."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from creative_flow.errors import SettingsError, UsageError, WorkspaceError
from creative_flow.ledger import Ledger
from creative_flow.platform import Credentials, PlatformInfo, Setting
from creative_flow.workspace import Workspace, has_screen

INFO = PlatformInfo(
    title="Acme",
    api_version=1,
    ad_formats=(),
    library_mirror="Acme_Library.csv",
    column_prefix="acme",
    batch_size=10,
    settle_seconds=1,
    appear_seconds=1,
    duplicate_seconds=1,
    poll_seconds=1,
    settings=(Setting("ACME_BASE_URL", "https://acme.example", "Where it is."),),
)
SCREEN = {"DISPLAY": ":0"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_prepare_makes_the_folders_and_the_secret_ones_private(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "new" / "workspace")
    workspace.prepare()
    workspace.prepare()
    for folder in (workspace.source_files, workspace.uploaded, workspace.upload_logs):
        assert folder.is_dir()
    assert mode(workspace.session_dir) == 0o700
    assert mode(workspace.config) == 0o700


def test_prepare_takes_an_open_secret_folder_from_the_eyes_of_others(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir(mode=0o755)
    (tmp_path / "config").chmod(0o755)
    workspace = Workspace(tmp_path)
    workspace.prepare()
    assert mode(workspace.config) == 0o700


@pytest.mark.parametrize("own_ignore", [None, "*.log\n"])
def test_git_sees_no_secret_of_a_workspace(tmp_path: Path, own_ignore: str | None) -> None:
    if own_ignore is not None:
        (tmp_path / ".gitignore").write_text(own_ignore)
    workspace = Workspace(tmp_path)
    workspace.prepare()
    workspace.save_credentials(INFO, "default", Credentials("ann", "hidden"))
    workspace.session_file("acme", "default").write_text("{}")
    (workspace.screenshots / "page.png").write_bytes(b"png")
    (workspace.uploaded / "a.png").write_bytes(b"png")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    done = subprocess.run(
        ["git", "status", "--porcelain", "-uall"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    seen = {line[3:] for line in done.stdout.splitlines()}
    assert seen == {".gitignore", "uploaded/a.png"}
    if own_ignore is not None:
        assert (tmp_path / ".gitignore").read_text() == own_ignore


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "tracking").write_text("not a folder")
    with pytest.raises(WorkspaceError, match="tracking is a file") as caught:
        Workspace(tmp_path).prepare()
    assert caught.value.exit_code == 2


def test_a_workspace_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("")
    with pytest.raises(WorkspaceError, match=r"plan\.txt is a file"):
        Workspace(tmp_path / "plan.txt").prepare()


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Yield a folder whose parents everybody may enter, whoever runs the tests."""
    with tempfile.TemporaryDirectory(prefix="workspace-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


AS_NOBODY = """
import os, sys
from creative_flow.errors import WorkspaceError
from creative_flow.workspace import Workspace
if os.geteuid() == 0:
    os.setuid(65534)
try:
    Workspace(sys.argv[1]).prepare()
except WorkspaceError as error:
    print(error)
"""


@pytest.mark.parametrize("prepared_before", [True, False])
def test_a_workspace_that_cannot_be_written_is_one_clear_line(
    public_folder: Path, prepared_before: bool
) -> None:
    workspace = public_folder / "workspace"
    workspace.mkdir()
    if prepared_before:
        Workspace(workspace).prepare()
    workspace.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(workspace)],
        capture_output=True,
        text=True,
        check=True,
    )
    workspace.chmod(0o755)
    assert done.stdout.count("\n") == 1
    assert f"no permission to write in {workspace.resolve()}" in done.stdout


def test_other_accounts_have_files_of_their_own(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    when = datetime(2026, 3, 4, 5, 6, 7).astimezone()
    tracking, session = tmp_path / "tracking", tmp_path / "data" / "session"
    assert workspace.library_mirror(INFO, "default") == tracking / "Acme_Library.csv"
    assert workspace.library_mirror(INFO, "two") == tracking / "Acme_Library_two.csv"
    assert workspace.session_file("acme", "default") == session / "acme_session.json"
    assert workspace.session_file("acme", "two") == session / "acme_two_session.json"
    assert workspace.status_csv(when, "two").name == "upload_status_20260304-050607_two.csv"


def test_two_runs_in_one_second_get_two_status_files(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.prepare()
    when = datetime(2026, 12, 31, 23, 59, 59).astimezone()
    first = workspace.status_csv(when, "default")
    first.touch()
    second = workspace.status_csv(when, "default")
    assert first.name == "upload_status_20261231-235959.csv"
    assert second.name == "upload_status_20270101-000000.csv"


@pytest.mark.parametrize("account", ["", "../x", "a b", "a/b", "ä", "x" * 65, ".", "a\n"])
def test_an_account_that_could_not_name_a_file_is_refused(tmp_path: Path, account: str) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(UsageError, match="account"):
        workspace.session_file("acme", account)
    with pytest.raises(UsageError, match="account"):
        workspace.credentials(INFO, account)


def test_the_ledger_is_the_workspaces_unless_a_database_is_named(tmp_path: Path) -> None:
    assert Workspace(tmp_path, environ={}).ledger_url == (
        f"sqlite:///{tmp_path.resolve()}/data/session/ledger.db"
    )
    url = "postgresql://team@db/creatives"
    assert Workspace(tmp_path, environ={"CFU_DATABASE_URL": url}).ledger_url == url


@pytest.mark.parametrize("name", ["100% off", "100%20 off", "a#b", "a b", "ü", "a@b:c"])
def test_the_ledger_lies_in_the_workspace_however_that_is_named(tmp_path: Path, name: str) -> None:
    workspace = Workspace(tmp_path / name, environ={})
    workspace.prepare()
    Ledger.open(workspace.ledger_url).close()
    assert (tmp_path / name / "data" / "session" / "ledger.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_no_address_can_name_is_refused_in_one_line(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "no text \udcff", environ={})
    with pytest.raises(WorkspaceError, match="No database address can name a file") as caught:
        assert workspace.ledger_url
    assert caught.value.hint == "Rename the folder."


def test_a_relative_workspace_has_an_absolute_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Workspace(".", environ={}).ledger_url.startswith(f"sqlite:///{tmp_path.resolve()}/")


def test_credentials_are_found_per_account_and_only_whole(tmp_path: Path) -> None:
    workspace = Workspace(
        tmp_path,
        environ={
            "ACME_USERNAME": "ann",
            "ACME_PASSWORD": "one",
            "ACME_TEAM_2_USERNAME": "bob",
            "ACME_TEAM_2_PASSWORD": "two",
            "ACME_HALF_USERNAME": "eve",
        },
    )
    assert workspace.credentials(INFO, "default") == Credentials("ann", "one")
    assert workspace.credentials(INFO, "team-2") == Credentials("bob", "two")
    assert workspace.credentials(INFO, "half") is None
    assert workspace.credentials(INFO, "nobody") is None


def test_a_context_holds_the_settings_with_the_strongest_source_winning(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    env_file = tmp_path / "config" / ".env"
    env_file.write_text("TIMEOUT=1000\nSLOW_MO=5\nACME_BASE_URL=https://file.example\n")
    workspace = Workspace(
        tmp_path,
        environ={**SCREEN, "TIMEOUT": "2000", "SLOW_MO": "6"},
        overrides={"TIMEOUT": "3000"},
    )
    context = workspace.context(
        "acme", INFO, "default", headless=None, interactive=True, notify=lambda _: None
    )
    assert context.settings["TIMEOUT"] == "3000"
    assert context.settings["SLOW_MO"] == "6"
    assert context.settings["ACME_BASE_URL"] == "https://file.example"
    assert context.settings["LOG_LEVEL"] == "INFO"
    assert context.headless is False
    assert context.overrides_file == tmp_path / "config" / "acme.toml"


@pytest.mark.parametrize(
    ("environ", "headless", "expected", "told"),
    [
        (SCREEN, None, False, False),
        (SCREEN, True, True, False),
        ({**SCREEN, "HEADLESS_MODE": "yes"}, None, True, False),
        ({**SCREEN, "HEADLESS_MODE": "yes"}, False, False, False),
        ({"HEADLESS_MODE": "1"}, None, True, False),
    ],
)
def test_the_command_line_decides_on_the_window_before_the_setting(
    tmp_path: Path, environ: dict[str, str], headless: bool | None, expected: bool, told: bool
) -> None:
    lines: list[str] = []
    context = Workspace(tmp_path, environ=environ).context(
        "acme", INFO, "default", headless=headless, interactive=True, notify=lines.append
    )
    assert context.headless is expected
    assert bool(lines) is told


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac always has a screen")
@pytest.mark.parametrize("headless", [None, False])
def test_without_a_screen_there_is_no_window_and_that_is_said(
    tmp_path: Path, headless: bool | None
) -> None:
    lines: list[str] = []
    context = Workspace(tmp_path, environ={}).context(
        "acme", INFO, "default", headless=headless, interactive=True, notify=lines.append
    )
    assert context.headless is True
    assert lines == ["There is no screen here: the browser runs without a window."]
    assert not has_screen({"DISPLAY": ""})
    assert has_screen({"WAYLAND_DISPLAY": "wayland-0"})


def test_a_setting_of_the_browser_that_is_no_number_is_found_before_it_starts(
    tmp_path: Path,
) -> None:
    workspace = Workspace(tmp_path, environ={"TIMEOUT": "soon"})
    with pytest.raises(SettingsError, match="TIMEOUT must be a number, not 'soon'"):
        workspace.context(
            "acme", INFO, "default", headless=True, interactive=False, notify=lambda _: None
        )


def test_the_environment_of_the_process_is_the_default_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMEOUT", "1234")
    assert Workspace(tmp_path).number("TIMEOUT") == 1234
    assert os.environ["TIMEOUT"] == "1234"
