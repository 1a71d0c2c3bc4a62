"""The symbol master through restarts and days."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from openalgo.domain.clock import IST, ManualClock
from openalgo.domain.errors import BrokerUnavailable
from openalgo.domain.instruments import Instrument
from openalgo.instruments.loader import MasterRefused
from openalgo.instruments.snapshots import Snapshots
from openalgo.instruments.status import DownloadState
from openalgo.instruments.upkeep import RETRY, Upkeep
from tests.instruments.rows import share

FRIDAY_NOON = datetime(2026, 7, 17, 12, tzinfo=IST).astimezone(UTC)
LISTED_AT = time(8, 0)


class Source:
    """A broker whose list holds `symbols`, or that does not answer."""

    def __init__(self, *symbols: str) -> None:
        self.symbols = symbols
        self.failure: Exception | None = None
        self.reads = 0

    async def read(self) -> Sequence[Instrument]:
        self.reads += 1
        if self.failure is not None:
            raise self.failure
        return [share(symbol) for symbol in self.symbols]


class Day:
    """A server's life with one folder; each `restarted` upkeep is a new process."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(FRIDAY_NOON)
        self.source = Source("SBIN", "INFY")
        self._snapshots = Snapshots(folder)

    def restarted(self) -> Upkeep:
        return Upkeep(
            "zerodha",
            self.source.read,
            self.clock,
            listed_at=LISTED_AT,
            snapshots=self._snapshots,
        )


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path)


def symbols(upkeep: Upkeep) -> list[str]:
    return sorted(instrument.symbol for instrument in upkeep.current.master)


async def until_listed(upkeep: Upkeep, symbol: str) -> None:
    """Files are written by threads, so this takes as long as they do."""
    async with asyncio.timeout(10):
        while symbol not in symbols(upkeep):
            await asyncio.to_thread(int)


async def until_read(source: Source, reads: int) -> None:
    async with asyncio.timeout(10):
        while source.reads < reads:
            await asyncio.to_thread(int)


async def test_a_restart_on_the_same_day_asks_nobody(day: Day) -> None:
    await day.restarted().start()
    day.clock.set(datetime(2026, 7, 18, 7, 59, tzinfo=IST))
    again = day.restarted()
    await again.start()
    assert symbols(again) == ["INFY", "SBIN"]
    assert day.source.reads == 1


async def test_a_restart_on_the_next_day_reads_the_new_list(day: Day) -> None:
    await day.restarted().start()
    day.clock.set(datetime(2026, 7, 18, 8, 0, tzinfo=IST))
    day.source.symbols = ("SBIN", "TCS")
    again = day.restarted()
    await again.start()
    assert symbols(again) == ["SBIN", "TCS"]


async def test_an_earlier_list_serves_while_the_broker_is_down(day: Day) -> None:
    await day.restarted().start()
    day.clock.set(datetime(2026, 7, 18, 9, 0, tzinfo=IST))
    day.source.failure = BrokerUnavailable("Zerodha does not answer")
    again = day.restarted()
    await again.start()
    assert symbols(again) == ["INFY", "SBIN"]

    day.source.failure, day.source.symbols = None, ("SBIN", "TCS")
    running = asyncio.ensure_future(again.run())
    await until_listed(again, "TCS")
    assert symbols(again) == ["SBIN", "TCS"]
    running.cancel()


async def test_without_any_list_there_is_no_start(day: Day) -> None:
    day.source.failure = BrokerUnavailable("Zerodha does not answer")
    with pytest.raises(BrokerUnavailable):
        await day.restarted().start()


async def test_a_damaged_file_is_downloaded_anew(day: Day, tmp_path: Path) -> None:
    await day.restarted().start()
    (tmp_path / "zerodha.master").write_bytes(b"half a file")
    again = day.restarted()
    await again.start()
    assert symbols(again) == ["INFY", "SBIN"]
    assert day.source.reads == 2


async def test_every_morning_brings_a_new_list(day: Day) -> None:
    upkeep = day.restarted()
    await upkeep.start()
    running = asyncio.ensure_future(upkeep.run())
    for date_, listed in ((18, ("SBIN", "TCS")), (19, ("SBIN", "WIPRO"))):
        day.source.symbols = listed
        day.clock.set(datetime(2026, 7, date_, 8, 0, tzinfo=IST))
        await until_listed(upkeep, listed[1])
        assert symbols(upkeep) == sorted(listed)
    running.cancel()


async def test_a_list_that_cannot_be_whole_is_refused_and_asked_for_again(day: Day) -> None:
    day.source.symbols = tuple(f"SHARE{number}" for number in range(10))
    upkeep = day.restarted()
    await upkeep.start()
    running = asyncio.ensure_future(upkeep.run())
    day.source.symbols = ("SHARE1",)
    day.clock.set(datetime(2026, 7, 18, 8, 0, tzinfo=IST))
    await until_read(day.source, reads=2)
    assert len(upkeep.current.master) == 10

    day.source.symbols = tuple(f"NEW{number}" for number in range(10))
    day.clock.advance(RETRY)
    await until_listed(upkeep, "NEW1")
    running.cancel()


async def test_a_first_list_that_is_empty_is_refused(day: Day) -> None:
    day.source.symbols = ()
    with pytest.raises(MasterRefused):
        await day.restarted().start()


async def test_a_list_that_cannot_be_stored_serves_all_the_same(day: Day, tmp_path: Path) -> None:
    (tmp_path / "zerodha.tmp").mkdir()
    upkeep = day.restarted()
    with capture_logs() as logs:
        await upkeep.start()
    assert symbols(upkeep) == ["INFY", "SBIN"]
    assert "instruments could not be stored" in [log["event"] for log in logs]


async def test_a_market_whose_list_never_changes_waits_for_nothing(day: Day) -> None:
    upkeep = Upkeep("replay", day.source.read, day.clock)
    await upkeep.start()
    assert upkeep.status.state is DownloadState.SUCCESS
    assert upkeep.status.download_date is None
    assert upkeep.request(force=True) == (False, "The instruments of this market never change.")
    running = asyncio.ensure_future(upkeep.run())
    for _ in range(20):
        await asyncio.sleep(0)
    running.cancel()
    assert day.source.reads == 1


async def test_a_list_that_never_changes_is_read_once(day: Day) -> None:
    upkeep = Upkeep("replay", day.source.read, day.clock)
    await upkeep.start()
    assert symbols(upkeep) == ["INFY", "SBIN"]
