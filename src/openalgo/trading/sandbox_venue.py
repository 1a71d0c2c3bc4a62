"""The paper exchange as a venue."""

from collections.abc import Sequence
from typing import Protocol

from openalgo.domain.clock import Clock
from openalgo.domain.errors import NoPrice, OpenAlgoError, OrderNotFound
from openalgo.domain.gtt import Gtt
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyGtt, ModifyOrder, PlaceGtt, PlaceOrder
from openalgo.domain.market import InstrumentKey, Quote
from openalgo.domain.orders import Order, PriceType, Trade
from openalgo.domain.portfolio import FundsStatement, MarginNeed, MarkedHolding, MarkedPosition
from openalgo.sandbox import commands, placing, views
from openalgo.sandbox import gtt as gtts
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.margin import basket_margin
from openalgo.sandbox.matching import Mark
from openalgo.trading.venues import MarginOrder, VenueMode

_MOST_GTTS = 1000


class OrderArchive(Protocol):
    """What is on disk of earlier sessions, which the engine no longer holds."""

    async def order(self, account_id: int, order_id: str) -> Order | None: ...

    async def order_by_client_id(self, account_id: int, client_order_id: str) -> Order | None: ...

    async def gtt_by_client_id(self, account_id: int, client_order_id: str) -> Gtt | None: ...

    async def gtts(self, account_id: int, limit: int) -> list[Gtt]: ...


class QuoteSource(Protocol):
    async def quote(self, key: InstrumentKey) -> Quote: ...

    async def quotes(self, keys: Sequence[InstrumentKey]) -> list[Quote | OpenAlgoError]: ...


class SandboxVenue:
    """Fetches what needs the network *before* the command enters the engine."""

    mode = VenueMode.ANALYZE

    def __init__(
        self,
        engine: Engine,
        archive: OrderArchive,
        quotes: QuoteSource,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._archive = archive
        self._quotes = quotes
        self._clock = clock

    async def submit(
        self, account_id: int, order: PlaceOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        if order.client_order_id is not None:
            earlier = await self._archive.order_by_client_id(account_id, order.client_order_id)
            if earlier is not None:
                return placing.repeated(await self.order(account_id, earlier.order_id), order)
        needed = order.price_type is PriceType.MARKET
        mark = await self._fresh_mark(instrument, needed=needed)
        return await self._engine.submit(
            commands.Place(
                account_id=account_id,
                intent=order,
                instrument=instrument,
                mark=mark,
                at=self._clock.now(),
                cause=cause,
            )
        )

    async def modify(
        self, account_id: int, change: ModifyOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        mark = await self._fresh_mark(instrument, needed=False)
        return await self._engine.submit(
            commands.Modify(
                account_id=account_id,
                change=change,
                instrument=instrument,
                mark=mark,
                at=self._clock.now(),
                cause=cause,
            )
        )

    async def cancel(self, account_id: int, order_id: str, *, cause: str) -> Order:
        return await self._engine.submit(
            commands.Cancel(
                account_id=account_id, order_id=order_id, at=self._clock.now(), cause=cause
            )
        )

    async def ended(self, account_id: int, order_id: str) -> Order:
        """Here cancelling is done as soon as it is asked for."""
        return await self.order(account_id, order_id)

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

    async def holdings(self, account_id: int) -> list[MarkedHolding]:
        return await self._engine.read(lambda state: views.holdings(state, account_id))

    async def funds(self, account_id: int) -> FundsStatement:
        now = self._clock.now()
        return await self._engine.read(
            lambda state: views.statement(state, account_id, now, self._engine.rules)
        )

    async def margin(self, account_id: int, orders: Sequence[MarginOrder]) -> MarginNeed:  # noqa: ARG002 - the same for all
        keys = list(dict.fromkeys(order.key for order, _ in orders if _at_market(order)))
        outcomes = dict(zip(keys, await self._quotes.quotes(keys), strict=True))
        now = self._clock.now()
        planned = []
        for order, instrument in orders:
            quote = outcomes[order.key] if _at_market(order) else None
            if isinstance(quote, OpenAlgoError):
                raise quote
            if quote is not None and not quote.ltp > 0:
                raise NoPrice(f"{order.symbol} has no price to reckon a margin by")
            mark = None if quote is None else Mark.of(quote, instrument, now)
            planned.append((order, instrument, mark))
        return basket_margin(planned, self._engine.rules)

    async def place_gtt(
        self, account_id: int, gtt: PlaceGtt, instrument: Instrument, *, cause: str
    ) -> Gtt:
        if gtt.client_order_id is not None:
            earlier = await self._archive.gtt_by_client_id(account_id, gtt.client_order_id)
            if earlier is not None:
                return gtts.repeated(earlier, gtt)
        return await self._engine.submit(
            commands.PlaceGtt(
                account_id=account_id,
                intent=gtt,
                instrument=instrument,
                mark=await self._fresh_mark(instrument, needed=True),
                at=self._clock.now(),
                cause=cause,
            )
        )

    async def modify_gtt(
        self, account_id: int, change: ModifyGtt, instrument: Instrument, *, cause: str
    ) -> Gtt:
        return await self._engine.submit(
            commands.ModifyGtt(
                account_id=account_id,
                change=change,
                instrument=instrument,
                mark=await self._fresh_mark(instrument, needed=True),
                at=self._clock.now(),
                cause=cause,
            )
        )

    async def cancel_gtt(self, account_id: int, trigger_id: str, *, cause: str) -> Gtt:
        return await self._engine.submit(
            commands.CancelGtt(
                account_id=account_id, trigger_id=trigger_id, at=self._clock.now(), cause=cause
            )
        )

    async def gtts(self, account_id: int, *, active_only: bool = True) -> list[Gtt]:
        """Those that are final come from disk, the newest thousand."""
        active = await self._engine.read(lambda state: views.active_gtts(state, account_id))
        return active if active_only else await self._archive.gtts(account_id, _MOST_GTTS)

    async def _fresh_mark(self, instrument: Instrument, *, needed: bool) -> Mark | None:
        """A quote to match against, unless the engine has as good a price from the feed. Raises
        what prevented it where it is `needed`: a LIMIT can rest without one."""
        if self._engine.has_fresh_mark(instrument.key):
            return None
        try:
            quote = await self._quotes.quote(instrument.key)
        except OpenAlgoError:
            if needed:
                raise
            return None
        return Mark.of(quote, instrument, self._clock.now())


def _at_market(order: PlaceOrder) -> bool:
    return order.price_type is PriceType.MARKET
