"""Greeks of options by their symbols."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from openalgo.domain.errors import (
    InvalidRequest,
    NotFound,
    OpenAlgoError,
    OptionNotFound,
    UnderlyingPriceUnknown,
)
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.domain.numbers import px_float
from openalgo.instruments.symbols import ParsedSymbol
from openalgo.options.chain import Chains, ManyQuotes
from openalgo.options.clock import days_left, years_left
from openalgo.options.forward import Forward, ForwardSource, has_price
from openalgo.options.snapshot import NEAR_THE_MONEY, ChainSnapshot
from openalgo.options.solving import Outcome, Priced, Solution, solve
from openalgo.options.underlyings import OptionUnderlying

_Source = Forward | ChainSnapshot | OpenAlgoError


class OptionPriceUnknown(NotFound):
    code = "no_option_price"
    default = "Option LTP not available"


class UnderlyingLtpUnknown(NotFound):
    code = "no_underlying_price"
    default = "Underlying LTP not available"


class OptionExpired(InvalidRequest):
    """Nothing is left to compute."""

    code = "option_expired"

    def __init__(self, expiry: date) -> None:
        super().__init__("symbol", f"Option has expired on {expiry:%d-%b-%Y}")


class AboveBound(InvalidRequest):
    """No volatility makes an option worth as much."""

    code = "price_above_bound"

    def __init__(self) -> None:
        super().__init__("symbol", "Option price exceeds theoretical maximum")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An option, and what its forward is taken from: a price of one's own (rupees, 0 for none), or
    that of an `underlying` named, else the chain it belongs to."""

    key: InstrumentKey
    forward: float = 0.0
    underlying: str | None = None
    underlying_exchange: Exchange | None = None


class OptionGreeks(NamedTuple):
    """What an option implies. Prices are rupees, `rate` is a decimal, `years` what it was solved
    with. One that has expired has no `years` and no `solution`, and its prices may be unknown."""

    key: InstrumentKey
    parts: ParsedSymbol
    tick: float
    days: float
    years: float
    rate: float
    price: float | None
    forward: Forward | None
    solution: Solution | None = None

    @property
    def strike(self) -> float:
        return float(self.parts.strike or 0)

    @property
    def is_call(self) -> bool:
        return self.parts.type is InstrumentType.CALL

    @property
    def intrinsic(self) -> float | None:
        """What exercising it would bring, in rupees: discounted, or now if it has expired."""
        if self.solution is not None:
            return self.solution.intrinsic
        if self.forward is None:
            return None
        gain = self.forward.price - self.strike
        return max(gain if self.is_call else -gain, 0.0)


class _Option(NamedTuple):
    wanted: Wanted
    parts: ParsedSymbol
    tick: float
    is_listed: bool
    days: float
    years: float

    @property
    def underlying(self) -> OptionUnderlying:
        exchange = self.wanted.key.exchange
        return OptionUnderlying(base=self.parts.base, asked_at=exchange, exchange=exchange)


Answer = OptionGreeks | OpenAlgoError


