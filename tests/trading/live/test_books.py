"""A broker's books in the words of the API."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from openalgo.api.schemas.portfolio import LiveFundsRow
from openalgo.api.v1 import present
from openalgo.brokers.rows import HoldingRow, PositionRow
from openalgo.domain.errors import (
    BrokerOutcomeUnknown,
    BrokerUnavailable,
    InvalidOrder,
    OpenAlgoError,
    OrderNotFound,
    OrderNotWorking,
    OutcomeUnknown,
    Unsupported,
)
from openalgo.domain.intents import ModifyOrder
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import OrderStatus, PriceType, Product
from openalgo.persistence.stores import Store
from tests.support.fake_broker import raising, with_extras
from tests.support.live import MORNING, SBIN, LiveDesk, limit, order


def position(**changes: Any) -> PositionRow:
    values: dict[str, Any] = {
        "exchange": Exchange.NSE,
        "symbol": "SBIN",
        "product": "MIS",
        "quantity": Decimal(-10),
        "average_price": Decimal("812.40"),
        "ltp": Decimal(810),
        "realised": Decimal(5),
        "unrealised": Decimal(24),
    }
    return PositionRow(**values | changes)


# --- what is shown


async def test_orders_placed_anywhere_newest_first(live: LiveDesk) -> None:
    ours = await live.place(limit())
    theirs = live.desk.add(structs.replace(order(name=None), product=Product.MTF), "kiteapp")
    first, second = await live.venue.orders(1)
    assert [first.order_id, second.order_id] == [theirs, ours]
    assert (first.strategy, first.product, second.strategy) == ("kiteapp", "MTF", "Python")
    row = present.order_row(first).model_dump(mode="json")
    assert row["product"] == "MTF"
    assert row["price"] == 0.0
    assert row["timestamp"] == "2025-11-21 10:30:00"


async def test_trades_carry_the_strategy_of_their_order(live: LiveDesk) -> None:
    order_id = await live.place(limit(2))
    live.desk.fill(order_id, 1, "811.95")
    (trade,) = await live.venue.trades(1)
    row = present.trade_row(trade).model_dump(mode="json")
    assert (row["strategy"], row["price"], row["trade_value"]) == ("Python", 811.95, 811.95)


async def test_positions_and_what_they_made(live: LiveDesk) -> None:
    live.desk.held = [position(), position(product="XYZ", quantity=Decimal(0), realised=Decimal(1))]
    book = present.position_book(await live.venue.positions(1), live.venue.mode)
    short, closed = book.data
    assert (short.quantity, short.average_price, short.pnl) == (-10, 812.4, 29.0)
    assert (closed.product, closed.quantity) == ("OTHER", 0)
    assert book.mode is None


async def test_a_contract_of_many_units_has_its_multiplier(live: LiveDesk) -> None:
    """One lot of crude oil is 100 barrels, and Kite counts lots."""
    live.desk.held = [
        position(
            quantity=Decimal(-1),
            average_price=Decimal(5500),
            ltp=Decimal(5490),
            realised=Decimal(500),
            unrealised=Decimal(1000),
            multiplier=Decimal(100),
        )
    ]
    [row] = present.position_book(await live.venue.positions(1), live.venue.mode).data
    assert (row.multiplier, row.lot_size) == (100.0, 100.0)
    # Of the 5,50,000 rupees that the lot was sold for.
    assert (row.pnl, row.pnlpercent) == (1500.0, 0.27)
    moved_on = row.unrealized_pnl + (5480 - row.ltp) * row.quantity * row.multiplier
    assert moved_on == 2000.0


async def test_holdings_do_not_say_when_they_settled(live: LiveDesk) -> None:
    live.desk.shares = [
        HoldingRow(
            exchange=Exchange.NSE,
            symbol="SBIN",
            product="CNC",
            quantity=Decimal(10),
            average_price=Decimal(800),
            ltp=Decimal(812),
        )
    ]
    (held,) = await live.venue.holdings(1)
    row = present.holding_row(held).model_dump(mode="json")
    assert row["pnl"] == 120.0
    assert "settlement_date" not in row


async def test_funds_are_text_and_take_the_profit_from_the_positions(live: LiveDesk) -> None:
    live.desk.held = [position(), position(product="NRML")]
    shown = present.funds(await live.venue.funds(1), live.venue.mode)
    assert isinstance(shown.data, LiveFundsRow)
    assert shown.data.model_dump() == {
        "availablecash": "98487.60",
        "collateral": "500.00",
        "m2munrealized": "48.00",
        "m2mrealized": "10.00",
        "utiliseddebits": "1512.40",
    }


async def test_an_error_is_never_an_empty_book(live: LiveDesk) -> None:
    live.desk.reading = raising(BrokerUnavailable("HTTP 502"))
    for book in (live.venue.orders, live.venue.trades, live.venue.positions, live.venue.holdings):
        with pytest.raises(BrokerUnavailable):
            await book(1)
    with pytest.raises(BrokerUnavailable):
        await live.venue.funds(1)


async def test_what_the_broker_does_not_have(live: LiveDesk, main: Store) -> None:
    with pytest.raises(Unsupported, match="Margin calculation not supported for broker: fake"):
        await live.venue.margin(1, [])
    with pytest.raises(Unsupported, match="GTT orders are not supported for broker 'fake' yet"):
        await live.venue.gtts(1)
    live.broker = with_extras(live.broker, live.desk)
    await live.start()
    need = await live.venue.margin(1, [(limit(), SBIN)])
    assert [need.total, need.span, need.exposure] == [300, 200, 100]
    assert need.benefit is None


# --- changing orders


def change(order_id: str, **changes: Any) -> ModifyOrder:
    terms = limit(name=None)
    values = {name: getattr(terms, name) for name in terms.__struct_fields__}
    return ModifyOrder(**values | {"order_id": order_id} | changes)


async def test_a_change_goes_out_complete_and_with_the_broker_s_handle(live: LiveDesk) -> None:
    order_id = await live.place(
        order(price_type=PriceType.SL, price="812", trigger="811", name="s")
    )
    asked = change(order_id, price_type=PriceType.SL, price=px("0"), quantity=Decimal(3))
    shown = await live.venue.modify(1, asked, SBIN, cause="req")
    ((sent, row),) = live.desk.modified
    assert (sent.price, sent.trigger_price) == (px("812"), px("811"))
    assert sent.quantity == shown.quantity == 3
    assert row.handle == "regular"
    assert shown.status is OrderStatus.TRIGGER_PENDING


async def test_what_has_ended_is_not_changed(live: LiveDesk) -> None:
    order_id = await live.place(limit())
    live.desk.fill(order_id, 1)
    with pytest.raises(OrderNotWorking, match="Cannot cancel order in complete status"):
        await live.venue.cancel(1, order_id, cause="req")
    with pytest.raises(OrderNotFound):
        await live.venue.cancel(1, "nothing", cause="req")
    other = live.desk.add(limit(name=None))
    with pytest.raises(InvalidOrder):
        await live.venue.modify(1, change(other, symbol="INFY"), SBIN, cause="req")
    assert not live.desk.modified


async def test_a_cancellation_not_answered_is_not_sent_again(live: LiveDesk) -> None:
    order_id = await live.place(limit())
    live.desk.after = raising(BrokerOutcomeUnknown())
    with pytest.raises(OutcomeUnknown, match=f"whether order {order_id} was cancelled"):
        await live.venue.cancel(1, order_id, cause="req")
    assert len(live.desk.cancelled) == 1


async def test_a_refused_cancellation_is_told_as_it_is(live: LiveDesk) -> None:
    order_id = await live.place(limit())
    live.desk.before = raising(BrokerUnavailable("HTTP 404"))
    with pytest.raises(OpenAlgoError, match="HTTP 404"):
        await live.venue.cancel(1, order_id, cause="req")


# --- keeping up


async def test_a_broker_that_tells_of_orders_is_asked_while_some_work(live: LiveDesk) -> None:
    await live.look()
    assert live.desk.reads == 1
    order_id = await live.place(limit())
    live.desk.fill(order_id, 1)
    await live.look()
    assert live.told == [("accepted", order_id), ("filled", order_id)]
    assert live.clock.now() - MORNING < timedelta(seconds=5)
