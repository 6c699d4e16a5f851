"""The top of the command line: every error becomes one line and an exit code.

Here is one of the two places that may catch any exception.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import click

from creative_flow.cli.commands import cfu
from creative_flow.cli.output import Output, failed_run, one_line, wants_json
from creative_flow.errors import CreativeFlowError, Interrupted, UsageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never raises but for ``SystemExit``."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _make_streams_safe()
    try:
        output = Output(json=wants_json(arguments))
        code = _run(arguments, output)
        # All is said. What was stopped may still wait for something: then nobody else has to.
        _hear_no_more(signal.SIG_DFL if code else signal.SIG_IGN)
        output.flush()
    except OSError as error:
        # Nobody reads our output any more, or it can't be written. What is left in the buffers
        # must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if not isinstance(error, BrokenPipeError):
            print(f"cfu: The output can't be written: {error.strerror}.", file=sys.stderr)
        return 1
    return code


def _hear_no_more(instead: signal.Handlers) -> None:
    """Raise nothing for Ctrl+C from now on: a traceback would be all that came of it."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, instead)


def _make_streams_safe() -> None:
    """Make it possible to print anything, even where a stream is closed or knows few characters.

    What is closed is opened, standard input too: the next file would else take its place.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            reads = name == "stdin"
            handle = os.open(os.devnull, os.O_RDONLY if reads else os.O_WRONLY)
            setattr(sys, name, os.fdopen(handle, "r" if reads else "w"))
        elif hasattr(stream, "reconfigure") and name != "stdin":
            stream.reconfigure(errors="backslashreplace")


def _run(arguments: Sequence[str], output: Output) -> int:
    try:
        result = cfu.main(list(arguments), prog_name="cfu", standalone_mode=False, obj=output)
    except click.ClickException as error:
        return _fail(UsageError(error.format_message(), hint=_help_hint(error)), arguments, output)
    except (click.Abort, KeyboardInterrupt):
        stopped = Interrupted("Stopped.", hint="Running the same command again goes on.")
        return _fail(stopped, arguments, output)
    except CreativeFlowError as error:
        return _fail(error, arguments, output)
    except (BrokenPipeError, SystemExit):
        raise
    except Exception as error:  # noqa: BLE001 - the top of the command line
        if isinstance(error, OSError):
            output.flush()  # raises if it is the output that can't be written
        return _fail(_unexpected(error, arguments), arguments, output)
    return result if isinstance(result, int) else 0


def _fail(error: CreativeFlowError, arguments: Sequence[str], output: Output) -> int:
    """Say what went wrong, and put it into the document if one was asked for."""
    _hear_no_more(signal.SIG_IGN)  # it is ending already, and has still to say so
    print(f"cfu: {one_line(error)}", file=sys.stderr)
    if output.json and not output.written:
        if arguments[:1] == ["report"]:
            output.document({"runs": [], "error": str(error)})
        elif arguments[:1] == ["platforms"]:
            output.document({"platforms": [], "error": str(error)})
        elif arguments[:1] == ["archive"]:
            kind = "restored" if "--restore" in arguments else "archived"
            nothing = {"dry_run": "--dry-run" in arguments, kind: [], "left": []}
            output.document({**nothing, "error": str(error)})
        elif arguments[:1] == ["resolve"]:
            about = {"platform": _value(arguments, "--platform"), "error": str(error)}
            account = _value(arguments, "--account") or "default"
            output.document({**about, "account": account, "open": []})
        elif arguments[:1] == ["library"]:
            about = {"platform": _value(arguments, "--platform"), "error": str(error)}
            account = _value(arguments, "--account") or "default"
            kind = "entries" if {"add", "show", "search"} & set(arguments[1:2]) else "ad_formats"
            output.document({**about, "account": account, kind: []})
        elif arguments[:1] == ["campaigns"]:
            about = {"platform": _value(arguments, "--platform"), "error": str(error)}
            account = _value(arguments, "--account") or "default"
            if "status" in arguments[1:2]:
                output.document({**about, "account": account, "jobs": []})
            else:
                problems = list(getattr(error, "problems", ()))
                failed = {"run": "", **about, "account": account, "live": "--live" in arguments}
                failed |= {"counts": {}, "campaigns": [], "problems": problems}
                output.document({"runs": [failed]})
        else:
            failed = failed_run(output.platform or _value(arguments, "--platform"), error)
            output.document({"runs": [*output.runs, failed]})
    return error.exit_code


def _help_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if isinstance(context, click.Context) else "cfu"
    return f"Try `{command} --help`."


def _value(arguments: Sequence[str], option: str) -> str:
    """Return an option's value from arguments that could not be understood as a whole."""
    for index, argument in enumerate(arguments):
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
        if argument == option and index + 1 < len(arguments):
            return arguments[index + 1]
    return ""


def _unexpected(error: Exception, arguments: Sequence[str]) -> CreativeFlowError:
    """Write the details of an error that nobody foresaw to a file, and say where."""
    from creative_flow.cli.crash import write_crash

    where = write_crash(error, Path(_value(arguments, "--workspace") or "."))
    return CreativeFlowError(
        f"Something went wrong that should not have: {type(error).__name__}.",
        hint=f"The details are in {where}." if where else "The details could not be written.",
    )
