import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from openalgo.brokers.replay.errors import ReplayError
from openalgo.brokers.replay.reader import Recording, load
from openalgo.brokers.replay.times import instant
from openalgo.domain.clock import ist_text
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.numbers import px

CANDLES = """Date,Open,High,Low,Close,Volume
2026-07-17 09:15:00, 100.5, 102, 100, 101, 400
2026-07-17 09:17:00, 102, 102, 101, 101.05, 80
2026-07-17 09:16:00, 101, 103, 101, 102, 41
"""
TICKS = """Symbol,exchange_timestamp,last_price,volume_traded,last_traded_quantity,open_interest,\
best_bid,best_bid_qty,best_ask,best_ask_qty,total_buy_qty,total_sell_qty
TCS,2026-07-17 09:15:02.5,3000.1,900,5,77,3000.0,10,3000.2,20,1000,2000
INFY,2026-07-17 09:15:01,1500,,,,0,,,,,
TCS,2026-07-17 09:15:01,3000,895,5,77,2999.9,10,3000.1,20,1000,2000
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def told(recording: Recording) -> list[tuple[str, str, float]]:
    return [(ist_text(instant(r.at)), r.key.symbol, r.price) for r in recording.records]


def test_candles_are_played_in_order_of_time(folder: Path) -> None:
    recording = load([write(folder / "SBIN_1m.csv", CANDLES)])
    assert told(recording) == [
        ("2026-07-17 09:15:00", "SBIN", 100.5),
        ("2026-07-17 09:15:15", "SBIN", 100.0),
        ("2026-07-17 09:15:30", "SBIN", 102.0),
        ("2026-07-17 09:15:45", "SBIN", 101.0),
        ("2026-07-17 09:16:00", "SBIN", 101.0),
        ("2026-07-17 09:16:15", "SBIN", 101.0),
        ("2026-07-17 09:16:30", "SBIN", 103.0),
        ("2026-07-17 09:16:45", "SBIN", 102.0),
        ("2026-07-17 09:17:00", "SBIN", 102.0),
        ("2026-07-17 09:17:15", "SBIN", 102.0),
        ("2026-07-17 09:17:30", "SBIN", 101.0),
        ("2026-07-17 09:17:45", "SBIN", 101.05),
    ]
    assert [r.traded for r in recording.records[4:8]] == [10, 10, 10, 11]
    assert recording.start == instant(recording.records[0].at)


def test_ticks_keep_what_was_recorded(folder: Path) -> None:
    recording = load([write(folder / "ticks.csv", TICKS)])
    assert told(recording) == [
        ("2026-07-17 09:15:01", "INFY", 1500.0),
        ("2026-07-17 09:15:01", "TCS", 3000.0),
        ("2026-07-17 09:15:02", "TCS", 3000.1),
    ]
    infy, _, tcs = recording.records
    assert (infy.volume, infy.oi, infy.book) == (None, None, None)
    assert (tcs.volume, tcs.last_quantity, tcs.oi) == (900, 5, 77)
    assert tcs.book is not None
    assert (tcs.book.bid, tcs.book.bid_quantity) == (3000.0, 10)
    assert (tcs.book.ask, tcs.book.ask_quantity) == (3000.2, 20)
    assert (tcs.book.total_buy_quantity, tcs.book.total_sell_quantity) == (1000, 2000)


def test_files_merge_by_time_then_by_file_then_by_line(folder: Path) -> None:
    first = write(folder / "B.csv", "time,ltp\n1784259901,1\n1784259900,2\n1784259901,3\n")
    second = write(folder / "A.csv", "time,ltp\n1784259901,4\n1784259900,5\n")
    prices = [record.price for record in load([first, second]).records]
    assert prices == [2, 5, 1, 3, 4]
    assert [record.price for record in load([second, first]).records] == [5, 2, 4, 1, 3]


def test_date_and_time_may_stand_in_two_columns(folder: Path) -> None:
    text = "Instrument,Date,Time,Open,High,Low,Close\nNIFTY,20260717,09:15,1,2,1,2\n"
    recording = load([write(folder / "x.csv", text)])
    assert told(recording)[0] == ("2026-07-17 09:15:00", "NIFTY", 1.0)
    assert told(recording)[-1] == ("2026-07-17 09:15:45", "NIFTY", 2.0)


def test_the_length_of_a_candle_is_the_smallest_step(folder: Path) -> None:
    text = "date,open,high,low,close\n20260717 09:15,1,1,1,1\n20260717 09:25,1,1,1,1\n"
    recording = load([write(folder / "SBIN.csv", text)])
    assert [at for at, _, _ in told(recording)][1] == "2026-07-17 09:17:30"


def test_a_file_of_times_needs_a_date(folder: Path) -> None:
    file = write(folder / "NIFTY_ticks.csv", "time,ltp\n13:57:10,22115.85\n")
    recording = load([file], date(2025, 3, 4))
    assert told(recording) == [("2025-03-04 13:57:10", "NIFTY", 22115.85)]
    with pytest.raises(ReplayError, match=r"NIFTY_ticks\.csv, line 2: '13:57:10' .*--replay-date"):
        load([file])


def test_gzip_and_byte_order_mark(folder: Path) -> None:
    path = folder / "SBIN_1m.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + CANDLES.encode()))
    assert told(load([str(path)])) == told(load([write(folder / "SBIN_1m.csv", CANDLES)]))


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMPTZ", "VARCHAR"])
def test_parquet_reads_like_csv(folder: Path, kind: str) -> None:
    csv = write(folder / "SBIN_1m.csv", CANDLES)
    parquet = folder / "SBIN_1m.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Kolkata'")
        rows = connection.read_csv(csv, dtype={"Date": "VARCHAR"})
        rows.project(f"CAST(Date AS {kind}) AS Date, * EXCLUDE (Date)").write_parquet(str(parquet))
    assert load([str(parquet)]).records == load([csv]).records


def test_instruments_are_described(folder: Path) -> None:
    text = "symbol,time,ltp\n" + "".join(
        f"{symbol},1784259900,{price}\n"
        for symbol, price in (
            ("NIFTY", 24000.05),
            ("SBIN", 1030.01),
            ("NIFTY28JUL26FUT", 24100.1),
            ("M&M28JUL263650.5CE", 80.15),
            ("SENSEX30JUL2680000PE", 95),
        )
    )
    rows = {row.symbol: row for row in load([write(folder / "x.csv", text)]).instruments}
    assert list(rows) == [
        "NIFTY",
        "SBIN",
        "NIFTY28JUL26FUT",
        "M&M28JUL263650.5CE",
        "SENSEX30JUL2680000PE",
    ]
    assert [(row.exchange.value, row.type) for row in rows.values()] == [
        ("NSE_INDEX", InstrumentType.INDEX),
        ("NSE", InstrumentType.EQUITY),
        ("NFO", InstrumentType.FUTURE),
        ("NFO", InstrumentType.CALL),
        ("BFO", InstrumentType.PUT),
    ]
    call = rows["M&M28JUL263650.5CE"]
    assert (call.name, call.expiry, call.strike) == ("M&M", date(2026, 7, 28), Decimal("3650.5"))
    assert rows["SBIN"].tick_size == px("0.01")
    assert rows["NIFTY"].tick_size == call.tick_size == px("0.05")
    assert {row.lot_size for row in rows.values()} == {1}


def test_currencies_and_crypto(folder: Path) -> None:
    file = write(folder / "x.csv", "time,ltp\n1784259900,84.0025\n")
    (dollar,) = load([f"CDS:USDINR29JUL26FUT={file}"]).instruments
    assert (dollar.type, dollar.tick_size) == (InstrumentType.FUTURE, px("0.0025"))
    (perpetual,) = load([f"CRYPTO:BTCUSDFUT={file}"]).instruments
    assert perpetual.type is InstrumentType.PERPETUAL
    (spot,) = load([f"CRYPTO:BTCINR={file}"]).instruments
    assert spot.type is InstrumentType.SPOT


def test_two_files_of_different_days_continue_each_other(folder: Path) -> None:
    monday = write(folder / "SBIN_mon.csv", "time,ltp\n2026-07-13 09:15:00,1\n")
    tuesday = write(folder / "SBIN_tue.csv", "time,ltp\n2026-07-14 09:15:00,2\n")
    recording = load([tuesday, monday])
    assert [record.price for record in recording.records] == [1, 2]
    assert len(recording.instruments) == 1


def test_two_files_about_the_same_hours_are_refused(folder: Path) -> None:
    future = write(folder / "NIFTY_future.csv", "time,ltp\n1784259900,1\n1784259999,2\n")
    index = write(folder / "NIFTY_index.csv", "time,ltp\n1784259950,3\n")
    with pytest.raises(
        ReplayError, match=r"NIFTY_future\.csv and NIFTY_index\.csv both record NSE_INDEX:NIFTY"
    ):
        load([future, index])
    assert len(load([f"NFO:NIFTY28JUL26FUT={future}", index]).instruments) == 2


HEADER = "time,open,high,low,close\n"
BROKEN = {
    "": r"line 1: no column tells the time",
    "time,ltp\n": r"has no rows below its header; leave it out",
    "ltp\n5\n": r"line 1: no column tells the time; name one timestamp",
    "time,open,high,low\n1,2,3,4\n": r"line 1: there is no column close; name",
    "time,ltp\nsoon,5\n": r"line 2: 'soon' is not a time; write it like",
    "time,ltp\n1784259900,abc\n": r"line 2: ltp is 'abc' but must be a number; correct",
    "time,ltp\n1784259900,\n": r"line 2: ltp is '' but must be a price above 0; correct",
    "time,ltp\n1784259900,0\n": r"line 2: ltp is '0' but must be a price above 0; correct",
    "time,ltp\n1784259900,inf\n": r"line 2: ltp is 'inf' but must be a number, 0 or above",
    "time,ltp\n1784259900,5\n\n1784259900\n": r"line 4: there are 1 values but .* 2 columns",
    HEADER + "1784259900,5,4,3,4\n": r"line 2: high is '4' but is not the highest price",
    HEADER + "1784259900,5,6,5,4\n": r"line 2: low is '5' but is not the lowest price",
}


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_wrong_is_said_in_one_sentence(folder: Path, text: str) -> None:
    file = write(folder / "SBIN_x.csv", text)
    with pytest.raises(ReplayError, match=BROKEN[text]) as refused:
        load([file])
    assert "SBIN_x.csv" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_that_cannot_be_read(folder: Path) -> None:
    with pytest.raises(ReplayError, match=r"nothing to replay"):
        load([])
    with pytest.raises(ReplayError, match=r"There is no file .*nowhere\.csv; check the path"):
        load([str(folder / "nowhere.csv")])
    with pytest.raises(ReplayError, match=r"x\.csv\.gz cannot be read"):
        load([write(folder / "x.csv.gz", CANDLES)])
    damaged = folder / "damaged.csv.gz"
    damaged.write_bytes(gzip.compress(CANDLES.encode())[:60])
    with pytest.raises(ReplayError, match=r"damaged\.csv\.gz cannot be read"):
        load([str(damaged)])
    with pytest.raises(ReplayError, match=r"x\.parquet cannot be read .* Parquet file\?"):
        load([write(folder / "x.parquet", CANDLES)])
    binary = folder / "binary.csv"
    binary.write_bytes(b"time,ltp\n\xff\xfe\x00\n")
    with pytest.raises(ReplayError, match=r"binary\.csv cannot be read"):
        load([str(binary)])


def test_one_name_cannot_stand_for_many(folder: Path) -> None:
    file = write(folder / "ticks.csv", TICKS)
    with pytest.raises(ReplayError, match=r"line 3: the file holds TCS and INFY.* NSE:=ticks\.csv"):
        load([f"NSE:TCS={file}"])


def test_a_derivative_exchange_lists_contracts_only(folder: Path) -> None:
    file = write(folder / "NIFTY_x.csv", CANDLES)
    with pytest.raises(ReplayError, match=r"NIFTY is not a contract of NFO; name it like NFO:"):
        load([f"NFO:={file}"])
