import csv
import os
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.simulator.expiries import Expiries, cut_off_ms
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import IST, epoch_ms
from openalgo.domain.market import Exchange
from tests.support.simulator import CONTRACTS, EXCHANGE_HOURS

DATA = Path(os.environ.get("OPENALGO_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
TUESDAY, THURSDAY = 1, 3
RULES = {
    **{t.underlying.symbol: t.expiries for t in CONTRACTS.futures.values()},
    **{f"{t.underlying.symbol} options": t.expiries for t in CONTRACTS.chains.values()},
}

known_days = st.dates(date(2025, 9, 1), date(2026, 12, 1))


def nse() -> Expiries:
    return CONTRACTS.futures["NIFTY"].expiries


@pytest.mark.parametrize(
    ("name", "month", "expiry"),
    [
        ("NIFTY", (2026, 8), date(2026, 8, 25)),
        ("NIFTY", (2026, 3), date(2026, 3, 30)),  # the last Tuesday is a holiday
        ("NIFTY", (2026, 11), date(2026, 11, 23)),  # and again
        ("SENSEX", (2026, 8), date(2026, 8, 27)),
        ("SENSEX", (2026, 12), date(2026, 12, 31)),
        ("SENSEX", (2026, 3), date(2026, 3, 25)),  # the last Thursday is a holiday
        ("GOLD", (2026, 12), date(2026, 12, 4)),  # the 5th is a Saturday
        ("CRUDEOIL options", (2026, 9), date(2026, 9, 17)),
        ("USDINR", (2027, 6), date(2027, 6, 28)),
    ],
)
def test_monthly_expiries(name: str, month: tuple[int, int], expiry: date) -> None:
    assert RULES[name].monthly(*month) == expiry
    assert RULES[name].is_monthly(expiry)
    assert not RULES[name].is_monthly(expiry - timedelta(days=1))


def test_weekly_expiries_move_to_the_day_before_a_holiday() -> None:
    found = nse().weeklies(date(2026, 11, 18), 3)
    assert found == [date(2026, 11, 23), date(2026, 12, 1), date(2026, 12, 8)]
    assert nse().weeklies(date(2026, 11, 24), 1) == [date(2026, 12, 1)]
    assert CONTRACTS.chains["SENSEX"].expiries.weeklies(date(2026, 8, 21), 2) == [
        date(2026, 8, 27),
        date(2026, 9, 3),
    ]


@given(today=known_days, count=st.integers(1, 6))
def test_expiries_are_trading_days_ascending_and_not_over(today: date, count: int) -> None:
    for rule in RULES.values():
        for found in (rule.monthlies(today, count), rule.weeklies(today, count)):
            assert found == sorted(set(found))
            assert all(expiry >= today for expiry in found)
            assert all(EXCHANGE_HOURS.is_trading_day(rule.rule.exchange, e) for e in found)
            assert rule.rule.weekday is None or len(found) == count


@given(today=known_days)
def test_weeklies_fall_on_their_weekday_unless_a_holiday_is_in_the_way(today: date) -> None:
    for name, weekday in (("NIFTY", TUESDAY), ("SENSEX", THURSDAY)):
        rule = RULES[name]
        for expiry in rule.weeklies(today, 3):
            assert rule.is_weekly(expiry)
            usual = expiry + timedelta(days=(weekday - expiry.weekday()) % 7)
            between = (expiry + timedelta(days=n) for n in range(1, (usual - expiry).days + 1))
            assert not any(
                EXCHANGE_HOURS.is_trading_day(rule.rule.exchange, day) for day in between
            )


@given(today=known_days)
def test_the_weeklies_include_the_monthly_of_their_week(today: date) -> None:
    monthly = nse().monthlies(today, 1)[0]
    assert monthly in nse().weeklies(today, 6)


def test_time_counts_to_the_cut_off_of_the_exchange() -> None:
    day = date(2026, 8, 25)
    for exchange, hour, minute in (
        (Exchange.NFO, 15, 30),
        (Exchange.BFO, 15, 30),
        (Exchange.MCX, 23, 30),
        (Exchange.CDS, 12, 30),
    ):
        at = datetime(2026, 8, 25, hour, minute, tzinfo=IST)
        assert cut_off_ms(exchange, day) == epoch_ms(at)


def test_index_expiries_are_those_of_a_real_contract_file() -> None:
    path = DATA / "zerodha" / "instruments_nfo_bfo_2026-08.csv"
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    listed: defaultdict[str, set[date]] = defaultdict(set)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["name"] in CONTRACTS.chains:
                listed[row["name"]].add(date.fromisoformat(row["expiry"]))
    day = date(2026, 8, 22)
    for name, expiries in listed.items():
        terms = CONTRACTS.chains[name]
        ours = terms.expiries.monthlies(day, 3)
        ours += terms.expiries.weeklies(day, terms.row.weeklies)
        assert set(ours) <= expiries, name


def test_commodity_expiries_are_those_of_a_real_contract_file() -> None:
    path = DATA / "shoonya" / "MCX_symbols_2026-08.txt"
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    seen = 0
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            terms = CONTRACTS.futures.get(row["Symbol"])
            expiry = datetime.strptime(row["Expiry"], "%d-%b-%Y").date()  # noqa: DTZ007
            # Thanksgiving moves the natural gas of November; 2027 has no calendar yet.
            if row["Instrument"] != "FUTCOM" or terms is None or expiry.year > 2026:
                continue
            if (row["Symbol"], expiry.month) == ("NATURALGAS", 11):
                continue
            assert terms.expiries.is_monthly(expiry), (row["Symbol"], expiry)
            assert terms.row.lot == float(row["LotSize"]) * float(row["GNGD"])
            assert float(terms.row.tick) == float(row["TickSize"])
            seen += 1
    assert seen >= 10


def test_a_rule_knows_a_calendar_without_holidays_too() -> None:
    rule = CONTRACTS.futures["NIFTY"].expiries.rule
    far = Expiries(rule, ExchangeCalendar()).monthly(2031, 9)
    assert far == date(2031, 9, 30)
