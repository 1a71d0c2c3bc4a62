from datetime import date

import pytest

from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange
from openalgo.instruments.freeze import UNKNOWN, FreezeQuantities, FreezeRule, published
from tests.instruments.rows import contract, share

AUGUST = date(2026, 8, 25)
CALL = InstrumentType.CALL
SHIPPED = FreezeQuantities()


@pytest.mark.parametrize(
    ("base", "on", "quantity"),
    [
        ("NIFTY", date(2026, 7, 17), 1800),
        ("BANKNIFTY", date(2025, 6, 30), 900),
        ("BANKNIFTY", date(2025, 7, 1), 600),
        ("BANKNIFTY", date(2025, 10, 31), 900),
        ("BANKNIFTY", date(2026, 7, 17), 600),
        ("MIDCPNIFTY", date(2024, 7, 31), 5500),
        ("MIDCPNIFTY", date(2024, 8, 1), 2800),
        ("NIFTYNXT50", date(2026, 7, 17), 600),
    ],
)
def test_the_rule_of_the_day_holds(base: str, on: date, quantity: int) -> None:
    assert SHIPPED.of(contract(base, AUGUST, "25000", CALL), on) == (quantity, True)
    assert SHIPPED.of(contract(base, AUGUST), on) == (quantity, True)


def test_futures_and_options_of_bse_differ() -> None:
    on = date(2026, 7, 17)
    assert SHIPPED.of(contract("SENSEX", AUGUST, "80000", CALL, Exchange.BFO), on) == (1000, True)
    assert SHIPPED.of(contract("SENSEX", AUGUST, exchange=Exchange.BFO), on) == (500, True)


def test_what_is_not_known_is_one_and_says_so() -> None:
    on = date(2026, 7, 17)
    assert SHIPPED.of(contract("NIFTYBEES", AUGUST), on) == UNKNOWN == (1, False)
    assert SHIPPED.of(contract("360ONE", AUGUST), on) == UNKNOWN
    assert SHIPPED.of(contract("NIFTY", AUGUST, exchange=Exchange.BFO), on) == UNKNOWN
    assert SHIPPED.of(share("NIFTY"), on) == UNKNOWN
    assert SHIPPED.of(contract("NIFTY", AUGUST), date(2023, 4, 2)) == UNKNOWN


def test_other_rules_can_take_the_place_of_ours() -> None:
    rule = FreezeRule(exchange=Exchange.MCX, name="GOLD", quantity=10, since=date(2026, 1, 1))
    gold = contract("GOLD", AUGUST, exchange=Exchange.MCX)
    assert FreezeQuantities([*published(), rule]).of(gold, AUGUST) == (10, True)
    assert FreezeQuantities([]).of(contract("NIFTY", AUGUST), AUGUST) == UNKNOWN
