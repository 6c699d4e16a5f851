"""The classes of the plugin contract, each of which says that it can't do its work yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NoReturn

from creative_flow.creative import AdFormat, Batch
from creative_flow.errors import NotSupported
from creative_flow.platform import (
    Auth,
    Gate,
    IdExtractor,
    LibraryPage,
    Progress,
    SendReport,
    Session,
    Uploader,
)
from creative_flow_exoclick.info import UNSUPPORTED


def _refuse() -> NoReturn:
    raise NotSupported(UNSUPPORTED, hint="Upload by hand until then.")


class ExoClickAuth(Auth[Session]):
    """Refuses to sign in: there would be nothing to do afterwards."""

    async def open(self, *, fresh: bool = False) -> Session:
        """Raise `NotSupported`."""
        _refuse()

    async def save(self, session: Session) -> None:
        """Raise `NotSupported`."""
        _refuse()

    def forget(self) -> bool:
        """Return False: no login is ever saved."""
        return False


class ExoClickUploader(Uploader[Session]):
    """Refuses to send."""

    async def send(
        self, session: Session, batch: Batch, gate: Gate, progress: Progress
    ) -> SendReport:
        """Raise `NotSupported`, before anything could leave."""
        _refuse()


class ExoClickIdExtractor(IdExtractor[Session]):
    """Refuses to read the library."""

    def pages(self, session: Session, ad_format: AdFormat) -> AsyncIterator[LibraryPage]:
        """Raise `NotSupported`."""
        _refuse()
