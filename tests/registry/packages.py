"""Throw-away plugin packages, installed the way real ones are."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import warm

GOOD = """
    from creative_flow import hookimpl
    from creative_flow.platform import API_VERSION, Auth, IdExtractor, PlatformInfo, Uploader

    INFO = dict(
        title="Acme", api_version=API_VERSION, ad_formats=(), library_mirror="Acme.csv",
        column_prefix="acme", batch_size=5, settle_seconds=1, appear_seconds=1,
        duplicate_seconds=1, poll_seconds=1,
    )

    class AcmeAuth(Auth):
        async def open(self, *, fresh=False): raise NotImplementedError
        async def save(self, session): raise NotImplementedError
        def forget(self): return False

    class AcmeUploader(Uploader):
        async def send(self, session, batch, gate, progress): raise NotImplementedError

    class AcmeIds(IdExtractor):
        def pages(self, session, ad_format): raise NotImplementedError

    @hookimpl
    def creative_flow_platform_info(): return PlatformInfo(**INFO)

    @hookimpl
    def creative_flow_auth(): return AcmeAuth

    @hookimpl
    def creative_flow_uploader(): return AcmeUploader

    @hookimpl
    def creative_flow_id_extractor(): return AcmeIds
"""


class Site:
    """A folder of installed packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(
        self,
        platform: str,
        source: str = GOOD,
        *,
        package: str = "",
        version: str = "1.2.3",
        group: str = "creative_flow.platforms",
        attribute: str = "",
    ) -> None:
        """Install a package that provides a platform, or what another group asks for.

        It has one module, given by its source; ``attribute`` is what of it is registered.
        """
        package = package or f"creative-flow-{platform}"
        module = package.replace("-", "_")
        (self.folder / f"{module}.py").write_text(textwrap.dedent(source))
        info = self.folder / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        )
        (info / "entry_points.txt").write_text(
            f"[{group}]\n{platform} = {module}{attribute and ':'}{attribute}\n"
        )

    def python(self, code: str) -> str:
        """Run a script in a process that has these packages; return what it prints."""
        (self.folder / "the_script.py").write_text(textwrap.dedent(code), encoding="utf-8")
        environ = {**os.environ, "PYTHONPATH": str(self.folder)}
        process = warm.start(module="the_script", environ=environ, cwd=self.folder)
        out, err = process.communicate()
        assert process.wait() == 0, err.decode()
        return out.decode().strip()

    def load(self, platform: str) -> str:
        """Return what loading a platform comes to: its title, or the error in one line."""
        return self.python(f"""
            from pathlib import Path
            from creative_flow import registry
            from creative_flow.errors import CreativeFlowError
            try:
                print(registry.load({platform!r}, Path("none.toml")).info.title)
            except CreativeFlowError as error:
                print(f"{{type(error).__name__}} {{error.exit_code}}: {{error}}")
        """)
