from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.simulator.activity import Activity
from openalgo.brokers.simulator.hours import STEPS
from openalgo.domain.market import Exchange, InstrumentKey
from tests.support.simulator import FRIDAY, NIFTY_CALL, ONE_DAY, Simulation

lots_a_day = st.floats(0, 1e7)
minutes_a_day = st.integers(2, 1_430)
lots = st.sampled_from([1, 65, 1_250])


def activity(lots: float = 1_000.0, lot: int = 1, open_lots: float | None = None) -> Activity:
    open_on = None if open_lots is None else lambda _day: open_lots
    return Activity(1, "NSE:SBIN", lot, lambda _day: lots, open_on)


@given(total=lots_a_day, minutes=minutes_a_day, lot=lots)
def test_every_minute_trades_whole_lots_and_the_day_adds_up(
    total: float, minutes: int, lot: int
) -> None:
    until = activity(lot=lot).until(FRIDAY, total, minutes, np.arange(minutes + 1))
    assert until[0] == 0
    assert until[-1] == (int(total) + minutes) * lot
    assert (np.diff(until) >= lot).all()
    assert (until % lot == 0).all()


@given(minute=st.integers(0, 1_429), traded=st.integers(1, 10**6), lot=lots)
def test_the_steps_of_a_minute_add_up_to_it(minute: int, traded: int, lot: int) -> None:
    within = activity(lot=lot).within(FRIDAY, minute, traded * lot)
    assert len(within) == STEPS
    assert within[-1] == traded * lot
    assert within[0] >= 0
    assert (np.diff(within) >= 0).all()
    assert (within % lot == 0).all()


def test_some_days_are_busier_than_others_but_not_by_much() -> None:
    days = [activity().lots(FRIDAY + n * ONE_DAY) for n in range(200)]
    assert 600 <= min(days) < 700
    assert 1_300 < max(days) <= 1_400


@given(minutes=minutes_a_day, open_lots=st.floats(100, 1e7))
def test_open_interest_goes_from_one_close_to_the_next(minutes: int, open_lots: float) -> None:
    held = activity(lot=65, open_lots=open_lots)
    found = held.open_interest(FRIDAY, FRIDAY + ONE_DAY, minutes, np.arange(minutes))
    assert found[-1] == held.open_at_close(FRIDAY + ONE_DAY)
    moves = np.diff(found, prepend=held.open_at_close(FRIDAY))
    assert (moves >= 0).all() or (moves <= 0).all()
    assert (found % 65 == 0).all()


def test_the_nearest_contracts_and_the_money_are_busiest() -> None:
    products = Simulation()
    money = products.market.opening_money("NIFTY", FRIDAY)
    near = round(money / 50) * 50

    def traded(symbol: str, day: date = FRIDAY) -> float:
        found = products.product(InstrumentKey(Exchange.NFO, symbol)).activity
        assert found is not None
        return np.mean([found.lots(day - n * ONE_DAY) for n in range(3)]).item()

    assert traded(f"NIFTY25AUG26{near}CE") > 3 * traded(f"NIFTY25AUG26{near + 1_000}CE")
    assert traded(f"NIFTY25AUG26{near}CE") > 3 * traded(f"NIFTY29SEP26{near}CE")
    assert traded("NIFTY25AUG26FUT") > 3 * traded("NIFTY27OCT26FUT")


def test_positions_are_closed_before_a_contract_ends() -> None:
    held = Simulation().product(NIFTY_CALL).activity
    assert held is not None
    early, late = held.open_at_close(date(2026, 8, 20)), held.open_at_close(date(2026, 8, 25))
    assert 0 < late < 0.8 * early


def test_only_contracts_have_open_interest() -> None:
    simulation = Simulation()
    share = simulation.product(InstrumentKey(Exchange.NSE, "SBIN")).activity
    assert share is not None
    assert not share.has_open_interest
    assert share.open_at_close(FRIDAY) == 0
    assert simulation.product(InstrumentKey(Exchange.NSE_INDEX, "NIFTY")).activity is None
