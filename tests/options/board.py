"""A chain with prices a test knows: eleven strikes, quoted by hand."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import ManualClock, epoch_ms
from openalgo.domain.errors import OpenAlgoError, SymbolNotFound
from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from openalgo.options.chain import Chains
from openalgo.options.greeks import GreeksDesk
from openalgo.options.underlyings import Underlyings
from tests.instruments.rows import contract, index, options

EXPIRY = date(2025, 12, 30)
ENDS = datetime(2025, 12, 30, 10, 0, tzinfo=UTC)
NOW = ENDS - timedelta(seconds=534_600)
NIFTY = InstrumentKey(Exchange.NSE_INDEX, "NIFTY")

WORKED = {
    24750: (339.25, 70.40),
    24800: (299.30, 80.55),
    24850: (261.50, 92.90),
    24900: (226.20, 107.65),
    24950: (193.60, 125.15),
    25000: (164.00, 145.60),
    25050: (137.60, 169.20),
    25100: (114.45, 196.00),
    25150: (94.55, 226.00),
    25200: (77.70, 259.05),
    25250: (63.70, 294.90),
}
"""Last prices of calls and puts by strike, with the index at 24,980.40."""


def option(strike: int, right: str) -> InstrumentKey:
    return InstrumentKey(Exchange.NFO, f"NIFTY30DEC25{strike}{right}")


class Board:
    """Quotes by hand; `asked` counts how often each was asked for. While `held`, answers wait."""

    def __init__(self, now: datetime = NOW, *, extra: Sequence[date] = ()) -> None:
        self.clock = ManualClock(now)
        self.calendar = ExchangeCalendar()
        self.asked: list[InstrumentKey] = []
        self.calls = 0
        self.held: asyncio.Event | None = None
        self.known: dict[InstrumentKey, Quote | OpenAlgoError] = {}
        self.put(NIFTY, 24_980.4, prev_close=24_901.15)
        for strike, (call, put) in WORKED.items():
            self.put(option(strike, "CE"), call)
            self.put(option(strike, "PE"), put)
        self.master = Master(
            [
                index("NIFTY"),
                *options("NIFTY", EXPIRY, *map(str, WORKED)),
                *(contract("NIFTY", day) for day in extra),
            ]
        )
        masters = CurrentMaster(self.master)
        self.chains = Chains(
            Underlyings(masters, self, self.clock), self, self.clock, self.calendar
        )
        self.desk = GreeksDesk(self.chains, self)

    def put(self, key: InstrumentKey, ltp: float, **more: float) -> None:
        quote = Quote(key=key, at_ms=epoch_ms(self.clock.now()), ltp=ltp)
        self.known[key] = replace(quote, **more)

    async def quote(self, key: InstrumentKey) -> Quote:
        (outcome,) = await self.quotes([key])
        if isinstance(outcome, OpenAlgoError):
            raise outcome
        return outcome

    async def quotes(self, keys: Sequence[InstrumentKey]) -> list[Quote | OpenAlgoError]:
        self.asked += keys
        self.calls += 1
        await asyncio.sleep(0)
        if self.held is not None:
            await self.held.wait()
        return [self.known.get(key) or SymbolNotFound(f"No {key}") for key in keys]
