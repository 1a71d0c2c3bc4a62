"""Good till triggered: what they hold, when they fire, and what becomes of them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import IST
from openalgo.domain.errors import (
    GttNotFound,
    IdempotencyConflict,
    InsufficientFunds,
    InsufficientShares,
    InvalidOrder,
    NoPrice,
)
from openalgo.domain.events import (
    GttExpired,
    GttPlaced,
    GttRejected,
    GttTriggered,
    OrderAccepted,
    OrderFilled,
)
from openalgo.domain.gtt import GttStatus, GttTrigger, TriggerSide, TriggerType
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, Order, OrderStatus, PriceType
from openalgo.sandbox import views
from openalgo.sandbox.restore import restore
from openalgo.sandbox.rules import Rules
from tests.support.market import NIFTY_FUT, SBIN, SHELF
from tests.support.paper import ACCOUNT, Paper, check_invariants

BELOW, ABOVE = TriggerSide.BELOW, TriggerSide.ABOVE


@pytest.fixture
def paper() -> Paper:
    paper = Paper()
    paper.market(SBIN, "100")
    return paper


def placed_by(paper: Paper, trigger_id: str) -> list[Order]:
    return [order for order in paper.account().orders.values() if order.gtt_id == trigger_id]


def test_a_trigger_below_fires_at_its_price_and_not_before(paper: Paper) -> None:
    gtt = paper.gtt(SBIN, "BUY", 10, below=("95", "96"))
    assert (gtt.status, gtt.last_price) == (GttStatus.ACTIVE, px("100"))
    assert gtt.reserved == paper.funds().used == Decimal(960)
    paper.market(SBIN, "95.05")
    assert paper.watched(gtt) == gtt
    paper.market(SBIN, "95")
    fired = paper.watched(gtt)
    (order,) = placed_by(paper, gtt.trigger_id)
    assert (fired.status, fired.fired) == (GttStatus.TRIGGERED, BELOW)
    assert fired.order_id == order.order_id
    assert fired.reserved == 0
    assert (order.status, order.price, order.cause) == (OrderStatus.COMPLETE, px("96"), "test")
    assert [trade.price for trade in paper.account().trades] == [px("95")]
    check_invariants(paper)


def test_the_facts_of_a_firing_come_in_order(paper: Paper) -> None:
    paper.gtt(SBIN, "BUY", 10, below=("95", "96"))
    before = len(paper.events)
    paper.market(SBIN, "95")
    assert [type(event) for event in paper.events[before:]] == [
        GttTriggered,
        OrderAccepted,
        OrderFilled,
    ]


def test_a_trigger_above_may_buy_and_takes_the_far_side(paper: Paper) -> None:
    """The side comes from the trigger, not from what is traded."""
    gtt = paper.gtt(SBIN, "BUY", 10, above="105")
    assert gtt.reserved == Decimal(1050)
    paper.market(SBIN, "106", bid="105.9", ask="106.1")
    (order,) = placed_by(paper, gtt.trigger_id)
    assert (order.price_type, order.status) == (PriceType.MARKET, OrderStatus.COMPLETE)
    assert [trade.price for trade in paper.account().trades] == [px("106.1")]
    check_invariants(paper)


def test_what_was_set_aside_pays_for_the_order() -> None:
    paper = Paper(capital="960")
    paper.market(SBIN, "100")
    gtt = paper.gtt(SBIN, "BUY", 10, below=("95", "96"))
    assert paper.funds().available == 0
    paper.market(SBIN, "95")
    assert paper.watched(gtt).status is GttStatus.TRIGGERED
    assert paper.funds().available == Decimal(10)
    check_invariants(paper)


def test_a_limit_the_market_has_left_rests(paper: Paper) -> None:
    gtt = paper.gtt(SBIN, "BUY", 10, below=("95", "94"))
    paper.market(SBIN, "94.5")
    (order,) = placed_by(paper, gtt.trigger_id)
    assert (order.status, order.reserved) == (OrderStatus.OPEN, Decimal(940))
    assert paper.funds().used == Decimal(940)
    paper.market(SBIN, "94")
    assert paper.stored(order).status is OrderStatus.COMPLETE
    check_invariants(paper)


def test_of_two_triggers_one_fires(paper: Paper) -> None:
    paper.order(SBIN, "BUY", 10, product="CNC")
    gtt = paper.gtt(SBIN, "SELL", 10, below=("95", "94"), above=("110", "109"))
    assert gtt.trigger_type is TriggerType.OCO
    paper.market(SBIN, "110")
    assert paper.watched(gtt).fired is ABOVE
    paper.market(SBIN, "90")
    assert len(placed_by(paper, gtt.trigger_id)) == 1
    position = paper.position(SBIN, "CNC")
    assert position is not None
    assert position.quantity == 0
    check_invariants(paper)


def test_covered_sales_hold_the_shares_and_no_money(paper: Paper) -> None:
    """A protective OCO on 100 owned shares blocks nothing, but the shares are promised."""
    paper.order(SBIN, "BUY", 100, product="CNC")
    used = paper.funds().used
    gtt = paper.gtt(SBIN, "SELL", 100, below=("95", "94"), above=("110", "109"))
    assert gtt.reserved == 0
    assert paper.funds().used == used
    with pytest.raises(InsufficientShares, match="Only 0 shares available"):
        paper.order(SBIN, "SELL", 1, product="CNC")
    with pytest.raises(InsufficientShares):
        paper.gtt(SBIN, "SELL", 1, below=("95", "94"))
    paper.cancel_gtt(gtt)
    paper.order(SBIN, "SELL", 100, product="CNC")
    check_invariants(paper)


def test_a_delivery_sale_without_shares_is_refused(paper: Paper) -> None:
    with pytest.raises(InsufficientShares, match="No positions or holdings available"):
        paper.gtt(SBIN, "SELL", 10, below=("95", "94"))
    assert paper.account().gtts == {}


def test_closing_a_carried_position_blocks_nothing(paper: Paper) -> None:
    paper.market(NIFTY_FUT, "25000")
    paper.order(NIFTY_FUT, "BUY", 65, product="NRML")
    used = paper.funds().used
    gtt = paper.gtt(NIFTY_FUT, "SELL", 65, below=("24900", "24890"), product="NRML")
    assert gtt.reserved == 0
    second = paper.gtt(NIFTY_FUT, "SELL", 65, below=("24800", "24800"), product="NRML")
    assert second.reserved == Decimal(161_200)
    assert paper.funds().used == used + second.reserved
    check_invariants(paper)


@pytest.mark.parametrize(("mode", "reserved"), [("max", "1100"), ("sum", "2040")])
def test_what_an_oco_blocks(mode: Any, reserved: str) -> None:
    paper = Paper(rules=Rules(gtt_oco_margin=mode))
    paper.market(SBIN, "100")
    gtt = paper.gtt(SBIN, "BUY", 10, below=("95", "94"), above=("109", "110"))
    assert gtt.reserved == paper.funds().used == Decimal(reserved)
    check_invariants(paper)


def test_it_must_be_affordable() -> None:
    paper = Paper(capital="1000")
    paper.market(SBIN, "100")
    with pytest.raises(InsufficientFunds):
        paper.gtt(SBIN, "BUY", 100, below=("95", "94"))
    assert paper.account().gtts == {}


@pytest.mark.parametrize(
    ("below", "above"), [("101", None), ("100", None), (None, "99"), (None, "100"), ("95", "99")]
)
def test_a_trigger_the_market_is_past_is_refused(
    paper: Paper, below: str | None, above: str | None
) -> None:
    with pytest.raises(InvalidOrder, match="it would fire at once") as refusal:
        paper.gtt(SBIN, "BUY", 1, below=below, above=above)
    assert refusal.value.field == "trigger_price"


def test_without_a_price_nobody_knows_on_which_side_it_is() -> None:
    paper = Paper()
    with pytest.raises(NoPrice, match="Cannot place GTT for SBIN"):
        paper.gtt(SBIN, "BUY", 1, below="95")


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"trigger_type": TriggerType.OCO}, "OCO takes one trigger below"),
        (
            {
                "trigger_type": TriggerType.OCO,
                "triggers": (
                    GttTrigger(side=BELOW, trigger_price=px(90), price=px(90)),
                    GttTrigger(side=BELOW, trigger_price=px(91), price=px(90)),
                ),
            },
            "OCO takes one trigger below",
        ),
        ({"triggers": ()}, "SINGLE takes one trigger"),
        ({"price_type": PriceType.SL}, "A GTT places a LIMIT or a MARKET order"),
        (
            {"triggers": (GttTrigger(side=BELOW, trigger_price=px(90)),)},
            "LIMIT orders require price",
        ),
    ],
)
def test_terms_that_could_not_be_watched_for(
    paper: Paper, terms: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidOrder, match=message):
        paper.gtt(SBIN, "BUY", 1, below=("95", "94"), **terms)
    assert paper.state.accounts == {}


def test_modify_replaces_triggers_quantity_and_money(paper: Paper) -> None:
    gtt = paper.gtt(SBIN, "BUY", 10, below=("95", "94"))
    paper.market(SBIN, "98")
    modified = paper.modify_gtt(gtt, below=("90", "91"), quantity=Decimal(20))
    assert (modified.quantity, modified.reserved, modified.last_price) == (
        Decimal(20),
        Decimal(1820),
        px("98"),
    )
    assert modified.expires_at == gtt.expires_at
    assert paper.funds().used == Decimal(1820)
    paper.market(SBIN, "94")
    assert paper.watched(gtt).status is GttStatus.ACTIVE
    paper.market(SBIN, "90")
    assert paper.watched(gtt).status is GttStatus.TRIGGERED
    check_invariants(paper)


def test_a_modification_that_fails_changes_nothing(paper: Paper) -> None:
    gtt = paper.gtt(SBIN, "BUY", 10, below=("95", "94"))
    refusals: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"quantity": Decimal(1_000_000)}, InsufficientFunds),
        ({"action": Action.SELL}, InvalidOrder),
        ({"symbol": "INFY"}, InvalidOrder),
        ({"trigger_type": TriggerType.OCO}, InvalidOrder),
        ({"price_type": PriceType.SL}, InvalidOrder),
    ]
    for changes, error in refusals:
        with pytest.raises(error):
            paper.modify_gtt(gtt, below=("95", "94"), **changes)
        assert paper.watched(gtt) == gtt
    check_invariants(paper)


def test_the_shares_of_a_gtt_may_be_promised_anew(paper: Paper) -> None:
    paper.order(SBIN, "BUY", 10, product="CNC")
    gtt = paper.gtt(SBIN, "SELL", 10, below=("95", "94"))
    assert paper.modify_gtt(gtt, below=("96", "95")).status is GttStatus.ACTIVE
    with pytest.raises(InsufficientShares):
        paper.modify_gtt(gtt, below=("96", "95"), quantity=Decimal(11))


def test_cancel_gives_back_exactly_what_was_held(paper: Paper) -> None:
    gtt = paper.gtt(SBIN, "BUY", 10, below=("95", "94"))
    assert paper.cancel_gtt(gtt).status is GttStatus.CANCELLED
    assert paper.funds().used == 0
    paper.market(SBIN, "90")
    assert placed_by(paper, gtt.trigger_id) == []
    check_invariants(paper)


def test_only_an_active_gtt_of_the_account_is_found(paper: Paper) -> None:
    gtt = paper.gtt(SBIN, "BUY", 10, below=("95", "94"))
    paper.order(SBIN, "BUY", 1, account=2)
    text = f"No active GTT with trigger_id '{gtt.trigger_id}'"
    with pytest.raises(GttNotFound, match=text):
        paper.cancel_gtt(gtt, account=2)
    paper.cancel_gtt(gtt)
    with pytest.raises(GttNotFound, match=text):
        paper.cancel_gtt(gtt)
    with pytest.raises(GttNotFound, match=text):
        paper.modify_gtt(gtt, below=("95", "94"))


def test_an_order_that_cannot_be_placed_rejects_the_gtt(paper: Paper) -> None:
    """The position went, and with it what made the exit free; there is no money for a short."""
    paper = Paper(capital="163000")
    paper.market(NIFTY_FUT, "25000")
    paper.order(NIFTY_FUT, "BUY", 65, product="NRML")
    gtt = paper.gtt(NIFTY_FUT, "SELL", 65, below=("24900", "24890"), product="NRML")
    paper.order(NIFTY_FUT, "SELL", 65, product="NRML")
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 8000)
    paper.market(NIFTY_FUT, "24900")
    fired = paper.watched(gtt)
    assert (fired.status, fired.order_id) == (GttStatus.REJECTED, None)
    assert "Insufficient funds" in fired.reason
    assert isinstance(paper.events[-1], GttRejected)
    assert placed_by(paper, gtt.trigger_id) == []
    check_invariants(paper)


def test_it_fires_in_the_session_only() -> None:
    paper = Paper(calendar=ExchangeCalendar())
    paper.now = datetime(2026, 7, 17, 8, 0, tzinfo=IST)
    paper.market(SBIN, "100")
    gtt = paper.gtt(SBIN, "BUY", 10, below="95")
    paper.market(SBIN, "90")
    assert paper.watched(gtt).status is GttStatus.ACTIVE
    paper.now = datetime(2026, 7, 17, 9, 15, tzinfo=IST)
    paper.market(SBIN, "91")
    assert paper.watched(gtt).status is GttStatus.TRIGGERED
    check_invariants(paper)


def test_it_lasts_a_year_unless_told_otherwise(paper: Paper) -> None:
    assert paper.gtt(SBIN, "BUY", 1, below="95").expires_at == paper.now + timedelta(days=365)
    ends = paper.now + timedelta(hours=1)
    assert paper.gtt(SBIN, "BUY", 1, below="95", expires_at=ends).expires_at == ends
    with pytest.raises(InvalidOrder, match="must expire in the future"):
        paper.gtt(SBIN, "BUY", 1, below="95", expires_at=paper.now)


def test_an_expired_gtt_neither_fires_nor_holds_money(paper: Paper) -> None:
    ends = paper.now + timedelta(hours=1)
    gtt = paper.gtt(SBIN, "BUY", 10, below="95", expires_at=ends)
    paper.later(hours=1)
    paper.market(SBIN, "90")
    assert paper.watched(gtt).status is GttStatus.EXPIRED
    assert isinstance(paper.events[-1], GttExpired)
    assert paper.funds().used == 0
    assert placed_by(paper, gtt.trigger_id) == []
    with pytest.raises(GttNotFound):
        paper.cancel_gtt(gtt)
    check_invariants(paper)


def test_a_repeat_with_the_same_client_id_is_the_same_gtt(paper: Paper) -> None:
    first = paper.gtt(SBIN, "BUY", 1, below="95", client_order_id="mine")
    assert paper.gtt(SBIN, "BUY", 1, below="95", client_order_id="mine") == first
    assert sum(isinstance(event, GttPlaced) for event in paper.events) == 1
    with pytest.raises(IdempotencyConflict):
        paper.gtt(SBIN, "BUY", 2, below="95", client_order_id="mine")


def test_ids_have_the_shape_clients_know(paper: Paper) -> None:
    ids = [paper.gtt(SBIN, "BUY", 1, below="95").trigger_id for _ in range(2)]
    assert ids == ["GTT-260717-00000001", "GTT-260717-00000002"]
    paper.later(days=1)
    paper.market(SBIN, "100")
    assert paper.gtt(SBIN, "BUY", 1, below="95").trigger_id == "GTT-260718-00000003"


def test_the_active_ones_are_shown_newest_first(paper: Paper) -> None:
    gtts = [paper.gtt(SBIN, "BUY", 1, below=below) for below in ("95", "94", "93")]
    paper.cancel_gtt(gtts[1])
    assert views.active_gtts(paper.state, ACCOUNT) == [gtts[2], gtts[0]]
    assert views.active_gtts(paper.state, 9) == []


async def test_gtts_survive_a_restart(paper: Paper) -> None:
    ends = paper.now + timedelta(days=2)
    lasting = paper.gtt(SBIN, "BUY", 10, below=("95", "96"), above=("105", "106"))
    short = paper.gtt(SBIN, "BUY", 10, below="90", expires_at=ends)
    paper.adopt(await restore(paper.stored_books(), SHELF))
    check_invariants(paper)
    paper.market(SBIN, "105")
    assert paper.watched(lasting).fired is ABOVE
    assert paper.gtt(SBIN, "BUY", 1, below="95").trigger_id == "GTT-260717-00000003"
    paper.later(days=3)
    paper.market(SBIN, "90")
    assert paper.watched(short).status is GttStatus.EXPIRED
