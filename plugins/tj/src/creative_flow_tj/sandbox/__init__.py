"""A stand-in of TrafficJunky's advertiser site that runs on this machine."""

from creative_flow_tj.sandbox.server import TjSandbox

__all__ = ["TjSandbox"]
