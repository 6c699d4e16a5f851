"""``cfu`` as a process of its own, against the sandbox."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

import warm
from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.seeds import seeds_of

QUICK = {
    "captcha": "none",
    "cookie_banner": False,
    "thumbnails": False,
    "list_seconds": 0.01,
}


@frozen
class Done:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        assert found["schema"] == 1
        return found

    def formats(self) -> dict[str, dict[str, Any]]:
        return {each["ad_format"]: each for each in self.document["ad_formats"]}


@frozen
class Scene:
    """One account on one sandbox."""

    place: Path
    sandbox: TjSandbox

    def seed(self, ad_format: str, count: int, **more: object) -> list[str]:
        """Put creatives into a list; return their ids, the oldest first."""
        body = {"ad_format": ad_format, "count": count, **more}
        added = self.sandbox.state.add_creatives(seeds_of(body, self.sandbox.site.settings))
        return [creative.id for creative in added]

    def turn(self, **knobs: object) -> None:
        """Turn knobs of the running sandbox."""
        self.sandbox.site.settings = self.sandbox.site.settings.changed(knobs)
        self.sandbox.site.changes = 0

    async def cfu(self, *arguments: str, end: signal.Signals | None = None, at: int = 0) -> Done:
        """Run a command; with ``end`` it gets that signal once ``at`` more lists were asked for."""
        arguments = (*arguments, "--workspace", str(self.place))
        environ = {
            **os.environ,
            **self.sandbox.environment(),
            "CFU_STATE_DIR": str(self.place / "state"),
            "HEADLESS_MODE": "True",
        }
        if end is None:
            done = await warm.run(*arguments, environ=environ, cwd=self.place)
            assert "Traceback" not in done.err, done.err
            return Done(done.code, done.out, done.err)
        since = self.sandbox.site.requests["list"]
        process = await asyncio.create_subprocess_exec(
            *(str(warm.CFU), *arguments),
            env=environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        ended = asyncio.create_task(process.communicate())
        asked = self.sandbox.site.requests
        while asked["list"] < since + at and not ended.done():  # noqa: ASYNC110  a process
            await asyncio.sleep(0.02)
        process.send_signal(end)
        out, err = await ended
        assert process.returncode is not None
        assert b"Traceback" not in err, err
        return Done(process.returncode, out.decode(), err.decode())

    def rows(self) -> dict[str, dict[str, str]]:
        """Return the library's CSV by Creative ID."""
        with (self.place / "tracking" / "TJ_Creative_Library.csv").open(newline="") as file:
            found = list(csv.DictReader(file))
        by_id = {row["creative_id"]: row for row in found}
        assert len(by_id) == len(found)
        return by_id

    def truth(self) -> set[str]:
        """Return the ids of all that the sandbox has."""
        return {creative.id for creative in self.sandbox.state.creatives()}


@asynccontextmanager
async def scene(place: Path, **knobs: object) -> AsyncIterator[Scene]:
    """Start a sandbox for one workspace."""
    (place / "config").mkdir(parents=True)
    (place / "config" / "tj.toml").write_text("[waits]\nquiet = 0.03\nquiet_empty = 0.1\n")
    sandbox = TjSandbox(settings={**QUICK, **knobs})
    await sandbox.start()
    try:
        yield Scene(place, sandbox)
    finally:
        await sandbox.stop()
