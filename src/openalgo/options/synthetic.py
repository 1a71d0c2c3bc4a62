"""The future that a call and a put at the money make together."""

import math
from dataclasses import dataclass

from openalgo.domain.errors import NotFound
from openalgo.options.clock import years_left
from openalgo.options.forward import has_price
from openalgo.options.snapshot import ChainSnapshot, Leg


class LegPriceUnknown(NotFound):
    """An option that is needed is not listed or has no last price."""

    code = "no_option_price"


@dataclass(frozen=True, slots=True)
class SyntheticFuture:
    """Bought call, sold put. Rupees; `carry` is what it costs over the underlying a year,
    continuous, as a decimal, and `None` once the options have expired."""

    strike: float
    call: float
    put: float
    price: float
    basis: float
    carry: float | None


def synthetic_future(snapshot: ChainSnapshot) -> SyntheticFuture:
    """The synthetic future of `snapshot`, from last prices and undiscounted. Raises
    `LegPriceUnknown`."""
    line = snapshot.line(snapshot.money)
    strike = float(line.strike)
    call, put = _last(line.call, "call", strike), _last(line.put, "put", strike)
    price = strike + call - put
    spot = snapshot.spot.ltp
    years = years_left(snapshot.at, snapshot.expires)
    carry = math.log(price / spot) / years if years and price > 0 else None
    return SyntheticFuture(strike, call, put, price, price - spot, carry)


def _last(leg: Leg | None, right: str, strike: float) -> float:
    if leg is None:
        raise LegPriceUnknown(f"No {right} is listed at the strike {strike:g}.")
    if leg.quote is None or not has_price(leg.quote.ltp):
        raise LegPriceUnknown(f"Option LTP not available for {leg.option.symbol}.")
    return leg.quote.ltp
