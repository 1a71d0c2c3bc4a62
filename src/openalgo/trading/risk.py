"""What an account may risk: the last question before an order leaves.

An order that only reduces a position passes the limits on what is opened (kill switch, quantity,
value, loss and orders of the day) and has a share of the orders per second that nothing else gets.
Its books are read only when a limit stands against it. Cancellations are never asked about, and
orders that a GTT places when it fires were asked about when the GTT was placed.

An order is counted in the same turn of the loop in which it is let through, so that orders that
arrive together all count. A repeat under a client id whose order was sent is let through without:
the venue answers it with that order.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from msgspec.structs import replace

from openalgo.domain.errors import RiskRefused
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import GttTerms, ModifyOrder, OrderTerms, PlaceOrder
from openalgo.domain.orders import Order, PositionKey, PriceType
from openalgo.trading import risk_refusals as refusals
from openalgo.trading.day import Day, DayCounts, DayLosses
from openalgo.trading.exits import is_exit
from openalgo.trading.locks import KeyedLocks
from openalgo.trading.markets import Market
from openalgo.trading.rates import SegmentRates
from openalgo.trading.risk_limits import InForce, RiskLimits
from openalgo.trading.risk_terms import TermLimits
from openalgo.trading.run import Run
from openalgo.trading.venues import VenueMode

_MOST_REMEMBERED = 10_000

_ClientId = tuple[int, VenueMode, str]


@dataclass(slots=True)
class _Facts:
    """What the books say: `order` with the prices it keeps, today's orders, the rupees lost."""

    order: PlaceOrder | ModifyOrder
    day: Day | None = None
    loss: Decimal | None = None


class LimitsInForce(Protocol):
    def in_force(self, account_id: int, mode: VenueMode) -> InForce:
        """From memory, at once."""
        ...


