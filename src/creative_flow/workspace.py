"""The folder the user works in: where things lie, how it is made ready, what is set in it."""

from __future__ import annotations

import errno
import os
import re
import secrets
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from creative_flow.durable import make_folder
from creative_flow.errors import UsageError, WorkspaceError
from creative_flow.settings import DEFAULTS, Settings, Value, write_private

if TYPE_CHECKING:
    from creative_flow.platform import Context, Credentials, Notify, PlatformInfo

DEFAULT_ACCOUNT = "default"
"""The account that needs no name."""

_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_GITIGNORE = """\
# Logins and what was seen while signed in stay on this machine.
/config/.env
/config/.env.tmp-*
/data/session/
/data/screenshots/
"""


class Workspace:
    """One workspace. Nothing is written before `prepare` or a ``save_`` method is called.

    ``environ`` stands for the environment (default: the process's own), ``overrides`` for settings
    given on the command line, which are the strongest.
    """

    def __init__(
        self,
        root: Path | str = ".",
        *,
        environ: Mapping[str, str] | None = None,
        overrides: Mapping[str, str] | None = None,
    ) -> None:
        self.root = Path(root).expanduser().resolve()
        self.environ = os.environ if environ is None else environ
        self.settings = Settings(self.env_file, self.environ, overrides or {})

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    @property
    def source_files(self) -> Path:
        """What the user drops in, to be processed."""
        return self.root / "source_files"

    @property
    def uploaded(self) -> Path:
        """Creatives that are ready to upload."""
        return self.root / "uploaded"

    @property
    def identity(self) -> str:
        """What tells this workspace from others that share a ledger; it moves with the folder.

        Raises `WorkspaceError` if it can't be read or noted.
        """
        note = self.session_dir / "workspace_id"
        try:
            if not note.exists():
                make_folder(self.session_dir, 0o700)
                write_private(note, f"{secrets.token_hex(8)}\n".encode())
            return note.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise WorkspaceError(f"{note} can't be read or written: {error}.") from error

    @property
    def archive(self) -> Path:
        """What was uploaded, in batch folders, and the sources of what was processed."""
        return self.root / "archive"

    @property
    def archived_sources(self) -> Path:
        """Sources whose creatives stand."""
        return self.archive / "sources"

    @property
    def upload_csv(self) -> Path:
        """Ads CSVs, ready to be given to platforms."""
        return self.tracking / "Upload_CSV"

    @property
    def kept_aside(self) -> Path:
        """Copies of files whose changes did not count."""
        return self.tracking / "kept_aside"

    @property
    def tracking(self) -> Path:
        """The mirrors: CSV files written for people."""
        return self.root / "tracking"

    @property
    def upload_logs(self) -> Path:
        """One log per run."""
        return self.tracking / "upload_logs"

    @property
    def reports(self) -> Path:
        """One page per live run, and the page of totals."""
        return self.tracking / "reports"

    @property
    def thumbnails(self) -> Path:
        """Small pictures of creatives, for the reports; they may be removed at any time."""
        return self.root / "data" / "thumbnails"

    @property
    def session_dir(self) -> Path:
        """Saved logins and the ledger; for its owner only."""
        return self.root / "data" / "session"

    @property
    def screenshots(self) -> Path:
        """Evidence, and one picture per finished batch."""
        return self.root / "data" / "screenshots"

    @property
    def config(self) -> Path:
        """Credentials, settings, and each platform's overrides."""
        return self.root / "config"

    @property
    def env_file(self) -> Path:
        """Credentials and settings; for its owner only."""
        return self.config / ".env"

    @property
    def session_csv(self) -> Path:
        """The creatives of the last ``cfu process``."""
        return self.tracking / "creative_inventory_session.csv"

    @property
    def master_csv(self) -> Path:
        """All creatives that were ever processed."""
        return self.tracking / "creative_inventory.csv"

    @property
    def metadata_csv(self) -> Path:
        """What holds for the files of each folder, as the user says."""
        return self.tracking / "metadata_defaults.csv"

    def prepare(self) -> None:
        """Make the folders that a run needs, and keep the secret ones out of git.

        Raises `WorkspaceError` where that can't be done: read-only, not a folder, disk full.
        """
        open_folders = (self.source_files, self.uploaded, self.upload_logs, self.screenshots)
        for folder in (self.root, *open_folders, self.tracking):
            _make_folder(folder, 0o777)
        for folder in (self.session_dir, self.config):
            _make_folder(folder, 0o700)
        if not _write_if_missing(self.root / ".gitignore", _GITIGNORE):
            _write_if_missing(self.config / ".gitignore", "/.env\n/.env.tmp-*\n/.gitignore\n")
            _write_if_missing(self.session_dir / ".gitignore", "*\n")
            _write_if_missing(self.screenshots / ".gitignore", "*\n")

    def find(self, name: str) -> Value | None:
        """Return what a setting was set to and where, or None if it is at its default."""
        return self.settings.find(name)

    def setting(self, name: str, default: str | None = None) -> str:
        """Return a setting, the strongest source having won.

        ``default`` counts before the table of defaults. Raises `SettingsError` naming file and line
        for a settings file that can't be understood, `KeyError` for a name without any default.
        """
        return self.settings.text(name, default)

    def flag(self, name: str) -> bool:
        """Return a setting that is on or off. Raises `SettingsError` saying where it is wrong."""
        return self.settings.flag(name)

    def number(self, name: str) -> float:
        """Return a setting that is a number. Raises `SettingsError` saying where it is wrong."""
        return self.settings.number(name)

    def secrets(self) -> frozenset[str]:
        """Return every value that no log, message or report may hold."""
        return self.settings.secrets()

    @property
    def ledger_url(self) -> str:
        """The ledger's database: ``CFU_DATABASE_URL``, else the SQLite file in this workspace.

        Raises `WorkspaceError` for a folder whose name no database address can hold.
        """
        return self.setting("CFU_DATABASE_URL") or self.own_ledger_url

    @property
    def state_dir(self) -> Path:
        """Where this user's runs tell each other which accounts are in use."""
        from platformdirs import user_state_path

        return Path(self.setting("CFU_STATE_DIR") or user_state_path("creative-flow"))

    @property
    def own_ledger_file(self) -> Path:
        """The SQLite file in this workspace that is the ledger unless another one is named."""
        return self.session_dir / "ledger.db"

    @property
    def own_ledger_url(self) -> str:
        """The SQLite file in this workspace, as a database address, oddly named folders included.

        Raises `WorkspaceError` where no address can name it.
        """
        from sqlalchemy import URL, make_url

        path = str(self.own_ledger_file)
        with suppress(UnicodeEncodeError):  # a name that is no text
            url = URL.create("sqlite", database=path).render_as_string(hide_password=False)
            if make_url(url).database == path:
                return url
        raise WorkspaceError(
            f"No database address can name a file in this folder: {self.root}.",
            hint="Rename the folder.",
        )

    def library_mirror(self, info: PlatformInfo, account: str) -> Path:
        """Return the CSV that shows an account's library."""
        name = Path(info.library_mirror)
        return self.tracking / f"{name.stem}{_suffix(account)}{name.suffix}"

    def status_csv(self, when: datetime, account: str) -> Path:
        """Return a file for one run's outcomes that does not exist yet.

        Where another run began in the same second, the name tells the next second that is free.
        """
        while True:
            path = self.tracking / f"upload_status_{when:%Y%m%d-%H%M%S}{_suffix(account)}.csv"
            if not path.exists():
                return path
            when += timedelta(seconds=1)

    def session_file(self, platform: str, account: str) -> Path:
        """Return where an account's login may be kept."""
        return self.session_dir / f"{platform}{_suffix(account)}_session.json"

    def refresh_file(self, platform: str, account: str) -> Path:
        """Return where it is kept how far an interrupted refresh of the library came."""
        return self.session_dir / f"{platform}{_suffix(account)}_refresh.json"

    def checkpoint_file(self, account: str, slot: str, *, native: bool) -> Path:
        """Return the file that shows how far a job of ads into campaigns is.

        ``slot`` is empty for the job that needs no name; ``native`` jobs have files of their own.
        Raises `UsageError` for a slot that could not name a file.
        """
        if slot and not _ACCOUNT.fullmatch(slot):
            raise UsageError(
                f"{slot!r} can't be a slot's name.",
                hint="It may hold up to 64 letters, digits, _ and -.",
            )
        tail = f".{slot}" if slot else ""  # an account's name holds no full stop
        kind = "native_" if native else ""
        return self.session_dir / f"{kind}upload_checkpoint{_suffix(account)}{tail}.json"

    def summary_csv(self, when: datetime, account: str) -> Path:
        """Return a file for what one run did in campaigns that does not exist yet."""
        while True:
            path = self.tracking / f"upload_summary_{when:%Y%m%d-%H%M%S}{_suffix(account)}.csv"
            if not path.exists():
                return path
            when += timedelta(seconds=1)

    def overrides_file(self, platform: str) -> Path:
        """Return the user's own data for a platform. It need not exist."""
        return self.config / f"{platform}.toml"

    def ads_file(self, platform: str) -> Path:
        """Return what the user wants ads on a platform to say. It need not exist."""
        # A platform's name holds no _, so this is no other platform's own data.
        return self.config / f"{platform}_ads.toml"

    def credentials(self, info: PlatformInfo, account: str) -> Credentials | None:
        """Return an account's login and password, or None unless both are set."""
        from creative_flow.platform import Credentials

        login, password = (self.find(name) for name in credential_names(info, account))
        return Credentials(login.text, password.text) if login and password else None

    def save_credentials(self, info: PlatformInfo, account: str, credentials: Credentials) -> None:
        """Keep credentials in ``config/.env``; its other lines stay as they are.

        Raises `WorkspaceError` or `SettingsError` where that can't be done.
        """
        _make_folder(self.config, 0o700)
        login, password = credential_names(info, account)
        self.settings.store({login: credentials.login, password: credentials.password})

    def context(
        self,
        platform: str,
        info: PlatformInfo,
        account: str,
        *,
        headless: bool | None,
        interactive: bool,
        notify: Notify,
    ) -> Context:
        """Gather what a plugin is told about a run.

        ``headless`` None leaves it to ``HEADLESS_MODE``; where there is no screen it is headless
        anyhow, and ``notify`` is told. Raises `SettingsError` and `UsageError`.
        """
        from creative_flow.platform import Context

        check_account(account)
        for name in ("TIMEOUT", "SLOW_MO", "KEEP_EVIDENCE_DAYS", "KEEP_LOGIN_DAYS"):
            self.number(name)
        wanted = self.flag("HEADLESS_MODE") if headless is None else headless
        settings = {default.name: self.setting(default.name) for default in DEFAULTS}
        settings |= {each.name: self.setting(each.name, each.default) for each in info.settings}
        credentials = self.credentials(info, account)
        for notice in self.settings.take_notices():
            notify(notice)
        if not wanted and not has_screen(self.environ):
            notify("There is no screen here: the browser runs without a window.")
            wanted = True
        return Context(
            platform=platform,
            account=account,
            info=info,
            settings=settings,
            session_file=self.session_file(platform, account),
            overrides_file=self.overrides_file(platform),
            evidence_dir=self.screenshots,
            credentials=credentials,
            headless=wanted,
            interactive=interactive,
            notify=notify,
        )


