"""Every byte that is left behind, said, or shown by a process is looked through for secrets."""

from __future__ import annotations

import base64
import stat
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from attrs import frozen

from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.site import Captchas
from reliability.rehearsal import KILLED, QUICK, Rehearsal
from reliability.traces import Traces, forms

LOGIN = "ana.buyer"
PASSWORD = "p&<>\"' w0rd+ü%/\\9"
WRONG = "wr0ng & <\"never'> stored+ü%/\\"
UPLOAD = ("upload", "uploaded", "--platform", "tj", "--live", "--headless")
ASKED = (("user name", LOGIN), ("Password (not shown)", PASSWORD))
ASKED_WRONG = (("user name", LOGIN), ("Password (not shown)", WRONG))
WAITS = """\
[waits]
settle = 2
appear = 3
duplicate = 0.5
poll = 0.2
element = 4
signed_in = 4
"""
UNKNOWN_PAGE = """\
[texts]
library_heading = ["No such heading"]
signed_in = ["No such text"]
[addresses]
signed_in_signs = ["no-such-address"]
"""


class WatchedCaptchas(Captchas):
    """The sandbox's captchas, with a list of every token there was."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[str] = []

    def open(self) -> str:
        self.tokens.append(super().open())
        return self.tokens[-1]


@frozen
class Scene:
    """Where all of this takes place."""

    traces: Traces
    sandbox: TjSandbox
    captchas: WatchedCaptchas

    @property
    def place(self) -> Path:
        return self.traces.place

    def secrets(self) -> list[str]:
        """Return the captchas' tokens, and the value of every session cookie there ever was."""
        rows = self.sandbox.state.rows("SELECT token FROM session")
        return [*self.captchas.tokens, *(str(row["token"]) for row in rows)]


@asynccontextmanager
async def scenery(root: Path, **settings: object) -> AsyncIterator[Scene]:
    """Start a sandbox with an account whose password is hard to write down."""
    (root / "place" / "config").mkdir(parents=True)
    (root / "place" / "config" / "tj.toml").write_text(WAITS)
    sandbox = TjSandbox(settings={**QUICK, "accounts": {LOGIN: PASSWORD}, **settings})
    await sandbox.start()
    sandbox.site.captchas = captchas = WatchedCaptchas()
    given = sandbox.environment()
    aimed = {name: given[name] for name in ("TJ_BASE_URL", "TJ_LOGIN_URL")}
    try:
        yield Scene(Traces(root, aimed), sandbox, captchas)
    finally:
        await sandbox.stop()


def is_kept_secret(path: Path, place: Path) -> bool:
    """Say whether a file is one of those that hold secrets on purpose."""
    return path == place / "config" / ".env" or (
        path.parent == place / "data" / "session" and (path.name.endswith("_session.json"))
    )


def check(scene: Scene, passwords: Iterable[str]) -> None:
    """Look through everything; and the files that hold secrets must be their owner's alone."""
    secrets = [*passwords, *scene.secrets()]
    secrets += [f"{LOGIN}:{password}" for password in passwords]
    sought = {(secret, how): way for secret in secrets for how, way in forms(secret).items()}
    places = {f"said #{number}": said for number, said in enumerate(scene.traces.said)}
    places |= {f"process {shown[:80]!r}": shown for shown in scene.traces.processes}
    for path in scene.traces.files():
        if is_kept_secret(path, scene.place):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700, path.parent
        else:
            places[str(path)] = path.read_bytes()
    found = [
        f"{secret!r} ({how}) in {where}"
        for where, content in places.items()
        for (secret, how), way in sought.items()
        if way in content
    ]
    assert found == []


def test_the_forms_find_a_secret_wherever_it_stands() -> None:
    """The search itself is tried: one that finds nothing proves nothing."""
    ways = forms(PASSWORD)
    for before in ("", "a", "ab", "abc", "login:"):
        text = base64.b64encode(f"{before}{PASSWORD} and more".encode())
        assert any(way in text for how, way in ways.items() if how.startswith("base64"))
    assert ways["url"] == b"p%26%3C%3E%22%27%20w0rd%2B%C3%BC%25%2F%5C9"
    assert ways["html"].startswith(b"p&amp;&lt;&gt;&quot;")


