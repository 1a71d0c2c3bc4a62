"""What is fixed about a replayed market."""

from openalgo.brokers.base import BrokerInfo
from openalgo.domain.market import Exchange

INFO = BrokerInfo(
    id="replay",
    name="Replayed market",
    exchanges=frozenset(Exchange),
    trading=False,
    simulated=True,
    listed_at=None,
)
