"""The symbol master at full size: real rows multiplied to 100,000 and more.

Bars: loaded in less than 4 s with the loop never held for 20 ms, less than 60 MB, an exact lookup
below 2 µs, 99 % of searches below 10 ms, whatever their shape. Run with
`python -m benchmarks.instruments`; the time of the processor tells more where others compute too.
"""

import asyncio
import csv
import gc
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import psutil

from openalgo.brokers.zerodha.instruments import parse
from openalgo.domain.market import InstrumentKey
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.loader import load
from openalgo.instruments.master import Master
from openalgo.instruments.ranking import Ranking
from openalgo.instruments.snapshots import Snapshots
from openalgo.instruments.symbols import MONTHS

T = TypeVar("T")

DATA = Path(os.environ.get("OPENALGO_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
CASH, DERIVATIVES = "instruments_nse_2025-10.csv", "instruments_nfo_bfo_2026-08.csv"
BSE_INDEX = ("265", "1", "SENSEX", "SENSEX", "0", "", "0", "0", "0", "EQ", "INDICES", "BSE")
CASH_COPIES, INDEX_STRIKES, SHARE_STRIKES = 22, 16, 56
EXPIRIES = {
    "NFO": ("2026-08-25", "2026-09-29", "2026-10-27"),
    "BFO": ("2026-08-27", "2026-09-24", "2026-10-29"),
}
INDICES = {
    *("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50"),
    *("SENSEX", "BANKEX", "SENSEX50", "FOCIT"),
}
TYPED = (
    *("rel", "reliance", "nifty", "ni", "banknifty", "m&m", "bajaj", "360one", "sbin", "gold bees"),
    *("nifty 25000 ce dec", "bank fut", "nifty fut", "banknifty 57000 pe", "sensex 80000 call"),
    *("nifty 25 aug 24500 pe", "25000", "nifty25aug26", "nifty bank", "india ltd", "tata motors"),
    *("midcpnifty sep put", "finnifty october 26000", "jiofin 300 ce", "power grid fut", "58072"),
    *("relinace", "bankniffty fut", "hdfc bnak", "infosis", "nosuchthing", "nifty24500ce"),
)
AWKWARD = ("2500", "740", "ce", "fut", "aug", "26aug", "29sep26", "limited", "ltd fut", "0.5 ce")
"""What matches a great many rows, or little of the rows that it seems to match."""
ONE_CHARACTER = tuple("abcdefghijklmnopqrstuvwxyz0123456789&-.")


def main() -> None:
    if not (DATA / "zerodha" / CASH).is_file():
        print("The shared contract files are not on this machine.")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "instruments.csv"
        with file.open("w", newline="") as out:
            csv.writer(out).writerows(multiplied())
        # A process of its own, so that its memory is that of the master.
        subprocess.run([sys.executable, "-m", "benchmarks.instruments", str(file)], check=True)


def multiplied() -> Iterator[Sequence[str]]:
    """Real rows, each several times: cash with longer symbols, options with further strikes."""
    cash = rows_of(CASH)
    yield next(cash)
    yield BSE_INDEX
    for row in cash:
        yield row
        if row[10] == "INDICES":
            continue
        for copy in range(1, CASH_COPIES):
            exchange = "BSE" if copy % 2 else "NSE"
            more = "" if copy == 1 else chr(64 + copy)
            token = str(int(row[0]) + (copy << 28))
            yield [token, row[1], row[2] + more, *row[3:10], exchange, exchange]
    derivatives = rows_of(DERIVATIVES)
    next(derivatives)
    for row in derivatives:
        yield row
        if row[9] != "FUT":
            yield from further_options(row)


def further_options(row: Sequence[str]) -> Iterator[Sequence[str]]:
    """Calls and puts beside an option; of shares, of which the file has few, at each expiry."""
    (token, number, _, name, _, expiry, strike, tick, lot, _, segment, exchange) = row
    is_index = name in INDICES
    copies = INDEX_STRIKES if is_index else SHARE_STRIKES
    step = 2.5 if float(strike) < 1000 else 20
    at = 0
    for day in [expiry] if is_index else EXPIRIES[exchange]:
        for right in ("CE", "PE"):
            for copy in range(copies):
                at += 1
                further = float(strike) + (copy - copies // 2) * step
                more = [str(int(token) + (at << 28)), number, "", name, "0", day, str(further)]
                more[2] = f"{name}{day[2:4]}{MONTHS[int(day[5:7]) - 1]}{further:g}{right}"
                yield [*more, tick, lot, right, segment, exchange]


def rows_of(name: str) -> Iterator[list[str]]:
    with (DATA / "zerodha" / name).open(newline="") as file:
        yield from csv.reader(file)


class Watchdog:
    """Notices how long the loop was not free."""

    INTERVAL = 0.0005

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(self.INTERVAL)
            self.longest = max(self.longest, time.perf_counter() - began - self.INTERVAL)


async def watched(name: str, work: Coroutine[object, object, T]) -> T:
    """Do `work` and print how long it took and how long it held the loop."""
    watchdog = Watchdog()
    watching = asyncio.ensure_future(watchdog.run())
    await asyncio.sleep(0)
    began = time.perf_counter()
    result = await work
    seconds = time.perf_counter() - began
    watching.cancel()
    print(f"{name:<28}{seconds:>8.2f} s    loop held at most {watchdog.longest * 1000:.1f} ms")
    return result


async def measure(file: Path) -> None:
    await watched("nothing, for comparison", asyncio.sleep(1))
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    with file.open(newline="") as lines:
        loaded = await watched("load", load(parse(lines)))
    gc.collect()
    grown = process.memory_info().rss - before
    master = loaded.master
    print(f"{'rows':<28}{len(master):>8,}      {loaded.duplicates:,} duplicates")
    print(f"{'memory':<28}{grown / 1e6:>8.1f} MB   {grown / len(master):.0f} bytes a row")
    gc.freeze()
    look_up(master)
    two = pieces(master, 150, longest=2)
    shapes = {
        "typed": TYPED,
        "awkward": AWKWARD,
        "one character": ONE_CHARACTER,
        "two characters": ["72", *two],
        "parts of words": pieces(master, 150, longest=6),
        "two short words": [
            f"{one} {other}" for one, other in zip(two[::2], two[1::2], strict=True)
        ],
    }
    for ranking in Ranking:
        for name, queries in shapes.items():
            await search(master, f"{name} by {ranking.name.lower()}", queries, ranking)

    snapshots = Snapshots(file.parent)
    await watched("save", snapshots.save("zerodha", datetime.now(UTC).date(), master))
    size = snapshots.path("zerodha").stat().st_size
    print(f"{'file':<28}{size / 1e6:>8.1f} MB")
    current = CurrentMaster(master)
    del master, loaded
    stored = await watched("restore", snapshots.restore("zerodha"))
    if stored is None:
        raise RuntimeError("The stored master is gone.")
    await watched("replace and free", current.replace(stored.master))


def look_up(master: Master) -> None:
    rng = random.Random(1)
    keys = [InstrumentKey(row.exchange, row.symbol) for row in rng.sample(list(master), 50_000)]
    find = master.find
    began = time.perf_counter()
    for key in keys:
        find(key)
    each = (time.perf_counter() - began) / len(keys)
    print(f"{'exact lookup':<28}{each * 1e6:>8.2f} µs")
    spelled = [(row.broker_exchange, row.broker_symbol) for row in rng.sample(list(master), 50_000)]
    began = time.perf_counter()
    for place, symbol in spelled:
        master.by_broker_symbol(place, symbol)
    each = (time.perf_counter() - began) / len(spelled)
    print(f"{'lookup as the broker spells':<28}{each * 1e6:>8.2f} µs")


def pieces(master: Master, count: int, longest: int) -> Sequence[str]:
    """What stands somewhere in the texts of some row, at most `longest` characters of it."""
    rng = random.Random(2)
    found = []
    for row in rng.choices(list(master), k=count):
        word = rng.choice(f"{row.symbol} {row.broker_symbol} {row.name} {row.token}".split())
        length = min(longest, len(word))
        start = rng.randint(0, len(word) - length)
        found.append(word[start : start + length].lower())
    return found


async def search(master: Master, name: str, queries: Sequence[str], ranking: Ranking) -> None:
    watchdog = Watchdog()
    watching = asyncio.ensure_future(watchdog.run())
    taken: list[float] = []
    computed: list[float] = []
    best: dict[str, float] = {}
    for query in [*queries] * max(5, 500 // len(queries)):
        began, computing = time.perf_counter(), time.thread_time()
        await master.search(query, ranking=ranking)
        computed.append((time.thread_time() - computing) * 1000)
        taken.append((time.perf_counter() - began) * 1000)
        best[query] = min(best.get(query, taken[-1]), taken[-1])
        await asyncio.sleep(0)
    watching.cancel()
    cuts = statistics.quantiles(taken, n=100)
    processor = statistics.quantiles(computed, n=100)[98]
    slowest = sorted(best, key=lambda query: -best[query])[:3]
    print(
        f"{name:<28}{cuts[49]:>8.2f} ms   p99 {cuts[98]:.2f} ms (processor {processor:.2f}), "
        f"loop held {watchdog.longest * 1000:.1f} ms, "
        f"slowest: {', '.join(f'{query} {best[query]:.1f}' for query in slowest)}"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(measure(Path(sys.argv[1])))
    else:
        main()
