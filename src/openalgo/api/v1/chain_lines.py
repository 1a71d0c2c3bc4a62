"""The rows of an option chain: quick to make and to encode. The schemas describe the same."""

from collections.abc import Iterator, Mapping
from math import isfinite

import msgspec
from msgspec import UNSET, UnsetType

from openalgo.api.v1.rows import finite
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Quote
from openalgo.domain.numbers import px_float
from openalgo.options.snapshot import ChainGreeks, ChainSnapshot, Leg, is_stale
from openalgo.options.solving import Outcome, Solution

_Greek = float | None | UnsetType


class ChainLegLine(msgspec.Struct, gc=False):
    """One option; greeks that were not asked for are left out."""

    symbol: str
    label: str
    ltp: float
    bid: float
    ask: float
    bid_qty: int
    ask_qty: int
    open: float
    high: float
    low: float
    prev_close: float
    volume: int
    oi: int
    lotsize: int
    tick_size: float
    quote_ts: int | None
    stale: bool
    implied_volatility: _Greek = UNSET
    delta: _Greek = UNSET
    gamma: _Greek = UNSET
    theta: _Greek = UNSET
    vega: _Greek = UNSET
    rho: _Greek = UNSET


class ChainLine(msgspec.Struct, gc=False):
    """One strike."""

    strike: float
    ce: ChainLegLine | None
    pe: ChainLegLine | None


def chain_lines(
    snapshot: ChainSnapshot, each_side: int | None, greeks: ChainGreeks | None
) -> Iterator[ChainLine]:
    """The strikes of `snapshot` at most `each_side` from the money, made as they are read."""
    newest = snapshot.newest_ms
    solutions = None if greeks is None else greeks.solutions
    lines, first = snapshot.window(each_side)
    for steps, line in enumerate(lines, first):
        yield ChainLine(
            float(line.strike),
            None if line.call is None else _leg(line.call, steps, newest, solutions),
            None if line.put is None else _leg(line.put, steps, newest, solutions),
        )


def label_of(type: InstrumentType, steps: int) -> str:
    """What an option `steps` strikes above the money is called."""
    if not steps:
        return "ATM"
    out = steps if type is InstrumentType.CALL else -steps
    return f"OTM{out}" if out > 0 else f"ITM{-out}"


def _leg(
    leg: Leg, steps: int, newest_ms: int, solutions: Mapping[str, Solution] | None
) -> ChainLegLine:
    option = leg.option
    quote = leg.quote or _unknown(option)
    prices = [quote.ltp, quote.bid, quote.ask, quote.open, quote.high, quote.low, quote.prev_close]
    if not isfinite(sum(prices)):
        prices = [finite(price) for price in prices]
    ltp, bid, ask, opened, high, low, prev_close = prices
    line = ChainLegLine(
        option.symbol,
        label_of(option.type, steps),
        ltp,
        bid,
        ask,
        quote.bid_quantity,
        quote.ask_quantity,
        opened,
        high,
        low,
        prev_close,
        quote.volume,
        quote.oi,
        option.lot_size,
        px_float(option.tick_size),
        None if leg.quote is None else quote.at_ms // 1000,
        is_stale(leg.quote, newest_ms),
    )
    if solutions is not None:
        _add_greeks(line, solutions.get(option.symbol))
    return line


def _add_greeks(line: ChainLegLine, found: Solution | None) -> None:
    if found is None or found.outcome is Outcome.ABOVE_BOUND:
        line.implied_volatility = line.delta = line.gamma = None
        line.theta = line.vega = line.rho = None
        return
    _, volatility, delta, gamma, theta, vega, rho, _ = found
    line.implied_volatility = round(volatility * 100.0, 2)
    line.delta = round(delta, 4)
    line.gamma = round(gamma, 6)
    line.theta = round(theta, 4)
    line.vega = round(vega, 4)
    line.rho = round(rho, 6)


def _unknown(option: Instrument) -> Quote:
    return Quote(key=option.key, at_ms=0, ltp=0.0)
