"""Markets whose parts are in a test's hand."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, cast

from openalgo.accounts.accounts import Account
from openalgo.brokers.base import BrokerInfo
from openalgo.domain.calendar import Calendar, ExchangeCalendar
from openalgo.domain.clock import Clock, ManualClock
from openalgo.domain.day_events import DayEvent
from openalgo.domain.errors import BrokerUnavailable, OpenAlgoError
from openalgo.domain.instruments import InstrumentFinder
from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.instruments.current import CurrentMaster
from openalgo.options.chain import Chains
from openalgo.options.greeks import GreeksDesk
from openalgo.options.underlyings import Underlyings
from openalgo.streaming.demand import Demand
from openalgo.streaming.feeds import (
    ConnectionState,
    ConnectionStatus,
    FeedMonitor,
    FeedState,
    FeedStatus,
)
from openalgo.streaming.hub import Hub
from openalgo.trading.markets import Market, Markets, PaperSide, Resetting
from openalgo.trading.venues import Venue
from tests.support.market import MORNING, SHELF

SIMULATOR = BrokerInfo(
    id="simulator",
    name="Simulated market",
    exchanges=frozenset({Exchange.NSE}),
    trading=False,
    simulated=True,
)


class NoQuotes:
    async def quote(self, key: InstrumentKey) -> Quote:
        raise BrokerUnavailable(f"There is no price of {key}")

    async def quotes(self, keys: Sequence[InstrumentKey]) -> list[Quote | OpenAlgoError]:
        return [BrokerUnavailable(f"There is no price of {key}") for key in keys]


class Unresettable:
    async def reset(
        self, account_id: int, starting_capital: Decimal | None = None, *, cause: str
    ) -> None:
        raise NotImplementedError


def feed_status(
    broker: str, state: FeedState = FeedState.CONNECTED, subscribed: int = 0, error: str = ""
) -> FeedStatus:
    """Of a feed with one connection, unless it is simply up."""
    connection = ConnectionStatus(
        number=0,
        state=ConnectionState.WAITING,
        since=MORNING,
        subscribed=subscribed,
        silent_for=None,
        reconnects=0,
        error=error,
    )
    return FeedStatus(
        broker=broker,
        state=state,
        connections=() if state is FeedState.CONNECTED else (connection,),
        wanted=subscribed,
        subscribed=subscribed,
        polled=0,
        unknown=0,
        capacity=9_000,
    )


def a_market(
    venue: Venue | None = None,
    *,
    info: BrokerInfo = SIMULATOR,
    clock: Clock | None = None,
    calendar: Calendar | None = None,
    instruments: InstrumentFinder = SHELF,
    masters: CurrentMaster | None = None,
    hub: Hub | None = None,
    demand: Demand | None = None,
    feed: FeedMonitor | None = None,
    quotes: Any = None,
    exchange: Resetting | None = None,
    next_events: Callable[[], Sequence[DayEvent]] = lambda: (),
    depth: Any = None,
    history: Any = None,
    replay: Any = None,
) -> Market:
    """A market on paper at `venue`. Options are looked up in `masters`."""
    clock = clock or ManualClock(MORNING)
    quotes = quotes or NoQuotes()
    underlyings = Underlyings(masters or CurrentMaster(), quotes, clock)
    calendar = calendar or ExchangeCalendar()
    chains = Chains(underlyings, quotes, clock, calendar)
    return Market(
        info=info,
        clock=clock,
        calendar=calendar,
        instruments=cast(CurrentMaster, instruments),
        hub=hub or Hub(),
        demand=demand or Demand(),
        feed=feed or FeedMonitor(lambda: feed_status(info.id)),
        quotes=quotes,
        underlyings=underlyings,
        chains=chains,
        greeks=GreeksDesk(chains, quotes),
        paper=PaperSide(
            venue=cast(Venue, venue),
            exchange=exchange or Unresettable(),
            next_events=next_events,
            running=lambda: True,
        ),
        depth=depth,
        history=history,
        replay=replay,
    )


class AnyAccount:
    """Whoever is asked for is there, on paper at the simulator."""

    def __getitem__(self, account_id: int) -> Account:
        return Account(
            id=account_id, user_id=1, name="default", broker="simulator", analyze_mode=True
        )


class OneMarket(Markets):
    """All accounts on one market. Orders go to `venue`, whatever the switch says."""

    def __init__(self, venue: Any, market: Market | None = None) -> None:
        super().__init__(AnyAccount(), market or a_market(venue), {"simulator"})
        self.venue = venue

    def resolve(self, account_id: int) -> Venue:
        return cast(Venue, self.venue)
