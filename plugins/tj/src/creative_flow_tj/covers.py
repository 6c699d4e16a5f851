"""What lies over something that is to be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from creative_flow_tj.scripts import script

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Locator


async def is_covered(target: Locator | ElementHandle, limit: float) -> bool:
    """Say whether something lies over an element, which is waited for ``limit`` milliseconds."""
    from playwright.async_api import Locator

    if isinstance(target, Locator):
        return bool(await target.evaluate(script("cover.js"), {}, timeout=limit))
    return bool(await target.evaluate(script("cover.js"), {}))


async def closer_of(
    target: Locator | ElementHandle,
    words: list[str],
    limit: float,
    *,
    apart: list[str],
    part: ElementHandle | None = None,
) -> ElementHandle | None:
    """Return the control, named by one of the words, that closes what lies over an element.

    With ``part`` it is what closes that which this is a part of, and the element is not. Controls
    in what matches one of the selectors ``apart`` don't count: a file's preview may have a × that
    removes the file.
    """
    from playwright.async_api import Locator

    if isinstance(target, Locator):
        target = await target.element_handle(timeout=limit)
    found = await target.evaluate_handle(
        script("cover.js"), {"words": words, "part": part, "apart": apart}
    )
    return found.as_element()
