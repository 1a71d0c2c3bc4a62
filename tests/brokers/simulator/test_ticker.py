"""What a feed shows: against the candles, against itself, and whatever way it was reached."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.brokers.simulator.history import History
from openalgo.brokers.simulator.ticker import Ticker
from openalgo.domain.calendar import Calendar, session_start
from openalgo.domain.clock import epoch_ms
from openalgo.domain.market import InstrumentKey, Mode, Tick
from openalgo.domain.numbers import px
from openalgo.instruments.slices import run_through
from tests.support.simulator import (
    ALWAYS_OPEN,
    EXCHANGE_HOURS,
    FRIDAY,
    FRIDAY_NOON,
    GOLD,
    KINDS,
    NIFTY,
    NIFTY_CALL,
    NIFTY_FUTURE,
    ONE_DAY,
    RELIANCE,
    RELIANCE_ON_BSE,
    Simulation,
    at,
)

kinds = st.sampled_from(KINDS)
calendars = st.sampled_from([ALWAYS_OPEN, EXCHANGE_HOURS])
instants = st.integers(0, 86_400 * 1_000 - 1).map(
    lambda number: session_start(FRIDAY) + timedelta(milliseconds=number)
)
SIMULATIONS: dict[Calendar, Simulation] = {
    calendar: Simulation(calendar=calendar) for calendar in (ALWAYS_OPEN, EXCHANGE_HOURS)
}


def ticker(key: InstrumentKey, calendar: Calendar = ALWAYS_OPEN) -> Ticker:
    simulation = SIMULATIONS[calendar]
    return Ticker(simulation.market, simulation.product(key))


def seen(key: InstrumentKey, now: datetime, calendar: Calendar = ALWAYS_OPEN) -> Tick:
    return ticker(key, calendar).tick(now, Mode.DEPTH)


@settings(max_examples=60, deadline=None)
@given(key=kinds, now=instants, calendar=calendars, stops=st.lists(instants, max_size=4))
def test_a_tick_is_the_same_whatever_was_looked_at_before(
    key: InstrumentKey, now: datetime, calendar: Calendar, stops: list[datetime]
) -> None:
    fresh = Simulation(calendar=calendar)
    there = Ticker(fresh.market, fresh.product(key))
    for stop in sorted(stops):
        if stop <= now:
            there.tick(stop)
    assert there.tick(now, Mode.DEPTH) == seen(key, now, calendar)


@settings(max_examples=60, deadline=None)
@given(key=kinds, now=instants, calendar=calendars)
def test_a_tick_is_consistent(key: InstrumentKey, now: datetime, calendar: Calendar) -> None:
    tick = seen(key, now, calendar)
    product = SIMULATIONS[calendar].product(key)
    prices = (tick.ltp, tick.open, tick.high, tick.low, tick.prev_close)
    assert all(price and px(price) > 0 and px(price) % product.tick == 0 for price in prices)
    assert (tick.low or 0) <= min(tick.ltp, tick.open or 0)
    assert (tick.high or 0) >= max(tick.ltp, tick.open or 0)
    assert tick.received_ms == epoch_ms(now)
    assert (tick.exchange_ms or 0) <= tick.received_ms
    if tick.buy_levels:
        assert (tick.buy_levels[0].price, tick.buy_levels[0].quantity) == (
            tick.bid,
            tick.bid_quantity,
        )
        assert tick.ltp >= (tick.bid or 0)
    if tick.sell_levels:
        assert (tick.sell_levels[0].price, tick.sell_levels[0].quantity) == (
            tick.ask,
            tick.ask_quantity,
        )
        assert tick.ltp <= (tick.ask or 0)
    if tick.volume:
        assert (tick.low or 0) <= (tick.average_price or 0) <= (tick.high or 0)


@settings(max_examples=60, deadline=None)
@given(key=kinds, now=instants, calendar=calendars)
def test_candles_end_where_the_feed_stands(
    key: InstrumentKey, now: datetime, calendar: Calendar
) -> None:
    simulation = SIMULATIONS[calendar]
    history = History(simulation.market, simulation.products)
    tick = seen(key, now, calendar)
    minutes, days = (
        run_through(history.candles(key, interval, FRIDAY, FRIDAY, now)) for interval in ("1m", "D")
    )
    assert minutes is not None
    assert days is not None
    assert len(days) == min(len(minutes), 1)
    if not len(minutes):
        assert tick.exchange_ms is None
        assert tick.ltp == tick.prev_close
        return
    assert minutes[-1].close == days[0].close == tick.ltp
    assert (days[0].open, days[0].high, days[0].low) == (tick.open, tick.high, tick.low)
    assert sum(minute.volume for minute in minutes) == days[0].volume == (tick.volume or 0)
    assert minutes[-1].oi == days[0].oi == (tick.oi or 0)
    assert minutes[-1].at_s * 1_000 <= (tick.exchange_ms or 0) < (minutes[-1].at_s + 60) * 1_000


@settings(max_examples=30, deadline=None)
@given(key=kinds, now=instants)
def test_each_mode_carries_what_the_one_before_does(key: InstrumentKey, now: datetime) -> None:
    one = ticker(key)
    ltp, quote, depth = (one.tick(now, mode) for mode in Mode)
    for poorer, richer in ((ltp, quote), (quote, depth)):
        for name in Tick.__struct_fields__:
            value = getattr(poorer, name)
            assert value in (None, (), False) or value == getattr(richer, name)
    assert ltp.high is None
    assert quote.buy_levels == ()


def test_volume_is_the_sum_of_the_trades() -> None:
    one = ticker(RELIANCE)
    ticks = [one.tick(FRIDAY_NOON + n * timedelta(milliseconds=500)) for n in range(400)]
    for earlier, later in pairwise(ticks):
        added = (later.volume or 0) - (earlier.volume or 0)
        assert added >= 0
        assert (later.last_quantity or 0) > 0
        assert added in (0, later.last_quantity)
    assert (ticks[-1].volume or 0) > (ticks[0].volume or 0)


def test_an_index_has_neither_book_nor_trades() -> None:
    tick = seen(NIFTY, FRIDAY_NOON)
    assert (tick.bid, tick.ask, tick.volume, tick.last_quantity, tick.oi) == (None,) * 5
    assert tick.buy_levels == tick.sell_levels == ()


def test_a_share_has_no_open_interest_and_a_contract_has() -> None:
    assert seen(RELIANCE, FRIDAY_NOON).oi is None
    assert (seen(NIFTY_FUTURE, FRIDAY_NOON).oi or 0) > 1_000_000
    assert (seen(NIFTY_CALL, FRIDAY_NOON).oi or 0) % 65 == 0


@settings(max_examples=40, deadline=None)
@given(now=instants)
def test_twins_are_a_tick_apart_at_most(now: datetime) -> None:
    nse, bse = seen(RELIANCE, now), seen(RELIANCE_ON_BSE, now)
    assert abs(px(nse.ltp) - px(bse.ltp)) <= px("0.10")
    assert (nse.volume or 0) > (bse.volume or 0) or nse.exchange_ms is None


@settings(max_examples=40, deadline=None)
@given(now=instants)
def test_a_future_is_its_underlying_and_the_carry(now: datetime) -> None:
    spot, future = seen(NIFTY, now), seen(NIFTY_FUTURE, now)
    assert 0 <= future.ltp / spot.ltp - 1 < 0.053 * 6 / 365


def test_before_the_open_the_last_close_stands() -> None:
    for calendar, close, early, noon in (
        (ALWAYS_OPEN, at("02:57"), at("03:01"), FRIDAY_NOON),
        (EXCHANGE_HOURS, at("17:00", FRIDAY - ONE_DAY), at("08:00"), FRIDAY_NOON),
    ):
        last = seen(RELIANCE, close, calendar)
        tick = seen(RELIANCE, early, calendar)
        assert (tick.ltp, tick.open, tick.prev_close) == (last.ltp,) * 3
        assert (tick.volume, tick.bid, tick.exchange_ms) == (0, None, None)
        assert seen(RELIANCE, noon, calendar).prev_close == last.ltp
    assert (
        seen(NIFTY_FUTURE, at("08:00"), EXCHANGE_HOURS).oi
        == seen(NIFTY_FUTURE, at("17:00", FRIDAY - ONE_DAY), EXCHANGE_HOURS).oi
    )


def test_on_a_holiday_the_last_trading_day_shows() -> None:
    friday, sunday = at("20:00"), at("12:00", date(2026, 8, 23))
    one = ticker(RELIANCE, EXCHANGE_HOURS)
    before, after = one.tick(friday), one.tick(sunday)
    assert (after.ltp, after.volume, after.high, after.exchange_ms) == (
        before.ltp,
        before.volume,
        before.high,
        before.exchange_ms,
    )
    assert seen(RELIANCE, sunday).ltp != seen(RELIANCE, friday).ltp


def test_exchanges_close_at_their_own_times() -> None:
    share, gold = ticker(RELIANCE, EXCHANGE_HOURS), ticker(GOLD, EXCHANGE_HOURS)
    afternoon, evening = at("16:00"), at("22:00")
    assert share.tick(afternoon).ltp == share.tick(evening).ltp
    assert gold.tick(afternoon).exchange_ms != gold.tick(evening).exchange_ms


def test_an_expired_contract_stands_still() -> None:
    one = ticker(NIFTY_FUTURE)
    last = one.tick(at("02:56", date(2026, 8, 26)))
    later = one.tick(at("12:00", date(2026, 9, 1)))
    assert (later.ltp, later.exchange_ms) == (last.ltp, last.exchange_ms)


def test_preparing_takes_small_steps_and_only_once_a_day() -> None:
    simulation = Simulation()
    one = Ticker(simulation.market, simulation.product(NIFTY_CALL))
    assert len(list(one.prepare(FRIDAY_NOON))) == 5
    assert list(one.prepare(FRIDAY_NOON)) == []
    assert len(list(one.prepare(FRIDAY_NOON + ONE_DAY))) == 5


def test_a_ticker_is_current_within_its_minute() -> None:
    one = ticker(RELIANCE)
    assert not one.is_current(FRIDAY_NOON)
    one.tick(FRIDAY_NOON)
    assert one.is_current(FRIDAY_NOON + timedelta(seconds=59))
    assert not one.is_current(FRIDAY_NOON + timedelta(seconds=60))
    assert not one.is_current(FRIDAY_NOON + ONE_DAY)


def test_the_market_is_the_same_in_every_version() -> None:
    """A changed formula would silently change everybody's simulated history."""
    found = {str(key): seen(key, FRIDAY_NOON.astimezone(UTC)) for key in KINDS}
    assert {key: (tick.ltp, tick.volume, tick.oi) for key, tick in found.items()} == GOLDEN


