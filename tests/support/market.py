"""A small market for tests: instruments, a Friday morning, and what a trader types."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from openalgo.domain.clock import IST
from openalgo.domain.gtt import GttTrigger, TriggerSide, TriggerType
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.intents import PlaceGtt, PlaceOrder
from openalgo.domain.market import Exchange, InstrumentKey, Tick
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType, Product

MORNING = datetime(2026, 7, 17, 10, 0, tzinfo=IST)


def equity(symbol: str, tick: str = "0.05", exchange: Exchange = Exchange.NSE) -> Instrument:
    return Instrument(
        exchange=exchange,
        symbol=symbol,
        name=symbol,
        type=InstrumentType.EQUITY,
        broker_symbol=symbol,
        broker_exchange=exchange,
        token=symbol,
        tick_size=px(tick),
    )


def derivative(
    symbol: str, kind: InstrumentType, lot: int = 65, exchange: Exchange = Exchange.NFO
) -> Instrument:
    return Instrument(
        exchange=exchange,
        symbol=symbol,
        name="NIFTY",
        type=kind,
        broker_symbol=symbol,
        broker_exchange=exchange,
        token=symbol,
        tick_size=px("0.05"),
        lot_size=lot,
    )


SBIN = equity("SBIN")
INFY = equity("INFY")
NIFTY = replace(equity("NIFTY", exchange=Exchange.NSE_INDEX), type=InstrumentType.INDEX)
NIFTY_FUT = derivative("NIFTY28JUL26FUT", InstrumentType.FUTURE)
NIFTY_CALL = derivative("NIFTY28JUL2625000CE", InstrumentType.CALL)
USDINR_FUT = Instrument(
    exchange=Exchange.CDS,
    symbol="USDINR29JUL26FUT",
    name="USDINR",
    type=InstrumentType.FUTURE,
    broker_symbol="USDINR29JUL26FUT",
    broker_exchange="CDS",
    token="USDINR",
    tick_size=px("0.0025"),
    lot_size=1,
)
CRUDE_FUT = replace(
    derivative("CRUDEOIL20AUG26FUT", InstrumentType.FUTURE, 100, Exchange.MCX), name="CRUDEOIL"
)
CRUDE_CALL = replace(
    derivative("CRUDEOIL21JUL26100CE", InstrumentType.CALL, 100, Exchange.MCX), name="CRUDEOIL"
)
CRUDE_PUT = replace(
    derivative("CRUDEOIL21JUL26100PE", InstrumentType.PUT, 100, Exchange.MCX), name="CRUDEOIL"
)


class Shelf:
    """A symbol master of a few rows."""

    def __init__(self, *instruments: Instrument) -> None:
        self._rows = {instrument.key: instrument for instrument in instruments}

    def find(self, key: InstrumentKey) -> Instrument | None:
        return self._rows.get(key)

    def put(self, instrument: Instrument) -> None:
        self._rows[instrument.key] = instrument

    def remove(self, instrument: Instrument) -> None:
        del self._rows[instrument.key]


SHELF = Shelf(SBIN, INFY, NIFTY_FUT, NIFTY_CALL, USDINR_FUT, CRUDE_FUT, CRUDE_CALL, CRUDE_PUT)


def intent(
    instrument: Instrument,
    action: str,
    quantity: int | str,
    price: str | None = None,
    product: str = "MIS",
    **more: Any,
) -> PlaceOrder:
    """MARKET without a price, LIMIT with one, unless `more` says otherwise."""
    more.setdefault("price_type", PriceType.LIMIT if price else PriceType.MARKET)
    return PlaceOrder(
        strategy="test",
        exchange=instrument.exchange,
        symbol=instrument.symbol,
        action=Action(action),
        quantity=Decimal(quantity),
        product=Product(product),
        price=px(price or 0),
        **more,
    )


def gtt_intent(instrument: Instrument, below: str, **more: Any) -> PlaceGtt:
    """Buy one unit at market when the price falls to `below`."""
    return PlaceGtt(
        strategy="test",
        trigger_type=TriggerType.SINGLE,
        exchange=instrument.exchange,
        symbol=instrument.symbol,
        action=Action.BUY,
        product=Product.CNC,
        quantity=Decimal(1),
        price_type=PriceType.MARKET,
        triggers=(GttTrigger(side=TriggerSide.BELOW, trigger_price=px(below)),),
        **more,
    )


def tick(
    instrument: Instrument, ltp: float, bid: float | None = None, ask: float | None = None
) -> Tick:
    return Tick(
        exchange=instrument.exchange,
        symbol=instrument.symbol,
        received_ms=0,
        ltp=ltp,
        bid=bid,
        ask=ask,
    )
