"""Every recorded file of the shared data, played to its end."""

import asyncio
import csv
import gzip
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from openalgo.brokers.replay.broker import ReplayBroker
from openalgo.brokers.replay.reader import load
from openalgo.brokers.replay.times import instant
from openalgo.domain.calendar import session_date
from openalgo.domain.clock import ist_text
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey, Tick
from openalgo.domain.numbers import px
from openalgo.instruments.master import Master

DEFAULT_DATA = Path(__file__).parents[4] / "shared" / "data"
DATA = Path(os.environ.get("OPENALGO_SHARED_DATA", DEFAULT_DATA))

pytestmark = pytest.mark.skipif(
    not (DATA / "market_minute").is_dir(), reason=f"no recorded market data in {DATA}"
)


@dataclass(frozen=True)
class Expected:
    """What a file holds, and the name to give it where its own says too little."""

    name: str
    file: str
    instruments: int
    rows: int
    starts: str
    ends: str
    first: float
    last: float

    @property
    def argument(self) -> str:
        return f"{self.name}{DATA / self.file}"

    @property
    def ticks(self) -> int:
        return self.rows * (1 if self.file.startswith("market_ticks") else 4)


RECORDINGS = [
    Expected(
        "NFO:BANKNIFTY30SEP25FUT=",
        "market_minute/BANKNIFTY_future_fyers_2025-09-19.csv",
        1,
        125,
        "2025-09-19 09:15:00",
        "2025-09-19 15:29:15",
        55848.6,
        55655.0,
    ),
    Expected(
        "",
        "market_minute/BANKNIFTY_index_1m_20240822_20240823.csv",
        1,
        750,
        "2024-08-22 09:15:00",
        "2024-08-23 15:29:45",
        50892.7,
        50961.35,
    ),
    Expected(
        "",
        "market_minute/HDFCBANK_5m_2023-01-02.csv",
        1,
        150,
        "2023-01-02 09:15:00",
        "2023-01-03 15:28:45",
        1627.0,
        1640.5,
    ),
    Expected(
        "",
        "market_minute/ITC_1m_2016-09-30.csv",
        1,
        375,
        "2016-09-30 09:15:00",
        "2016-09-30 15:29:45",
        245.6,
        242.25,
    ),
    Expected(
        "NSE:M&M=",
        "market_minute/M_AND_M_1m_2016-09-30.csv",
        1,
        375,
        "2016-09-30 09:15:00",
        "2016-09-30 15:29:45",
        1370.5,
        1404.0,
    ),
    Expected(
        "NFO:NIFTY30DEC2526200CE=",
        "market_minute/NIFTY25DEC26200CE_1m_fyers_2025-12-19.csv",
        1,
        750,
        "2025-12-19 09:15:00",
        "2025-12-22 15:29:45",
        58.0,
        129.95,
    ),
    Expected(
        "NFO:NIFTY30DEC2526200PE=",
        "market_minute/NIFTY25DEC26200PE_1m_fyers_2025-12-19.csv",
        1,
        750,
        "2025-12-19 09:15:00",
        "2025-12-22 15:29:45",
        300.05,
        128.55,
    ),
    Expected(
        "NFO:NIFTY25JAN24FUT=",
        "market_minute/NIFTY_future_1m_20240120.csv",
        1,
        375,
        "2024-01-20 09:15:00",
        "2024-01-20 15:29:45",
        21741.0,
        21620.3,
    ),
    Expected(
        "NFO:NIFTY25JAN24FUT=",
        "market_minute/NIFTY_future_1m_20240124.csv",
        1,
        375,
        "2024-01-24 09:15:00",
        "2024-01-24 15:29:45",
        21160.0,
        21487.1,
    ),
    Expected(
        "NFO:NIFTY30SEP25FUT=",
        "market_minute/NIFTY_future_fyers_2025-09-24.csv",
        1,
        750,
        "2025-09-24 09:15:00",
        "2025-09-24 15:29:52",
        25206.5,
        25113.0,
    ),
    Expected(
        "",
        "market_minute/NIFTY_index_1m_20240120.csv",
        1,
        375,
        "2024-01-20 09:15:00",
        "2024-01-20 15:29:45",
        21706.15,
        21586.95,
    ),
    Expected(
        "",
        "market_minute/NIFTY_index_1m_20240124.csv",
        1,
        375,
        "2024-01-24 09:15:00",
        "2024-01-24 15:29:45",
        21185.25,
        21460.7,
    ),
    Expected(
        "",
        "market_minute/NIFTY_index_1m_20240822_20240823.csv",
        1,
        750,
        "2024-08-22 09:15:00",
        "2024-08-23 15:29:45",
        24866.25,
        24831.85,
    ),
    Expected(
        "",
        "market_minute/NIFTY_options_1m_20240120_exp20240125.csv.gz",
        18,
        6748,
        "2024-01-20 09:15:00",
        "2024-01-20 15:29:45",
        312.0,
        270.8,
    ),
    Expected(
        "",
        "market_minute/NIFTY_options_1m_20240124_exp20240125.csv.gz",
        34,
        12498,
        "2024-01-24 09:15:00",
        "2024-01-24 15:29:45",
        370.65,
        178.65,
    ),
    Expected(
        "",
        "market_minute/RELIANCE_1m_2016-09-30.csv",
        1,
        375,
        "2016-09-30 09:15:00",
        "2016-09-30 15:29:45",
        1067.95,
        1084.5,
    ),
    Expected(
        "",
        "market_minute/RELIANCE_5m_shoonya_2026-07-14.csv",
        1,
        71,
        "2026-07-17 09:15:00",
        "2026-07-17 15:08:45",
        1300.6,
        1325.6,
    ),
    Expected(
        "",
        "market_minute/SBIN-EQ_5m_fyers.csv",
        1,
        150,
        "2025-12-16 09:15:00",
        "2025-12-17 15:28:45",
        966.05,
        976.35,
    ),
    Expected(
        "",
        "market_minute/SBIN_1m_2016-09-30.csv",
        1,
        375,
        "2016-09-30 09:15:00",
        "2016-09-30 15:29:45",
        246.9,
        252.0,
    ),
    Expected(
        "",
        "market_minute/SBIN_5m_shoonya_2026-07-14.csv",
        1,
        71,
        "2026-07-17 09:15:00",
        "2026-07-17 15:08:45",
        1030.9,
        1044.9,
    ),
    Expected(
        "NFO:SBIN30SEP25FUT=",
        "market_minute/SBIN_future_fyers_2025-09-19.csv",
        1,
        125,
        "2025-09-19 09:15:00",
        "2025-09-19 15:29:15",
        857.0,
        864.45,
    ),
    Expected(
        "",
        "market_ticks/nifty_index_ltp_ticks_2025-03.csv",
        1,
        509,
        "2025-03-04 13:57:10",
        "2025-03-04 14:01:24",
        22115.85,
        22098.9,
    ),
    Expected(
        "",
        "market_ticks/stock_future_ticks_2025-11-17.csv.gz",
        3,
        4089,
        "2025-11-17 12:07:57",
        "2025-11-17 13:08:04",
        9767.0,
        9764.0,
    ),
]


