"""What a worker process runs: one call after the other, until its parent is gone.

Standard input is a socket: calls come and answers go over it, and nobody else can get at it. The
first thread reads what the parent sends; when that ends the process ends at once, whatever it is
doing. Calls run in a second thread.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import struct
import traceback
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from creative_flow.errors import CreativeFlowError

LENGTH = struct.Struct(">Q")
"""Before each message stands how many bytes it has."""
_MANY_OBJECTS = 50_000
"""How many new objects there must be before they are searched for ones that nobody needs."""


class Job(NamedTuple):
    """One call, pickled; ``temporaries`` are the files that it leaves if the process is killed."""

    call: bytes
    temporaries: tuple[Path, ...] = ()


class Answer(NamedTuple):
    """What a call returned or raised."""

    value: Any = None
    error: BaseException | None = None


def request(call: partial[Any], temporaries: Iterable[Path] = ()) -> bytes:
    """Return the message that asks a worker for a call."""
    job = pickle.dumps(Job(pickle.dumps(call), tuple(temporaries)))
    return LENGTH.pack(len(job)) + job


def main() -> None:
    """Answer calls until there are no more."""
    gc.set_threshold(_MANY_OBJECTS)
    # Ctrl+C reaches every process of the terminal. The parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    calls, answers = (os.fdopen(os.dup(0), mode) for mode in ("rb", "wb"))
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    turns = ThreadPoolExecutor(1)
    turns.submit(load)
    temporaries: tuple[Path, ...] = ()
    while message := _message(calls):
        job = pickle.loads(message)  # noqa: S301 - it comes from the parent
        temporaries = job.temporaries
        turns.submit(_called, job.call).add_done_callback(partial(_answer, answers))
    remove(temporaries)
    os._exit(0)


def load() -> None:
    """Load what nearly every call needs."""
    import creative_flow.probe.image
    import creative_flow.process.looking

    creative_flow.probe.image.load()


def remove(files: Iterable[Path]) -> None:
    """Remove what a call has left, as far as it is there."""
    for file in files:
        file.unlink(missing_ok=True)


def _message(pipe: BinaryIO) -> bytes:
    """Return the next message, empty if the parent is gone."""
    head = pipe.read(LENGTH.size)
    return pipe.read(*LENGTH.unpack(head)) if len(head) == LENGTH.size else b""


def _called(call: bytes) -> bytes:
    """Make a call and return the answer; what can't be pickled raises here, where it is caught."""
    return pickle.dumps(Answer(value=pickle.loads(call)()))  # noqa: S301 - it comes from the parent


def _answer(pipe: BinaryIO, call: Future[bytes]) -> None:
    error = call.exception()
    data = pickle.dumps(Answer(error=portable(error))) if error else call.result()
    pipe.write(LENGTH.pack(len(data)) + data)
    pipe.flush()


def portable(error: BaseException) -> BaseException:
    """Return an error that can pass to another process, with where it was raised as its note."""
    where = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - it was made the line before
    except (pickle.PickleError, AttributeError, TypeError):
        if isinstance(error, CreativeFlowError):
            error = CreativeFlowError(error.message, hint=error.hint, evidence=error.evidence)
        else:
            error = RuntimeError(f"{type(error).__name__}: {error}")
    error.__cause__ = error.__context__ = None
    error.add_note(f"In a worker:\n{where}")
    return error
