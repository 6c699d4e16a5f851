"""The sandbox as a whole: starts, stops, and tells how to aim the plugin at it."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from creative_flow.errors import UsageError
from creative_flow.platform import Sandbox
from creative_flow_tj.sandbox.app import make_app
from creative_flow_tj.sandbox.campaigns.state import CampaignState
from creative_flow_tj.sandbox.samples import make_samples
from creative_flow_tj.sandbox.settings import Settings
from creative_flow_tj.sandbox.site import Site
from creative_flow_tj.sandbox.state import State

LOOPBACK = ("127.0.0.1", "::1", "localhost")
SHUTDOWN_SECONDS = 2.0
"""How long requests under way may still take when the sandbox stops."""


class TjSandbox(Sandbox):
    """A stand-in of TrafficJunky's advertiser site, for rehearsal, demo and tests.

    ``state_dir`` keeps library, arrivals and sessions for the next start; without it they go when
    the sandbox stops. ``settings`` are those of `settings.Settings`, as JSON values. Raises
    `SettingsError` with one line if one of them is wrong.
    """

    def __init__(
        self, *, state_dir: Path | None = None, settings: Mapping[str, object] | None = None
    ) -> None:
        self._state_dir = state_dir
        self._settings = Settings().changed(settings or {})
        self._site: Site | None = None
        self._runner: web.AppRunner | None = None
        self._url = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve on a loopback address (port 0: any that is free); return the base address.

        Raises `UsageError` with one line if the host is not this machine's own, the port is taken,
        or ``state_dir`` can't be used.
        """
        if self._runner is not None:
            raise UsageError(f"The sandbox is serving already, at {self._url}.")
        if host not in LOOPBACK:
            raise UsageError(
                f"The sandbox serves this machine only, not {host!r}.",
                hint=f"Use one of: {', '.join(LOOPBACK)}.",
            )
        state = State(self._state_dir, seed=self._settings.seed)
        self._site = Site(settings=self._settings, state=state)
        self._runner = web.AppRunner(
            make_app(self._site), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
        )
        try:
            await self._runner.setup()
            address = "127.0.0.1" if host == "localhost" else host
            await web.TCPSite(self._runner, address, port).start()
        except (OSError, OverflowError) as error:
            await self.stop()
            if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                raise UsageError(
                    f"Port {port} on {host} is taken.", hint="Use another, or 0 for any free one."
                ) from error
            raise UsageError(f"The sandbox can't serve on {host}, port {port}: {error}.") from error
        _, free_port, *_ = self._runner.addresses[0]
        self._url = f"http://{f'[{host}]' if ':' in host else host}:{free_port}"
        return self._url

    async def stop(self) -> None:
        """Stop serving. Requests that hang on purpose are cut."""
        if self._site is not None:
            self._site.closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._site is not None:
            self._settings = self._site.settings
            self._site.state.close()
        self._site = self._runner = None

    @property
    def url(self) -> str:
        """The base address, such as ``http://127.0.0.1:8080``, of the last start."""
        return self._url

    @property
    def site(self) -> Site:
        """The parts of the running sandbox: settings, faults, captchas, state."""
        if self._site is None:
            raise UsageError("The sandbox is not serving.")
        return self._site

    @property
    def state(self) -> State:
        """What the running sandbox remembers: creatives, arrivals, sessions."""
        return self.site.state

    @property
    def campaigns(self) -> CampaignState:
        """What the running sandbox remembers of campaigns: ads, CSV files, confirmations."""
        return self.site.campaigns

    def environment(self) -> dict[str, str]:
        """Return the settings that aim the plugin at this sandbox, credentials included."""
        settings = self._site.settings if self._site else self._settings
        username, password = next(iter(settings.accounts.items()))
        return {
            "TJ_BASE_URL": self._url,
            "TJ_LOGIN_URL": f"{self._url}/sign-in",
            "TJ_USERNAME": username,
            "TJ_PASSWORD": password,
        }

    def make_samples(self, folder: Path) -> list[Path]:
        """Write 24 sample creatives that the site takes; existing ones are left alone."""
        return make_samples(folder)
