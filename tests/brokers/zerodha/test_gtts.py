"""GTT orders at Zerodha."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.rows import GttLegRow, GttRow
from openalgo.brokers.zerodha import gtt
from openalgo.brokers.zerodha.protection import protected_price
from openalgo.domain.errors import BrokerOutcomeUnknown, BrokerUnavailable, Unsupported
from openalgo.domain.gtt import GttStatus, GttTrigger, TriggerSide, TriggerType
from openalgo.domain.intents import ModifyGtt, PlaceGtt
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import Px, px
from openalgo.domain.orders import Action, PriceType, Product
from tests.brokers.zerodha.kite import CALL, INFY, Kite, said
from tests.brokers.zerodha.test_books import MOCKS
from tests.instruments.contract_files import needs_data

BELOW = GttTrigger(side=TriggerSide.BELOW, trigger_price=px(702), price=px("702.5"))
ABOVE = GttTrigger(side=TriggerSide.ABOVE, trigger_price=px("798.5"), price=px(799))

GTT: dict[str, Any] = {
    "id": 112127,
    "type": "single",
    "created_at": "2026-08-20 09:30:00",
    "updated_at": "2026-08-20 09:31:00",
    "expires_at": "2027-08-20 09:30:00",
    "status": "active",
    "condition": {
        "exchange": "NSE",
        "last_price": 798,
        "tradingsymbol": "INFY",
        "trigger_values": [702],
    },
    "orders": [
        {
            "exchange": "NSE",
            "tradingsymbol": "INFY",
            "product": "CNC",
            "order_type": "LIMIT",
            "transaction_type": "BUY",
            "quantity": 1,
            "price": 702.5,
            "result": None,
        }
    ],
    "meta": {},
}


def wanted(*triggers: GttTrigger, **terms: Any) -> PlaceGtt:
    given: dict[str, Any] = {
        "action": Action.SELL,
        "product": Product.CNC,
        "quantity": Decimal(3),
    }
    return PlaceGtt(
        strategy="s",
        trigger_type=TriggerType.SINGLE if len(triggers) == 1 else TriggerType.OCO,
        exchange=Exchange.NSE,
        symbol="INFY",
        triggers=triggers,
        **(given | terms),
    )


async def placed(terms: PlaceGtt) -> tuple[dict[str, str], Any, Any]:
    kite = Kite(said({"trigger_id": 123}))
    async with kite.connected() as connection:
        assert await gtt.place(connection, terms, INFY, 742.0) == "123"
    assert kite.line == "POST https://api.kite.trade/gtt/triggers"
    form = kite.form
    return form, msgspec.json.decode(form["condition"]), msgspec.json.decode(form["orders"])


async def listed(*rows: dict[str, Any]) -> list[GttRow]:
    kite = Kite(said(list(rows)))
    async with kite.connected() as connection:
        found = await gtt.gtts(connection)
    assert kite.line == "GET https://api.kite.trade/gtt/triggers"
    return list(found)


async def test_one_trigger() -> None:
    form, condition, orders = await placed(wanted(BELOW, action=Action.BUY))
    assert set(form) == {"type", "condition", "orders"}
    assert form["type"] == "single"
    assert condition == {
        "exchange": "NSE",
        "tradingsymbol": "INFY",
        "trigger_values": [702],
        "last_price": 742,
    }
    assert orders == [
        {
            "exchange": "NSE",
            "tradingsymbol": "INFY",
            "transaction_type": "BUY",
            "quantity": 3,
            "order_type": "LIMIT",
            "product": "CNC",
            "price": 702.5,
        }
    ]


@pytest.mark.parametrize("triggers", [(BELOW, ABOVE), (ABOVE, BELOW)])
@pytest.mark.parametrize("action", Action)
async def test_two_triggers_ascend_and_keep_their_orders(
    triggers: tuple[GttTrigger, ...], action: Action
) -> None:
    form, condition, orders = await placed(wanted(*triggers, action=action))
    assert form["type"] == "two-leg"
    assert condition["trigger_values"] == [702, 798.5]
    assert [order["price"] for order in orders] == [702.5, 799]


async def test_market_is_a_limit_that_fills() -> None:
    _, _, orders = await placed(
        wanted(BELOW, ABOVE, price_type=PriceType.MARKET, action=Action.BUY)
    )
    assert [order["order_type"] for order in orders] == ["LIMIT", "LIMIT"]
    assert [order["price"] for order in orders] == [705.5, 802.5]


@pytest.mark.parametrize(
    ("base", "share", "option"),
    [
        ("9.95", "0.02", "0.05"),
        ("10", "0.02", "0.03"),
        ("99.95", "0.02", "0.03"),
        ("100", "0.01", "0.02"),
        ("499.95", "0.01", "0.02"),
        ("500", "0.005", "0.01"),
    ],
)
@pytest.mark.parametrize("action", Action)
def test_how_far_off_the_limit_is(base: str, share: str, option: str, action: Action) -> None:
    for instrument, slab in ((INFY, share), (CALL, option)):
        limit = protected_price(px(base), action, instrument)
        exact = Decimal(base) * (1 + action.sign * Decimal(slab))
        assert limit == px(exact, instrument.tick_size)


@given(st.integers(1, 10**7), st.sampled_from(Action), st.sampled_from([INFY, CALL]))
def test_the_limit_is_a_price_that_can_be_had(ticks: int, action: Action, what: Any) -> None:
    base = Px(ticks * what.tick_size)
    limit = protected_price(base, action, what)
    assert limit > 0
    assert limit % what.tick_size == 0
    assert (limit - base) * action.sign >= 0


async def test_an_end_of_its_own_cannot_be_had() -> None:
    kite = Kite(said({"trigger_id": 1}))
    async with kite.connected() as connection:
        with pytest.raises(Unsupported):
            await gtt.place(
                connection,
                wanted(BELOW, expires_at=datetime(2026, 9, 1, tzinfo=UTC)),
                INFY,
                742.0,
            )
    assert kite.asked == []


async def test_a_placed_trigger_without_its_number_is_unknown() -> None:
    async with Kite(said({})).connected() as connection:
        with pytest.raises(BrokerOutcomeUnknown):
            await gtt.place(connection, wanted(BELOW), INFY, 742.0)


async def test_a_change_replaces_the_whole() -> None:
    terms = wanted(ABOVE, BELOW)
    change = ModifyGtt(
        trigger_id="123",
        **{name: getattr(terms, name) for name in terms.__struct_fields__ if name != "expires_at"},
    )
    kite = Kite(said({"trigger_id": 123}))
    async with kite.connected() as connection:
        await gtt.modify(connection, change, INFY, 742.0)
    assert kite.line == "PUT https://api.kite.trade/gtt/triggers/123"
    assert kite.form == (await placed(terms))[0]


async def test_a_cancel() -> None:
    kite = Kite(said({"trigger_id": 123}))
    async with kite.connected() as connection:
        await gtt.cancel(connection, "123")
    assert kite.line == "DELETE https://api.kite.trade/gtt/triggers/123"


async def test_a_trigger_that_waits() -> None:
    assert await listed(GTT) == [
        GttRow(
            trigger_id="112127",
            trigger_type=TriggerType.SINGLE,
            exchange=Exchange.NSE,
            symbol="INFY",
            status=GttStatus.ACTIVE,
            legs=(
                GttLegRow(
                    trigger_price=px(702),
                    price=px("702.5"),
                    action=Action.BUY,
                    quantity=Decimal(1),
                    price_type=PriceType.LIMIT,
                    product="CNC",
                ),
            ),
            last_price=px(798),
            created_at=datetime(2026, 8, 20, 4, 0, tzinfo=UTC),
            updated_at=datetime(2026, 8, 20, 4, 1, tzinfo=UTC),
            expires_at=datetime(2027, 8, 20, 4, 0, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("active", GttStatus.ACTIVE),
        ("triggered", GttStatus.TRIGGERED),
        ("disabled", GttStatus.CANCELLED),
        ("expired", GttStatus.EXPIRED),
        ("cancelled", GttStatus.CANCELLED),
        ("rejected", GttStatus.REJECTED),
        ("deleted", GttStatus.CANCELLED),
        ("new word", GttStatus.ACTIVE),
    ],
)
async def test_statuses(word: str, status: GttStatus) -> None:
    [row] = await listed(GTT | {"status": word})
    assert row.status is status


@pytest.mark.parametrize(
    "broken", [{"orders": []}, {"type": "three-leg"}, {"created_at": "soon"}, {"id": None}]
)
async def test_a_trigger_that_cannot_be_read(broken: dict[str, Any]) -> None:
    with pytest.raises(BrokerUnavailable):
        await listed(GTT, GTT | broken)


@needs_data
async def test_the_recorded_triggers() -> None:
    async with Kite((MOCKS / "gtt_get_orders.json").read_bytes()).connected() as connection:
        single, oco = await gtt.gtts(connection)
    assert (single.trigger_type, single.status) == (TriggerType.SINGLE, GttStatus.ACTIVE)
    assert (oco.trigger_type, oco.status) == (TriggerType.OCO, GttStatus.TRIGGERED)
    assert [leg.trigger_price for leg in oco.legs] == [px(102), px("103.7")]
    assert oco.reason.startswith("Your order price is lower")