async def play(argument: str) -> tuple[ReplayBroker, list[Tick]]:
    broker = ReplayBroker(load([argument], date(2025, 3, 4)), speed=0)
    ticks: list[Tick] = []
    stream = asyncio.get_running_loop().create_task(broker.stream(ticks.append))
    status = await broker.advance(ticks=10**9)
    stream.cancel()
    assert status.finished
    return broker, ticks


def rows(file: str) -> Iterator[dict[str, str]]:
    path = DATA / file
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as text:
        for row in csv.DictReader(text, skipinitialspace=True):
            yield {name.lower(): value for name, value in row.items()}


def test_every_file_is_covered() -> None:
    there = {
        f"{folder}/{path.name}"
        for folder in ("market_minute", "market_ticks")
        for path in (DATA / folder).iterdir()
        if path.suffix in (".csv", ".gz")
    }
    assert there == {expected.file for expected in RECORDINGS}


@pytest.mark.parametrize("expected", RECORDINGS, ids=lambda expected: expected.file)
async def test_it_plays_from_the_first_row_to_the_last(expected: Expected) -> None:
    broker, ticks = await play(expected.argument)
    assert len(ticks) == expected.ticks
    assert len(await broker.instruments()) == len({t.key for t in ticks}) == expected.instruments
    assert (ticks[0].ltp, ticks[-1].ltp) == (expected.first, expected.last)
    assert ist_text(broker.clock.now()) == expected.ends
    assert all(a.received_ms <= b.received_ms for a, b in pairwise(ticks))
    start = load([expected.argument], date(2025, 3, 4)).start
    assert ist_text(start) == expected.starts
    master = Master(await broker.instruments())
    for tick in ticks:
        instrument = master.find(tick.key)
        assert instrument is not None
        assert px(tick.ltp, instrument.tick_size) == px(tick.ltp)
        assert (tick.low or 0) <= tick.ltp <= (tick.high or 0)


