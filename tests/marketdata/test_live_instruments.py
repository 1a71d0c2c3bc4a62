"""The symbol master of a live broker: who may download it, and what happens when that fails."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as with_
from structlog.testing import capture_logs

from openalgo.brokers.http import BrokerHttp, Progress
from openalgo.brokers.zerodha.instruments import parse
from openalgo.domain.clock import IST, ManualClock
from openalgo.domain.errors import BrokerAuthExpired, BrokerSessionExpired, BrokerUnavailable
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange
from openalgo.instruments.snapshots import Snapshots
from openalgo.instruments.status import DownloadState, MasterStatus
from openalgo.instruments.upkeep import RETRY, Upkeep
from openalgo.marketdata.live_instruments import SPREAD, live_upkeep
from tests.instruments.contract_files import DATA, needs_data
from tests.instruments.rows import contract, index, share
from tests.marketdata.live_broker import INFO, Desk

FRIDAY_NOON = datetime(2026, 8, 21, 12, tzinfo=IST).astimezone(UTC)
SATURDAY_8 = datetime(2026, 8, 22, 8, tzinfo=IST).astimezone(UTC)
FRIDAY, SATURDAY = date(2026, 8, 21), date(2026, 8, 22)
NIFTY = index("NIFTY")
TEN = [share(f"S{number}") for number in range(10)]
LIVE = replace(
    INFO, exchanges=frozenset({Exchange.NSE, Exchange.NSE_INDEX, Exchange.NFO, Exchange.BFO})
)


class File:
    """The broker's list. It breaks off after `breaks_after` rows, if that is set."""

    def __init__(self) -> None:
        self.rows: Sequence[Instrument] = TEN
        self.downloads = 0
        self.closed = 0
        self.failure: Exception | None = None
        self.breaks_after = 0
        self.holding: asyncio.Event | None = None

    async def download(
        self, http: BrokerHttp, progress: Progress
    ) -> AsyncGenerator[Instrument, None]:
        self.downloads += 1
        try:
            for number, row in enumerate(self.rows):
                if self.failure is not None and number == self.breaks_after:
                    raise self.failure
                progress(100 * number, 100 * len(self.rows))
                if self.holding is not None:
                    await self.holding.wait()
                yield row
        finally:
            self.closed += 1


