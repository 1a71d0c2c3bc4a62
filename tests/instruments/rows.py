"""Instruments for tests of the symbol master, by what matters of them."""

from datetime import date
from decimal import Decimal

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.instruments.symbols import symbol_of


def share(
    symbol: str, name: str = "", exchange: Exchange = Exchange.NSE, token: str = ""
) -> Instrument:
    return plain(symbol, name, exchange, InstrumentType.EQUITY, symbol, token)


def index(
    symbol: str, broker_symbol: str = "", exchange: Exchange = Exchange.NSE_INDEX
) -> Instrument:
    broker_symbol = broker_symbol or symbol
    return plain(symbol, broker_symbol, exchange, InstrumentType.INDEX, broker_symbol, "")


def plain(
    symbol: str, name: str, exchange: Exchange, kind: InstrumentType, broker_symbol: str, token: str
) -> Instrument:
    return Instrument(
        exchange=exchange,
        symbol=symbol,
        name=name,
        type=kind,
        broker_symbol=broker_symbol,
        broker_exchange=exchange,
        token=token or f"{exchange}|{symbol}",
        tick_size=px("0.05"),
    )


def contract(
    base: str,
    expiry: date,
    strike: str | None = None,
    kind: InstrumentType = InstrumentType.FUTURE,
    exchange: Exchange = Exchange.NFO,
) -> Instrument:
    rupees = None if strike is None else Decimal(strike)
    symbol = symbol_of(base, kind, expiry, rupees)
    return Instrument(
        exchange=exchange,
        symbol=symbol,
        name=base,
        type=kind,
        broker_symbol=f"{symbol}-B",
        broker_exchange=exchange,
        token=f"{exchange}|{symbol}",
        tick_size=px("0.05"),
        lot_size=65,
        expiry=expiry,
        strike=rupees,
    )


def options(
    base: str, expiry: date, *strikes: str, exchange: Exchange = Exchange.NFO
) -> list[Instrument]:
    """The call and the put of each strike."""
    return [
        contract(base, expiry, strike, kind, exchange)
        for strike in strikes
        for kind in (InstrumentType.CALL, InstrumentType.PUT)
    ]
