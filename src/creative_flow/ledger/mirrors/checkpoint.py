"""A job of ads into campaigns as a JSON file that people read and edit.

What they change in it counts: another status, an entry or the whole file deleted, an entry of their
own. To tell that from what a crash left behind, the last two versions are remembered: the newer one
before it is written, since it may never come to that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from creative_flow.campaign import CampaignStatus
from creative_flow.errors import UsageError, WorkspaceError
from creative_flow.ledger.adrecords import AdEntry, AdJob
from creative_flow.ledger.mirrors import disk
from creative_flow.ledger.mirrors.disk import Stamp, TouchedMeanwhile

if TYPE_CHECKING:
    from creative_flow.ledger.adjobs import AdJobs
    from creative_flow.ledger.ledger import Ledger

Notify = Callable[[str], None]

_ATTEMPTS = 5
_WORDS = {it.value: it for it in CampaignStatus if it is not CampaignStatus.UNKNOWN}
_LARGEST = 64 * 1024 * 1024


class _Corrupt(Exception):
    """The file is no checkpoint; the message says why."""


@frozen
class _Version:
    """What the file said at one time: the status of each campaign."""

    at: str
    statuses: Mapping[str, str]


@frozen
class _Content:
    """What stands in the file: each campaign's entry, and what was wrong with others."""

    version: _Version
    entries: Mapping[str, AdEntry]
    wrong: tuple[str, ...] = ()


class CheckpointMirror:
    """Keeps one checkpoint file in step with its job.

    Calls raise `LedgerError`, and `WorkspaceError` if the file can't be written.
    """

    def __init__(
        self,
        ledger: Ledger,
        jobs: AdJobs,
        path: Path,
        *,
        job: tuple[str, str, str, str],
        kept_aside: Path,
        notify: Notify,
    ) -> None:
        """Mirror the job of that platform, account, kind and slot."""
        self.path = path
        self._ledger = ledger
        self._jobs = jobs
        self._names = job
        self._kept_aside = kept_aside
        self._notify = notify
        self._stamp: Stamp | None = None
        self._writer = _Writer()
        self._unread = False
        """Whether edits of the user may stand in the file that nobody could read."""

    def take_in(self) -> None:
        """Let what a user changed since the file was written count.

        A file that can't be read costs a warning: the ledger is what counts. It is written no more
        until it could be read. Raises `UsageError` for a file that is another job's.
        """
        try:
            with disk.blaming(self.path):
                there = self.path.exists()
            if there and self.is_anothers():
                raise UsageError(
                    f"{self.path} is the checkpoint of another job: "
                    f"{_named(*self._state()['job'])}; this one is {_named(*self._names)}.",
                    hint="Give this one a name of its own: --slot NAME.",
                )
            if there or not self._versions():
                self._take_edits()
                return
            if job := self._jobs.job(*self._names):
                self._jobs.restart(job)
                self._notify(f"{self.path.name} was deleted: all campaigns of it start afresh.")
            self._remember()
        except WorkspaceError as error:
            self._unread = True
            self._notify(
                f"{error} What was changed in it does not count now, and it stays as it is; the "
                "ledger has where each campaign stands."
            )

    def is_anothers(self) -> bool:
        """Say whether the file was written for another job: its name tells no platform."""
        return self._state().get("job") not in {None, self._names}

    def follow(self) -> None:
        """Write what the ledger has, if the file says something else."""
        if self._unread:
            try:
                self._take_edits()
            except WorkspaceError:
                return  # that was told
            self._unread = False
        for _ in range(_ATTEMPTS):
            stamp = Stamp.of(self.path)
            if stamp is not None and stamp != self._stamp:
                self._take_edits()  # somebody else has written it meanwhile
            job = self._jobs.job(*self._names)
            if job is None:
                return
            entries = self._jobs.entries(job)
            version = _Version(_time(job.updated_at), {k: v.status for k, v in entries.items()})
            data = self._writer.document(job, entries)
            with disk.blaming(self.path):
                if stamp is not None and self.path.read_bytes() == data:
                    self._stamp = stamp
                    return
            self._remember(version)
            try:
                disk.replace(self.path, [data], stamp)
            except TouchedMeanwhile:
                continue
            self._stamp = Stamp.of(self.path)
            return
        raise WorkspaceError(
            f"{self.path} is being changed all the time.",
            hint="Close it in the other program and run again.",
        )

    # ---- edits

    def _take_edits(self) -> None:
        self._stamp = Stamp.of(self.path)
        try:
            content = self._read()
        except _Corrupt as why:
            copy = disk.keep_aside(self.path, self._kept_aside)
            self._notify(
                f"{self.path.name} is no checkpoint ({why}). It is kept as {copy.name} in "
                f"{copy.parent.name}/ and made anew from the ledger."
            )
            return
        if content is None:
            return
        for line in content.wrong:
            self._notify(f"{self.path.name}: {line}; that does not count.")
        base = self._base(content.version)
        job = self._jobs.begin(*self._names)
        there = self._jobs.entries(job)
        changed = [
            evolve(there[name], status=entry.status) if name in there else entry
            for name, entry in content.entries.items()
            if base.get(name) != entry.status
            and not (name in there and there[name].status is entry.status)
        ]
        gone = [name for name in base if name in there and name not in content.version.statuses]
        if changed:
            self._jobs.put(job, changed)
        if gone:
            self._jobs.remove(job, gone)
        if base and (changed or gone):
            self._notify(
                f"{self.path.name} was edited: {len(changed):,} of its campaigns have another "
                f"status now, {len(gone):,} start afresh."
            )

    def _base(self, version: _Version) -> Mapping[str, str]:
        """Return the statuses that stood in the file before a user may have edited it."""
        versions = self._versions()
        same = [it for it in versions if it.at == version.at]
        return (same or versions or [_Version("", {})])[-1].statuses

    def _read(self) -> _Content | None:
        with disk.blaming(self.path):
            try:
                if self.path.stat().st_size > _LARGEST:
                    raise _Corrupt("it is too large")
                data = self.path.read_bytes()
            except FileNotFoundError:
                return None
        try:
            document = json.loads(data.decode("utf-8-sig"))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise _Corrupt(_in_short(error)) from error
        if not isinstance(document, dict) or not isinstance(document.get("campaigns"), dict):
            raise _Corrupt("it holds no campaigns")
        entries, wrong = {}, []
        for name, told in document["campaigns"].items():
            status = told.get("status") if isinstance(told, dict) else None
            if not isinstance(status, str) or status.strip().casefold() not in _WORDS:
                known = ", ".join(_WORDS)
                wrong.append(f"campaign {name} has the status {status!r}, which is none of {known}")
                continue
            entries[name] = _told(name, _WORDS[status.strip().casefold()], told)
        statuses = dict.fromkeys(document["campaigns"], "")
        statuses |= {name: entry.status.value for name, entry in entries.items()}
        version = _Version(str(document.get("last_updated", "")), statuses)
        return _Content(version, entries, tuple(wrong))

    # ---- what was written

    def _state(self) -> Mapping[str, Any]:
        """Return what was remembered of the file: whose it is, and its last versions."""
        state = self._ledger.mirror_state(self.path) or {}
        return {**state, "job": tuple(state["job"])} if "job" in state else state

    def _versions(self) -> list[_Version]:
        state = self._state()
        told = () if state.get("job") not in {None, self._names} else state.get("versions", ())
        return [_Version(at, statuses) for at, statuses in told]

    def _remember(self, version: _Version | None = None) -> None:
        versions = [*self._versions()[-1:], version] if version else []
        told = [[it.at, dict(it.statuses)] for it in versions if it]
        self._ledger.remember_mirror(self.path, {"job": list(self._names), "versions": told})


