"""A workspace, a sandbox, and `cfu` run as a process of its own, that may die."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import define, field
from PIL import Image

import warm
from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.seeds import seeds_of
from upload.media import video

QUICK = {
    "captcha": "none",
    "cookie_banner": False,
    "thumbnails": False,
    "list_seconds": 0.02,
    "file_seconds": 0.05,
    "batch_seconds": 0.05,
}
WAITS = "[waits]\nsettle = 4\nappear = 4\nduplicate = 0.5\npoll = 0.2\n"
KILLED = -signal.SIGKILL


@define
class Rehearsal:
    """One account on one sandbox, and the files that are to go there."""

    place: Path
    sandbox: TjSandbox
    files: dict[str, str] = field(factory=dict)
    """SHA-256 by name."""
    process: asyncio.subprocess.Process | warm.Process | None = None
    """What was started last."""
    clips: set[str] = field(factory=set)
    """The names of those that are videos."""

    def add_banners(self, *names: str, size: tuple[int, int] = (300, 250)) -> None:
        """Make static banners, each with content of its own."""
        folder = self.place / "uploaded"
        folder.mkdir(exist_ok=True)
        for name in names:
            color = hashlib.sha256(name.encode()).digest()[:3]
            Image.new("RGB", size, tuple(color)).save(folder / f"{name}.png")
            self.files[name] = hashlib.sha256((folder / f"{name}.png").read_bytes()).hexdigest()

    def add_clips(self, *names: str) -> None:
        """Make in-stream videos, each of a length of its own."""
        for number, name in enumerate(names):
            path = video(self.place / "uploaded" / f"{name}.mp4", seconds=6 + number)
            self.clips.add(name)
            self.files[name] = hashlib.sha256(path.read_bytes()).hexdigest()

    def add_known(self, name: str) -> None:
        """Make a banner whose name the platform has already."""
        body = {"creatives": [{"name": name, "ad_format": "static_banner"}]}
        self.sandbox.state.add_creatives(seeds_of(body, self.sandbox.site.settings))
        Image.new("RGB", (300, 250), "white").save(self.place / "uploaded" / f"{name}.png")

    async def cfu(
        self,
        *options: str,
        fail_at: str = "",
        under: Sequence[str] = (),
        seconds: float = 60,
        seen: Callable[[str], None] = lambda _: None,
    ) -> tuple[int, str]:
        """Upload the folder; return the exit code (or minus the signal) and what was said."""
        wanted = ("upload", "uploaded", "--platform", "tj", "--live", "--headless", *options)
        return await self.command(*wanted, fail_at=fail_at, under=under, seconds=seconds, seen=seen)

    async def command(
        self,
        *arguments: str,
        fail_at: str = "",
        under: Sequence[str] = (),
        seconds: float = 60,
        seen: Callable[[str], None] = lambda _: None,
    ) -> tuple[int, str]:
        """Run a command; return its exit code (or minus the signal) and what was said.

        ``seen`` is given each line as it comes; ``under`` is a command that runs it as its own.
        """
        environ = {
            **os.environ,
            **self.sandbox.environment(),
            "CFU_STATE_DIR": str(self.place / "state"),
            "CFU_FAIL_AT": fail_at,
            "TAKE_SCREENSHOTS": "False",
        }
        said = []

        async def read(lines: asyncio.StreamReader) -> None:
            async for line in lines:
                said.append(line.decode(errors="replace"))
                seen(said[-1])

        process: asyncio.subprocess.Process | warm.Process
        if fail_at or under:
            process = await asyncio.create_subprocess_exec(
                *(*under, sys.executable, "-m", "creative_flow.cli", *arguments),
                cwd=self.place,
                env=environ,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            assert process.stdout is not None
            lines, ended = process.stdout, process.wait()
        else:
            process = warm.start(
                *arguments,
                module="creative_flow.cli",
                environ=environ,
                cwd=self.place,
                merged=True,
                uses=warm.BROWSING,
            )
            lines = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(lines)
            await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, process.stdout)
            ended = asyncio.to_thread(process.wait, seconds)
        self.process = process
        try:
            await asyncio.wait_for(asyncio.gather(read(lines), ended), seconds)
        except TimeoutError:
            process.kill()
            raise
        assert process.returncode is not None
        return process.returncode, "".join(said)

    def kill(self) -> None:
        """Kill what was started last, if it still runs."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()

    def interrupt(self) -> None:
        """Press Ctrl+C for what was started last, if it still runs."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)

    async def until_well(self, most: int) -> str:
        """Run the command again and again, as a person would, until it says that all is well."""
        said = ""
        for _ in range(most):
            code, more = await self.cfu()
            said += f"{more}exit {code}\n"
            if code == 0:
                return said
        raise AssertionError(f"not well after {most} runs\n{said}")

    def check(self) -> None:
        """Hold the sandbox's truth against the record: the four zeros."""
        kept_or_known = Counter(
            arrival.sha256
            for arrival in self.sandbox.state.arrivals()
            if arrival.sha256 in self.files.values() and arrival.result in {"created", "duplicate"}
        )
        twice = {sha: count for sha, count in kept_or_known.items() if count > 1}
        assert not twice, f"sent again though the platform had it: {twice}"
        there = {creative.sha256: creative for creative in self.sandbox.state.creatives()}
        lost = {name for name, sha in self.files.items() if sha not in there}
        assert not lost, f"lost: {lost}"
        with (self.place / "tracking" / "TJ_Creative_Library.csv").open(newline="") as file:
            recorded = {row["filename"]: row["creative_id"] for row in csv.DictReader(file)}
        for name, sha in self.files.items():
            whole_name = f"{name}.{'mp4' if name in self.clips else 'png'}"
            assert recorded.get(whole_name) == there[sha].id, f"wrong id: {name}"
            content = (self.place / "uploaded" / whole_name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == sha, f"unreadable: {name}"


@asynccontextmanager
async def rehearsal(place: Path, **settings: object) -> AsyncIterator[Rehearsal]:
    """Start a sandbox, and make a workspace with short waits."""
    (place / "config").mkdir(parents=True)
    (place / "config" / "tj.toml").write_text(WAITS)
    sandbox = TjSandbox(settings={**QUICK, **settings})
    await sandbox.start()
    try:
        yield Rehearsal(place, sandbox)
    finally:
        await sandbox.stop()
