"""Money, to the rupee: the worked examples a trader would check by hand."""

from decimal import Decimal

import pytest

from openalgo.domain.errors import InsufficientFunds, InsufficientShares
from openalgo.domain.orders import OrderStatus
from tests.support.market import INFY, NIFTY_CALL, NIFTY_FUT, SBIN, USDINR_FUT
from tests.support.paper import Paper, check_invariants


def money_of(paper: Paper) -> tuple[Decimal, Decimal, Decimal]:
    funds = paper.funds()
    return funds.available, funds.used, funds.realised


def rupees(*values: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(value.replace(",", "")) for value in values)


def test_intraday_buy_then_two_sales() -> None:
    paper = Paper()
    paper.market(SBIN, "620")
    paper.order(SBIN, "BUY", 100)
    assert money_of(paper) == rupees("99,87,600", "12,400", "0")
    paper.market(SBIN, "625")
    paper.order(SBIN, "SELL", 40)
    assert money_of(paper) == rupees("99,92,760", "7,440", "200")
    paper.market(SBIN, "618")
    paper.order(SBIN, "SELL", 60)
    assert money_of(paper) == rupees("1,00,00,080", "0", "80")
    check_invariants(paper)


def test_reversal_charges_margin_for_the_new_side_only() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 100)
    assert money_of(paper) == rupees("99,98,000", "2,000", "0")
    paper.market(SBIN, "110")
    paper.order(SBIN, "SELL", 150)
    assert money_of(paper) == rupees("99,99,900", "1,100", "1,000")
    position = paper.position(SBIN)
    assert position is not None
    assert (position.quantity, position.average_price) == (Decimal(-50), Decimal(110))
    check_invariants(paper)


def test_reversal_may_spend_what_closing_frees() -> None:
    paper = Paper(capital="2000")
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 100)
    assert paper.funds().available == 0
    paper.order(SBIN, "SELL", 200)
    assert money_of(paper) == rupees("0", "2000", "0")
    check_invariants(paper)


def test_delivery_pays_the_ask_in_full() -> None:
    paper = Paper()
    paper.market(SBIN, "1000", bid="999", ask="1001")
    paper.order(SBIN, "BUY", 100, product="CNC")
    assert money_of(paper) == rupees("98,99,900", "1,00,100", "0")


def test_future_blocks_a_tenth() -> None:
    paper = Paper()
    paper.market(NIFTY_FUT, "25000")
    paper.order(NIFTY_FUT, "BUY", 65, product="NRML")
    assert money_of(paper) == rupees("98,37,500", "1,62,500", "0")


def test_option_blocks_its_premium_on_both_sides() -> None:
    for action in ("BUY", "SELL"):
        paper = Paper()
        paper.market(NIFTY_CALL, "179.55")
        paper.order(NIFTY_CALL, action, 65, product="NRML")
        assert paper.funds().used == Decimal("11670.75")


def test_pending_limit_reserves_and_cancel_returns_exactly_that() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    order = paper.order(SBIN, "BUY", 1000, "90", product="CNC")
    assert money_of(paper) == rupees("99,10,000", "90,000", "0")
    paper.cancel(order.order_id)
    assert money_of(paper) == rupees("1,00,00,000", "0", "0")
    assert paper.stored(order).status is OrderStatus.CANCELLED
    check_invariants(paper)


def test_a_fill_elsewhere_leaves_a_pending_reservation_alone() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    paper.market(NIFTY_CALL, "200")
    pending = paper.order(SBIN, "BUY", 1000, "90", product="CNC")
    paper.order(NIFTY_CALL, "BUY", 650, product="NRML")
    assert money_of(paper) == rupees("97,80,000", "2,20,000", "0")
    paper.cancel(pending.order_id)
    assert money_of(paper) == rupees("98,70,000", "1,30,000", "0")
    check_invariants(paper)


def test_average_is_cost_over_quantity() -> None:
    paper = Paper()
    paper.market(SBIN, "500")
    paper.order(SBIN, "BUY", 100)
    paper.market(SBIN, "510")
    paper.order(SBIN, "BUY", 50)
    position = paper.position(SBIN)
    assert position is not None
    assert round(position.average_price, 4) == Decimal("503.3333")
    paper.market(SBIN, "520")
    paper.order(SBIN, "SELL", 50)
    assert round(paper.funds().realised, 2) == Decimal("833.33")
    check_invariants(paper)


