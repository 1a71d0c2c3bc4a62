import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise

import pytest

from openalgo.brokers.simulator.broker import SimulatorBroker
from openalgo.brokers.simulator.feed import CYCLE, MOST_TICKS, STRETCH
from openalgo.brokers.simulator.ticker import Ticker
from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import IST, Clock, ManualClock
from openalgo.domain.market import Exchange, InstrumentKey, Mode, Tick
from tests.support.simulator import (
    ALWAYS_OPEN,
    EXCHANGE_HOURS,
    FRIDAY_NOON,
    GOLD,
    KINDS,
    NIFTY,
    NIFTY_CALL,
    NIFTY_FUTURE,
    RELIANCE,
    LeapingClock,
    Simulation,
    at,
)

NOTHING = InstrumentKey(Exchange.NSE, "NOTHING")


class EnoughError(Exception):
    pass


def wanted(keys: Iterable[InstrumentKey], mode: Mode = Mode.QUOTE) -> dict[InstrumentKey, Mode]:
    return dict.fromkeys(keys, mode)


def broker(
    demand: Mapping[InstrumentKey, Mode],
    clock: Clock | None = None,
    seed: int = 1,
    speed: float = 1.0,
    calendar: Calendar = ALWAYS_OPEN,
    timer: Callable[[], float] = lambda: 0.0,
) -> SimulatorBroker:
    made = SimulatorBroker(
        seed, clock or LeapingClock(FRIDAY_NOON), speed=speed, calendar=calendar, timer=timer
    )
    made.set_demand(demand)
    return made


async def stream(of: SimulatorBroker, count: int) -> list[Tick]:
    """The first `count` ticks."""
    ticks: list[Tick] = []

    def publish(tick: Tick) -> None:
        ticks.append(tick)
        if len(ticks) == count:
            raise EnoughError

    with pytest.raises(EnoughError):
        await of.stream(publish)
    return ticks


async def settle() -> None:
    """Let the feed do all it can before time goes on."""
    for _ in range(100):
        await asyncio.sleep(0)


def moment(tick: Tick) -> datetime:
    return datetime.fromtimestamp(tick.received_ms / 1_000, IST)


def many(number: int) -> list[InstrumentKey]:
    """Call options of different strikes."""
    return [
        InstrumentKey(Exchange.NFO, f"NIFTY25AUG26{strike}CE")
        for strike in range(50, 50 * (number + 1), 50)
    ]


async def test_same_seed_same_ticks() -> None:
    demand = wanted(KINDS, Mode.DEPTH)
    first, again = [await stream(broker(demand, seed=7), 300) for _ in range(2)]
    other = await stream(broker(demand, seed=8), 300)
    assert first == again
    assert [t.ltp for t in first] != [t.ltp for t in other]


@pytest.mark.parametrize("speed", [0.5, 7.0, 600.0])
async def test_at_any_speed_the_same_prices_at_the_same_instants(speed: float) -> None:
    simulation = Simulation()
    tickers = {key: Ticker(simulation.market, simulation.product(key)) for key in KINDS}
    for tick in await stream(broker(wanted(KINDS, Mode.DEPTH), speed=speed), 200):
        at_once = tickers[tick.key].tick(moment(tick).astimezone(UTC), Mode.DEPTH)
        assert at_once.ltp == tick.ltp
        assert at_once == tick


async def test_every_instrument_ticks_twice_a_second_in_turn() -> None:
    ticks = (await stream(broker(wanted(KINDS)), len(KINDS) * 21))[len(KINDS) :]
    assert set(Counter(t.key for t in ticks).values()) == {20}
    for key in KINDS:
        own = [t.received_ms for t in ticks if t.key == key]
        assert all(abs(b - a - 500) <= 40 for a, b in pairwise(own))
    assert len({moment(t) for t in ticks}) > 20 * 5


async def test_only_what_is_wanted_comes_and_as_rich_as_wanted() -> None:
    demand = {RELIANCE: Mode.LTP, NIFTY_CALL: Mode.QUOTE, NIFTY_FUTURE: Mode.DEPTH}
    for tick in await stream(broker({**demand, NOTHING: Mode.DEPTH}), 60):
        mode = demand[tick.key]
        assert (tick.high is not None) == (mode >= Mode.QUOTE)
        assert len(tick.sell_levels) == (20 if mode is Mode.DEPTH else 0)


async def test_nothing_comes_while_nothing_is_wanted() -> None:
    made = broker({}, ManualClock(FRIDAY_NOON))
    ticks: list[Tick] = []
    streaming = asyncio.ensure_future(made.stream(ticks.append))
    await settle()
    assert ticks == []
    made.set_demand(wanted([RELIANCE]))
    await settle()
    assert {t.key for t in ticks} == {RELIANCE}
    streaming.cancel()


async def test_new_demand_replaces_the_old_at_once() -> None:
    clock = ManualClock(FRIDAY_NOON)
    made = broker(wanted([RELIANCE, NIFTY]), clock)
    ticks: list[Tick] = []
    streaming = asyncio.ensure_future(made.stream(ticks.append))

    await settle()
    assert {t.key for t in ticks} == {RELIANCE, NIFTY}
    ticks.clear()
    made.set_demand(wanted([NIFTY, GOLD]))
    await settle()
    assert [t.key for t in ticks] == [GOLD]
    ticks.clear()
    clock.advance(timedelta(seconds=1))
    await settle()
    assert Counter(t.key for t in ticks) == {NIFTY: 1, GOLD: 1}
    ticks.clear()
    made.set_demand({NIFTY: Mode.LTP})
    await settle()
    assert ticks == []
    clock.advance(timedelta(seconds=1))
    await settle()
    assert [(t.key, t.high) for t in ticks] == [(NIFTY, None)]
    ticks.clear()
    made.set_demand({NIFTY: Mode.QUOTE})
    await settle()
    assert [t.high is None for t in ticks] == [False]
    streaming.cancel()


