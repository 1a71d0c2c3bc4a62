"""What options are written on: how requests name it, and whose price is its price."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from openalgo.domain.clock import IST, Clock
from openalgo.domain.errors import (
    FutureNotFound,
    InvalidRequest,
    OpenAlgoError,
    UnderlyingPriceUnknown,
)
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import NO_SPOT_EXCHANGES, Exchange, InstrumentKey, Quote
from openalgo.instruments import symbols
from openalgo.instruments.contracts import Contracts
from openalgo.instruments.master import Master

_OPTIONS_AT = {
    Exchange.NSE: Exchange.NFO,
    Exchange.NSE_INDEX: Exchange.NFO,
    Exchange.BSE: Exchange.BFO,
    Exchange.BSE_INDEX: Exchange.BFO,
    Exchange.MCX_INDEX: Exchange.MCX,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionUnderlying:
    """An underlying as a request names it, `asked_at` an exchange.

    Its options are listed as `base` at `exchange`. Where the name is that of a future, `expiry`
    is the future's, and `future` its record if it is listed.
    """

    base: str
    asked_at: Exchange
    exchange: Exchange
    expiry: date | None = None
    future: Instrument | None = None

    def expiry_or(self, given: date | None) -> date:
        """The expiry a request means that says `given` besides. Raises `InvalidRequest`."""
        expiry = given or self.expiry
        if expiry is None:
            raise InvalidRequest(
                "expiry_date",
                "Expiry date required. Give expiry_date as DDMMMYY, or name it in the underlying "
                f"as in {self.base}28NOV24FUT.",
            )
        return expiry


class MasterSource(Protocol):
    @property
    def master(self) -> Master: ...


class QuoteSource(Protocol):
    async def quote(self, key: InstrumentKey) -> Quote:
        """The current quote. Raises `SymbolNotFound`, `BrokerUnavailable`."""
        ...


class Underlyings:
    """Answers from the symbol master in force and the quotes of its broker."""

    def __init__(self, masters: MasterSource, quotes: QuoteSource, clock: Clock) -> None:
        self._masters = masters
        self._quotes = quotes
        self._clock = clock

    @property
    def contracts(self) -> Contracts:
        """The option chains."""
        return self.master.contracts

    def named(self, name: str, exchange: Exchange) -> OptionUnderlying:
        """The underlying `name`, asked for at `exchange`."""
        return named(self.master, name, exchange)

    @property
    def master(self) -> Master:
        """The symbol master in force."""
        return self._masters.master

    def priced_by(self, underlying: OptionUnderlying, expiry: date) -> InstrumentKey:
        """Whose price is that of `underlying` for its options of `expiry`. Raises
        `FutureNotFound`."""
        today = self._clock.now().astimezone(IST).date()
        return priced_by(self.master, underlying, expiry, today)

    async def quote(self, underlying: OptionUnderlying, expiry: date) -> Quote:
        """What the underlying of the options of `expiry` costs; `ltp` is above 0.

        Raises `FutureNotFound`, `UnderlyingPriceUnknown`.
        """
        return await self.price(self.priced_by(underlying, expiry))

    async def price(self, key: InstrumentKey) -> Quote:
        """The quote of something options are written on; `ltp` is above 0. Raises
        `UnderlyingPriceUnknown`."""
        try:
            quote = await self._quotes.quote(key)
        except OpenAlgoError as error:
            raise UnderlyingPriceUnknown(key.symbol, error) from error
        if not (math.isfinite(quote.ltp) and quote.ltp > 0):
            raise UnderlyingPriceUnknown(key.symbol)
        return quote


def named(master: Master, name: str, exchange: Exchange) -> OptionUnderlying:
    """The underlying `name`, asked for at `exchange`: as `NIFTY`, `NIFTY28NOV24` or
    `NIFTY28NOV24FUT`. Records count more than spelling."""
    listed_at = _OPTIONS_AT.get(exchange, exchange)
    future = master.find(InstrumentKey(listed_at, name))
    if future is not None and future.is_future and future.expiry is not None:
        base, expiry = future.name, future.expiry
        return OptionUnderlying(
            base=base, asked_at=exchange, exchange=listed_at, expiry=expiry, future=future
        )
    if master.contracts.size(name):
        return OptionUnderlying(base=name, asked_at=exchange, exchange=listed_at)
    base, embedded = symbols.split_underlying(name)
    return OptionUnderlying(base=base, asked_at=exchange, exchange=listed_at, expiry=embedded)


def priced_by(
    master: Master, underlying: OptionUnderlying, expiry: date, today: date
) -> InstrumentKey:
    """Whose price is that of `underlying` for its options of `expiry`.

    A share or an index; on CRYPTO the perpetual future. Where there is no spot market, the future
    the options settle into: the one named, else the first to expire with them or later, else the
    last. What is not listed is returned as it was asked for. Raises `FutureNotFound`.
    """
    base, exchange = underlying.base, underlying.exchange
    if exchange in NO_SPOT_EXCHANGES:
        if underlying.future is not None:
            return underlying.future.key
        futures = master.contracts.futures(base, exchange, today)
        if not futures:
            raise FutureNotFound(f"No unexpired futures found for {base} on {exchange}")
        last = futures[-1]
        return next((each for each in futures if (each.expiry or today) >= expiry), last).key
    asked = InstrumentKey(underlying.asked_at, base)
    if master.find(asked) is not None:
        return asked
    found = master.underlying(base, exchange)
    if found is None and exchange is Exchange.CRYPTO:
        raise FutureNotFound(f"No perpetual futures found for {base} on CRYPTO")
    return asked if found is None else found.key
