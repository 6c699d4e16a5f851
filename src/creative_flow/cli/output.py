"""Where words go: people's to the terminal, with ``--json`` one document to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from creative_flow.errors import CreativeFlowError

SCHEMA = 1
"""The version of the JSON documents."""


class Output:
    """One command's output.

    With ``json`` standard output is set aside for the one document, and all else that anybody
    writes there, be it a plugin or the browser, goes to standard error. ``runs`` gathers what the
    document will hold, so that it is not lost if a later run fails, that of ``platform``.
    """

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self.written = False
        self.runs: list[dict[str, Any]] = []
        self.platform = ""
        self._out: TextIO = sys.stdout
        if json:
            sys.stdout.flush()
            self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
            os.dup2(2, 1)

    @property
    def people(self) -> TextIO:
        """Where results for people go."""
        return sys.stderr if self.json else sys.stdout

    def flush(self) -> None:
        """Write out what is still held back. Raises `OSError` if it can't be written."""
        self._out.flush()
        sys.stdout.flush()

    def document(self, content: Mapping[str, Any]) -> None:
        """Print the document. There is one at most."""
        import json

        self.written = True
        json.dump({"schema": SCHEMA, **content}, self._out, indent=2)
        self._out.write("\n")
        self._out.flush()


def wants_json(arguments: Sequence[str]) -> bool:
    """Say whether a document is asked for, however wrong the rest may be."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options and not {"--help", "-h"} & set(options)


def tell(line: str) -> None:
    """Tell the user one line now, on standard error; it may begin with a bell."""
    from creative_flow.report.text import notice, rings

    if rings(line) and sys.stderr.isatty():
        sys.stderr.write("\a")
    print(notice(line), file=sys.stderr, flush=True)


def one_line(error: CreativeFlowError) -> str:
    """Return an error as one line that is safe to print: what is wrong, what to do, evidence."""
    from creative_flow.report.text import clean

    evidence = ", ".join(map(str, error.evidence))
    return clean(f"{error}" + (f" See {evidence}" if evidence else ""))


def failed_run(
    platform: str, error: CreativeFlowError, *, account: str = "default", live: bool = False
) -> dict[str, object]:
    """Return a run that never began, as the document shows it."""
    from creative_flow.creative import Report

    return Report(
        run="",
        platform=platform,
        title="",
        account=account,
        live=live,
        outcomes=(),
        error=str(error),
        error_exit_code=error.exit_code,
    ).to_dict()
