"""Where accounts trade: the market of each, and whether on paper or in earnest."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Protocol

from openalgo.accounts.accounts import Account
from openalgo.brokers.base import BrokerInfo, Replay
from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.day_events import DayEvent
from openalgo.domain.errors import BrokerSessionExpired
from openalgo.instruments.current import CurrentMaster
from openalgo.marketdata.depth import Depths
from openalgo.marketdata.history import History
from openalgo.marketdata.quotes import Quotes
from openalgo.options.chain import Chains
from openalgo.options.greeks import GreeksDesk
from openalgo.options.underlyings import Underlyings
from openalgo.streaming.demand import Demand
from openalgo.streaming.feeds import FeedMonitor
from openalgo.streaming.hub import Hub
from openalgo.trading.venues import Venue


class Resetting(Protocol):
    async def reset(
        self, account_id: int, starting_capital: Decimal | None = None, *, cause: str
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSide:
    """The paper exchange of a market. `running` tells whether it takes orders and its days go on,
    `next_events` what these bring, by the clock of the market."""

    venue: Venue
    exchange: Resetting
    next_events: Callable[[], Sequence[DayEvent]]
    running: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A feed and everything that follows from it: its accounts see and trade nothing else.

    `feed` tells how it is doing. `depth` and `history` are there where it has order books and
    candles, `replay` in one that is played back.
    """

    info: BrokerInfo
    clock: Clock
    calendar: Calendar
    instruments: CurrentMaster
    hub: Hub
    demand: Demand
    feed: FeedMonitor
    quotes: Quotes
    underlyings: Underlyings
    chains: Chains
    greeks: GreeksDesk
    paper: PaperSide
    depth: Depths | None = None
    history: History | None = None
    replay: Replay | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSide:
    """An account's way to its broker. `connected` tells whether it is logged in now."""

    venue: Venue
    connected: Callable[[], bool]


class AccountBook(Protocol):
    def __getitem__(self, account_id: int) -> Account:
        """From memory. Raises `AccountNotFound`."""
        ...


class Markets:
    """The market of every account: the embedded one for those at a broker that only carries data,
    one of its own for each of the others. An account never changes its market.

    Unless a docstring says more, methods raise `AccountNotFound`, and `BrokerSessionExpired` for
    an account at a broker whose market nobody has added.
    """

    def __init__(self, accounts: AccountBook, embedded: Market, brokers: Collection[str]) -> None:
        """`brokers` are those whose accounts are on the `embedded` market."""
        self.embedded = embedded
        self._accounts = accounts
        self._brokers = frozenset(brokers)
        self._own: dict[int, Market] = {}
        self._live: dict[int, LiveSide] = {}

    @property
    def own(self) -> Mapping[int, Market]:
        """The markets that belong to one account each."""
        return MappingProxyType(self._own)

    def add(self, account_id: int, market: Market, live: LiveSide) -> None:
        """The account is on `market` from now on, and trades there at its broker too."""
        self._own[account_id], self._live[account_id] = market, live

    def remove(self, account_id: int) -> None:
        """The account is gone, or its market is. Safe to call twice."""
        self._own.pop(account_id, None)
        self._live.pop(account_id, None)

    def of(self, account_id: int) -> Market:
        market = self._own.get(account_id)
        if market is not None:
            return market
        if self._accounts[account_id].broker not in self._brokers:
            raise BrokerSessionExpired
        return self.embedded

    def resolve(self, account_id: int) -> Venue:
        """The venue its orders go to now: the only reader of the analyzer switch."""
        live = self._live.get(account_id)
        if live is None or self._accounts[account_id].analyze_mode:
            return self.of(account_id).paper.venue
        return live.venue

    def live_of(self, account_id: int) -> Venue | None:
        """The account's broker, wherever its orders go now; `None` where it has none."""
        live = self._live.get(account_id)
        return None if live is None else live.venue

    def broker_of(self, account_id: int) -> BrokerInfo:
        """The broker this account trades at. Raises `BrokerSessionExpired` where it trades in
        earnest and is not logged in."""
        live = self._live.get(account_id)
        away = live is not None and not live.connected()
        if away and not self._accounts[account_id].analyze_mode:
            raise BrokerSessionExpired
        return self.of(account_id).info

    def now(self, account_id: int) -> datetime:
        """By the clock of its market, or of the embedded one while it has none. Never raises."""
        return self._own.get(account_id, self.embedded).clock.now()

    def can_trade(self, account_id: int) -> bool:
        """Whether its broker takes orders at all."""
        return account_id in self._live
