"""Runs ``cfu`` as users do: a process of its own, with its exit code and both streams."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

import warm
from registry.packages import Site
from warm import Done

CFU = warm.CFU
HERE = Path(__file__).parent


class Terminal:
    """A folder to work in, with the acme plugin installed beside the others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = folder / "workspace"
        self.site = Site(folder / "packages")
        self.site.folder.mkdir()
        self.store = folder / "store.json"
        self.store.write_text("")
        kept = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
        self.environ = {name: os.environ[name] for name in kept if name in os.environ}
        self.environ |= {
            "PYTHONPATH": str(self.site.folder),
            "TMPDIR": str(folder),
            "CFU_STATE_DIR": str(folder / "state"),  # or tests that run at once hold each other up
            "ACME_STORE": str(self.store),
            "COLUMNS": "100",
        }
        self.site.install("acme", (HERE / "acme.py").read_text(encoding="utf-8"))

    def cfu(
        self,
        *arguments: object,
        feed: str = "",
        environ: Mapping[str, str] | None = None,
        cold: bool = False,
    ) -> Done:
        """Run a command in the workspace. ``feed`` is what it reads from standard input.

        ``cold`` starts an interpreter for it, where it matters what is imported from where.
        """
        arguments = (*arguments, "--workspace", self.workspace)
        environ = {**self.environ, **(environ or {})}
        if not cold:
            process = warm.start(*arguments, environ=environ, cwd=self.folder, feed=feed)
            out, err = (said.decode() for said in process.communicate())
            assert "Traceback" not in err
            return Done(process.wait(), out, err)
        done = subprocess.run(
            [CFU, *map(str, arguments)],
            env=environ,
            cwd=self.folder,
            input=feed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def sign_up(self) -> None:
        """Give the workspace the credentials that acme takes."""
        done = self.cfu(
            "setup", "--platform", "acme", "--no-login", feed="ann\nright ${password}\n"
        )
        assert done.code == 0, done.err

    def banner(self, name: str, colour: int = 0, size: tuple[int, int] = (30, 20)) -> Path:
        """Make a creative that acme takes."""
        path = self.folder / "banners" / name
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", size, (colour, colour, colour)).save(path, format="PNG")
        return path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)
