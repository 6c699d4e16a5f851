"""Ads CSVs into campaigns: read and checked, sent once, proved, and gone on with after a crash."""

from creative_flow.campaigns.api import put_ads, put_ads_async, status_of
from creative_flow.campaigns.items import CheckFailed, Wish

__all__ = ["CheckFailed", "Wish", "put_ads", "put_ads_async", "status_of"]
