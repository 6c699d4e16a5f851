"""Ads CSVs: from what is up and what the user wants said to files that the platform takes."""

from __future__ import annotations

from creative_flow.adfiles.making import AdsFiles, make_ads
from creative_flow.adfiles.texts import AdTexts

__all__ = ["AdTexts", "AdsFiles", "make_ads"]
