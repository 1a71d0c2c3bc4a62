"""Where the original went wrong with money, and what is right. Those of days are in test_days."""

from decimal import Decimal

import pytest

from openalgo.domain.errors import InsufficientFunds, InsufficientShares
from openalgo.domain.numbers import px
from openalgo.domain.orders import OrderStatus, PriceType
from tests.support.market import INFY, SBIN, USDINR_FUT
from tests.support.paper import Paper, check_invariants


def money_of(paper: Paper) -> tuple[Decimal, Decimal, Decimal]:
    funds = paper.funds()
    return funds.available, funds.used, funds.realised


def rupees(*values: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(value.replace(",", "")) for value in values)


def test_upstream_bug_pending_margin_double_release() -> None:
    """A fill leaves the money of other orders alone, and a cancel gives back its own, once."""
    paper = Paper()
    paper.market(SBIN, "100")
    paper.market(INFY, "2000")
    waiting = paper.order(SBIN, "BUY", 1000, "90", "CNC")
    assert money_of(paper) == rupees("99,10,000", "90,000", "0")
    paper.order(INFY, "BUY", 100, product="CNC")
    assert money_of(paper) == rupees("97,10,000", "2,90,000", "0")
    paper.cancel(waiting.order_id)
    assert money_of(paper) == rupees("98,00,000", "2,00,000", "0")
    check_invariants(paper)


def test_upstream_bug_reversal_margin() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 100)
    paper.order(SBIN, "SELL", 150)
    assert money_of(paper) == rupees("99,99,000", "1,000", "0")


def test_upstream_bug_double_exit_oversell() -> None:
    """Two exits of one position: the second has nothing left to sell."""
    paper = Paper()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 100, product="CNC")
    paper.order(SBIN, "SELL", 100, "110", "CNC")
    with pytest.raises(InsufficientShares, match="Only 0 shares available"):
        paper.order(SBIN, "SELL", 100, "110", "CNC")
    check_invariants(paper)


def test_upstream_bug_stop_that_never_fills_after_a_pull_back() -> None:
    paper = Paper()
    paper.market(SBIN, "95")
    order = paper.order(SBIN, "BUY", 10, "101", price_type=PriceType.SL, trigger_price=px("100"))
    paper.market(SBIN, "103")
    assert paper.stored(order).status is OrderStatus.OPEN
    paper.market(SBIN, "99.5")
    assert paper.stored(order).status is OrderStatus.COMPLETE
    assert paper.stored(order).average_price <= 101


def test_upstream_bug_stop_reserves_its_trigger_and_not_its_limit() -> None:
    paper = Paper()
    paper.market(SBIN, "95")
    order = paper.order(
        SBIN, "BUY", 100, "120", "CNC", price_type=PriceType.SL, trigger_price=px("100")
    )
    assert order.reserved == 12_000


def test_upstream_bug_modify_keeps_the_old_margin() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    order = paper.order(SBIN, "BUY", 1, "50", "CNC")
    modified = paper.modify(order, quantity=100_000, price="90")
    assert modified.reserved == paper.funds().used == 9_000_000
    with pytest.raises(InsufficientFunds):
        paper.modify(order, quantity=200_000)
    check_invariants(paper)


def test_upstream_bug_covered_gtt_blocks_its_notional() -> None:
    """It blocks the shares instead."""
    paper = Paper()
    paper.market(SBIN, "1000")
    paper.order(SBIN, "BUY", 100, product="CNC")
    before = paper.funds()
    gtt = paper.gtt(SBIN, "SELL", 100, below=("950", "949"), above=("1098", "1098"))
    assert gtt.reserved == 0
    assert paper.funds() == before
    with pytest.raises(InsufficientShares):
        paper.order(SBIN, "SELL", 1, "1100", "CNC")
    check_invariants(paper)


def test_upstream_bug_currency_prices_of_two_places() -> None:
    paper = Paper()
    paper.market(USDINR_FUT, "83.2525")
    order = paper.order(USDINR_FUT, "BUY", 1, "83.2475", "NRML")
    assert order.price == px("83.2475")
    paper.market(USDINR_FUT, "83.25")
    assert paper.stored(order).status is OrderStatus.OPEN
    paper.market(USDINR_FUT, "83.2475")
    position = paper.position(USDINR_FUT, "NRML")
    assert position is not None
    assert position.average_price == Decimal("83.2475")


def test_upstream_bug_averages_of_two_places() -> None:
    paper = Paper()
    for ltp in ("100.05", "100.05", "100"):
        paper.market(SBIN, ltp)
        paper.order(SBIN, "BUY", 10)
    position = paper.position(SBIN)
    assert position is not None
    assert position.cost == 3001
    assert position.average_price == Decimal(3001) / 30


def test_upstream_bug_margin_above_ninety_nine_million() -> None:
    paper = Paper(capital="1000000000")
    paper.market(SBIN, "1000")
    assert paper.order(SBIN, "BUY", 200_000, "999", "CNC").reserved == Decimal(199800000)