def _named(platform: str, account: str, kind: str, slot: str) -> str:
    slot = f", slot {slot}" if slot else ""
    return f"{kind} ads on {platform}, account {account}{slot}"


class _Writer:
    """Writes documents (DESIGN, "Mirrors"); of entries that are as before it keeps the text."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[AdEntry, str]] = {}

    def document(self, job: AdJob, entries: Mapping[str, AdEntry]) -> bytes:
        """Return the file's content."""
        known = self._texts
        self._texts = {}
        for name, entry in entries.items():
            kept = known.get(name)
            if kept is None or kept[0] != entry:
                kept = (entry, f"{_json(name)}: {_text_of(entry)}")
            self._texts[name] = kept
        campaigns = ",\n    ".join(text for _, text in self._texts.values())
        document = (
            "{\n"
            f'  "session_id": {_json(job.session_id)},\n'
            f'  "started_at": {_json(_time(job.started_at))},\n'
            f'  "last_updated": {_json(_time(job.updated_at))},\n'
            + (f'  "campaigns": {{\n    {campaigns}\n  }}\n' if entries else '  "campaigns": {}\n')
            + "}\n"
        )
        return document.encode("utf-8", "replace")


def _text_of(entry: AdEntry) -> str:
    told = {
        "status": entry.status.value,
        "ads_created": entry.ads_created,
        "timestamp": _time(entry.at),
        "campaign_name": entry.name,
        "csv_file": entry.csv_file,
        "error": entry.error or None,
        "invalid_creatives_count": entry.invalid,
    }
    return json.dumps(told, indent=2, ensure_ascii=False).replace("\n", "\n    ")


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _told(name: str, status: CampaignStatus, told: Mapping[str, Any]) -> AdEntry:
    """Return an entry as somebody else's file has it; what can't be read of it is left out."""

    def text(key: str) -> str:
        value = told.get(key)
        return value if isinstance(value, str) else ""

    def number(key: str) -> int:
        value = told.get(key)
        return value if isinstance(value, int) and 0 <= value < 2**31 else 0

    try:
        at = datetime.fromisoformat(text("timestamp")).astimezone()
    except (ValueError, OverflowError, OSError):
        at = None
    return AdEntry(
        name,
        status,
        number("ads_created"),
        at,
        text("campaign_name"),
        text("csv_file"),
        text("error"),
        number("invalid_creatives_count"),
    )


def _time(at: datetime | None) -> str:
    return at.astimezone().isoformat() if at else ""


def _in_short(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    return "it is no text" if isinstance(error, UnicodeDecodeError) else "it is nested too deeply"
