"""Ticks against 10,000 open orders: what a tick costs, and when its fills are known.

Bars: from a tick to the published, stored fill a p99 below 5 ms, with 10,000 orders and GTTs open
in 500 instruments at 500 ticks a second; the cost of a tick independent of orders it cannot fill;
one tick that fills 2,000 orders never holds the loop for 5 ms. Run `python -m benchmarks.matching`.
"""

import asyncio
import gc
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import uvloop

from benchmarks.watchdog import Watchdog
from openalgo.api.ws import frames
from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import SystemClock
from openalgo.domain.events import AccountEvent, OrderChanged, OrderFilled
from openalgo.domain.gtt import GttTrigger, TriggerSide, TriggerType
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.intents import PlaceGtt, PlaceOrder
from openalgo.domain.market import Exchange, InstrumentKey, Tick
from openalgo.domain.numbers import Px, px, px_float
from openalgo.domain.orders import Action, Order, PriceType, Product
from openalgo.persistence.migrate import migrate
from openalgo.persistence.sandbox.books import SandboxBooks
from openalgo.persistence.stores import Stores, StoreUrls
from openalgo.sandbox import commands
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules

INSTRUMENTS = 500
PER_INSTRUMENT = 20
GTTS = 500
TICKS_PER_SECOND = 500
SECONDS = 30.0
AT_ONCE = 2000
ACCOUNTS = 20
MIDDLE, GRID, REACH = px(100), px("0.05"), 30
IN_PROCESS = "in-process"

RULES = Rules(starting_capital=Decimal(10) ** 11, enforce_market_hours=False)


class Listed:
    """Shares of companies that do not exist."""

    def __init__(self, count: int) -> None:
        self.rows = [
            Instrument(
                exchange=Exchange.NSE,
                symbol=f"BENCH{number}",
                name="",
                type=InstrumentType.EQUITY,
                broker_symbol="",
                broker_exchange="NSE",
                token=str(number),
                tick_size=GRID,
            )
            for number in range(count)
        ]
        self._known = {row.key: row for row in self.rows}

    def find(self, key: InstrumentKey) -> Instrument | None:
        return self._known.get(key)


class Desk:
    """Places orders, and sends what becomes of them to one listener, as a socket would get it."""

    def __init__(self, listed: Listed, books: SandboxBooks) -> None:
        self.listed = listed
        self.on_fill: Callable[[Order], None] = lambda _: None
        self._clock = SystemClock()
        self.engine = Engine(books, listed, self._clock, AlwaysOpenCalendar(), self._publish, RULES)

    def _publish(self, event: AccountEvent) -> None:
        if isinstance(event, OrderChanged):
            frames.encode(frames.order_update(event, "bench", "zerodha"))
        if isinstance(event, OrderFilled):
            self.on_fill(event.order)

    def tick(self, instrument: Instrument, price: Px) -> None:
        self.engine.on_tick(
            Tick(
                exchange=instrument.exchange,
                symbol=instrument.symbol,
                received_ms=0,
                ltp=px_float(price),
            )
        )

    async def place(
        self,
        instrument: Instrument,
        action: Action,
        price: Px,
        kind: PriceType = PriceType.LIMIT,
        account: int = 1,
    ) -> Order:
        """A LIMIT at `price`, or an SL-M with its trigger there."""
        stop = kind.takes_trigger
        intent = PlaceOrder(
            strategy="bench",
            exchange=instrument.exchange,
            symbol=instrument.symbol,
            action=action,
            quantity=Decimal(1),
            price_type=kind,
            product=Product.MIS,
            price=Px(0) if stop else price,
            trigger_price=price if stop else Px(0),
        )
        return await self.engine.submit(
            commands.Place(
                account_id=account,
                intent=intent,
                instrument=instrument,
                mark=None,
                at=self._clock.now(),
                cause="bench",
            )
        )

    async def place_gtt(self, instrument: Instrument, trigger: Px) -> None:
        now = self._clock.now()
        intent = PlaceGtt(
            strategy="bench",
            trigger_type=TriggerType.SINGLE,
            exchange=instrument.exchange,
            symbol=instrument.symbol,
            action=Action.BUY,
            product=Product.CNC,
            quantity=Decimal(1),
            price_type=PriceType.MARKET,
            triggers=(GttTrigger(side=TriggerSide.BELOW, trigger_price=trigger),),
        )
        await self.engine.submit(
            commands.PlaceGtt(
                account_id=1,
                intent=intent,
                instrument=instrument,
                mark=Mark(MIDDLE, Px(0), Px(0), now),
                at=now,
                cause="bench",
            )
        )

    async def place_far(self, instrument: Instrument, price: Px, chance: random.Random) -> None:
        """A limit or a stop on either side, somewhere within reach of `price`."""
        below = chance.random() < 0.5
        kind = chance.choice((PriceType.LIMIT, PriceType.SL_M))
        away = chance.randint(1, REACH) * GRID
        buying = below is (kind is PriceType.LIMIT)
        await self.place(
            instrument,
            Action.BUY if buying else Action.SELL,
            Px(price - away if below else price + away),
            kind,
        )


