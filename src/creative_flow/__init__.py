"""Upload ad creatives to many ad networks, and get back Creative IDs that are proven."""

from creative_flow.hookspecs import hookimpl

__all__ = ["hookimpl"]