class GreeksDesk:
    """Finds prices and forwards for options named singly, and solves them together."""

    def __init__(self, chains: Chains, quotes: ManyQuotes) -> None:
        self._chains = chains
        self._quotes = quotes

    async def one(
        self, wanted: Wanted, rate: float = 0.0, expiry_time: time | None = None
    ) -> OptionGreeks:
        """The greeks of one option at the interest `rate` (a decimal); it ends at `expiry_time`
        (IST) instead of the close of its exchange.

        Raises `InvalidRequest` for what is no option, `OptionExpired`, `AboveBound`,
        `OptionNotFound`, `OptionPriceUnknown`, `UnderlyingLtpUnknown`, `UnderlyingPriceUnknown`,
        `StrikesNotFound`, `FutureNotFound` and `BrokerUnavailable`.
        """
        (found,) = await self.many([wanted], rate, expiry_time)
        if isinstance(found, OpenAlgoError):
            raise found
        if not found.years:
            raise OptionExpired(found.parts.expiry)
        return found

    async def many(
        self, wanted: Sequence[Wanted], rate: float = 0.0, expiry_time: time | None = None
    ) -> list[Answer]:
        """For each option, in their order, what `one` would answer or raise; one that has expired
        is answered without a solution."""
        now = self._chains.clock.now()
        options = [self._option(each, now, expiry_time) for each in wanted]
        listed = [each for each in options if isinstance(each, _Option) and each.is_listed]
        prices, sources = await asyncio.gather(
            self._quotes.quotes([each.wanted.key for each in listed]),
            asyncio.gather(*map(self._source, options)),
        )
        quotes = {each.wanted.key: quote for each, quote in zip(listed, prices, strict=True)}
        return _solved(
            [
                option
                if isinstance(option, OpenAlgoError)
                else _unsolved(option, rate, quotes.get(option.wanted.key), source)
                for option, source in zip(options, sources, strict=True)
            ]
        )

    def _option(
        self, wanted: Wanted, now: datetime, expiry_time: time | None
    ) -> _Option | OpenAlgoError:
        key = wanted.key
        master = self._chains.underlyings.master
        parts = master.parts(key)
        if parts is None or parts.strike is None:
            return InvalidRequest("symbol", f"{key.symbol} is not an option symbol.")
        expires = self._chains.expires(key.exchange, parts.expiry, expiry_time)
        years = years_left(now, expires, self._chains.least_years)
        instrument = master.find(key)
        if instrument is None and years:
            return OptionNotFound(key.symbol, key.exchange)
        tick = 0.0 if instrument is None else px_float(instrument.tick_size)
        return _Option(wanted, parts, tick, instrument is not None, days_left(now, expires), years)

    async def _source(self, option: _Option | OpenAlgoError) -> _Source:
        """What tells the forward of `option`, or the spot price if it has expired."""
        if isinstance(option, OpenAlgoError):
            return option
        wanted, base = option.wanted, option.parts.base
        if wanted.forward:
            return Forward(wanted.forward, ForwardSource.USER)
        try:
            if wanted.underlying is not None and wanted.underlying != base:
                return await self._named(wanted.underlying, option)
            if not option.years:
                spot = await self._chains.underlyings.quote(option.underlying, option.parts.expiry)
                return Forward(spot.ltp, ForwardSource.SPOT)
            return await self._chains.snapshot(
                option.underlying, option.parts.expiry, NEAR_THE_MONEY
            )
        except OpenAlgoError as error:
            return error

    async def _named(self, name: str, option: _Option) -> Forward:
        """The price of an underlying the request names. Raises `UnderlyingLtpUnknown`."""
        underlyings = self._chains.underlyings
        exchange = option.wanted.underlying_exchange or option.wanted.key.exchange
        key = InstrumentKey(exchange, name)
        if underlyings.master.find(key) is None:
            key = underlyings.priced_by(underlyings.named(name, exchange), option.parts.expiry)
        instrument = underlyings.master.find(key)
        if instrument is None:
            raise UnderlyingLtpUnknown
        try:
            quote = await underlyings.price(key)
        except UnderlyingPriceUnknown as error:
            raise UnderlyingLtpUnknown from error
        source = ForwardSource.FUTURE if instrument.is_future else ForwardSource.SPOT
        return Forward(quote.ltp, source)


def _unsolved(
    option: _Option, rate: float, quote: Quote | OpenAlgoError | None, source: _Source
) -> Answer:
    """Price and forward, or why one of them is missing; an expired option may lack both."""
    price = quote.ltp if isinstance(quote, Quote) and has_price(quote.ltp) else None
    if isinstance(source, ChainSnapshot):
        source = source.forward(rate, option.years)
    if option.years:
        if isinstance(quote, OpenAlgoError):
            return quote
        if price is None:
            return OptionPriceUnknown()
        if isinstance(source, OpenAlgoError):
            return source
    return OptionGreeks(
        key=option.wanted.key,
        parts=option.parts,
        tick=option.tick,
        days=option.days,
        years=option.years,
        rate=rate,
        price=price,
        forward=None if isinstance(source, OpenAlgoError) else source,
    )


def _solved(answers: list[Answer]) -> list[Answer]:
    """`answers`, those of options with time left solved."""
    places: list[int] = []
    priced: list[Priced] = []
    for place, each in enumerate(answers):
        if isinstance(each, OptionGreeks) and each.years and each.forward and each.price:
            places.append(place)
            priced.append(
                Priced(
                    is_call=each.is_call,
                    forward=each.forward.price,
                    strike=each.strike,
                    years=each.years,
                    rate=each.rate,
                    price=each.price,
                    tick=each.tick,
                )
            )
    solved = dict(zip(places, solve(priced), strict=True))
    return [_with(each, solved.get(place)) for place, each in enumerate(answers)]


def _with(answer: Answer, solution: Solution | None) -> Answer:
    if solution is None or isinstance(answer, OpenAlgoError):
        return answer
    if solution.outcome is Outcome.ABOVE_BOUND:
        return AboveBound()
    return answer._replace(solution=solution)
