"""Options on commodities that expire in the money become the future they are on."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from openalgo.domain.calendar import ExchangeCalendar, session_start
from openalgo.domain.clock import IST
from openalgo.domain.day_events import DayEvent, DayEventKind
from openalgo.domain.events import OrderFilled
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import OrderStatus
from openalgo.sandbox.expiry import AT_UNDERLYING, AT_ZERO, NO_DEVOLVEMENT, NO_MARGIN
from openalgo.sandbox.rules import Rules
from tests.support.market import CRUDE_CALL, CRUDE_FUT, CRUDE_PUT
from tests.support.paper import Paper, check_invariants

EXPIRY = date(2026, 7, 21)
CLOSE = DayEvent(
    ExchangeCalendar().sessions(Exchange.MCX, EXPIRY)[-1].closes,
    DayEventKind.CLOSE,
    EXPIRY,
    frozenset({Exchange.MCX}),
)


def opened(capital: str = "100000", rules: Rules | None = None) -> Paper:
    paper = Paper(capital, calendar=ExchangeCalendar(), rules=rules)
    paper.now = datetime(2026, 7, 21, 12, 0, tzinfo=IST)
    paper.futures = {CRUDE_CALL.key: CRUDE_FUT, CRUDE_PUT.key: CRUDE_FUT}
    for option in (CRUDE_CALL, CRUDE_PUT):
        paper.market(option, "5")
    return paper


def fills(paper: Paper) -> list[OrderFilled]:
    return [event for event in paper.events if isinstance(event, OrderFilled)]


def held(paper: Paper, instrument: Instrument) -> tuple[int, int]:
    """Units and average price of a carried position."""
    position = paper.position(instrument, "NRML")
    return (int(position.quantity), int(position.average_price)) if position else (0, 0)


def money_of(paper: Paper) -> tuple[int, ...]:
    funds = paper.funds()
    return tuple(map(int, (funds.available, funds.used, funds.realised)))


@pytest.mark.parametrize(
    ("option", "action", "price", "becomes", "premium"),
    [
        (CRUDE_CALL, "BUY", "108", 100, -500),
        (CRUDE_PUT, "SELL", "92", 100, 500),
        (CRUDE_PUT, "BUY", "92", -100, -500),
        (CRUDE_CALL, "SELL", "108", -100, 500),
    ],
    ids=["long call", "short put", "long put", "short call"],
)
def test_worked_example_of_one_lot(
    option: Instrument, action: str, price: str, becomes: int, premium: int
) -> None:
    """100 barrels at a premium of 5 and a strike of 100; the future needs a tenth of 10,000."""
    paper = opened()
    paper.order(option, action, 100, product="NRML")
    paper.pass_day(CLOSE, underlyings={option.key: px(price)})
    assert held(paper, option)[0] == 0
    assert held(paper, CRUDE_FUT) == (becomes, 100)
    assert money_of(paper) == (100_000 + premium - 1_000, 1_000, premium)
    gone, came = fills(paper)[-2:]
    assert (gone.trade.price, came.trade.price) == (px("0"), px("100"))
    assert gone.order.reason == "Became CRUDEOIL20AUG26FUT at expiry, at its strike"
    assert came.order.reason == f"{option.symbol} became this at expiry, at its strike"
    for fill in (gone, came):
        assert fill.trade.trade_id.startswith("EXP-")
        assert fill.trade.strategy == "EXPIRY_SETTLEMENT"
    check_invariants(paper)


def test_it_is_worth_what_cash_would_have_been() -> None:
    devolved, settled = opened(), opened()
    settled.futures = {}
    for paper in (devolved, settled):
        paper.order(CRUDE_CALL, "BUY", 200, product="NRML")
        paper.pass_day(CLOSE, underlyings={CRUDE_CALL.key: px("108")})
    devolved.now = datetime(2026, 7, 22, 12, 0, tzinfo=IST)
    devolved.market(CRUDE_FUT, "108")
    devolved.order(CRUDE_FUT, "SELL", 200, product="NRML")
    assert money_of(devolved) == money_of(settled) == (100_600, 0, 600)


def test_an_opposite_future_is_netted() -> None:
    paper = opened()
    paper.market(CRUDE_FUT, "110")
    paper.order(CRUDE_FUT, "SELL", 300, product="NRML")
    paper.order(CRUDE_CALL, "BUY", 100, product="NRML")
    paper.pass_day(CLOSE, underlyings={CRUDE_CALL.key: px("108")})
    assert held(paper, CRUDE_FUT) == (-200, 110)
    assert money_of(paper) == (100_000 + 1_000 - 500 - 2_200, 2_200, 500)
    check_invariants(paper)


def test_without_money_for_the_margin_it_is_settled_in_cash() -> None:
    paper = opened("1499")
    paper.order(CRUDE_CALL, "BUY", 100, product="NRML")
    paper.pass_day(CLOSE, underlyings={CRUDE_CALL.key: px("108")})
    assert fills(paper)[-1].order.reason == f"{AT_UNDERLYING}; {NO_MARGIN}"
    assert held(paper, CRUDE_FUT) == (0, 0)
    assert money_of(paper) == (1_799, 0, 300)
    check_invariants(paper)


def test_the_last_rupee_is_enough_for_the_margin() -> None:
    paper = opened("1500")
    paper.order(CRUDE_CALL, "BUY", 100, product="NRML")
    paper.pass_day(CLOSE, underlyings={CRUDE_CALL.key: px("108")})
    assert held(paper, CRUDE_FUT) == (100, 100)
    assert money_of(paper) == (0, 1_000, -500)
    check_invariants(paper)


@pytest.mark.parametrize(
    "future",
    [
        replace(CRUDE_FUT, symbol="CRUDEOIL21JUL26FUT"),
        replace(CRUDE_FUT, lot_size=40),
        replace(CRUDE_FUT, contract_value=Decimal(10)),
    ],
    ids=["ends with it", "other lots", "other size"],
)
def test_a_future_that_cannot_replace_it_leaves_cash(future: Instrument) -> None:
    paper = opened()
    paper.futures = {CRUDE_CALL.key: future}
    paper.order(CRUDE_CALL, "BUY", 100, product="NRML")
    paper.pass_day(CLOSE, underlyings={CRUDE_CALL.key: px("108")})
    assert fills(paper)[-1].order.reason == f"{AT_UNDERLYING}; {NO_DEVOLVEMENT}"
    assert money_of(paper) == (100_300, 0, 300)


@pytest.mark.parametrize(
    ("price", "rules", "reason"),
    [
        ("100", Rules(starting_capital=Decimal(100_000)), AT_UNDERLYING),
        (
            "108",
            Rules(starting_capital=Decimal(100_000), option_expiry_settlement="zero"),
            AT_ZERO,
        ),
    ],
    ids=["not in the money", "at zero if so wished"],
)
def test_what_is_worth_nothing_just_ends(price: str, rules: Rules, reason: str) -> None:
    paper = opened(rules=rules)
    paper.order(CRUDE_CALL, "BUY", 100, product="NRML")
    paper.pass_day(CLOSE, underlyings={CRUDE_CALL.key: px(price)})
    assert fills(paper)[-1].order.reason == reason
    assert money_of(paper) == (99_500, 0, -500)


def test_it_happens_once_and_the_next_day_if_so_wished() -> None:
    rules = Rules(starting_capital=Decimal(100_000), expiry_settlement_timing="next_day")
    paper = opened(rules=rules)
    paper.order(CRUDE_CALL, "BUY", 100, product="MIS")
    paper.pass_day(CLOSE, underlyings={CRUDE_CALL.key: px("108")})
    assert held(paper, CRUDE_FUT)[0] == 0
    after = EXPIRY + timedelta(days=1)
    boundary = DayEvent(session_start(after), DayEventKind.BOUNDARY, after)
    for _ in range(2):
        paper.pass_day(boundary, underlyings={CRUDE_CALL.key: px("108")})
    assert held(paper, CRUDE_FUT) == (100, 100)
    check_invariants(paper)


def test_orders_of_the_option_are_withdrawn_first() -> None:
    paper = opened("1500")
    paper.order(CRUDE_CALL, "BUY", 100, product="NRML")
    waiting = paper.order(CRUDE_PUT, "BUY", 100, "3", product="NRML")
    paper.pass_day(CLOSE, underlyings={CRUDE_CALL.key: px("108")})
    assert paper.stored(waiting).status is OrderStatus.CANCELLED
    assert held(paper, CRUDE_FUT) == (100, 100)