@asynccontextmanager
async def desk(instruments: int) -> AsyncIterator[Desk]:
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores.open(StoreUrls.default(Path(folder)))
        await migrate(stores)
        books = SandboxBooks(stores.sandbox)
        made = Desk(Listed(instruments), books)
        running = asyncio.ensure_future(made.engine.run())
        yield made
        await made.engine.stop()
        await running
        await books.close()
        await stores.close()


async def fills_at_pace() -> None:
    """Every instrument walks at random, one tick a second; what fills is placed anew."""
    chance = random.Random(4)
    async with desk(INSTRUMENTS) as floor:
        rows = floor.listed.rows
        for row in rows:
            await asyncio.gather(
                *(floor.place_far(row, MIDDLE, chance) for _ in range(PER_INSTRUMENT))
            )
        for number in range(GTTS):
            away = chance.randint(1, REACH) * GRID
            await floor.place_gtt(rows[number % len(rows)], Px(MIDDLE - away))
        settle_memory()
        price = dict.fromkeys((row.symbol for row in rows), MIDDLE)
        ticked: dict[str, float] = {}
        latencies: list[float] = []
        anew: set[asyncio.Future[None]] = set()

        def on_fill(order: Order) -> None:
            latencies.append((time.perf_counter() - ticked[order.symbol]) * 1e3)
            instrument = floor.listed.find(order.key)
            assert instrument is not None
            task = asyncio.ensure_future(floor.place_far(instrument, price[order.symbol], chance))
            anew.add(task)
            task.add_done_callback(anew.discard)

        floor.on_fill = on_fill
        ticks, began, cpu = 0, time.perf_counter(), time.process_time()
        dog = Watchdog()
        while (elapsed := time.perf_counter() - began) < SECONDS:
            while ticks < elapsed * TICKS_PER_SECOND:
                row = rows[ticks % len(rows)]
                price[row.symbol] = Px(price[row.symbol] + chance.choice((-1, 0, 1)) * GRID)
                ticked[row.symbol] = time.perf_counter()
                floor.tick(row, price[row.symbol])
                ticks += 1
            await asyncio.sleep(0.001)
        await floor.engine.settled()
        dog.stop()
        cpu = (time.process_time() - cpu) / SECONDS
        latencies.sort()
        print(
            f"{INSTRUMENTS * PER_INSTRUMENT} orders, {ticks / SECONDS:.0f} ticks/s: "
            f"{len(latencies)} fills, tick to fill event p50 {_percentile(latencies, 50):.2f} ms, "
            f"p99 {_percentile(latencies, 99):.2f} ms (bar 5), worst {latencies[-1]:.2f} ms; "
            f"{cpu:.0%} of a core; {dog}"
        )


async def idle_ticks() -> None:
    """Ticks between the best orders, by how many wait beyond them."""
    async with desk(1) as floor:
        (row,) = floor.listed.rows
        waiting = 0
        for orders in (2, 100, 10_000):
            while waiting < orders:
                below = bool(waiting % 2)
                away = (1 + waiting % 1000) * GRID
                await floor.place(
                    row,
                    Action.BUY if below else Action.SELL,
                    Px(MIDDLE - away if below else MIDDLE + away),
                )
                waiting += 1
            rounds = []
            for _ in range(9):
                began = time.perf_counter()
                for _ in range(5000):
                    floor.tick(row, MIDDLE)
                rounds.append((time.perf_counter() - began) / 5000 * 1e6)
            print(
                f"a tick that fills none of {orders:6} orders  {statistics.median(rounds):.2f} µs"
            )


async def fills_at_once() -> None:
    """One tick reaches 2,000 orders of 20 accounts."""
    async with desk(1) as floor:
        (row,) = floor.listed.rows
        for number in range(0, AT_ONCE, 100):
            await asyncio.gather(
                *(
                    floor.place(row, Action.BUY, Px(MIDDLE - GRID), account=1 + each % ACCOUNTS)
                    for each in range(number, number + 100)
                )
            )
        settle_memory()
        fills = 0
        done = asyncio.Event()

        def on_fill(_: Order) -> None:
            nonlocal fills
            fills += 1
            if fills == AT_ONCE:
                done.set()

        floor.on_fill = on_fill
        dog = Watchdog()
        await asyncio.sleep(0.05)
        began = time.perf_counter()
        floor.tick(row, Px(MIDDLE - GRID))
        await done.wait()
        took = time.perf_counter() - began
        await asyncio.sleep(0.05)
        dog.stop()
        print(f"one tick that fills {AT_ONCE} orders: {took * 1e3:.0f} ms; {dog} (bar 5)")


def _percentile(ascending: list[float], percent: float) -> float:
    return ascending[min(len(ascending) - 1, int(len(ascending) * percent / 100))]


def settle_memory() -> None:
    """As the server does once it is put together."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def measure() -> None:
    await idle_ticks()
    await fills_at_once()
    await fills_at_pace()


def main() -> None:
    # A process of its own, so that nothing else has a say in its memory and its collections.
    subprocess.run([sys.executable, "-m", "benchmarks.matching", IN_PROCESS], check=True)


if __name__ == "__main__":
    if sys.argv[1:] == [IN_PROCESS]:
        uvloop.run(measure())
    else:
        main()
