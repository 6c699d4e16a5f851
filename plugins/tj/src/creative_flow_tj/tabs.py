"""The library's tabs: which of them the page marks as the chosen one."""

from __future__ import annotations

import asyncio

from creative_flow_tj.session import TjSession

IS_CHOSEN = "it => it.tagName === 'OPTION' ? it.selected : it.checked"
"""Whether a radio button, or an option of a list box, is the chosen one."""


class Tabs:
    """The tabs in one session's page, by ad format. Some have a choice below them."""

    def __init__(self, session: TjSession) -> None:
        self._session = session
        self._site = session.site

    def has_below(self, ad_format: str) -> bool:
        """Say whether the ad format is one of several below a tab."""
        return self._site.has(f"formats.{ad_format}.sub_tab")

    async def is_chosen_below(self, ad_format: str) -> bool:
        """Say whether the ad format is the one that is chosen below its tab."""
        ranked = self._site.ranked(f"formats.{ad_format}.sub_input")
        choice = await self._session.first(ranked, visible=False)
        return choice is not None and bool(await choice.evaluate(IS_CHOSEN))

    async def is_chosen(self, ad_format: str) -> bool | None:
        """Say whether the page marks the ad format's tab as chosen; None if it marks none."""
        marked = await self._marked()
        wanted = marked.get(ad_format)
        signs = [sign for sign in marked.values() if sign is not None]
        # A sign that all tabs bear, or none, says nothing.
        if wanted is None or not any(signs) or all(signs):
            return None
        return wanted

    async def _marked(self) -> dict[str, bool | None]:
        """Return by ad format whether its tab bears a sign of being chosen; None: no such tab."""
        names = self._site.formats
        asked = {"names": names, "chosen": self._site.css("tab")["chosen"]}
        # The tabs are looked for once in a page; as long as they stand there, one question does.
        marked: dict[str, bool | None] | None = await self._session.page.evaluate(_MARKED, asked)
        if marked is None:
            await asyncio.gather(*(self._find(name) for name in names))
            marked = await self._session.page.evaluate(_MARKED, {**asked, "any": True})
        return marked or {}

    async def _find(self, name: str) -> None:
        for candidate in self._site.ranked(f"formats.{name}.tab"):
            tab = self._session.page.locator(candidate.selector).filter(visible=True)
            if await tab.evaluate_all(_KEEP_TAB, name):
                return


_KEEP_TAB = """([tab], name) => {
  (window.__libraryTabs ||= {})[name] = tab;
  return Boolean(tab);
}"""
"""Keeps the first of the elements as an ad format's tab."""


_MARKED = """({ names, chosen, any }) => {
  const tabs = window.__libraryTabs || {};
  const stands = (tab) => tab && tab.isConnected && tab.getClientRects().length > 0;
  if (!any && !names.every((name) => stands(tabs[name]))) return null;
  const bears = (tab) => chosen.some((css) => tab.matches(css) || tab.parentElement?.matches(css));
  return Object.fromEntries(
    names.map((name) => [name, stands(tabs[name]) ? bears(tabs[name]) : null]));
}"""
"""Whether each tab, or the element around it, matches one of the selectors; null if one is not
kept, unless any will do."""
