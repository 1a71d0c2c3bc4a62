"""Options: what chains, greeks and implied volatilities cost.

Bars: 10,000 implied volatilities in less than 50 ms; a chain of 100 strikes with greeks in less
than 3 ms of our own processor time, from quotes at hand to the reply in JSON; the loop never held
for 5 ms by the largest chain, however many ask. Run with `python -m benchmarks.options`.
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from benchmarks.instruments import watched
from openalgo.api.v1.option_data import chain_pieces
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import ManualClock, epoch_ms
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.domain.numbers import px
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from openalgo.instruments.symbols import symbol_of
from openalgo.options import black76
from openalgo.options.chain import Chains
from openalgo.options.underlyings import Underlyings

SPOT, STEP, YEARS = 25_000, 50, 9 / 365
NOW = datetime(2025, 12, 21, 10, 0, tzinfo=UTC)
EXPIRY = date(2025, 12, 30)
RUNS = 200
CALLERS = 100


class Market:
    """Quotes at hand of a chain of so many strikes."""

    def __init__(self, strikes: int) -> None:
        index = _instrument("NIFTY", InstrumentType.INDEX, Exchange.NSE_INDEX)
        rows = [index]
        self.quoted = {index.key: _quote(index.key, SPOT)}
        for number in range(strikes):
            strike = SPOT + STEP * (number - strikes // 2)
            for right in (InstrumentType.CALL, InstrumentType.PUT):
                option = _instrument("NIFTY", right, Exchange.NFO, strike)
                smile = 0.12 + 0.4 * (strike / SPOT - 1) ** 2
                is_call = right is InstrumentType.CALL
                terms = (SPOT + 40, strike, YEARS, 0.0, smile)
                worth = float(black76.price(is_call, *terms)[0])
                rows.append(option)
                self.quoted[option.key] = _quote(option.key, max(round(worth, 2), 0.05))
        self.clock = ManualClock(NOW)
        masters = CurrentMaster(Master(rows))
        self.chains = Chains(
            Underlyings(masters, self, self.clock), self, self.clock, ExchangeCalendar()
        )

    async def quote(self, key: InstrumentKey) -> Quote:
        return self.quoted[key]

    async def quotes(self, keys: Sequence[InstrumentKey]) -> list[Quote | OpenAlgoError]:
        return [self.quoted[key] for key in keys]

    async def reply(self) -> int:
        """The size of a reply with greeks."""
        named = self.chains.underlyings.named("NIFTY", Exchange.NSE_INDEX)
        snapshot = await self.chains.snapshot(named, EXPIRY)
        greeks = await self.chains.greeks(snapshot)
        reply = await self.chains.made_of(
            snapshot, None, lambda: chain_pieces(snapshot, None, greeks)
        )
        return len(reply)


def _instrument(
    base: str, type: InstrumentType, exchange: Exchange, strike: int | None = None
) -> Instrument:
    rupees = None if strike is None else Decimal(strike)
    symbol = base if strike is None else symbol_of(base, type, EXPIRY, rupees)
    return Instrument(
        exchange=exchange,
        symbol=symbol,
        name=base,
        type=type,
        broker_symbol=symbol,
        broker_exchange=exchange,
        token=symbol,
        tick_size=px("0.05"),
        lot_size=65,
        expiry=None if strike is None else EXPIRY,
        strike=rupees,
    )


def _quote(key: InstrumentKey, ltp: float) -> Quote:
    half = 0.05 if ltp > 1 else 0.0
    return Quote(key=key, at_ms=epoch_ms(NOW), ltp=ltp, bid=ltp - half, ask=ltp + half)


def implied_volatilities(count: int = 10_000) -> None:
    rng = np.random.default_rng(7)
    is_call = rng.random(count) < 0.5
    strike = SPOT * np.exp(rng.normal(0, 0.08, count))
    years = rng.uniform(1 / 365, 1, count)
    volatility = rng.uniform(0.08, 0.9, count)
    price = black76.price(is_call, SPOT, strike, years, 0.065, volatility)
    taken = []
    found = volatility
    for _ in range(15):
        began = time.perf_counter()
        found = black76.implied_volatility(is_call, SPOT, strike, years, 0.065, price)
        taken.append((time.perf_counter() - began) * 1000)
    vega = black76.greeks(is_call, SPOT, strike, years, 0.065, volatility).vega
    # Where a price hardly depends on volatility, its last digit hides it.
    worst = float(np.nanmax(np.abs(found - volatility)[vega > 1e-6]))
    print(
        f"{count:,} implied volatilities   {statistics.median(taken):>6.1f} ms "
        f"(best {min(taken):.1f}, bar 50), worst error {worst:.1e}"
    )


async def chains() -> None:
    for strikes in (100, 400):
        market = Market(strikes)
        size = await market.reply()
        gc.collect()
        gc.freeze()  # as the server does
        taken = []
        for _ in range(RUNS):
            market.clock.advance(timedelta(seconds=1))
            began = time.thread_time()
            await market.reply()
            taken.append((time.thread_time() - began) * 1000)
        cuts = statistics.quantiles(taken, n=100)
        again = []
        for _ in range(RUNS):
            began = time.thread_time()
            await market.reply()
            again.append((time.thread_time() - began) * 1000)
        print(
            f"chain of {strikes} strikes           {cuts[49]:>6.2f} ms p50, {cuts[98]:.2f} p99 "
            f"of processor{' (bar 3)' if strikes == 100 else ''}, "
            f"{statistics.median(again):.2f} once shared; {size / 1024:.0f} kB"
        )
    market.clock.advance(timedelta(seconds=1))
    await watched("nothing, for comparison", asyncio.sleep(1))
    await watched(
        f"{CALLERS} callers, {strikes} strikes",
        _together(market),
    )


async def _together(market: Market) -> None:
    await asyncio.gather(*(market.reply() for _ in range(CALLERS)))


def main() -> None:
    implied_volatilities()
    asyncio.run(chains())


if __name__ == "__main__":
    main()
