"""The one way in: an intent is checked, sent to the account's venue, and answered."""

from typing import Protocol

import msgspec

from openalgo.domain.errors import InvalidOrder, SymbolNotFound
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import CancelOrder, Intent, PlaceOrder
from openalgo.domain.market import (
    DERIVATIVE_EXCHANGES,
    EQUITY_EXCHANGES,
    QUOTE_ONLY_EXCHANGES,
    Exchange,
    InstrumentKey,
)
from openalgo.domain.orders import Order, PriceType, Product
from openalgo.identity.principal import Principal
from openalgo.observability.latency import OrderTimer
from openalgo.trading.venues import Venue, VenueMode


class Instruments(Protocol):
    """The symbol master of the account's broker."""

    def find(self, key: InstrumentKey) -> Instrument | None: ...


class VenueResolver(Protocol):
    def resolve(self, account_id: int) -> Venue: ...


class Receipt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of an intent."""

    mode: VenueMode
    order: Order


class Trading:
    """`timer` measures every intent, refused ones too."""

    def __init__(self, instruments: Instruments, venues: VenueResolver, timer: OrderTimer) -> None:
        self._instruments = instruments
        self._venues = venues
        self._timer = timer

    async def submit(self, principal: Principal, intent: Intent, *, cause: str) -> Receipt:
        """Carry out `intent` on the principal's account. `cause` is the request id."""
        account_id = principal.account_id
        venue = self._venues.resolve(account_id)
        with self._timer.measure(intent.KIND, account_id, cause) as timing:
            match intent:
                case PlaceOrder():
                    timing.symbol = intent.symbol
                    instrument = check(intent, self._instruments)
                    timing.sent()
                    order = await venue.submit(account_id, intent, instrument, cause=cause)
                case CancelOrder():
                    timing.order_id = intent.order_id
                    timing.sent()
                    order = await venue.cancel(account_id, intent.order_id, cause=cause)
            timing.order_id, timing.symbol = order.order_id, order.symbol
        return Receipt(mode=venue.mode, order=order)


def check(order: PlaceOrder, instruments: Instruments) -> Instrument:
    """Refuse an order no exchange would take, before anything is sent; return its instrument.

    Raises `InvalidOrder` and `SymbolNotFound`.
    """
    _check_product(order.product, order.exchange)
    _check_prices(order)
    if order.exchange is not Exchange.CRYPTO and order.quantity != int(order.quantity):
        raise InvalidOrder(
            "quantity",
            f"Fractional quantity ({order.quantity}) is not allowed for non-crypto exchanges.",
        )
    if order.exchange in QUOTE_ONLY_EXCHANGES:
        raise InvalidOrder("exchange", "Index instruments are not tradable")
    instrument = instruments.find(order.key)
    if instrument is None:
        raise SymbolNotFound(f"Symbol {order.symbol} not found on {order.exchange}")
    if order.exchange in DERIVATIVE_EXCHANGES and order.quantity % instrument.lot_size:
        raise InvalidOrder(
            "quantity", f"Quantity must be in multiples of lot size {instrument.lot_size}"
        )
    return instrument


def _check_product(product: Product, exchange: Exchange) -> None:
    if exchange in EQUITY_EXCHANGES and product is Product.NRML:
        raise InvalidOrder("product", f"NRML is not allowed on {exchange}. Use CNC or MIS.")
    if exchange in DERIVATIVE_EXCHANGES and product is Product.CNC:
        raise InvalidOrder("product", f"CNC is not allowed on {exchange}. Use NRML or MIS.")


def _check_prices(order: PlaceOrder) -> None:
    if order.price_type in (PriceType.LIMIT, PriceType.SL) and order.price <= 0:
        raise InvalidOrder("price", f"{order.price_type} orders require price")
    if order.price_type in (PriceType.SL, PriceType.SL_M) and order.trigger_price <= 0:
        raise InvalidOrder("trigger_price", f"{order.price_type} orders require trigger_price")
