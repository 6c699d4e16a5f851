"""The upload panel: opened to hand files over, closed once the page is through with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from creative_flow_tj.covers import closer_of, is_covered
from creative_flow_tj.session import TjSession

if TYPE_CHECKING:
    from playwright.async_api import FileChooser, Locator


async def open_panel(session: TjSession, *, several: bool) -> FileChooser | Locator:
    """Open the upload panel; return what takes files: the page's chooser, else its input."""
    from playwright.async_api import Error

    await session.click("selectors.upload.open")
    browse = await session.first(session.site.ranked("selectors.upload.browse"))
    if browse is None:
        field = await session.find("selectors.upload.input", visible=False)
        browse = await session.first(session.site.ranked("selectors.upload.browse"))
    if browse is not None:
        limit = session.site.seconds("element") * 1000 / 3
        try:
            async with session.page.expect_file_chooser(timeout=limit) as chosen:
                await session.click_on(browse, "selectors.upload.browse")
            chooser = await chosen.value
        except Error:
            field = await session.find("selectors.upload.input", visible=False)
        else:
            if several and not chooser.is_multiple():
                raise await session.misunderstood("the file dialog takes one file only")
            return chooser
    if several and await field.get_attribute("multiple") is None:
        raise await session.misunderstood(
            "the file input takes one file only", "selectors.upload.input"
        )
    return field


async def close_panel(session: TjSession, ad_format: str) -> bool:
    """Close the upload panel after a batch; say whether the tabs can be used again."""
    limit = session.site.seconds("element") * 1000 / 3
    panel = session.site.ranked("selectors.upload.browse")
    tab = await session.first(session.site.ranked(f"formats.{ad_format}.tab"))
    if tab is None:
        return False
    browse = await session.first(panel)
    if browse is not None:
        words = session.site.css("overlay")
        control = await closer_of(
            tab,
            [*words["close_words"], *words["done_words"]],
            limit,
            apart=session.site.css("previews")["preview"],
            part=await browse.element_handle(timeout=limit),
        )
        if control is None:
            return False
        await control.click(timeout=limit)

    async def look() -> bool | None:
        is_free = await session.first(panel) is None and not await is_covered(tab, limit)
        return is_free or None

    limit_seconds = session.site.seconds("element") / 5
    return bool(await session.watch(look, limit=limit_seconds, pause=0.05))
