"""The paper exchange as a venue."""

from typing import Protocol

from openalgo.domain.clock import Clock
from openalgo.domain.errors import OpenAlgoError, OrderNotFound
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import InstrumentKey, Quote
from openalgo.domain.orders import Order, PriceType, Trade
from openalgo.domain.portfolio import FundsStatement, MarkedPosition
from openalgo.sandbox import views
from openalgo.sandbox.decide import repeated
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules
from openalgo.trading.venues import VenueMode


class OrderArchive(Protocol):
    """Orders of earlier sessions, which the engine no longer holds."""

    async def order(self, account_id: int, order_id: str) -> Order | None: ...

    async def order_by_client_id(self, account_id: int, client_order_id: str) -> Order | None: ...


class QuoteSource(Protocol):
    async def quote(self, key: InstrumentKey) -> Quote: ...


class SandboxVenue:
    """Fetches what needs the network *before* the command enters the engine."""

    mode = VenueMode.ANALYZE

    def __init__(
        self,
        engine: Engine,
        archive: OrderArchive,
        quotes: QuoteSource,
        clock: Clock,
        rules: Rules,
    ) -> None:
        self._engine = engine
        self._archive = archive
        self._quotes = quotes
        self._clock = clock
        self._rules = rules

    async def submit(
        self, account_id: int, order: PlaceOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        if order.client_order_id is not None:
            earlier = await self._archive.order_by_client_id(account_id, order.client_order_id)
            if earlier is not None:
                return repeated(await self.order(account_id, earlier.order_id), order)
        mark = await self._fresh_mark(order, instrument)
        return await self._engine.place(account_id, order, instrument, mark, cause=cause)

    async def cancel(self, account_id: int, order_id: str, *, cause: str) -> Order:
        return await self._engine.cancel(account_id, order_id, cause=cause)

    async def order(self, account_id: int, order_id: str) -> Order:
        current = await self._engine.read(lambda state: views.order(state, account_id, order_id))
        found = current or await self._archive.order(account_id, order_id)
        if found is None:
            raise OrderNotFound(order_id)
        return found

    async def orders(self, account_id: int) -> list[Order]:
        now = self._clock.now()
        return await self._engine.read(lambda state: views.orders(state, account_id, now))

    async def trades(self, account_id: int) -> list[Trade]:
        now = self._clock.now()
        return await self._engine.read(lambda state: views.trades(state, account_id, now))

    async def positions(self, account_id: int) -> list[MarkedPosition]:
        now = self._clock.now()
        return await self._engine.read(lambda state: views.positions(state, account_id, now))

    async def funds(self, account_id: int) -> FundsStatement:
        now = self._clock.now()
        return await self._engine.read(
            lambda state: views.statement(state, account_id, now, self._rules)
        )

    async def _fresh_mark(self, order: PlaceOrder, instrument: Instrument) -> Mark | None:
        """A quote to match against, unless the engine has as good a price from the feed. Only
        MARKET needs one: a LIMIT can rest without."""
        if self._engine.has_fresh_mark(instrument.key):
            return None
        try:
            quote = await self._quotes.quote(instrument.key)
        except OpenAlgoError:
            if order.price_type is PriceType.MARKET:
                raise
            return None
        return Mark.of(quote, instrument, self._clock.now())