class World:
    """A server's life with one folder; each `restarted` upkeep is a new process."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(FRIDAY_NOON)
        self.file = File()
        self.logged_in = True
        self.heard: list[MasterStatus] = []
        self._desk = Desk(info=LIVE)
        self._snapshots = Snapshots(folder)

    def restarted(self) -> Upkeep:
        return live_upkeep(
            replace(self._desk.broker, instruments=self.file),
            lambda: self._desk.connect().http if self.logged_in else None,
            self.clock,
            snapshots=self._snapshots,
            changed=self.heard.append,
        )

    async def until(self, upkeep: Upkeep, state: DownloadState, downloads: int) -> MasterStatus:
        """Files are written by threads, so this takes as long as they do."""
        async with asyncio.timeout(10):
            while upkeep.status.state is not state or self.file.downloads != downloads:
                await asyncio.to_thread(int)
        return upkeep.status


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


class Running:
    """`upkeep`, started and running as long as the block lasts."""

    def __init__(self, upkeep: Upkeep) -> None:
        self._upkeep = upkeep

    async def __aenter__(self) -> Upkeep:
        await self._upkeep.start()
        self._task: asyncio.Task[Any] = asyncio.get_running_loop().create_task(self._upkeep.run())
        return self._upkeep

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def symbols(upkeep: Upkeep) -> list[str]:
    return [instrument.symbol for instrument in upkeep.current.master]


async def test_the_first_login_brings_the_instruments(world: World) -> None:
    world.logged_in = False
    async with Running(world.restarted()) as upkeep:
        await asyncio.sleep(0)
        assert upkeep.status.state is DownloadState.PENDING
        assert upkeep.status.message == "Log in to the broker to download its instruments."
        assert not upkeep.status.is_ready
        upkeep.wake()
        await asyncio.to_thread(int)
        assert world.file.downloads == 0

        world.logged_in = True
        upkeep.wake()
        status = await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
    assert status.is_ready
    assert status.total_symbols == 10
    assert status.exchange_stats == {Exchange.NSE: 10}
    assert status.download_date == FRIDAY
    assert status.last_download_time == status.last_updated == FRIDAY_NOON
    assert status.download_duration_seconds is not None
    assert status.received_bytes == 900
    assert status.total_bytes == 1000
    assert status.rows == 10


async def test_a_restart_has_the_instruments_without_a_login(world: World) -> None:
    async with Running(world.restarted()) as upkeep:
        before = await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
    world.logged_in = False
    again = world.restarted()
    await again.start()
    assert len(again.current.master) == 10
    assert again.status.state is DownloadState.SUCCESS
    assert again.status.last_download_time == before.last_download_time
    assert again.status.download_duration_seconds == before.download_duration_seconds
    assert world.file.downloads == 1


async def test_a_login_when_todays_are_there_downloads_nothing(world: World) -> None:
    async with Running(world.restarted()) as upkeep:
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
        for _ in range(3):
            upkeep.wake()
            await asyncio.to_thread(int)
    assert world.file.downloads == 1


async def test_yesterdays_serve_until_somebody_logs_in(world: World) -> None:
    async with Running(world.restarted()) as upkeep:
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
    world.clock.set(SATURDAY_8)
    world.logged_in = False
    async with Running(world.restarted()) as upkeep:
        assert len(upkeep.current.master) == 10
        assert upkeep.status.state is DownloadState.PENDING
        assert upkeep.status.message.endswith("Using yesterday's instruments.")
        assert upkeep.status.download_date == FRIDAY
        world.logged_in = True
        upkeep.wake()
        status = await world.until(upkeep, DownloadState.SUCCESS, downloads=2)
        assert status.download_date == SATURDAY


async def test_the_morning_brings_new_ones_within_the_spread(world: World) -> None:
    async with Running(world.restarted()) as upkeep:
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
        world.file.rows = [*TEN, share("NEW")]
        world.clock.set(SATURDAY_8 + SPREAD)
        status = await world.until(upkeep, DownloadState.SUCCESS, downloads=2)
        assert status.total_symbols == 11
        assert status.download_date == SATURDAY


async def test_a_login_in_the_morning_does_not_wait_for_its_turn(world: World) -> None:
    async with Running(world.restarted()) as upkeep:
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
        world.clock.set(SATURDAY_8)
        upkeep.wake()
        await world.until(upkeep, DownloadState.SUCCESS, downloads=2)


async def test_a_download_that_breaks_off_changes_nothing(world: World) -> None:
    async with Running(world.restarted()) as upkeep:
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
        before = upkeep.current.master
        world.file.rows = [share(f"NEW{number}") for number in range(10)]
        world.file.failure = BrokerUnavailable("The file broke off")
        world.file.breaks_after = 9
        world.clock.set(SATURDAY_8 + SPREAD)
        status = await world.until(upkeep, DownloadState.ERROR, downloads=2)
        assert status.message == "The file broke off. Using yesterday's instruments."
        assert upkeep.current.master is before
        assert status.is_ready
        assert status.download_date == FRIDAY
        assert world.file.closed == 2

        world.file.failure = None
        world.clock.advance(RETRY)
        await world.until(upkeep, DownloadState.SUCCESS, downloads=3)
        assert symbols(upkeep)[0] == "NEW0"


async def test_half_a_file_is_refused(world: World) -> None:
    async with Running(world.restarted()) as upkeep:
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
        world.file.rows = TEN[:7]
        world.clock.set(SATURDAY_8 + SPREAD)
        status = await world.until(upkeep, DownloadState.ERROR, downloads=2)
        assert "7 instruments, less than 80% of the 10" in status.message
        assert status.message.endswith("Using yesterday's instruments.")
        assert len(upkeep.current.master) == 10


async def test_contracts_that_expired_are_not_missed(world: World) -> None:
    expiring = [contract(f"X{number}", FRIDAY) for number in range(10)]
    world.file.rows = [NIFTY, *TEN, *expiring]
    async with Running(world.restarted()) as upkeep:
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
        world.file.rows = [NIFTY, *TEN]
        world.clock.set(SATURDAY_8 + SPREAD)
        status = await world.until(upkeep, DownloadState.SUCCESS, downloads=2)
        assert status.total_symbols == 11


async def test_options_without_their_index_are_refused(world: World) -> None:
    world.file.rows = [*TEN, contract("NIFTY", SATURDAY)]
    async with Running(world.restarted()) as upkeep:
        status = await world.until(upkeep, DownloadState.ERROR, downloads=1)
        assert "lists NFO but not NSE_INDEX:NIFTY" in status.message
        assert not status.is_ready


async def test_an_index_the_broker_never_lists_is_not_missed(world: World) -> None:
    # This broker has BFO, but no BSE indices.
    world.file.rows = [*TEN, contract("SENSEX", SATURDAY, exchange=Exchange.BFO)]
    async with Running(world.restarted()) as upkeep:
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)


async def test_a_list_that_repeats_itself_is_refused(world: World) -> None:
    world.file.rows = [*TEN, *(with_(row, token=f"again {row.token}") for row in TEN)]
    async with Running(world.restarted()) as upkeep:
        status = await world.until(upkeep, DownloadState.ERROR, downloads=1)
        assert "lists 10 of 20 instruments more than once: NSE:S0, NSE:S1" in status.message


async def test_a_session_that_is_over_waits_for_the_next_login(world: World) -> None:
    world.file.failure = BrokerAuthExpired("Token is invalid")
    async with Running(world.restarted()) as upkeep:
        await world.until(upkeep, DownloadState.ERROR, downloads=1)
        world.logged_in = False
        world.clock.advance(RETRY)
        await world.until(upkeep, DownloadState.PENDING, downloads=1)
        world.file.failure = None
        world.logged_in = True
        upkeep.wake()
        await world.until(upkeep, DownloadState.SUCCESS, downloads=2)


async def test_a_broken_adapter_ends_nothing(world: World) -> None:
    world.file.failure = KeyError("strike")
    async with Running(world.restarted()) as upkeep:
        with capture_logs() as logs:
            status = await world.until(upkeep, DownloadState.ERROR, downloads=1)
        assert status.message == "Fake's instruments cannot be read."
        assert "broker_instruments_failed" in [log["event"] for log in logs]
        world.file.failure = None
        world.clock.advance(RETRY)
        await world.until(upkeep, DownloadState.SUCCESS, downloads=2)


async def test_readers_keep_the_old_list_while_the_new_one_is_in_force(world: World) -> None:
    async with Running(world.restarted()) as upkeep:
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
        held = upkeep.current.master
        world.file.rows = [share(f"NEW{number}") for number in range(10)]
        world.clock.set(SATURDAY_8 + SPREAD)
        await world.until(upkeep, DownloadState.SUCCESS, downloads=2)
        assert symbols(upkeep)[0] == "NEW0"
        assert list(held) == TEN
        assert held.by_broker_symbol("NSE", "S3") is TEN[3]
        del held


async def test_what_is_asked_for_is_done_or_refused_with_a_reason(world: World) -> None:
    world.logged_in = False
    async with Running(world.restarted()) as upkeep:
        with pytest.raises(BrokerSessionExpired, match="Log in to the broker"):
            upkeep.request()
        world.logged_in = True
        world.file.holding = asyncio.Event()
        assert upkeep.request() == (True, "No instruments have been downloaded yet.")
        await world.until(upkeep, DownloadState.DOWNLOADING, downloads=1)
        assert upkeep.request(force=True) == (False, "A download is under way.")
        world.file.holding.set()
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)

        assert upkeep.request() == (False, "The newest instruments are in force.")
        assert upkeep.request(force=True) == (True, "You asked for it.")
        await world.until(upkeep, DownloadState.SUCCESS, downloads=2)

        world.clock.set(SATURDAY_8)
        assert upkeep.request() == (True, "The instruments in force are those of 2026-08-21.")
        await world.until(upkeep, DownloadState.SUCCESS, downloads=3)


async def test_progress_is_told_a_few_times_a_second(world: World) -> None:
    world.file.rows = [share(f"S{number}") for number in range(3000)]
    async with Running(world.restarted()) as upkeep:
        began = asyncio.get_running_loop().time()
        await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
        seconds = asyncio.get_running_loop().time() - began
    told = [status for status in world.heard if status.state is DownloadState.DOWNLOADING]
    # What is told besides progress is that the download began.
    assert 2 <= len(told) <= 3 + seconds / 0.25
    assert world.heard[-1].state is DownloadState.SUCCESS


@needs_data
async def test_a_real_file_passes_the_checks(world: World) -> None:
    def read() -> Iterator[Instrument]:
        yield NIFTY
        yield index("SENSEX", exchange=Exchange.BSE_INDEX)
        with (DATA / "zerodha" / "instruments_nfo_bfo_2026-08.csv").open(newline="") as lines:
            yield from parse(lines)

    world.file.rows = list(read())
    async with Running(world.restarted()) as upkeep:
        status = await world.until(upkeep, DownloadState.SUCCESS, downloads=1)
    assert len(upkeep.current.master) == len(world.file.rows) > 2800
    assert status.exchange_stats[Exchange.NFO] == upkeep.current.master.count(Exchange.NFO) > 1000
