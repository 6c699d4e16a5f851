"""Campaigns of the stand-in: their pages, the ads that a CSV makes in them, and the truth."""
