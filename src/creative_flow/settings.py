"""Settings: what the user decided, and where each value comes from.

Strongest first: command line, environment, ``config/.env``, the defaults below. An empty value
counts as not set. Whether a run is live is no setting: only ``--live`` (``live=True``) says so, and
a ``DRY_RUN=False`` in a file changes nothing.
"""

from __future__ import annotations

import math
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from creative_flow.durable import sync, sync_folder
from creative_flow.errors import SettingsError
from creative_flow.naming import DEFAULT_TEMPLATE

if TYPE_CHECKING:
    from dotenv.parser import Binding


@frozen
class Default:
    """A setting that the core knows: its value where nobody set one, and what it is for."""

    name: str
    value: str
    help: str


DEFAULTS: tuple[Default, ...] = (
    Default("HEADLESS_MODE", "False", "Run the browser without a window."),
    Default("TIMEOUT", "30000", "How long to wait for the page, in milliseconds."),
    Default("SLOW_MO", "0", "Pause before each step in the browser, in milliseconds."),
    Default("TAKE_SCREENSHOTS", "True", "Keep one picture of each finished batch."),
    Default("LOG_LEVEL", "INFO", "How much a run's log tells: DEBUG, INFO, WARNING or ERROR."),
    Default("MASK_IDS", "False", "Write Creative IDs to logs with only their last digits shown."),
    Default("KEEP_LOGS", "50", "How many runs' logs are kept; 0 keeps all of them."),
    Default(
        "KEEP_EVIDENCE_DAYS",
        "30",
        "How long evidence in data/screenshots/ is kept, in days; 0 keeps all of it.",
    ),
    Default(
        "KEEP_LOGIN_DAYS",
        "30",
        "How long a saved login is used before it is forgotten, in days; 0: as long as it holds.",
    ),
    Default(
        "PROCESS_PLATFORM",
        "",
        "Whose rules `cfu process` goes by; the only one that can upload if not set.",
    ),
    Default("NAME_TEMPLATE", DEFAULT_TEMPLATE, "How new names are built."),
    Default("DEFAULT_LANGUAGE", "EN", "The language where nothing else tells it: two letters."),
    Default("DEFAULT_CATEGORY", "General", "The category of a file that lies in no folder."),
    Default("DEFAULT_RATING", "SFW", "The rating where nothing else tells it: SFW or NSFW."),
    Default("DEFAULT_TYPE", "Generic", "What is shown, where nothing else tells it."),
    Default("DEFAULT_CREATOR", "Unknown", "Who made it, where nothing else tells it."),
    Default("DEFAULT_MODEL_SEX", "", "Who is shown: M, F, T or a combination; or nothing."),
    Default("DEFAULT_STYLE", "", "Anime, Real or Both; or nothing."),
    Default(
        "FIND_SIMILAR",
        "True",
        "Tell of creatives that look like one that is up, if creative-flow[similar] is installed.",
    ),
    Default(
        "SIMILAR_BITS",
        "20",
        "How many of a look's 256 bits may differ, up to 21; more finds more, and more falsely.",
    ),
    Default(
        "SIMILAR_MOMENTS",
        "2",
        "At how many of 3 moments a clip must look like another one.",
    ),
    Default(
        "MINUTES_BY_HAND",
        "2",
        "Minutes one creative takes by hand, for the time saved in `cfu report --totals`.",
    ),
    Default("CFU_DATABASE_URL", "", "The ledger's database; the workspace's SQLite if not set."),
    Default("CFU_CHROMIUM", "", "The browser to use, as a path; found by itself if not set."),
    Default(
        "CFU_STATE_DIR", "", "Where runs note which accounts they hold; the user's if not set."
    ),
)
"""Every setting of the core. Platforms declare theirs in `PlatformInfo.settings`."""

_DEFAULTS = {default.name: default for default in DEFAULTS}
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_PLAIN = re.compile(r"[\w@%+:,./-]*")
_SECRET_ENDINGS = ("_PASSWORD", "_SECRET", "_TOKEN")


@frozen
class Value:
    """What a setting is set to, and ``where``, for messages ("config/.env, line 3")."""

    text: str
    where: str


