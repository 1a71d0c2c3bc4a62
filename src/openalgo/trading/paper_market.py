"""A market whose broker carries data only: every account trades on paper."""

from openalgo.brokers.base import BrokerInfo
from openalgo.trading.venues import Venue


class PaperMarket:
    """Resolves each account to the paper exchange, whatever its analyzer switch says."""

    def __init__(self, broker: BrokerInfo, venue: Venue) -> None:
        self._broker = broker
        self._venue = venue

    def resolve(self, account_id: int) -> Venue:  # noqa: ARG002 - one venue for all
        return self._venue

    def broker_of(self, account_id: int) -> BrokerInfo:  # noqa: ARG002 - one broker for all
        return self._broker

    def can_trade(self, account_id: int) -> bool:
        return self.broker_of(account_id).trading
