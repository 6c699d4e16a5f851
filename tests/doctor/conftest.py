"""A workspace aimed at the renamed site, and ``cfu`` run in it as a process of its own."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import pytest_asyncio
from attrs import frozen
from PIL import Image

import warm
from creative_flow import Report, upload_async
from creative_flow.workspace import Workspace
from doctor.renamed import RenamedSite
from otherside import Knobs, OtherSite

SOON = 60.0
"""Less than any one of the limits below: whatever ends sooner has waited for none of them."""

WAITS = """\
[waits]
element = 100.0
list_reload = 100.0
signed_in = 100.0
settle = 1.0
appear = 2.5
duplicate = 0.5
poll = 0.2
quiet = 0.05
quiet_empty = 0.2
"""


@frozen
class Told:
    """What came of ``cfu doctor``: exit code, document, what it printed, how long it took."""

    code: int
    document: dict[str, Any]
    err: str
    seconds: float

    @property
    def states(self) -> dict[str, str]:
        return {check["key"]: check["state"] for check in self.document["checks"]}

    @property
    def missing(self) -> set[str]:
        return {
            check["key"]
            for check in self.document["checks"]
            if check["needed"] and check["state"] == "missing"
        }


class Clinic:
    """The site, and whoever looks at it."""

    def __init__(self, folder: Path, site: RenamedSite) -> None:
        self.folder = folder
        self.site = site
        self.root = folder / "workspace"
        self.root.mkdir()
        self.settings = self.root / "config" / "tj.toml"
        self.settings.parent.mkdir()
        self.settings.write_text(WAITS)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "TJ_BASE_URL": self.site.base_url,
            "TJ_LOGIN_URL": f"{self.site.base_url}/sign-in",
            "TJ_USERNAME": self.site.site.username,
            "TJ_PASSWORD": self.site.site.password,
            "CFU_STATE_DIR": str(self.folder / "state"),
        }

    async def doctor(self, *more: str) -> Told:
        """Run ``cfu doctor --json``."""
        began = monotonic()
        done = await warm.run(
            *("doctor", "--platform", "tj", "--headless", "--json"),
            *("--workspace", self.root, *more),
            environ={**os.environ, **self.environ},
            cwd=self.folder,
        )
        return Told(done.code, json.loads(done.out), done.err, monotonic() - began)

    def apply(self, toml: str) -> None:
        """Put into the settings file what the doctor suggests."""
        self.settings.write_text(f"{self.settings.read_text()}\n{toml}\n")

    async def upload(self, name: str) -> Report:
        """Upload one static banner."""
        file = self.folder / f"{name}.png"
        Image.new("RGB", (300, 250), "navy").save(file)
        place = Workspace(self.root, overrides=self.environ)
        return await upload_async("tj", file, workspace=place, live=True, headless=True)

    async def sign_in(self) -> None:
        """Keep a login, so that the next run need not sign in."""
        name, value = self.site.site.open_session()
        cookie: dict[str, object] = {"name": name, "value": value, "domain": "127.0.0.1"}
        cookie |= {"path": "/", "expires": -1, "httpOnly": True, "sameSite": "Lax"}
        owner = {"login": self.site.site.username, "base_url": self.site.base_url}
        kept = {"cookies": [cookie], "origins": [], "creative_flow": owner}
        place = Workspace(self.root)
        place.prepare()
        place.session_file("tj", "default").write_text(json.dumps(kept))


@pytest_asyncio.fixture
async def clinic(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Clinic]:
    """Serve a library with creatives in every list but one, with the parameter's renames."""
    renames = getattr(request, "param", {})
    site = OtherSite(Knobs(captcha="none", landing="dashboard"))
    site.seed("static_banner", [f"EN_Summer_F_Real_SFW_Generic_Ana_ID-{n:08X}" for n in range(14)])
    site.seed(
        "in_stream_video", [f"EN_Winter_M_Real_SFW_Generic_Ben_6sec_ID-{n:08X}" for n in range(3)]
    )
    site.seed("native_image", ["IMG_EN_Autumn_F_Real_SFW_Generic_Ana_ID-00C0FFEE-IMG"])
    site.seed(
        "native_video", [f"VID_EN_Spring_F_Real_SFW_Generic_Eva_ID-{n:08X}-VID" for n in range(2)]
    )
    renamed = RenamedSite(site, renames)
    await renamed.start()
    yield Clinic(tmp_path, renamed)
    await renamed.stop()
