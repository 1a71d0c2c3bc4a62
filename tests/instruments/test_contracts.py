from datetime import date
from decimal import Decimal

import pytest

from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange
from openalgo.instruments.contracts import ContractKind
from openalgo.instruments.master import Master
from tests.instruments.rows import contract, options, share

CALL, PUT = InstrumentType.CALL, InstrumentType.PUT
NFO = Exchange.NFO
JULY, AUGUST, SEPTEMBER = date(2026, 7, 28), date(2026, 8, 25), date(2026, 9, 29)
WEEKLY = date(2026, 8, 4)

CONTRACTS = Master(
    [
        share("M&M"),
        contract("NIFTY", SEPTEMBER),
        contract("NIFTY", JULY),
        contract("NIFTY", AUGUST),
        *options("NIFTY", AUGUST, "25000", "24950", "25050"),
        *options("NIFTY", WEEKLY, "25000"),
        *options("NIFTY", JULY, "24000"),
        *options("NIFTYNXT50", AUGUST, "68000"),
        contract("M&M", AUGUST, "3600", CALL),
        contract("M&M", AUGUST, "3550", PUT),
        *options("VEDL", AUGUST, "300", "292.5"),
        *options("NIFTY", AUGUST, "9", exchange=Exchange.BFO),
    ]
).contracts


@pytest.mark.parametrize(
    ("kind", "today", "expected"),
    [
        ("options", date(2026, 1, 1), [JULY, WEEKLY, AUGUST]),
        ("futures", date(2026, 1, 1), [JULY, AUGUST, SEPTEMBER]),
        ("options", JULY, [JULY, WEEKLY, AUGUST]),
        ("options", date(2026, 7, 29), [WEEKLY, AUGUST]),
        ("futures", date(2026, 9, 30), []),
    ],
)
def test_expiries_ascend_and_those_of_the_past_are_gone(
    kind: ContractKind, today: date, expected: list[date]
) -> None:
    assert CONTRACTS.expiries("NIFTY", NFO, kind, today) == expected


def test_futures_come_nearest_first() -> None:
    nearest = CONTRACTS.futures("NIFTY", NFO, date(2026, 7, 29))
    assert [future.symbol for future in nearest] == ["NIFTY25AUG26FUT", "NIFTY29SEP26FUT"]


def test_strikes_ascend_by_value() -> None:
    assert CONTRACTS.strikes("NIFTY", NFO, AUGUST, CALL) == [24950, 25000, 25050]
    assert CONTRACTS.strikes("VEDL", NFO, AUGUST, PUT) == [Decimal("292.5"), 300]
    assert CONTRACTS.strikes("M&M", NFO, AUGUST, PUT) == [3550]


def test_a_chain_pairs_calls_and_puts() -> None:
    rows = CONTRACTS.chain("M&M", NFO, AUGUST)
    assert [row.strike for row in rows] == [3550, 3600]
    lower, upper = rows
    assert lower.call is None
    assert lower.put is not None
    assert lower.put.symbol == "M&M25AUG263550PE"
    assert upper.call is not None
    assert upper.put is None


def test_exchanges_and_similar_bases_do_not_mix() -> None:
    assert len(CONTRACTS.chain("NIFTY", NFO, AUGUST)) == 3
    assert len(CONTRACTS.chain("NIFTY", Exchange.BFO, AUGUST)) == 1
    assert CONTRACTS.underlyings(NFO) == ["M&M", "NIFTY", "NIFTYNXT50", "VEDL"]
    assert CONTRACTS.underlyings(Exchange.MCX) == []


def test_what_is_not_listed_gives_nothing() -> None:
    assert CONTRACTS.chain("NIFTY", NFO, SEPTEMBER) == []
    assert CONTRACTS.strikes("TCS", NFO, AUGUST, CALL) == []
    assert CONTRACTS.futures("TCS", NFO, JULY) == []
    assert CONTRACTS.expiries("NIFTY", Exchange.MCX, "options", JULY) == []
    assert CONTRACTS.size("TCS") == 0


def test_size_counts_the_contracts_of_all_exchanges() -> None:
    assert CONTRACTS.size("NIFTY") == 3 + 6 + 2 + 2 + 2
