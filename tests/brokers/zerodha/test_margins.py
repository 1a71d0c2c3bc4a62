"""What orders would block at Zerodha."""

from decimal import Decimal

import pytest

from openalgo.brokers.rows import MarginRow
from openalgo.brokers.zerodha import margin
from openalgo.domain.errors import BrokerRejected, BrokerUnavailable
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType, Product
from tests.brokers.zerodha.kite import CALL, CRUDE_IN_BARRELS, INFY, Kite, refused, said
from tests.brokers.zerodha.test_books import MOCKS
from tests.brokers.zerodha.test_orders import order
from tests.instruments.contract_files import needs_data

ONE = {"total": 1498.5, "span": 0, "exposure": 0.25}
SHARE = order(price_type=PriceType.LIMIT, price=px("1500.05"))
SHORT = order(CALL, action=Action.SELL, quantity=Decimal(75), product=Product.NRML)


async def test_of_one_order() -> None:
    kite = Kite(said([ONE]))
    async with kite.connected() as connection:
        found = await margin.margin(connection, [(SHARE, INFY)])
    assert kite.line == "POST https://api.kite.trade/margins/orders"
    assert kite.json == [
        {
            "exchange": "NSE",
            "tradingsymbol": "INFY",
            "transaction_type": "BUY",
            "variety": "regular",
            "product": "MIS",
            "order_type": "LIMIT",
            "quantity": 10,
            "price": 1500.05,
            "trigger_price": 0,
        }
    ]
    assert found == MarginRow(total=Decimal("1498.5"), span=Decimal(0), exposure=Decimal("0.25"))


async def test_several_are_looked_at_together() -> None:
    kite = Kite(said({"initial": ONE, "final": ONE | {"total": 7}, "orders": [], "charges": {}}))
    async with kite.connected() as connection:
        found = await margin.margin(connection, [(SHARE, INFY), (SHORT, CALL)])
    assert kite.line == "POST https://api.kite.trade/margins/basket?consider_positions=true"
    assert [(row["tradingsymbol"], row["quantity"]) for row in kite.json] == [
        ("INFY", 10),
        ("NIFTY26AUG24500CE", 75),
    ]
    assert found.total == 7


async def test_of_commodities_lots_are_asked_for() -> None:
    kite = Kite(said([ONE]))
    async with kite.connected() as connection:
        await margin.margin(connection, [(order(quantity=Decimal(200)), CRUDE_IN_BARRELS)])
    assert kite.json[0]["quantity"] == 2


@pytest.mark.parametrize("data", [[], [ONE, ONE], [{"total": 1}], None])
async def test_an_answer_about_something_else_is_no_margin(data: object) -> None:
    async with Kite(said(data)).connected() as connection:
        with pytest.raises(BrokerUnavailable):
            await margin.margin(connection, [(SHARE, INFY)])


async def test_a_refusal() -> None:
    async with Kite(refused("InputException", "No such product."), 400).connected() as connection:
        with pytest.raises(BrokerRejected, match="No such product"):
            await margin.margin(connection, [(SHARE, INFY)])


@needs_data
async def test_the_recorded_margins() -> None:
    async with Kite((MOCKS / "order_margins.json").read_bytes()).connected() as connection:
        assert (await margin.margin(connection, [(SHARE, INFY)])).total == 1498
    async with Kite((MOCKS / "basket_margins.json").read_bytes()).connected() as connection:
        found = await margin.margin(connection, [(SHORT, CALL), (SHORT, CALL)])
    assert float(found.total) == pytest.approx(34786.725)
    assert found.span is not None
    assert float(found.span) == pytest.approx(7788)