class Settings:
    """The settings of one workspace. The file is read when the first value is asked for."""

    def __init__(
        self, env_file: Path, environ: Mapping[str, str], overrides: Mapping[str, str]
    ) -> None:
        self.env_file = env_file
        self._environ = environ
        self._overrides = overrides
        self._file: dict[str, Value] | None = None
        self._notices: list[str] = []

    def find(self, name: str) -> Value | None:
        """Return the value that somebody set, or None. Raises `SettingsError` for a bad file."""
        if self._overrides.get(name):
            return Value(self._overrides[name], "the command line")
        if self._environ.get(name):
            return Value(self._environ[name], "the environment")
        found = self._from_file().get(name)
        return found if found and found.text else None

    def text(self, name: str, default: str | None = None) -> str:
        """Return a setting. ``default`` counts before the table's own.

        Raises `SettingsError` for a bad file, `KeyError` for a name that has no default at all.
        """
        found = self.find(name)
        if found is not None:
            return found.text
        return _DEFAULTS[name].value if default is None else default

    def flag(self, name: str) -> bool:
        """Return a setting that is on or off. Raises `SettingsError` for any other word."""
        word = self.text(name).strip().casefold()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise self._wrong(name, "True or False")

    def number(self, name: str) -> float:
        """Return a setting that is a number, 0 or more. Raises `SettingsError` for others."""
        try:
            number = float(self.text(name))
        except ValueError:
            raise self._wrong(name, "a number") from None
        if not math.isfinite(number) or number < 0:
            raise self._wrong(name, "a number, 0 or more")
        return number

    def secrets(self) -> frozenset[str]:
        """Return every value that must never be written down: passwords, secrets, tokens."""
        named = {**self._environ, **self._overrides}
        pairs = [*named.items(), *((key, found.text) for key, found in self._from_file().items())]
        secrets = {text for key, text in pairs if key.upper().endswith(_SECRET_ENDINGS)}
        secrets.update(_password_in(text) for key, text in pairs if key == "CFU_DATABASE_URL")
        return frozenset(secret for secret in secrets if secret)

    def take_notices(self) -> tuple[str, ...]:
        """Return what the user should be told about the settings file, each line once."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def store(self, values: Mapping[str, str]) -> None:
        """Write values into the file, atomically and for its owner only.

        Other lines stay as they are. Raises `SettingsError` for a file that can't be read or
        written and for a value that no line of such a file can hold.
        """
        bindings = self._bindings()
        lines = [binding.original.string for binding in bindings]
        places = {binding.key: index for index, binding in enumerate(bindings) if binding.key}
        for name, text in values.items():
            line = _line(name, text)
            if name in places:
                kept = lines[places[name]]
                margin = kept[: len(kept) - len(kept.lstrip())]
                lines[places[name]] = f"{margin}{line}\n"
            else:
                if lines and not lines[-1].endswith(("\n", "\r")):
                    lines[-1] += "\n"
                lines.append(f"{line}\n")
        content = "".join(lines)
        try:
            write_private(self.env_file, content.encode())
        except OSError as error:
            raise SettingsError(
                f"{self.env_file} can't be written: {error.strerror or error}.",
                hint="Check who may write there, and that the disk is not full.",
            ) from error
        self._file = None

    def _wrong(self, name: str, wanted: str) -> SettingsError:
        found = self.find(name)
        where = found.where if found else "the defaults"
        return SettingsError(
            f"{name} must be {wanted}, not {self.text(name)!r}.", hint=f"It is set in {where}."
        )

    def _from_file(self) -> dict[str, Value]:
        if self._file is None:
            bindings = self._bindings()
            self._protect()
            self._file = {
                binding.key: Value(
                    binding.value or "", f"{self.env_file}, line {_first_line(binding)}"
                )
                for binding in bindings
                if binding.key
            }
        return self._file

    def _bindings(self) -> list[Binding]:
        try:
            content = self.env_file.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            return []
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise SettingsError(f"{self.env_file}, line {line}: this is not UTF-8 text.") from error
        except OSError as error:
            raise SettingsError(
                f"{self.env_file} can't be read: {error.strerror or error}."
            ) from error
        bindings = _parse(content)
        for binding in bindings:
            if binding.error:
                raise SettingsError(
                    f"{self.env_file}, line {_first_line(binding)} can't be understood.",
                    hint="A line is NAME=value, or NAME='value' where it holds spaces or #.",
                )
        return bindings

    def _protect(self) -> None:
        """Take the file from the eyes of others, and say so."""
        try:
            mode = stat.S_IMODE(self.env_file.stat().st_mode)
            if mode & 0o077:
                self.env_file.chmod(0o600)
                self._notices.append(
                    f"{self.env_file} could be read by others; now only its owner can."
                )
        except FileNotFoundError:
            return
        except OSError as error:
            self._notices.append(
                f"{self.env_file} can be read by others and that can't be changed: "
                f"{error.strerror or error}."
            )


def write_private(path: Path, content: bytes) -> None:
    """Replace a file atomically, readable by its owner only. Raises `OSError`.

    Where the path is a link, what it leads to is replaced.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f"{target.name}.tmp-", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            sync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(target.parent)


def _parse(content: str) -> list[Binding]:
    from dotenv.parser import parse_stream

    return list(parse_stream(StringIO(content)))


def _first_line(binding: Binding) -> int:
    """Return the line that a binding stands on; blank lines before it belong to its text."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _line(name: str, text: str) -> str:
    """Write one setting in a way that reads back as it is, whatever follows it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    plain, quoted = f"{name}={text}", f"{name}='{escaped}'"
    for line in (plain, quoted) if _PLAIN.fullmatch(text) else (quoted, plain):
        read = _parse(f"{line}\nNEXT='1'\n")
        if [(binding.key, binding.value) for binding in read] == [(name, text), ("NEXT", "1")]:
            return line
    raise SettingsError(
        f"{name} has a value that a settings file can't hold.", hint="Set it in the environment."
    )


def _password_in(url: str) -> str:
    from urllib.parse import urlsplit

    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""
