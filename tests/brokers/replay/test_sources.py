from pathlib import Path

import pytest

from openalgo.brokers.replay.errors import ReplayError
from openalgo.brokers.replay.sources import Source
from openalgo.domain.market import Exchange, InstrumentKey

NSE, NFO = Exchange.NSE, Exchange.NFO


@pytest.mark.parametrize(
    ("argument", "source"),
    [
        ("day.csv", Source(Path("day.csv"))),
        ("NSE:M&M=data/M_AND_M_1m.csv", Source(Path("data/M_AND_M_1m.csv"), NSE, "M&M")),
        ("nse:sbin-eq=x.csv", Source(Path("x.csv"), NSE, "SBIN")),
        ("NFO:=options.csv.gz", Source(Path("options.csv.gz"), NFO)),
        ("year=2024/SBIN.parquet", Source(Path("year=2024/SBIN.parquet"))),
        ("C:\\data\\a=b.csv", Source(Path("C:\\data\\a=b.csv"))),
    ],
)
def test_arguments(argument: str, source: Source) -> None:
    assert Source.from_argument(argument) == source


def test_an_unknown_exchange_is_refused_with_the_list() -> None:
    with pytest.raises(ReplayError, match=r"'NSX' in 'NSX:SBIN=a\.csv' .*NSE, NFO, CDS"):
        Source.from_argument("NSX:SBIN=a.csv")


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("SBIN_1m_2016-09-30.csv", (NSE, "SBIN")),
        ("SBIN-EQ_5m_fyers.csv", (NSE, "SBIN")),
        ("bajaj-auto.csv.gz", (NSE, "BAJAJ-AUTO")),
        ("nifty_index_ltp_ticks_2025-03.csv", (Exchange.NSE_INDEX, "NIFTY")),
        ("SENSEX.parquet", (Exchange.BSE_INDEX, "SENSEX")),
        ("NIFTY25JAN24FUT_1m.csv", (NFO, "NIFTY25JAN24FUT")),
        ("VEDL25APR24292.5CE.csv", (NFO, "VEDL25APR24292.5CE")),
        ("SENSEX25JAN2472000PE_1m.csv", (Exchange.BFO, "SENSEX25JAN2472000PE")),
    ],
)
def test_file_names_tell_the_instrument(file: str, key: tuple[Exchange, str]) -> None:
    assert Source(Path(file)).key(None) == InstrumentKey(*key)


def test_what_is_said_wins_over_the_column_and_the_column_over_the_file_name() -> None:
    path = Path("NIFTY_future.csv")
    assert Source(path).key(" infy ") == InstrumentKey(NSE, "INFY")
    assert Source(path, NFO).key("X25JAN24FUT") == InstrumentKey(NFO, "X25JAN24FUT")
    named = Source(path, NFO, "NIFTY25JAN24FUT")
    assert named.key("NIFTY") == InstrumentKey(NFO, "NIFTY25JAN24FUT")


@pytest.mark.parametrize("recorded", ["", "NIFTY 50", "a,b"])
def test_what_is_no_symbol_is_refused_with_the_remedy(recorded: str) -> None:
    with pytest.raises(ReplayError, match=r"name the instrument of x\.csv, .* NSE:SBIN=x\.csv"):
        Source(Path("x.csv")).key(recorded)
