"""Which option is meant by its distance from the money.

An offset is `ATM`, `ITM1` to `ITM50` or `OTM1` to `OTM50`, and counts listed strikes, not rupees.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from openalgo.domain.errors import InvalidRequest, OptionNotFound, StrikesNotFound
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.instruments.contracts import Contracts
from openalgo.instruments.symbols import compact_expiry, symbol_of

_OFFSET = re.compile(r"ATM|(?P<side>ITM|OTM)(?P<steps>[1-9]|[1-4][0-9]|50)")


def steps_out(offset: str) -> int | None:
    """How many strikes out of the money `offset` is, below 0 in it; `None` if it is no offset."""
    match = _OFFSET.fullmatch(offset)
    if match is None:
        return None
    steps = int(match["steps"] or 0)
    return -steps if match["side"] == "ITM" else steps


def at_the_money(strikes: Sequence[Decimal], price: Decimal) -> int:
    """The index of the strike nearest to `price`, of two the lower; `strikes` ascend."""
    above = bisect_left(strikes, price)
    if above == 0:
        return 0
    if above == len(strikes) or price - strikes[above - 1] <= strikes[above] - price:
        return above - 1
    return above


def strike_at(
    strikes: Sequence[Decimal], price: Decimal, rise: int, grid: Decimal | None = None
) -> Decimal | None:
    """The strike `rise` steps above the money, or below it; `None` beyond the `strikes`, which
    ascend and are not empty.

    With a `grid` (rupees), the money is its point nearest to `price`, of two the upper, and the
    steps are its own, so that the strike need not be among `strikes`.
    """
    if grid is None:
        index = at_the_money(strikes, price) + rise
        return strikes[index] if 0 <= index < len(strikes) else None
    strike = (2 * price + grid) // (2 * grid) * grid + rise * grid
    return strike if strikes[0] <= strike <= strikes[-1] else None


def option_at(
    contracts: Contracts,
    base: str,
    exchange: Exchange,
    expiry: date,
    type: InstrumentType,
    offset: str,
    price: Decimal,
    grid: Decimal | None = None,
) -> Instrument:
    """The call or put at `offset` when the underlying costs `price` rupees.

    `exchange` is where the options are listed. Raises `StrikesNotFound`, `OptionNotFound` where
    only a `grid` has the strike, and `InvalidRequest` for an offset that is none or beyond the
    listed strikes.
    """
    steps = steps_out(offset)
    if steps is None:
        raise InvalidRequest("offset", f"Offset {offset} is none of ATM, ITM1-ITM50, OTM1-OTM50.")
    listed = contracts.options(base, exchange, expiry, type)
    if not listed:
        raise StrikesNotFound(base, compact_expiry(expiry))
    rise = steps if type is InstrumentType.CALL else -steps
    strike = strike_at(list(listed), price, rise, grid)
    if strike is None:
        raise InvalidRequest(
            "offset",
            f"Offset {offset} is out of range for available strikes. Please use a smaller offset.",
        )
    option = listed.get(strike)
    if option is None:
        raise OptionNotFound(symbol_of(base, type, expiry, strike), exchange)
    return option
