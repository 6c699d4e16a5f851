"""The sandbox in a process of its own, so that its work and ours don't share one.

python -m benchmarks.site '{"file_seconds": 0}' '[{"count": 100, "ad_format": "static_banner"}]'
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from benchmarks.measuring import ROOT

QUICK: Mapping[str, object] = {"captcha": "none", "cookie_banner": False}
"""Without what a person has to do."""


@dataclass(frozen=True)
class Site:
    """A sandbox that is serving. ``environ`` aims the plugin at it."""

    environ: Mapping[str, str]

    def ask(self, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Ask the control API; with a body, tell it something."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.environ['TJ_BASE_URL']}/_sandbox/{path}", data=data)
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def requests(self) -> Mapping[str, int]:
        """Return how many requests of each kind it has answered."""
        found: Mapping[str, int] = self.ask("requests")
        return found


@contextmanager
def serving(
    settings: Mapping[str, object] | None = None, seeds: Sequence[Mapping[str, object]] = ()
) -> Iterator[Site]:
    """Serve a sandbox whose library has ``seeds`` in it, as the control API takes them."""
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "benchmarks.site"),
            json.dumps({**QUICK, **(settings or {})}),
            json.dumps(list(seeds)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    assert child.stdout
    assert child.stdin
    try:
        said = child.stdout.readline()
        if not said:
            raise RuntimeError("the sandbox did not start")
        yield Site(json.loads(said))
    finally:
        child.stdin.close()
        child.wait(30)
        child.stdout.close()


async def _serve(settings: Mapping[str, object], seeds: Sequence[Mapping[str, object]]) -> None:
    from creative_flow_tj.sandbox import TjSandbox
    from creative_flow_tj.sandbox.seeds import seeds_of

    sandbox = TjSandbox(settings=settings)
    await sandbox.start()
    for body in seeds:
        sandbox.state.add_creatives(seeds_of(body, sandbox.site.settings))
    print(json.dumps(sandbox.environment()), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await sandbox.stop()


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(sys.argv[1]), json.loads(sys.argv[2])))
