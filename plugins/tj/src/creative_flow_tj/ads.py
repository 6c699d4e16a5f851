"""The site's ads CSVs, as ``site.toml`` and the user's ``config/tj.toml`` have them."""

from __future__ import annotations

from creative_flow.ads import AdColumn, AdsCsv, AdSheet, Fill
from creative_flow.platform import Context
from creative_flow_tj import site as site_data
from creative_flow_tj.info import ads_setting

_SHEETS = ("native", "preroll")
_FILLS = {fill.value: fill for fill in Fill if fill is not Fill.TEXT}


class TjAds(AdsCsv):
    """Native ads, one per pair, and pre-roll ads, one per in-stream video."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._site = site_data.load(context.overrides_file)
        self.placeholders = self._site.words("ads.placeholders")
        self.macros = self._site.words("ads.macros")
        self._sheets = tuple(self._sheet(name) for name in _SHEETS)

    @property
    def sheets(self) -> tuple[AdSheet, ...]:
        """See `AdsCsv.sheets`."""
        return self._sheets

    def _sheet(self, name: str) -> AdSheet:
        site, where = self._site, f"ads.{name}"
        columns = site.headings(f"{where}.columns")
        return AdSheet(
            name,
            site.text(f"{where}.label"),
            tuple(self._column(key, heading) for key, heading in columns.items()),
            ad_format=site.text(f"{where}.ad_format"),
            quote_all=site.flag(f"{where}.quote_all"),
            most_ads=site.most("ads.limits.ads"),
            most_bytes=site.most("ads.limits.bytes"),
        )

    def _column(self, key: str, heading: str) -> AdColumn:
        site, limit = self._site, f"ads.limits.{key}"
        fill = _FILLS.get(key, Fill.TEXT)
        return AdColumn(
            heading,
            fill,
            key if fill is Fill.TEXT else "",
            ads_setting(key) if fill is Fill.TEXT else "",
            required=key in site.words("ads.required"),
            is_url=key in site.words("ads.urls"),
            is_id=key in site.words("ads.ids"),
            most=site.most(limit) if site.has(limit) else None,
        )
