"""What is fixed about the simulated market."""

from datetime import time

from openalgo.brokers.base import BrokerInfo
from openalgo.domain.market import Exchange

INFO = BrokerInfo(
    id="simulator",
    name="Simulated market",
    exchanges=frozenset(
        {
            Exchange.NSE,
            Exchange.BSE,
            Exchange.NFO,
            Exchange.BFO,
            Exchange.CDS,
            Exchange.MCX,
            Exchange.NSE_INDEX,
            Exchange.BSE_INDEX,
        }
    ),
    trading=False,
    simulated=True,
    depth_levels=(5, 20),
    listed_at=time(3, 0),
)
