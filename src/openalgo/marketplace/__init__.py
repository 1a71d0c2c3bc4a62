"""The markets of the installation: the embedded one, and one for each account at a broker.

`Marketplace` opens, runs and closes markets. `LiveAccounts` opens what an account at a broker needs
besides: its feed and its way to the broker. `BrokerMasters` keeps the instruments of the brokers.
"""

from openalgo.marketplace.live_accounts import LiveAccounts, LiveDesk
from openalgo.marketplace.markets import Marketplace, MarketSource
from openalgo.marketplace.masters import BrokerMasters

__all__ = ["BrokerMasters", "LiveAccounts", "LiveDesk", "MarketSource", "Marketplace"]
