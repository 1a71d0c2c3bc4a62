"""What is fixed about Zerodha."""

from openalgo.brokers.base import BrokerInfo
from openalgo.domain.market import Exchange

INFO = BrokerInfo(
    id="zerodha",
    name="Zerodha",
    exchanges=frozenset(
        {
            Exchange.NSE,
            Exchange.BSE,
            Exchange.NFO,
            Exchange.BFO,
            Exchange.CDS,
            Exchange.BCD,
            Exchange.MCX,
            Exchange.NCO,
            Exchange.NSE_INDEX,
            Exchange.BSE_INDEX,
            Exchange.MCX_INDEX,
            Exchange.GLOBAL_INDEX,
        }
    ),
    trading=True,
)
