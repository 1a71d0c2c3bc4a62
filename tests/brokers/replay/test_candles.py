from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.replay.records import Candle, play_candle
from openalgo.domain.market import Exchange, InstrumentKey

KEY = InstrumentKey(Exchange.NSE, "SBIN")
MINUTE = 60_000_000


def candle(open_: float, high: float, low: float, close: float, volume: int | None = 10) -> Candle:
    return Candle(at=0, key=KEY, open=open_, high=high, low=low, close=close, volume=volume)


def test_a_rising_candle_dips_first() -> None:
    records = play_candle(candle(10, 14, 8, 12), MINUTE)
    assert [r.price for r in records] == [10, 8, 14, 12]
    assert [r.at for r in records] == [0, 15_000_000, 30_000_000, 45_000_000]


def test_a_falling_candle_rises_first() -> None:
    assert [r.price for r in play_candle(candle(12, 14, 8, 10), MINUTE)] == [12, 14, 8, 10]


def test_an_index_has_no_volume() -> None:
    assert {r.traded for r in play_candle(candle(10, 14, 8, 12, None), MINUTE)} == {None}


prices = st.floats(0.05, 1e5)


@given(st.lists(prices, min_size=4, max_size=4), st.booleans(), st.integers(0, 10**9))
def test_the_path_spans_the_candle_and_spends_its_volume(
    four: list[float], rising: bool, volume: int
) -> None:
    low, *middle, high = sorted(four)
    open_, close = middle if rising else middle[::-1]
    records = play_candle(candle(open_, high, low, close, volume), MINUTE)
    path = [r.price for r in records]
    assert (min(path), max(path)) == (low, high)
    assert (path[0], path[-1]) == (open_, close)
    assert all(0 <= r.at < MINUTE for r in records)
    traded = [r.traded or 0 for r in records]
    assert sum(traded) == volume
    assert max(traded) - min(traded) <= 1
