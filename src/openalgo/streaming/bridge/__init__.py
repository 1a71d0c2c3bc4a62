"""Prices and order updates for programs of other makes, over ZeroMQ; see docs/zeromq.md.

Only out: what a market trades on comes from its broker, so prices of others are not taken in.
"""

from openalgo.streaming.bridge.endpoint import Curve, is_local
from openalgo.streaming.bridge.publisher import BridgeUnusable, Publisher

__all__ = ["BridgeUnusable", "Curve", "Publisher", "is_local"]
