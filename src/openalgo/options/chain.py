"""Option chains with their prices, fetched once for all who ask at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Protocol

import numpy as np

from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.errors import OpenAlgoError, StrikesNotFound
from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.domain.numbers import px, px_decimal
from openalgo.instruments.slices import Slices
from openalgo.instruments.symbols import compact_expiry
from openalgo.marketdata.inflight import InFlight
from openalgo.options.clock import LEAST_YEARS, expiry_instant, years_left
from openalgo.options.forward import has_price, parity_forward
from openalgo.options.listing import Listing, Listings
from openalgo.options.prices import Prices
from openalgo.options.snapshot import NEAR_THE_MONEY, ChainGreeks, ChainSnapshot
from openalgo.options.solving import Solutions, solve_columns
from openalgo.options.strikes import at_the_money
from openalgo.options.underlyings import OptionUnderlying, Underlyings

FRESH_FOR = timedelta(seconds=1)
"""How long (market time) one fetch of a chain answers whoever asks."""
# Callers who want nearly the same share a fetch; the last class is the whole chain.
_WIDTHS = (NEAR_THE_MONEY, 20, 60)
_MOST_KEPT = 64
_MOST_MADE = 8
_SOLVED_AT_ONCE = 256
_ALL = 1_000_000

ChainKey = tuple[Exchange, str, date, InstrumentKey]


class ManyQuotes(Protocol):
    def quotes(self, keys: Sequence[InstrumentKey]) -> Awaitable[Sequence[Quote | OpenAlgoError]]:
        """For each key, in this order, its quote or why there is none."""
        ...


class Chains:
    """Keeps the newest snapshot of each chain for `FRESH_FOR`; requests that overlap share one
    fetch. Options end when the `calendar` has their exchange close. `least_years` is the shortest
    time to expiry greeks are computed with."""

    def __init__(
        self,
        underlyings: Underlyings,
        quotes: ManyQuotes,
        clock: Clock,
        calendar: Calendar,
        least_years: float = LEAST_YEARS,
    ) -> None:
        self.underlyings = underlyings
        self._quotes = quotes
        self._clock = clock
        self._calendar = calendar
        self._least_years = least_years
        self._listings = Listings()
        self._kept: dict[ChainKey, ChainSnapshot] = {}
        # Whoever computes does so alone: many at once would hold the loop together.
        self._working = asyncio.Lock()
        self._asked: InFlight[tuple[ChainKey, int], ChainSnapshot] = InFlight()

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def least_years(self) -> float:
        return self._least_years

    def expires(self, exchange: Exchange, expiry: date, at: time | None = None) -> datetime:
        """The end (aware) of the options of `expiry`: when their exchange closes, or `at` another
        time in IST."""
        return expiry_instant(exchange, expiry, at, self._calendar)

    async def snapshot(
        self, underlying: OptionUnderlying, expiry: date, each_side: int | None = None
    ) -> ChainSnapshot:
        """The chain of `expiry`, at least `each_side` strikes on each side of the money as far as
        they are listed, all of them by default.

        Raises `StrikesNotFound`, `FutureNotFound`, `UnderlyingPriceUnknown`, and what the quotes
        failed with when not one option has any.
        """
        key = (
            *(underlying.exchange, underlying.base, expiry),
            self.underlyings.priced_by(underlying, expiry),
        )
        widths = (*_WIDTHS, _ALL)
        least = _ALL if each_side is None else each_side
        enough = [width for width in widths if width >= least]
        kept = self._kept.get(key)
        if kept is not None and kept.width >= least and self._is_fresh(kept):
            return kept
        width = next((each for each in enough if (key, each) in self._asked), enough[0])
        return await self._asked.get((key, width), lambda: self._fetch(key, underlying, width))

    async def greeks(self, snapshot: ChainSnapshot, rate: float = 0.0) -> ChainGreeks:
        """The forward of `snapshot` and what its options imply, at the interest `rate` (a
        decimal)."""
        known = snapshot.solved.get(rate)
        if known is not None:
            return known
        async with self._working:
            await asyncio.sleep(0)
            if rate not in snapshot.solved:
                snapshot.solved[rate] = await self._solve(snapshot, rate)
            return snapshot.solved[rate]

    async def made_of(
        self, snapshot: ChainSnapshot, what: Hashable, make: Callable[[], Iterable[bytes]]
    ) -> bytes:
        """What `make` makes of `snapshot`, once for all who ask for the same `what`."""
        known = snapshot.made.get(what)
        if known is not None:
            return known
        async with self._working:
            known = snapshot.made.get(what)
            if known is None:
                await asyncio.sleep(0)
                slices = Slices()
                pieces = []
                for piece in make():
                    pieces.append(piece)
                    if slices.over:
                        await slices.pause()
                if len(snapshot.made) >= _MOST_MADE:
                    snapshot.made.clear()
                known = snapshot.made[what] = b"".join(pieces)
            return known

    async def _solve(self, snapshot: ChainSnapshot, rate: float) -> ChainGreeks:
        years = years_left(snapshot.at, snapshot.expires, self._least_years)
        forward = snapshot.forward(rate, years)
        listing, newest = snapshot.listing, snapshot.newest_ms
        found = Solutions.without_prices(len(listing.options))
        slices = Slices()
        for first in range(0, len(listing.options) if years else 0, _SOLVED_AT_ONCE):
            price = snapshot.prices.to_invert(newest, slice(first, first + _SOLVED_AT_ONCE))
            priced = np.flatnonzero(~np.isnan(price))
            places = priced + first
            solved = solve_columns(
                listing.is_call[places],
                np.full(len(places), forward.price),
                listing.strike[places],
                np.full(len(places), years),
                np.full(len(places), rate),
                price[priced],
                listing.ticks[places],
            )
            for column, values in zip(found, solved, strict=True):
                column[places] = values
            if slices.over:
                await slices.pause()
        return ChainGreeks(forward, years, listing.symbols, found)

    async def _fetch(
        self, key: ChainKey, underlying: OptionUnderlying, width: int
    ) -> ChainSnapshot:
        exchange, base, expiry, priced_by = key
        master = self.underlyings.master
        listed = self._listings.of(master.contracts, base, exchange, expiry)
        if not listed.rows:
            raise StrikesNotFound(base, compact_expiry(expiry))
        spot = await self.underlyings.price(priced_by)
        money = at_the_money(listed.strikes, px_decimal(px(spot.ltp)))
        first = max(0, money - width)
        listing = listed.part(first, min(money + width + 1, len(listed.rows)))
        quotes = await self._quoted(listing)
        source = master.find(priced_by)
        snapshot = ChainSnapshot(
            underlying=underlying,
            expiry=expiry,
            expires=self.expires(exchange, expiry),
            at=self._clock.now(),
            spot=spot,
            spot_is_future=source is not None and source.is_future,
            listing=listing,
            quotes=quotes,
            prices=Prices.of(quotes, listing.ticks),
            money=money - first,
            width=_ALL if listing is listed else width,
        )
        if parity_forward(*snapshot.pairs()) is None:
            snapshot = await self._with_future(snapshot)
        self._keep(key, snapshot)
        return snapshot

    async def _quoted(self, listing: Listing) -> list[Quote | None]:
        outcomes = await self._quotes.quotes(listing.keys)
        failed = [outcome for outcome in outcomes if isinstance(outcome, OpenAlgoError)]
        if len(failed) == len(outcomes):
            raise failed[0]
        return [None if isinstance(each, OpenAlgoError) else each for each in outcomes]

    async def _with_future(self, snapshot: ChainSnapshot) -> ChainSnapshot:
        """With the future that expires with the options, where there is one and it has a price."""
        underlying, expiry = snapshot.underlying, snapshot.expiry
        futures = self.underlyings.contracts.futures(underlying.base, underlying.exchange, expiry)
        keys = [future.key for future in futures if future.expiry == expiry][:1]
        for outcome in await self._quotes.quotes(keys) if keys else ():
            if isinstance(outcome, Quote) and has_price(outcome.ltp):
                return replace(snapshot, future=outcome)
        return snapshot

    def _is_fresh(self, snapshot: ChainSnapshot) -> bool:
        return self._clock.now() - snapshot.at < FRESH_FOR

    def _keep(self, key: ChainKey, snapshot: ChainSnapshot) -> None:
        for other in [each for each, kept in self._kept.items() if not self._is_fresh(kept)]:
            del self._kept[other]
        self._kept[key] = snapshot
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