class Risk:
    """The limits of all accounts."""

    def __init__(
        self,
        settings: LimitsInForce,
        terms: TermLimits,
        days: DayCounts,
        losses: DayLosses,
        rates: SegmentRates,
    ) -> None:
        self._settings = settings
        self._terms = terms
        self._days = days
        self._losses = losses
        self._rates = rates
        self._exits: KeyedLocks[tuple[int, PositionKey]] = KeyedLocks()
        self._sent: OrderedDict[_ClientId, None] = OrderedDict()

    @asynccontextmanager
    async def admit(
        self, run: Run, order: PlaceOrder | ModifyOrder, instrument: Instrument
    ) -> AsyncIterator[None]:
        """Count `order`; it is to be sent inside. Raises `RiskRefused` naming the limit it breaks,
        and what reading the books raises."""
        account_id, venue, market = run.account_id, run.venue, run.market
        in_force = self._settings.in_force(account_id, venue.mode)
        if in_force.nothing:
            yield
            return
        name = _client_id(account_id, venue.mode, order)
        violation = self._terms.violation(in_force.limits, order, instrument, market)
        if violation is not None and name is None:
            raise violation
        facts = await self._look_up(run, in_force, order)
        # From here to the count nothing is awaited.
        if name in self._sent:
            yield
            return
        # The switch may have been thrown meanwhile.
        in_force = self._settings.in_force(account_id, venue.mode)
        refusal = (
            violation
            or self._objection(in_force, facts.order, instrument, market, facts.loss)
            or self._count(account_id, venue.mode, in_force.limits, order, facts.day)
        )
        if refusal is None:
            with self._sending(name):
                yield
            return
        # One after the other: each exit is judged by the books that the one before it left.
        async with self._exits.hold([(account_id, order.position_key)]):
            book = await venue.orders(account_id)
            if name not in self._sent and not _stands_in(book, name):
                if violation is not None or not await is_exit(venue, account_id, order, book):
                    raise refusal
                refusal = self._count(
                    account_id, venue.mode, in_force.limits, order, facts.day, as_exit=True
                )
                if refusal is not None:
                    raise refusal
            with self._sending(name):
                yield

    async def admit_gtt(self, run: Run, gtt: GttTerms, instrument: Instrument) -> None:
        """Whether the orders that `gtt` may place would be let through, but for the price band and
        whatever is counted. Raises `RiskRefused`."""
        account_id, venue, market = run.account_id, run.venue, run.market
        in_force = self._settings.in_force(account_id, venue.mode)
        if in_force.nothing:
            return
        limits = replace(in_force.limits, price_band_percent=None)
        for order in _orders_of(gtt):
            if (violation := self._terms.violation(limits, order, instrument, market)) is not None:
                raise violation
            facts = await self._look_up(run, in_force, order)
            refusal = self._objection(in_force, order, instrument, market, facts.loss)
            if refusal is not None and not await is_exit(venue, account_id, order, ()):
                raise refusal

    async def _look_up(
        self, run: Run, in_force: InForce, order: PlaceOrder | ModifyOrder
    ) -> _Facts:
        """What the limits on `order` ask of the books. Nothing is read for a limit not set."""
        account_id, venue, clock = run.account_id, run.venue, run.market.clock
        limits = in_force.limits
        facts = _Facts(order)
        if isinstance(order, PlaceOrder):
            if limits.max_orders_per_day is not None:
                facts.day = await self._days.today(account_id, venue, clock.now())
        elif limits.max_notional is not None:
            facts.order = _completed(order, await venue.order(account_id, order.order_id))
        if limits.max_loss_per_day is not None and in_force.kill is None:
            facts.loss = await self._losses.today(account_id, venue, clock.now())
        return facts

    def _objection(
        self,
        in_force: InForce,
        order: OrderTerms,
        instrument: Instrument,
        market: Market,
        loss: Decimal | None,
    ) -> RiskRefused | None:
        """What stands against `order` unless it is an exit. Never awaits."""
        if in_force.kill is not None:
            return refusals.killed(in_force.kill, order.quantity)
        most = in_force.limits.max_loss_per_day
        if most is not None and loss is not None and loss >= most:
            return refusals.lost_too_much(loss, most)
        return self._terms.objection(in_force.limits, order, instrument, market)

    def _count(
        self,
        account_id: int,
        mode: VenueMode,
        limits: RiskLimits,
        order: PlaceOrder | ModifyOrder,
        day: Day | None,
        *,
        as_exit: bool = False,
    ) -> RiskRefused | None:
        """Count `order`, or tell which limit has no room for it. Never awaits."""
        most = limits.max_orders_per_day
        if day is not None and most is not None and day.sent >= most and not as_exit:
            return refusals.too_many_today(day.sent + 1, most)
        per_second = limits.orders_per_second
        if per_second is not None and (limits.count_changes or isinstance(order, PlaceOrder)):
            segment = account_id, mode, order.exchange
            kept = 0 if as_exit else (limits.kept_for_exits or 0)
            if not self._rates.take(segment, per_second - kept):
                return refusals.too_fast(order.exchange, per_second, kept)
        if day is not None:
            day.sent += 1
        return None

    @contextmanager
    def _sending(self, name: _ClientId | None) -> Iterator[None]:
        """Repeats under `name` pass from now on, unless nothing comes of the order."""
        if name is None:
            yield
            return
        self._sent[name] = None
        if len(self._sent) > _MOST_REMEMBERED:
            self._sent.popitem(last=False)
        try:
            yield
        except BaseException:
            self._sent.pop(name, None)
            raise


def _client_id(
    account_id: int, mode: VenueMode, order: PlaceOrder | ModifyOrder
) -> _ClientId | None:
    if order.client_order_id is None or isinstance(order, ModifyOrder):
        return None
    return account_id, mode, order.client_order_id


def _stands_in(book: Iterable[Order], name: _ClientId | None) -> bool:
    return name is not None and any(order.client_order_id == name[2] for order in book)


def _completed(change: ModifyOrder, order: Order) -> ModifyOrder:
    """`change` with the prices it keeps."""
    return replace(
        change,
        price=change.price or order.price,
        trigger_price=change.trigger_price or order.trigger_price,
    )


def _orders_of(gtt: GttTerms) -> Iterator[PlaceOrder]:
    """The orders `gtt` may place, as the stop orders they amount to."""
    for trigger in gtt.triggers:
        yield PlaceOrder(
            strategy=gtt.strategy,
            exchange=gtt.exchange,
            symbol=gtt.symbol,
            action=gtt.action,
            product=gtt.product,
            quantity=gtt.quantity,
            price_type=PriceType.SL if trigger.price else PriceType.SL_M,
            price=trigger.price,
            trigger_price=trigger.trigger_price,
        )
