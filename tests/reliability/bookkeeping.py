"""What a run writes down, done step by step in a process of its own, from which the power is cut.

``python -m reliability.bookkeeping KIND ROOT [wait]`` does the steps and prints, after each call
that has returned, what must be there from then on. With ``wait`` it then waits for a line.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import Factory, asdict, define

from creative_flow.creative import Status
from creative_flow.ledger import Ledger, LibraryMirror, StatusMirror
from creative_flow.settings import write_private
from creative_flow.workspace import Workspace
from ledger.samples import FORMATS, A, P, batch, entry, outcome, snapshot

NEVER_COUNTS = "9999999999"
"""An id that the user puts in the place of another: kept aside, never taken over."""


@define
class Claims:
    """What has returned, and so must be found whatever happens next."""

    step: str = "nothing yet"
    waiting: list[str] = Factory(list)
    """Files of an intent whose sending had not begun."""
    sending: list[str] = Factory(list)
    """Files that may have left, and whose fate is open."""
    done: dict[str, str] = Factory(dict)
    """Status and Creative ID of each file that has its outcome."""
    entries: dict[str, str] = Factory(dict)
    """The library: names by Creative ID."""
    runs: list[str] = Factory(list)
    users: dict[str, str] = Factory(dict)
    """Rows that the user wrote: names by Creative ID."""
    notes: list[str] = Factory(list)
    """What the user wrote elsewhere in the library's file."""
    status_rows: list[str] = Factory(list)
    session: str = ""

    def facts(self) -> dict[str, object]:
        """Return the part that the ledger holds."""
        return {
            "waiting": sorted(self.waiting),
            "sending": sorted(self.sending),
            "done": dict(sorted(self.done.items())),
            "entries": dict(sorted(self.entries.items())),
        }


def facts(ledger: Ledger, runs: list[str]) -> dict[str, object]:
    """Return the same part, as a ledger shows it."""
    intents = ledger.open_intents(P, A)
    done = {}
    for run in runs:
        for it in ledger.outcomes(run):
            if it.status is not Status.PENDING:
                done[it.path.name] = f"{it.status} {it.creative_id}"
    return {
        "waiting": sorted(it.path.name for it in intents if it.sending_began_at is None),
        "sending": sorted(it.path.name for it in intents if it.sending_began_at is not None),
        "done": dict(sorted(done.items())),
        "entries": dict(sorted((it.creative_id, it.name) for it in ledger.entries(P, A))),
    }


def ledger_url(root: Path) -> str:
    """Return the address of the ledger of a workspace."""
    return f"sqlite:///{root}/data/session/ledger.db"


def library_of(ledger: Ledger, root: Path) -> LibraryMirror:
    """Return the library's mirror of a workspace."""
    return LibraryMirror(
        ledger,
        root / "tracking" / "library.csv",
        platform=P,
        account=A,
        ad_formats=FORMATS,
        kept_aside=root / "tracking" / "kept_aside",
    )


def status_of(root: Path) -> StatusMirror:
    """Return the mirror of a run's outcomes."""
    return StatusMirror(root / "tracking" / "status.csv", title="TrafficJunky", column_prefix="tj")


def session_of(root: Path) -> Path:
    """Return where the login is kept."""
    return root / "data" / "session" / "tj_session.json"


