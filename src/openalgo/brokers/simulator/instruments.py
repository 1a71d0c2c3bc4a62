"""What the simulated market lists on a day: its symbol master."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from openalgo.brokers.simulator.contracts import (
    LIFE_DAYS,
    ChainTerms,
    Contracts,
    FutureTerms,
)
from openalgo.brokers.simulator.market import Market
from openalgo.brokers.simulator.underlyings import Underlying, underlyings
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.instruments.symbols import symbol_of

STRIKES_EACH_WAY = 25

_FUTURES = 3
_ONE_DAY = timedelta(days=1)
_BSE_TOKENS_FROM = 500_000
_RIGHTS = (InstrumentType.CALL, InstrumentType.PUT)
_PAISE = 100


class Listing:
    """The instruments of `market`.

    A chain gets the strikes around the money of every day, and keeps those it has: no contract
    leaves the list before it expires. Tokens stay the same from day to day.
    """

    def __init__(self, market: Market, contracts: Contracts) -> None:
        self._market = market
        self._contracts = contracts
        self._numbers = {symbol: number for number, symbol in enumerate(underlyings(), start=1)}

    def prepare(self, today: date) -> Iterator[None]:
        """Look up what `instruments` needs to know, a little at each step of the iteration."""
        for chain in self._contracts.chains.values():
            for expiry, days in expiries_of(chain, today).items():
                for day in _days(expiry, days, today):
                    self._market.opening_money(chain.underlying.symbol, day)
                    yield

    def instruments(self, today: date) -> Iterator[Instrument]:
        """Everything that is listed on the session day `today`."""
        yield from self._cash()
        for future in self._contracts.futures.values():
            for expiry in future.expiries.monthlies(today, _FUTURES):
                yield self._future(future, expiry)
        for chain in self._contracts.chains.values():
            for expiry, days in expiries_of(chain, today).items():
                strikes = self._strikes(chain, _days(expiry, days, today))
                yield from self._options(chain, expiry, strikes)

    def _cash(self) -> Iterator[Instrument]:
        for underlying in underlyings().values():
            number = self._numbers[underlying.symbol]
            if underlying.is_index:
                yield _cash(underlying, underlying.exchange, InstrumentType.INDEX, number)
            elif underlying.is_share:
                yield _cash(underlying, Exchange.NSE, InstrumentType.EQUITY, number)
                twin = _BSE_TOKENS_FROM + number
                yield _cash(underlying, Exchange.BSE, InstrumentType.EQUITY, twin)

    def _future(self, terms: FutureTerms, expiry: date) -> Instrument:
        base = terms.underlying.symbol
        symbol = symbol_of(base, InstrumentType.FUTURE, expiry)
        return Instrument(
            exchange=terms.exchange,
            symbol=symbol,
            name=base,
            type=InstrumentType.FUTURE,
            broker_symbol=symbol,
            broker_exchange=terms.exchange,
            token=f"{self._numbers[base]}{expiry:%y%m%d}",
            tick_size=px(terms.row.tick),
            lot_size=terms.row.lot,
            expiry=expiry,
        )

    def _options(
        self, terms: ChainTerms, expiry: date, strikes: Iterable[Decimal]
    ) -> Iterator[Instrument]:
        base, exchange, tick = terms.underlying.symbol, terms.exchange, px(terms.row.tick)
        stem = f"{self._numbers[base]}{expiry:%y%m%d}"
        for strike in strikes:
            for place, right in enumerate(_RIGHTS, start=1):
                symbol = symbol_of(base, right, expiry, strike)
                yield Instrument(
                    exchange=exchange,
                    symbol=symbol,
                    name=base,
                    type=right,
                    broker_symbol=symbol,
                    broker_exchange=exchange,
                    token=f"{stem}{int(strike * _PAISE)}{place}",
                    tick_size=tick,
                    lot_size=terms.row.lot,
                    expiry=expiry,
                    strike=strike,
                )

    def _strikes(self, terms: ChainTerms, days: Iterable[date]) -> Iterator[Decimal]:
        """Those around the money of each of `days`, ascending."""
        step, symbol = terms.row.step, terms.underlying.symbol
        money = [round(self._market.opening_money(symbol, day) / float(step)) for day in days]
        lowest = max(min(money) - STRIKES_EACH_WAY, 1)
        for number in range(lowest, max(money) + STRIKES_EACH_WAY + 1):
            yield number * step


def expiries_of(terms: ChainTerms, today: date) -> dict[date, int]:
    """The expiries listed on `today`, ascending, and for how many days before each it is."""
    weeklies = terms.expiries.weeklies(today, terms.row.weeklies)
    found = dict.fromkeys(weeklies, 7 * terms.row.weeklies)
    found |= dict.fromkeys(terms.expiries.monthlies(today, terms.row.monthlies), LIFE_DAYS)
    return dict(sorted(found.items()))


def _days(expiry: date, days: int, today: date) -> list[date]:
    """The days from `days` before `expiry` to `today`, which is always among them."""
    first = min(expiry - days * _ONE_DAY, today)
    return [first + number * _ONE_DAY for number in range((today - first).days + 1)]


def _cash(
    underlying: Underlying, exchange: Exchange, type_: InstrumentType, token: int
) -> Instrument:
    return Instrument(
        exchange=exchange,
        symbol=underlying.symbol,
        name=underlying.name,
        type=type_,
        broker_symbol=underlying.symbol,
        broker_exchange=exchange,
        token=str(token),
        tick_size=underlying.tick,
    )