def test_currency_keeps_four_decimals() -> None:
    paper = Paper()
    paper.market(USDINR_FUT, "83.2525")
    paper.order(USDINR_FUT, "BUY", 1, product="NRML")
    paper.market(USDINR_FUT, "83.2550")
    paper.order(USDINR_FUT, "SELL", 1, product="NRML")
    assert paper.funds().realised == Decimal("0.0025")
    check_invariants(paper)


def test_a_flat_position_holds_no_margin_and_no_cost() -> None:
    paper = Paper()
    paper.market(SBIN, "33.35")
    paper.order(SBIN, "BUY", 7)
    for _ in range(7):
        paper.order(SBIN, "SELL", 1)
    position = paper.position(SBIN)
    assert position is not None
    assert position.quantity == position.cost == position.margin == 0
    assert paper.funds().used == 0
    check_invariants(paper)


def test_two_pending_exits_cannot_both_be_free() -> None:
    """Long 100, two SELL 100 limits: the second would open a short and must pay for it."""
    paper = Paper()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 100)
    first = paper.order(SBIN, "SELL", 100, "105")
    second = paper.order(SBIN, "SELL", 100, "106")
    assert first.reserved == 0
    assert second.reserved == Decimal(2120)
    paper.market(SBIN, "107")
    position = paper.position(SBIN)
    assert position is not None
    assert position.quantity == -100
    assert position.margin == Decimal(2120)
    check_invariants(paper)


def test_delivery_sale_needs_the_shares_and_keeps_a_rejected_row() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    with pytest.raises(InsufficientShares, match="No positions or holdings available") as refusal:
        paper.order(SBIN, "SELL", 10, product="CNC")
    assert refusal.value.order_id is not None
    row = paper.account().orders[refusal.value.order_id]
    assert row.status is OrderStatus.REJECTED
    assert row.reason == refusal.value.message


def test_pending_delivery_sales_count_against_the_shares() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 100, product="CNC")
    paper.order(SBIN, "SELL", 60, "110", product="CNC")
    with pytest.raises(InsufficientShares, match="Only 40 shares available"):
        paper.order(SBIN, "SELL", 60, "111", product="CNC")
    check_invariants(paper)


def test_too_little_money_names_all_three_numbers_and_keeps_no_row() -> None:
    paper = Paper(capital="1000")
    paper.market(SBIN, "100")
    with pytest.raises(InsufficientFunds) as refusal:
        paper.order(SBIN, "BUY", 100)
    assert refusal.value.message == (
        "Insufficient funds. Required: ₹2,000.00, Available: ₹1,000.00, Shortage: ₹1,000.00"
    )
    assert paper.account().orders == {}
    check_invariants(paper)


def test_short_at_fill_trades_only_what_closes() -> None:
    """The position went away after an exit was accepted for free; a short needs money too."""
    paper = Paper(capital="10000")
    paper.market(SBIN, "100")
    paper.market(INFY, "100")
    paper.order(SBIN, "BUY", 100)
    exit_order = paper.order(SBIN, "SELL", 100, "105")
    paper.order(SBIN, "SELL", 60)
    paper.order(INFY, "BUY", 460)
    assert paper.funds().available == 0
    paper.market(SBIN, "105")
    row = paper.stored(exit_order)
    assert row.status is OrderStatus.CANCELLED
    assert row.filled_quantity == 40
    assert "Insufficient funds" in row.reason
    check_invariants(paper)


def test_short_at_fill_with_nothing_to_close_is_refused() -> None:
    paper = Paper(capital="10000")
    paper.market(SBIN, "100")
    paper.market(INFY, "100")
    paper.order(SBIN, "BUY", 100)
    exit_order = paper.order(SBIN, "SELL", 100, "105")
    paper.order(SBIN, "SELL", 100)
    paper.order(INFY, "BUY", 500)
    assert paper.funds().available == 0
    paper.market(SBIN, "105")
    row = paper.stored(exit_order)
    assert row.status is OrderStatus.REJECTED
    assert "Insufficient funds" in row.reason
    check_invariants(paper)