def ledger_alone(root: Path) -> Iterator[Claims]:
    """Do what two runs do to the ledger, a checkpoint between them; one transaction a step."""
    has = Claims()
    with Ledger.open(ledger_url(root)) as ledger:

        def returned(step: str) -> Claims:
            has.step = step
            return has

        yield returned("open")
        ledger.bind_account(P, A, "buyer@example.com")
        yield returned("bind_account")
        run = _start(ledger, has)
        yield returned("start_run")
        _add(ledger, has, {"1032530501": "old_1.png", "1032530502": "old_2.png"})
        yield returned("add_entries")
        ledger.record(run, [outcome("old_1.png", Status.SKIPPED, "1032530501")])
        has.done["old_1.png"] = "skipped 1032530501"
        yield returned("record")

        first = ledger.write_intent(run, batch("a.png", "b.png", "c.png"), snapshot("1"), "17")
        has.waiting = ["a.png", "b.png", "c.png"]
        yield returned("write_intent")
        ledger.mark_sending(first)
        has.waiting, has.sending = [], ["a.png", "b.png", "c.png"]
        yield returned("mark_sending")
        _finish(ledger, has, first, {"a.png": "1032530511", "b.png": "1032530512"}, ["c.png"])
        yield returned("finish_batch")

        second = ledger.write_intent(run, batch("d.png", number=2), snapshot("1"), "17")
        has.waiting = ["d.png"]
        yield returned("write_intent, to be given up")
        ledger.abandon_batch(second)
        has.waiting = []
        yield returned("abandon_batch")
        third = ledger.write_intent(run, batch("d.png", "e.png", number=3), snapshot("1"), "17")
        has.waiting = ["d.png", "e.png"]
        yield returned("write_intent, to be interrupted")
        ledger.mark_sending(third)
        has.waiting, has.sending = [], ["c.png", "d.png", "e.png"]
        yield returned("mark_sending, to be interrupted")

        _checkpoint(root, "PASSIVE")
        yield returned("checkpoint")
        ledger.finish_run(run, error="Interrupted.")
        yield returned("finish_run")
        _start(ledger, has)
        yield returned("start_run, the next")
        for intent in ledger.open_intents(P, A):
            name = intent.path.name
            if name == "d.png":
                found = entry("1032530514", name)
                ledger.settle(intent, outcome(name, Status.SUCCESS, "1032530514"), [found])
                has.done[name] = "success 1032530514"
                has.entries["1032530514"] = name
            else:
                ledger.settle(intent, None)
                has.done.pop(name, None)
            has.sending.remove(name)
            yield returned(f"settle {name}")
        ledger.annotate(P, A, {("static_banner", "1032530511"): {"notes": "good"}})
        yield returned("annotate")

        _checkpoint(root, "TRUNCATE")
        yield returned("checkpoint, cut to nothing")
        _add(ledger, has, {str(1032540000 + n): f"many_{n}.png" for n in range(150)})
        yield returned("add_entries, many")
        ledger.forget(P, A, [("static_banner", "1032530501")])
        yield returned("forget")


def workspace(root: Path) -> Iterator[Claims]:
    """Do what two runs do to ledger, mirrors and saved login, a user's edits between them."""
    has = Claims()
    csv = root / "tracking" / "library.csv"
    Workspace(root).prepare()
    with Ledger.open(ledger_url(root)) as ledger:
        library, status = library_of(ledger, root), status_of(root)

        def returned(step: str) -> Claims:
            has.step = step
            return has

        yield returned("open")
        ledger.bind_account(P, A, "buyer@example.com")
        library.take_in(notify=_ignore, confirm_forget=None)
        run = _start(ledger, has)
        yield returned("start_run")
        write_private(session_of(root), b'{"login": "first"}')
        has.session = '{"login": "first"}'
        yield returned("session")
        first = ledger.write_intent(run, batch("a.png", "b.png"), snapshot("1"), "17")
        has.waiting = ["a.png", "b.png"]
        yield returned("write_intent")
        ledger.mark_sending(first)
        has.waiting, has.sending = [], ["a.png", "b.png"]
        yield returned("mark_sending")
        _finish(ledger, has, first, {"a.png": "1032530511", "b.png": "1032530512"}, [])
        yield returned("finish_batch")
        _tell(status, has, run, "a.png", "b.png")
        yield returned("status: new")
        library.follow()
        yield returned("library: new")

        second = ledger.write_intent(run, batch("c.png", number=2), snapshot("1"), "17")
        has.waiting = ["c.png"]
        yield returned("write_intent 2")
        ledger.mark_sending(second)
        has.waiting, has.sending = [], ["c.png"]
        yield returned("mark_sending 2")
        _finish(ledger, has, second, {"c.png": "1032530513"}, [])
        yield returned("finish_batch 2")
        _tell(status, has, run, "c.png")
        yield returned("status: grows")
        library.follow()
        yield returned("library: grows")

        row = b"1032530599,mine.png,,300x250,,static_banner,\n,unfinished.png,,,,,\n"
        _save_as_user(csv, csv.read_bytes() + row)
        has.users["1032530599"] = "mine.png"
        has.notes.append("unfinished.png")
        yield returned("the user appends")
        library.take_in(notify=_ignore, confirm_forget=None)
        has.entries["1032530599"] = "mine.png"
        yield returned("take_in")
        edited = csv.read_text().replace("1032530511,", f"{NEVER_COUNTS},")
        head, *rows = edited.splitlines()
        _save_as_user(csv, "\n".join([f"{head},notes", *(f"{it},good" for it in rows), ""]))
        has.notes += [NEVER_COUNTS, "good"]
        yield returned("the user edits")
        library.take_in(notify=_ignore, confirm_forget=None)
        yield returned("take_in, and restore")

        write_private(session_of(root), b'{"login": "second"}')
        has.session = '{"login": "second"}'
        yield returned("session again")
        status.rewrite(ledger.outcomes(run), run=run, campaign="17")
        yield returned("status: written anew")
        _add(ledger, has, {"1032530515": "seen.png"})
        yield returned("add_entries")
        library.follow()
        yield returned("library: grows again")
    yield returned("close")


