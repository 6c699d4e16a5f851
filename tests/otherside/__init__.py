"""A second, independent stand-in of TrafficJunky's advertiser site, for tests only.

It holds to the known facts of the site, and does everything those leave open in its own way, so
that what passes here does not merely fit the markup of the plugin's own sandbox.
"""

from .knobs import Knobs
from .site import OtherSite
from .store import Arrival, SiteCreative

__all__ = ["Arrival", "Knobs", "OtherSite", "SiteCreative"]