def login_is_old(context: Context) -> bool:
    """Say whether an account's saved login is older than ``KEEP_LOGIN_DAYS``."""
    days = float(context.settings["KEEP_LOGIN_DAYS"])
    try:
        saved_at = context.session_file.stat().st_mtime
    except OSError:
        return False
    return days > 0 and time.time() - saved_at > days * 24 * 3600


def has_screen(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether a window can be shown: not on a bare server, not over ssh to a Mac."""
    if sys.platform == "darwin":
        return not (environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def check_account(account: str) -> str:
    """Return the account's name. Raises `UsageError` for one that could not name a file."""
    if not _ACCOUNT.fullmatch(account):
        raise UsageError(
            f"{account!r} can't be an account's name.",
            hint="It may hold up to 64 letters, digits, _ and -.",
        )
    return account


def credential_names(info: PlatformInfo, account: str) -> tuple[str, str]:
    """Return the names of the settings that hold an account's login and its password."""
    prefix = info.column_prefix.upper()
    if check_account(account) != DEFAULT_ACCOUNT:
        prefix += f"_{account.upper().replace('-', '_')}"
    return f"{prefix}_USERNAME", f"{prefix}_PASSWORD"


def _suffix(account: str) -> str:
    return "" if check_account(account) == DEFAULT_ACCOUNT else f"_{account}"


def _make_folder(folder: Path, mode: int) -> None:
    try:
        make_folder(folder, mode)
        if mode == 0o700 and folder.stat().st_mode & 0o077:
            folder.chmod(mode)
    except OSError as error:
        raise _no_folder(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WorkspaceError(
            f"The workspace can't be written: no permission to write in {folder}.",
            hint="Choose another folder with --workspace.",
        )


def _no_folder(folder: Path, error: OSError) -> WorkspaceError:
    if isinstance(error, FileExistsError | NotADirectoryError):
        blocking = next((part for part in (folder, *folder.parents) if part.is_file()), folder)
        return WorkspaceError(
            f"{blocking} is a file, where the workspace needs a folder.",
            hint="Move it away, or choose another folder with --workspace.",
        )
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return WorkspaceError(
            f"The disk is full: {folder} can't be made.", hint="Free some space and run it again."
        )
    return WorkspaceError(
        f"The workspace can't be written: {folder} can't be made ({error.strerror or error}).",
        hint="Choose another folder with --workspace.",
    )


def _write_if_missing(path: Path, text: str) -> bool:
    """Write a small file unless there is one; return whether the file is this text."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text
    except OSError as error:
        # Half of it would count as the user's own; what is not there is written next time.
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise WorkspaceError(
            f"{path} can't be written: {error.strerror or error}.",
            hint="Check who may write there, and that the disk is not full.",
        ) from error
    return True
