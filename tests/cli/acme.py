"""A whole plugin for a network without a web page: its library is a JSON file.

The tests install it as a package of its own. ``ACME_FAULT`` makes it behave badly by name.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from creative_flow import hookimpl
from creative_flow.creative import AdFormat, Batch, Certainty, Kind, LibraryEntry, Limit
from creative_flow.errors import CredentialsRefused, PageNotUnderstood, PlatformUnreachable
from creative_flow.platform import (
    API_VERSION,
    Auth,
    Context,
    Gate,
    IdExtractor,
    LibraryPage,
    PlatformInfo,
    Progress,
    SendReport,
    SendResult,
    Session,
    Setting,
    Uploader,
    Verdict,
)

BANNER = AdFormat(
    name="banner",
    title="Banner",
    kind=Kind.IMAGE,
    file_types=Limit(frozenset({"png"}), Certainty.KNOWN, "this file", "banner.file_types"),
    dimensions=Limit(frozenset({(30, 20)}), Certainty.KNOWN, "this file", "banner.dimensions"),
)
INFO = PlatformInfo(
    title="Acme",
    api_version=API_VERSION,
    ad_formats=(BANNER,),
    library_mirror="Acme_Library.csv",
    column_prefix="acme",
    batch_size=2,
    settle_seconds=0.1,
    appear_seconds=2,
    duplicate_seconds=0.1,
    poll_seconds=0.01,
    settings=(
        Setting("ACME_STORE", "", "The file that stands for the network."),
        Setting("ACME_FAULT", "", "What goes wrong."),
    ),
)


class Store:
    """The network."""

    def __init__(self, context: Context) -> None:
        self.path = Path(context.settings["ACME_STORE"])
        self.fault = context.settings["ACME_FAULT"]
        self.evidence_dir = context.evidence_dir

    def creatives(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(self.path.read_text() or "[]")
        return found

    def add(self, name: str) -> None:
        creatives = self.creatives()
        creatives.insert(0, {"id": str(1_000_000_001 + 10 * len(creatives)), "name": name})
        self.path.write_text(json.dumps(creatives))


class AcmeSession(Session):
    def __init__(self, store: Store, login: str) -> None:
        self.store = store
        self.login = login

    async def alive(self) -> bool:
        return True

    async def capture(self, label: str) -> tuple[Path, ...]:
        if self.store.fault not in {"swallow", "page", "watched"}:
            return ()
        path = self.store.evidence_dir / f"20260102-030405-000006Z-{label}.html"
        path.write_text("<p>nothing new here</p>")
        return (path,)

    async def fork(self) -> AcmeSession:
        return AcmeSession(self.store, self.login)

    async def close(self) -> None:
        return


class AcmeAuth(Auth[AcmeSession]):
    async def open(self, *, fresh: bool = False) -> AcmeSession:
        credentials = self.context.require_credentials()
        store = Store(self.context)
        if credentials.password != "right ${password}":
            raise CredentialsRefused("Acme does not accept the credentials.")
        if store.fault == "down":
            raise PlatformUnreachable("Acme does not answer.")
        if store.fault == "crash":
            raise RuntimeError(f"out of order, password={credentials.password}")
        if store.fault == "hang":
            self.context.notify("waiting for good")
            await asyncio.Event().wait()
        if store.fault == "loud":
            print("noise of a plugin")
        self.context.notify("\aPlease solve the captcha \x1b[31mnow")
        session = AcmeSession(store, credentials.login)
        await self.save(session)
        return session

    async def save(self, session: AcmeSession) -> None:
        self.context.session_file.write_text(json.dumps({"login": session.login}))

    def forget(self) -> bool:
        there = self.context.session_file.exists()
        self.context.session_file.unlink(missing_ok=True)
        return there


class AcmeUploader(Uploader[AcmeSession]):
    async def send(
        self, session: AcmeSession, batch: Batch, gate: Gate, progress: Progress
    ) -> SendReport:
        if session.store.fault == "page":
            raise PageNotUnderstood("There is no upload button.")
        await gate()
        for creative in batch.creatives:
            if session.store.fault != "swallow":
                session.store.add(creative.stem)
        progress(len(batch.creatives), batch.size)
        return SendReport(
            tuple(SendResult(creative, Verdict.ACCEPTED) for creative in batch.creatives)
        )


class AcmeIds(IdExtractor[AcmeSession]):
    async def pages(self, session: AcmeSession, ad_format: AdFormat) -> AsyncIterator[LibraryPage]:
        if session.store.fault == "list":
            raise PageNotUnderstood("There is no list.")
        entries = tuple(
            LibraryEntry(
                ad_format.name,
                creative["id"],
                creative["name"],
                creative.get("status", ""),
                reason=creative.get("reason", ""),
            )
            for creative in session.store.creatives()
        )
        yield LibraryPage(entries, last=True)


@hookimpl
def creative_flow_platform_info() -> PlatformInfo:
    return INFO


@hookimpl
def creative_flow_auth() -> type[Auth[Any]]:
    return AcmeAuth


@hookimpl
def creative_flow_uploader() -> type[Uploader[Any]]:
    return AcmeUploader


@hookimpl
def creative_flow_id_extractor() -> type[IdExtractor[Any]]:
    return AcmeIds
