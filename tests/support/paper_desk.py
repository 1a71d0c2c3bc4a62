"""A desk of the paper exchange, with what it rests on in a test's reach."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import Clock
from openalgo.domain.day_events import DayEvent, day_events
from openalgo.domain.orders import Trade
from openalgo.domain.portfolio import DailyResult
from openalgo.trading.paper.desk import PaperDesk
from openalgo.trading.paper.settings import PaperSettings
from openalgo.trading.venues import Venue
from tests.support.markets import OneMarket, a_market


@dataclass
class PaperPastInMemory:
    """`resets` counts up what was asked of the exchange; books hold what tests put in."""

    resets: list[tuple[int, Decimal | None]] = field(default_factory=list)
    results: list[DailyResult] = field(default_factory=list)
    fills: list[Trade] = field(default_factory=list)
    refusal: Exception | None = None

    async def reset(
        self, account_id: int, starting_capital: Decimal | None = None, *, cause: str
    ) -> None:
        assert cause
        if self.refusal is not None:
            raise self.refusal
        self.resets.append((account_id, starting_capital))

    async def daily(self, account_id: int, limit: int) -> list[DailyResult]:
        return [each for each in self.results if each.account_id == account_id][:limit]

    async def trades(
        self, account_id: int, *, before: Trade | None = None, limit: int
    ) -> list[Trade]:
        own = [each for each in self.fills if each.account_id == account_id]
        start = 0 if before is None else own.index(before) + 1
        return own[start : start + limit]


def make_desk(
    settings: PaperSettings, clock: Clock, venue: Venue, past: PaperPastInMemory
) -> PaperDesk:
    calendar = ExchangeCalendar()

    def coming() -> list[DayEvent]:
        now = clock.now()
        return day_events(calendar, now, now + timedelta(days=15), settings.rules.days)

    market = a_market(venue, clock=clock, exchange=past, next_events=coming)
    return PaperDesk(settings, OneMarket(venue, market), past)
