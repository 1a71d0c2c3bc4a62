"""Where the owner of an account sets up the paper exchange, and looks back on it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import Trade
from openalgo.domain.portfolio import (
    DailyResult,
    FundsStatement,
    MarkedHolding,
    MarkedPosition,
)
from openalgo.trading.markets import Markets, PaperSide
from openalgo.trading.paper.schedule import Job, jobs_of
from openalgo.trading.paper.settings import PaperSettings

_DAYS_SHOWN = 30
_TRADES_SHOWN = 50
_PAGE = 200
_MOST_DAYS = 10_000


class PaperPast(Protocol):
    """What happened since the account began anew, newest first. Raises `StorageUnavailable`."""

    async def daily(self, account_id: int, limit: int) -> list[DailyResult]: ...

    async def trades(
        self, account_id: int, *, before: Trade | None = None, limit: int
    ) -> list[Trade]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitReport:
    """`days` and `trades` are the newest ones."""

    funds: FundsStatement
    positions: Sequence[MarkedPosition]
    holdings: Sequence[MarkedHolding]
    days: Sequence[DailyResult]
    trades: Sequence[Trade]

    @property
    def positions_unrealised(self) -> Decimal:
        return sum((row.unrealised for row in self.positions), ZERO)

    @property
    def holdings_unrealised(self) -> Decimal:
        return sum((row.unrealised for row in self.holdings), ZERO)


class PaperDesk:
    """Methods raise what finding the account's market raises."""

    def __init__(self, settings: PaperSettings, markets: Markets, past: PaperPast) -> None:
        self.settings = settings
        self._markets = markets
        self._past = past

    def running(self, account_id: int) -> bool:
        """Whether the exchange takes orders and its days go on."""
        return self._side(account_id).running()

    def upcoming(self, account_id: int) -> list[Job]:
        """What the days bring next, by the clock of the market."""
        return jobs_of(self._side(account_id).next_events())

    async def reset(self, account_id: int, *, cause: str) -> None:
        """Let the account start anew with the capital that is set. Raises what the exchange
        refuses it with; nothing has changed then."""
        capital = self.settings.rules.starting_capital
        await self._side(account_id).exchange.reset(account_id, capital, cause=cause)

    async def report(self, account_id: int) -> ProfitReport:
        """Raises what reading the books raises."""
        return ProfitReport(
            funds=await self._side(account_id).venue.funds(account_id),
            positions=await self.positions(account_id),
            holdings=await self.holdings(account_id),
            days=await self._past.daily(account_id, _DAYS_SHOWN),
            trades=await self._past.trades(account_id, limit=_TRADES_SHOWN),
        )

    async def positions(self, account_id: int) -> list[MarkedPosition]:
        return await self._side(account_id).venue.positions(account_id)

    async def holdings(self, account_id: int) -> list[MarkedHolding]:
        return await self._side(account_id).venue.holdings(account_id)

    async def days(self, account_id: int) -> list[DailyResult]:
        return await self._past.daily(account_id, _MOST_DAYS)

    async def trades(self, account_id: int) -> AsyncIterator[list[Trade]]:
        """All of them, some at a time; none of these is empty."""
        before: Trade | None = None
        while page := await self._past.trades(account_id, before=before, limit=_PAGE):
            yield page
            before = page[-1]

    def _side(self, account_id: int) -> PaperSide:
        return self._markets.of(account_id).paper
