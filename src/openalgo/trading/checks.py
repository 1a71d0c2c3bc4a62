"""What no exchange would take, refused before anything is sent."""

from openalgo.domain.errors import InvalidOrder, SymbolNotFound
from openalgo.domain.instruments import Instrument, InstrumentFinder
from openalgo.domain.intents import GttTerms, ModifyOrder, OrderTerms
from openalgo.domain.market import (
    DERIVATIVE_EXCHANGES,
    EQUITY_EXCHANGES,
    QUOTE_ONLY_EXCHANGES,
    Exchange,
)
from openalgo.domain.orders import PriceType, Product


def check(order: OrderTerms | GttTerms, instruments: InstrumentFinder) -> Instrument:
    """The instrument of `order`. Raises `InvalidOrder` and `SymbolNotFound`.

    Whether the prices of a modified order will do depends on those it has: its venue sees to that.
    """
    _check_product(order.product, order.exchange)
    if isinstance(order, OrderTerms) and not isinstance(order, ModifyOrder):
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
    in_lots = order.exchange in DERIVATIVE_EXCHANGES and order.exchange is not Exchange.CRYPTO
    if in_lots and order.quantity % instrument.lot_size:
        raise InvalidOrder(
            "quantity", f"Quantity must be in multiples of lot size {instrument.lot_size}"
        )
    return instrument


def _check_product(product: Product, exchange: Exchange) -> None:
    if not product.takes_orders:
        raise InvalidOrder("product", f"Orders of product {product} are placed at the broker only")
    if exchange in EQUITY_EXCHANGES and product is Product.NRML:
        raise InvalidOrder("product", f"NRML is not allowed on {exchange}. Use CNC or MIS.")
    if exchange in DERIVATIVE_EXCHANGES and product is Product.CNC:
        raise InvalidOrder("product", f"CNC is not allowed on {exchange}. Use NRML or MIS.")


def _check_prices(order: OrderTerms) -> None:
    if order.price_type in (PriceType.LIMIT, PriceType.SL) and order.price <= 0:
        raise InvalidOrder("price", f"{order.price_type} orders require price")
    if order.price_type in (PriceType.SL, PriceType.SL_M) and order.trigger_price <= 0:
        raise InvalidOrder("trigger_price", f"{order.price_type} orders require trigger_price")