KINDS: dict[str, Callable[[Path], Iterator[Claims]]] = {
    "ledger": ledger_alone,
    "workspace": workspace,
}


def _ignore(_: str) -> None:
    pass


def _start(ledger: Ledger, has: Claims) -> str:
    run = ledger.start_run(P, A, login="buyer@example.com", campaign="17", total=3)
    has.runs.append(run)
    return run


def _add(ledger: Ledger, has: Claims, names: dict[str, str]) -> None:
    ledger.add_entries(P, A, [entry(creative_id, name) for creative_id, name in names.items()])
    has.entries.update(names)


def _finish(
    ledger: Ledger, has: Claims, batch_id: int, ids: dict[str, str], unknown: list[str]
) -> None:
    outcomes = [outcome(name, Status.SUCCESS, ids[name]) for name in ids]
    outcomes += [outcome(name, Status.UNKNOWN_ID, error="not to be told") for name in unknown]
    ledger.finish_batch(batch_id, outcomes, [entry(ids[name], name) for name in ids])
    has.sending = [name for name in has.sending if name not in ids]
    has.done.update({name: f"success {ids[name]}" for name in ids})
    has.done.update(dict.fromkeys(unknown, "unknown_id "))
    has.entries.update({ids[name]: name for name in ids})


def _tell(status: StatusMirror, has: Claims, run: str, *names: str) -> None:
    outcomes = [outcome(name, Status.SUCCESS, has.done[name].split()[1]) for name in names]
    status.append(outcomes, run=run, campaign="17")
    has.status_rows += names


def _save_as_user(path: Path, content: bytes | str) -> None:
    """Save a file as a careful editor would. What the user did not save is not ours to keep."""
    data = content.encode() if isinstance(content, str) else content
    fresh = path.with_name("saved-by-the-user.tmp")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _checkpoint(root: Path, how: str) -> None:
    connection = sqlite3.connect(root / "data" / "session" / "ledger.db")
    connection.execute("PRAGMA synchronous = FULL")
    busy, _, _ = connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
    connection.close()
    assert not busy


def main() -> None:
    kind, root, *wait = sys.argv[1:]
    for claims in KINDS[kind](Path(root)):
        # Straight to the system: what is recorded is the order of calls.
        os.write(1, json.dumps(asdict(claims)).encode() + b"\n")
        if wait:
            sys.stdin.readline()


if __name__ == "__main__":
    main()