async def test_a_jump_of_the_clock_brings_each_instrument_once() -> None:
    clock = ManualClock(FRIDAY_NOON)
    made = broker(wanted(KINDS), clock)
    ticks: list[Tick] = []
    streaming = asyncio.ensure_future(made.stream(ticks.append))
    for jump in (timedelta(0), timedelta(hours=3), timedelta(days=2)):
        ticks.clear()
        clock.advance(jump)
        await settle()
        assert Counter(t.key for t in ticks) == Counter(KINDS)
        assert {moment(t) for t in ticks} == {clock.now()}
    streaming.cancel()


@pytest.mark.parametrize(("number", "speed"), [(900, 1.0), (30, 60.0), (200, 20.0)])
async def test_no_more_than_a_thousand_ticks_a_real_second(number: int, speed: float) -> None:
    demand = wanted(many(number), Mode.LTP)
    goes = 1 + 3_000 // number
    ticks = (await stream(broker(demand, speed=speed), number * goes))[number:]
    market_seconds = (ticks[-1].received_ms - ticks[0].received_ms) / 1_000
    assert len(ticks) / (market_seconds / speed) == pytest.approx(MOST_TICKS, rel=0.1)
    assert set(Counter(t.key for t in ticks).values()) == {goes - 1}


async def test_what_is_new_shows_at_once_even_while_the_exchange_is_closed() -> None:
    sunday = at("12:00", date(2026, 8, 23))
    made = broker(wanted([RELIANCE, GOLD]), LeapingClock(sunday), calendar=EXCHANGE_HOURS)
    ticks = await stream(made, 8)
    assert [moment(t) for t in ticks[:2]] == [sunday] * 2
    assert ticks[0].exchange_ms == ticks[0].received_ms - 44.5 * 3_600_000 - 500
    assert {t.key for t in ticks[2:]} == {GOLD}
    assert moment(ticks[2]) >= at("09:00", date(2026, 8, 24))


async def test_each_exchange_ticks_in_its_own_hours() -> None:
    clock = LeapingClock(at("15:29:59"))
    ticks = await stream(
        broker(wanted([RELIANCE, NIFTY_FUTURE]), clock, calendar=EXCHANGE_HOURS), 1_300
    )
    last = {t.key: moment(t) for t in ticks if moment(t).date() == date(2026, 8, 21)}
    assert at("15:29:59") <= last[RELIANCE] < at("15:30")
    assert at("15:39:59") <= last[NIFTY_FUTURE] < at("15:40")
    monday = [t for t in ticks if moment(t).date() == date(2026, 8, 24)]
    assert moment(monday[0]) >= at("09:15", date(2026, 8, 24))


async def test_the_market_that_never_sleeps_rests_ten_minutes() -> None:
    clock = LeapingClock(at("02:54:59"))
    times = [moment(t) for t in await stream(broker(wanted([RELIANCE, NIFTY]), clock), 20)]
    gaps = [(a, b) for a, b in pairwise(times) if b - a > 2 * CYCLE]
    assert len(gaps) == 1
    assert gaps[0][0] < at("02:55")
    assert at("03:05") <= gaps[0][1] < at("03:05:01")


async def test_it_trades_on_a_sunday() -> None:
    sunday = at("00:10", date(2026, 8, 23))
    assert len(await stream(broker(wanted([RELIANCE]), LeapingClock(sunday)), 3)) == 3


async def test_no_turn_of_the_loop_works_longer_than_its_budget() -> None:
    """Each look at this timer finds a third of the budget gone."""
    looks = count()
    made = broker(wanted(KINDS), timer=lambda: next(looks) * STRETCH / 3)
    turn = 0
    turns: list[int] = []

    async def turn_counter() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(turn_counter())
    ticks: list[Tick] = []

    def publish(tick: Tick) -> None:
        ticks.append(tick)
        turns.append(turn)
        if len(ticks) == 20 * len(KINDS):
            raise EnoughError

    with pytest.raises(EnoughError):
        await made.stream(publish)
    counting.cancel()
    assert max(Counter(turns).values()) <= 3
    # Preparing an instrument takes several looks, so no two of them begin in one turn.
    assert max(Counter(turns[: len(KINDS)]).values()) == 1


async def test_those_who_were_there_first_go_on_while_many_are_taken_on() -> None:
    class Ticking(ManualClock):
        """Each look takes a millisecond."""

        def now(self) -> datetime:
            self.advance(timedelta(milliseconds=1))
            return super().now()

    made = broker(wanted([RELIANCE, NIFTY]), Ticking(FRIDAY_NOON))
    ticks: list[Tick] = []

    def publish(tick: Tick) -> None:
        ticks.append(tick)
        if len(ticks) == 2:
            made.set_demand(wanted([RELIANCE, NIFTY, *many(1_500)], Mode.LTP))
        if len({t.key for t in ticks}) == 1_502:
            raise EnoughError

    with pytest.raises(EnoughError):
        await made.stream(publish)
    own = [t.received_ms for t in ticks if t.key == RELIANCE]
    taken = ticks[-1].received_ms - own[0]
    assert taken > 3_000
    assert len(own) >= 2
    assert max(b - a for a, b in pairwise([*own, ticks[-1].received_ms])) < taken


async def test_a_second_stream_starts_afresh() -> None:
    made = broker(wanted([RELIANCE, NIFTY]))
    first = await stream(made, 4)
    second = await stream(made, 4)
    assert {t.key for t in second} == {t.key for t in first}
    assert moment(second[0]) >= moment(first[-1])
