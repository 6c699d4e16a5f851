"""The plugin's classes, aimed at a stand-in of the site."""

from __future__ import annotations

from attrs import field, frozen

from creative_flow import registry
from creative_flow.platform import Context, LibraryPage
from creative_flow_tj.auth import TjAuth
from creative_flow_tj.ids import TjIdExtractor
from creative_flow_tj.session import TjSession
from creative_flow_tj.uploader import TjUploader
from upload.stage import Stage


@frozen
class Plugin:
    """The plugin's three classes, aimed at a stand-in of the site."""

    stage: Stage
    context: Context
    told: list[str] = field(factory=list)

    @classmethod
    def at(cls, stage: Stage, **settings: str) -> Plugin:
        workspace = stage.workspace(**settings)
        info = registry.load("tj", workspace.overrides_file("tj")).info
        told: list[str] = []
        context = workspace.context(
            "tj", info, "default", headless=True, interactive=False, notify=told.append
        )
        return cls(stage, context, told)

    @property
    def auth(self) -> TjAuth:
        return TjAuth(self.context)

    @property
    def uploader(self) -> TjUploader:
        return TjUploader(self.context)

    async def pages(self, session: TjSession, ad_format: str) -> list[LibraryPage]:
        ids = TjIdExtractor(self.context)
        return [page async for page in ids.pages(session, self.context.info.ad_format(ad_format))]

    async def names(self, session: TjSession, ad_format: str) -> list[str]:
        """Return the names in a whole list, newest first."""
        pages = await self.pages(session, ad_format)
        return [entry.name for page in pages for entry in page.entries]