@pytest.mark.parametrize(
    "expected", [e for e in RECORDINGS if "minute" in e.file], ids=lambda expected: expected.file
)
async def test_days_add_up_to_the_candles(expected: Expected) -> None:
    """High, low, close and volume of each instrument and day, counted from the file itself."""
    broker, ticks = await play(expected.argument)
    (first, *_) = await broker.instruments()
    played = {(t.symbol, _day(t)): t for t in ticks}
    highs: dict[tuple[str, str], float] = defaultdict(float)
    volumes: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows(expected.file):
        symbol = row["symbol"] if expected.instruments > 1 else first.symbol
        day = row.get("date") or row["timestamp"]
        place = symbol, _plain(day)
        highs[place] = max(highs[place], float(row["high"]))
        volumes[place] += int(row.get("volume") or 0)
    assert {place: tick.high for place, tick in played.items()} == highs
    assert {place: tick.volume or 0 for place, tick in played.items()} == volumes


def _day(tick: Tick) -> str:
    return session_date(instant(tick.received_ms * 1_000)).isoformat()


def _plain(text: str) -> str:
    """The date in a file's own spelling, as YYYY-MM-DD."""
    if text[2] == "-":
        return f"{text[6:10]}-{text[3:5]}-{text[:2]}"
    return text[:10] if text[4] == "-" else f"{text[:4]}-{text[4:6]}-{text[6:8]}"


async def test_rows_out_of_order_are_played_in_order() -> None:
    """The file has 09:15, 09:17, 09:16."""
    _, ticks = await play(f"{DATA / 'market_minute/SBIN_1m_2016-09-30.csv'}")
    assert [t.ltp for t in ticks[:12]] == [
        *(246.9, 246.1, 248.15, 248.1),
        *(248, 247.95, 249.05, 249.05),
        *(249.1, 249.65, 248.3, 248.4),
    ]


async def test_recorded_ticks_keep_book_volume_and_open_interest() -> None:
    _, ticks = await play(f"{DATA / 'market_ticks/stock_future_ticks_2025-11-17.csv.gz'}")
    first = ticks[0]
    assert (first.symbol, first.volume, first.last_quantity, first.oi) == (
        "MCX",
        349_250,
        125,
        2_620_375,
    )
    assert (first.bid, first.bid_quantity, first.ask, first.ask_quantity) == (
        9760.5,
        125,
        9768.0,
        125,
    )
    assert (first.total_buy_quantity, first.total_sell_quantity) == (63_750, 67_125)


def test_options_know_strike_and_expiry() -> None:
    file = DATA / "market_minute/NIFTY_options_1m_20240124_exp20240125.csv.gz"
    master = Master(load([str(file)]).instruments)
    option = master.find(InstrumentKey(Exchange.NFO, "NIFTY25JAN2420850CE"))
    assert option is not None
    assert (option.name, option.type) == ("NIFTY", InstrumentType.CALL)
    assert (option.strike, option.expiry) == (Decimal(20850), date(2024, 1, 25))


def test_a_day_of_index_future_and_options_plays_as_one() -> None:
    minute = DATA / "market_minute"
    recording = load(
        [
            f"{minute / 'NIFTY_index_1m_20240124.csv'}",
            f"NFO:NIFTY25JAN24FUT={minute / 'NIFTY_future_1m_20240124.csv'}",
            f"{minute / 'NIFTY_options_1m_20240124_exp20240125.csv.gz'}",
        ]
    )
    assert len(recording.instruments) == 36
    assert len(recording.records) == 4 * (375 + 375 + 12_498)
    assert all(a.at <= b.at for a, b in pairwise(recording.records))
    opening = [record.key.symbol for record in recording.records[:3]]
    assert opening == ["NIFTY", "NIFTY25JAN24FUT", "NIFTY25JAN2420850CE"]
