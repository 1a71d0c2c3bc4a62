"""The simulated market: what its ticks, its history and its memory cost.

Bars: below 15 % of a core at 1,000 ticks a second, the whole market below 80 MB, a year of minutes
in less than a second. Run with `python -m benchmarks.simulator`.
"""

import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

import psutil

from benchmarks.watchdog import Watchdog
from openalgo.brokers.simulator.broker import SimulatorBroker
from openalgo.domain.calendar import session_date
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Mode, Tick

SECONDS = 60.0
"""A whole minute, with the work that comes once a minute."""
WATCHED_SECONDS = 10.0
SUBSCRIBED = 500
IN_PROCESS = "in-process"


def main() -> None:
    # A process of its own, so that its memory is that of the market.
    subprocess.run([sys.executable, "-m", "benchmarks.simulator", IN_PROCESS], check=True)


async def measure() -> None:
    memory = megabytes()
    started = time.perf_counter()
    broker = SimulatorBroker()
    made = time.perf_counter()
    rows = await broker.instruments()
    listed = time.perf_counter()
    print(f"the market is made in         {(made - started) * 1e3:.0f} ms")
    print(f"{len(rows)} instruments listed in   {(listed - made) * 1e3:.0f} ms")
    gc.collect()
    gc.freeze()
    contracts = [row for row in rows if row.is_option]
    others = [row for row in rows if not row.is_option]
    some = [*others[: SUBSCRIBED // 2], *contracts[: SUBSCRIBED // 2]]
    for mode in (Mode.QUOTE, Mode.DEPTH):
        await stream(broker, some, mode)
    await stream(broker, rows, Mode.QUOTE)
    print(f"memory of the whole market    {megabytes() - memory:.0f} MB (bar 80)")
    await history(broker, others)
    print(f"and after its history         {megabytes() - memory:.0f} MB")


async def stream(broker: SimulatorBroker, rows: Sequence[Instrument], mode: Mode) -> None:
    ticks = 0
    all_seen = asyncio.Event()

    def publish(_tick: Tick) -> None:
        nonlocal ticks
        ticks += 1
        if ticks == len(rows):
            all_seen.set()

    broker.set_demand({row.key: mode for row in rows})
    started = time.perf_counter()
    streaming = asyncio.ensure_future(broker.stream(publish))
    await all_seen.wait()
    first = time.perf_counter() - started
    ticks, real, cpu = 0, time.perf_counter(), time.process_time()
    await asyncio.sleep(SECONDS)
    real, cpu = time.perf_counter() - real, time.process_time() - cpu
    counted = ticks
    dog = Watchdog()
    await asyncio.sleep(WATCHED_SECONDS)
    dog.stop()
    streaming.cancel()
    print(
        f"{len(rows):5} instruments, {mode.name}      {counted / real:.0f} ticks/s at "
        f"{cpu / real:.1%} of a core (bar 15 %); {dog}; all seen after {first:.2f} s"
    )


async def history(broker: SimulatorBroker, rows: Sequence[Instrument]) -> None:
    today = session_date(broker.clock.now())
    for row in rows[:3]:
        for interval in ("1m", "D"):
            dog = Watchdog()
            started = time.perf_counter()
            candles = await broker.candles(row, interval, today - timedelta(days=365), today)
            made = time.perf_counter() - started
            dog.stop()
            print(f"{row.symbol:10} {interval:2} {len(candles):7} candles  {made:.2f} s; {dog}")


def megabytes() -> float:
    return psutil.Process().memory_info().rss / 2**20


if __name__ == "__main__":
    if sys.argv[1:] == [IN_PROCESS]:
        asyncio.run(measure())
    else:
        main()
