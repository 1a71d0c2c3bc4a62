"""What orders would block together, on an account without positions."""

from decimal import Decimal

import pytest

from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.numbers import px
from openalgo.domain.orders import PriceType
from openalgo.domain.portfolio import MarginNeed
from openalgo.sandbox.margin import basket_margin
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules
from tests.support.market import MORNING, NIFTY_CALL, SBIN, intent


def mark(bid: str, ask: str) -> Mark:
    return Mark(px(ask), px(bid), px(ask), MORNING)


def planned(
    instrument: Instrument,
    action: str,
    quantity: int,
    price: str | None = None,
    product: str = "MIS",
    at: Mark | None = None,
    **more: object,
) -> tuple[PlaceOrder, Instrument, Mark | None]:
    return intent(instrument, action, quantity, price, product, **more), instrument, at


def need(*orders: tuple[PlaceOrder, Instrument, Mark | None]) -> tuple[str, str]:
    found: MarginNeed = basket_margin(orders, Rules())
    return f"{found.total:g}", f"{found.benefit:g}"


@pytest.mark.parametrize(
    ("order", "total"),
    [
        (planned(SBIN, "BUY", 100, "800"), "16000"),
        (planned(SBIN, "BUY", 100, "800", "CNC"), "80000"),
        (planned(SBIN, "SELL", 100, "800", "CNC"), "0"),
        (planned(SBIN, "BUY", 100, at=mark("799", "801")), "16020"),
        (planned(SBIN, "SELL", 100, at=mark("799", "801")), "15980"),
        (planned(NIFTY_CALL, "BUY", 75, "200", "NRML"), "15000"),
        (planned(SBIN, "BUY", 100, price_type=PriceType.SL_M, trigger_price=px("800")), "16320"),
        (
            planned(SBIN, "BUY", 100, "810", price_type=PriceType.SL, trigger_price=px("800")),
            "16200",
        ),
    ],
)
def test_each_order_is_reckoned_at_the_price_it_would_trade_at(
    order: tuple[PlaceOrder, Instrument, Mark | None], total: str
) -> None:
    assert Decimal(need(order)[0]) == Decimal(total)
    assert Decimal(need(order)[1]) == 0


def test_opposite_sides_of_one_position_net_out() -> None:
    buy, sell = planned(SBIN, "BUY", 100, "800"), planned(SBIN, "SELL", 60, "800")
    assert tuple(map(Decimal, need(buy, sell))) == (Decimal(6_400), Decimal(19_200))
    more = planned(SBIN, "SELL", 150, "800")
    assert tuple(map(Decimal, need(buy, more))) == (Decimal(8_000), Decimal(32_000))


def test_other_products_are_other_positions() -> None:
    buy = planned(SBIN, "BUY", 100, "800", "CNC")
    sell = planned(SBIN, "SELL", 100, "800", "MIS")
    assert tuple(map(Decimal, need(buy, sell))) == (Decimal(96_000), Decimal(0))


def test_selling_shares_of_ones_own_pays_for_nothing_bought_after() -> None:
    sell = planned(SBIN, "SELL", 100, "800", "CNC")
    buy = planned(SBIN, "BUY", 100, "800", "CNC")
    assert Decimal(need(sell, buy)[0]) == 80_000