GOLDEN: dict[str, tuple[float, int | None, int | None]] = {
    "NSE:RELIANCE": (1316.4, 5752550, None),
    "BSE:RELIANCE": (1316.3, 372082, None),
    "NSE:NIFTYBEES": (284.75, 1159546, None),
    "NSE_INDEX:NIFTY": (25370.15, None, None),
    "NSE_INDEX:INDIAVIX": (10.48, None, None),
    "NFO:NIFTY25AUG26FUT": (25385.4, 2199925, 16839745),
    "NFO:NIFTY25AUG2624400CE": (986.7, 1717885, 1661855),
    "NFO:NIFTY25AUG2624400PE": (2.0, 1771640, 1782430),
    "BFO:SENSEX27AUG2680000CE": (2826.05, 147200, 107660),
    "NFO:RELIANCE29SEP26FUT": (1324.9, 1101500, 36817500),
    "MCX:GOLD05OCT26FUT": (128414.0, 430600, 1649000),
    "MCX:CRUDEOIL17SEP265600PE": (997.1, 92900, 108300),
    "CDS:USDINR27AUG26FUT": (91.15, 147695000, 836971000),
}


@pytest.mark.parametrize("key", KINDS, ids=str)
def test_seeds_make_different_markets(key: InstrumentKey) -> None:
    other = Simulation(seed=2)
    assert (
        Ticker(other.market, other.product(key)).tick(FRIDAY_NOON).ltp != seen(key, FRIDAY_NOON).ltp
    )
