"""The rows of long lists: quick to make and to encode. The schemas describe the same."""

import math

import msgspec

from openalgo.domain.clock import ist_text
from openalgo.domain.gtt import Gtt, TriggerType
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Candle, Quote
from openalgo.domain.numbers import plain_number, px_float
from openalgo.instruments.freeze import FreezeQuantity
from openalgo.instruments.symbols import expiry_text

_TRIGGER_WORDS = {TriggerType.SINGLE: "single", TriggerType.OCO: "two-leg"}


class CandleLine(msgspec.Struct, gc=False):
    """A candle as clients know it."""

    timestamp: int
    open: float
    high: float
    low: float
    close: float
    volume: int
    oi: int

    @classmethod
    def of(cls, candle: Candle) -> "CandleLine":
        return cls(
            candle.at_s,
            finite(candle.open),
            finite(candle.high),
            finite(candle.low),
            finite(candle.close),
            candle.volume,
            candle.oi,
        )


class InstrumentLine(msgspec.Struct, gc=False):
    """An instrument as clients know it."""

    symbol: str
    brsymbol: str
    name: str
    exchange: str
    brexchange: str
    token: str
    expiry: str
    strike: float
    lotsize: int
    instrumenttype: str
    tick_size: float

    @classmethod
    def of(cls, instrument: Instrument) -> "InstrumentLine":
        return cls(
            instrument.symbol,
            instrument.broker_symbol,
            instrument.name,
            instrument.exchange,
            instrument.broker_exchange,
            instrument.token,
            "" if instrument.expiry is None else expiry_text(instrument.expiry),
            float(instrument.strike or 0),
            instrument.lot_size,
            instrument.type,
            px_float(instrument.tick_size),
        )


class FoundLine(InstrumentLine, gc=False):
    """The same, with what is known beyond the master."""

    contract_value: float
    freeze_qty: int
    freeze_qty_known: bool

    @classmethod
    def found(cls, instrument: Instrument, freeze: FreezeQuantity) -> "FoundLine":
        return cls(
            **msgspec.structs.asdict(InstrumentLine.of(instrument)),
            contract_value=float(instrument.contract_value),
            freeze_qty=freeze.quantity,
            freeze_qty_known=freeze.known,
        )


class QuoteLine(msgspec.Struct, gc=False):
    """A quote as clients know it."""

    open: float
    high: float
    low: float
    ltp: float
    ask: float
    bid: float
    prev_close: float
    volume: int
    oi: int

    @classmethod
    def of(cls, quote: Quote) -> "QuoteLine":
        return cls(
            finite(quote.open),
            finite(quote.high),
            finite(quote.low),
            finite(quote.ltp),
            finite(quote.ask),
            finite(quote.bid),
            finite(quote.prev_close),
            quote.volume,
            quote.oi,
        )


class GttLegLine(msgspec.Struct, gc=False):
    """The order a trigger places."""

    action: str
    quantity: int | float
    price: float
    pricetype: str
    product: str


class GttLine(msgspec.Struct, gc=False, omit_defaults=True):
    """A GTT as clients know it; the last two members are of the paper exchange."""

    trigger_id: str
    trigger_type: str
    status: str
    symbol: str
    exchange: str
    trigger_prices: list[float]
    last_price: float
    legs: list[GttLegLine]
    created_at: str
    updated_at: str
    expires_at: str
    strategy: str | None = None
    margin_blocked: float | None = None

    @classmethod
    def of(cls, gtt: Gtt, *, on_paper: bool) -> "GttLine":
        return cls(
            gtt.trigger_id,
            _TRIGGER_WORDS[gtt.trigger_type],
            gtt.status,
            gtt.symbol,
            gtt.exchange,
            [px_float(trigger.trigger_price) for trigger in gtt.triggers],
            px_float(gtt.last_price),
            [
                GttLegLine(
                    leg.action,
                    plain_number(leg.quantity),
                    px_float(trigger.price),
                    leg.price_type,
                    leg.product,
                )
                for trigger, leg in zip(gtt.triggers, gtt.legs, strict=True)
            ],
            ist_text(gtt.created_at),
            ist_text(gtt.updated_at),
            ist_text(gtt.expires_at),
            gtt.strategy if on_paper else None,
            float(gtt.reserved) if on_paper else None,
        )


class ResultLine(msgspec.Struct, gc=False, omit_defaults=True):
    """One of many quotes: either `data` or `error`."""

    symbol: str
    exchange: str
    data: QuoteLine | None = None
    error: str | None = None


def finite(price: float) -> float:
    return price if math.isfinite(price) else 0.0