@pytest.mark.browser
@pytest.mark.timeout(120)
async def test_a_refused_password_is_nowhere(root: Path) -> None:
    async with scenery(root) as scene:
        code, said = await scene.traces.cfu(
            "setup", "--platform", "tj", "--headless", typed=ASKED_WRONG
        )
        assert code == 3, said
        assert "were tried once" in said
        assert list((scene.place / "data" / "screenshots").glob("*.html"))
        seen = scene.traces.processes
        assert any(b"--type=renderer" in shown for shown in seen), "no browser was seen"
        check(scene, [WRONG])
        assert not (scene.place / "config" / ".env").exists()

        (root / "tmp" / "forgotten").write_bytes(b"a=1&password=" + forms(WRONG)["url"])
        with pytest.raises(AssertionError, match="forgotten"):
            check(scene, [WRONG])


@pytest.mark.browser
@pytest.mark.reliability
@pytest.mark.timeout(600)
async def test_no_secret_is_left_behind_said_or_shown(root: Path) -> None:
    """Set up, sign in, upload, and fail in every way that leaves evidence."""
    async with scenery(root) as scene:
        files = Rehearsal(scene.place, scene.sandbox)
        faults = scene.sandbox.site.faults
        config = scene.place / "config"

        code, said = await scene.traces.cfu(
            "setup", "--platform", "tj", "--headless", typed=ASKED_WRONG
        )
        assert code == 3, said
        code, said = await scene.traces.cfu("setup", "--platform", "tj", "--headless", typed=ASKED)
        assert code == 0, said
        code, said = await scene.traces.cfu("login", "--platform", "tj", "--headless")
        assert code == 0, said
        assert list((scene.place / "data" / "session").glob("*_session.json"))

        files.add_banners("EN_Summer_1", "EN_Summer_2")
        code, said = await scene.traces.cfu(*UPLOAD)
        assert code == 0, said
        check(scene, [PASSWORD, WRONG])

        files.add_banners("EN_Summer_3")
        faults.order({"path": "upload", "kind": "status", "status": 500, "when": "after"})
        code, said = await scene.traces.cfu(*UPLOAD)
        assert code == 0, said
        files.add_banners("EN_Summer_4")
        faults.order({"path": "page", "kind": "status", "status": 500, "count": 50})
        code, said = await scene.traces.cfu(*UPLOAD)
        assert code == 7, said
        faults.clear()
        faults.order({"path": "list", "kind": "expire", "nth": 2})
        code, said = await scene.traces.cfu(*UPLOAD)
        assert code == 0, said
        check(scene, [PASSWORD, WRONG])

        files.add_banners("EN_Killed_5")
        code, said = await scene.traces.cfu(*UPLOAD, fail_at="upload.complete:after")
        assert code == KILLED, said
        check(scene, [PASSWORD, WRONG])
        code, said = await scene.traces.cfu(*UPLOAD)
        assert code == 0, said

        files.add_banners("EN_Late_6")
        late = scene.sandbox.site.settings.changed({"visible_after_seconds": 600})
        scene.sandbox.site.settings = late
        code, said = await scene.traces.cfu(*UPLOAD)
        assert code == 1, said
        assert "unknown_id" in said
        code, out, _ = await scene.traces.quietly("resolve", "--platform", "tj", "--json")
        assert code == 1
        assert "EN_Late_6.png" in out

        (config / "tj.toml").write_text(f"{UNKNOWN_PAGE}{WAITS}")
        code, said = await scene.traces.cfu(*UPLOAD)
        assert code == 4, said
        (config / "tj.toml").write_text(WAITS)

        scene.sandbox.state.end_sessions()
        accounts = {"accounts": {LOGIN: "another one"}}
        scene.sandbox.site.settings = scene.sandbox.site.settings.changed(accounts)
        code, said = await scene.traces.cfu(*UPLOAD)
        assert code == 3, said

        evidence = list((scene.place / "data" / "screenshots").glob("*.html"))
        assert len(evidence) >= 4
        assert any(b"data-id" in path.read_bytes() for path in evidence), "no page was kept"
        check(scene, [PASSWORD, WRONG])
        code, said = await scene.traces.cfu("logout", "--platform", "tj")
        assert code == 0, said
        assert not list((scene.place / "data" / "session").glob("*_session.json"))
