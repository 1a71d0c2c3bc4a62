"""The days of the paper exchange: what each event does to orders, positions and money."""

import dataclasses
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from openalgo.domain.calendar import ExchangeCalendar, session_start
from openalgo.domain.clock import IST
from openalgo.domain.day_events import DayEvent, DayEventKind, DaySettings
from openalgo.domain.errors import InsufficientShares, InvalidRequest, OrderRefused
from openalgo.domain.events import AccountReset, DayRecorded, OrderFilled
from openalgo.domain.gtt import GttStatus
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Order, OrderStatus
from openalgo.domain.portfolio import DailyResult
from openalgo.sandbox import views
from openalgo.sandbox.expiry import AT_UNDERLYING, NO_DELIVERY, NO_DEVOLVEMENT
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules
from tests.support.market import INFY, NIFTY_CALL, NIFTY_FUT, SBIN, USDINR_FUT, derivative
from tests.support.paper import Paper, check_invariants

MONDAY = date(2026, 7, 20)
FRIDAY = date(2026, 7, 17)
EXPIRY = date(2026, 7, 28)


def ist(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=IST)


def money_of(paper: Paper) -> tuple[Decimal, Decimal, Decimal]:
    funds = paper.funds()
    return funds.available, funds.used, funds.realised


def rupees(*values: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(value.replace(",", "")) for value in values)


def opened(rules: Rules | None = None, day: date = FRIDAY) -> Paper:
    paper = Paper(calendar=ExchangeCalendar(), rules=rules)
    paper.now = ist(day, "10:00")
    return paper


def recorded(paper: Paper) -> list[DailyResult]:
    return [event.result for event in paper.events if isinstance(event, DayRecorded)]


def fills(paper: Paper) -> list[OrderFilled]:
    return [event for event in paper.events if isinstance(event, OrderFilled)]


def quantity(paper: Paper, instrument: Instrument, product: str = "CNC") -> Decimal:
    position = paper.position(instrument, product)
    return position.quantity if position else Decimal(0)


# -- intraday ----------------------------------------------------------------------------------


def test_intraday_orders_are_refused_from_the_square_off_to_the_next_morning() -> None:
    paper = opened()
    paper.market(SBIN, "100")
    said = (
        r"MIS orders cannot be placed after square-off time \(15:15 IST\)\. "
        r"Trading resumes at 09:00 AM IST\."
    )
    for day, clock in [(FRIDAY, "15:15"), (FRIDAY, "20:00"), (MONDAY, "08:59")]:
        paper.until(ist(day, clock))
        with pytest.raises(OrderRefused, match=said):
            paper.order(SBIN, "BUY", 1, "90")
    paper.until(ist(MONDAY, "09:00"))
    assert paper.order(SBIN, "BUY", 1, "90").status is OrderStatus.OPEN


def test_upstream_bug_post_cut_off_reversal() -> None:
    """Reducing is allowed, up to the open quantity and no further."""
    paper = opened()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 10)
    paper.now = ist(FRIDAY, "15:20")
    with pytest.raises(OrderRefused, match="MIS orders cannot be placed"):
        paper.order(SBIN, "SELL", 100, "99")
    waiting = paper.order(SBIN, "SELL", 6, "110")
    with pytest.raises(OrderRefused, match="MIS orders cannot be placed"):
        paper.order(SBIN, "SELL", 5, "110")
    with pytest.raises(OrderRefused, match="MIS orders cannot be placed"):
        paper.modify(waiting, quantity=11)
    assert paper.modify(waiting, quantity=10).quantity == 10
    check_invariants(paper)


def test_intraday_trading_on_the_evening_of_muhurat() -> None:
    calendar = ExchangeCalendar()
    day = next(
        day
        for day in (date(2025, 10, 1) + timedelta(days=n) for n in range(60))
        if (sessions := calendar.sessions(Exchange.NSE, day))
        and sessions[0].opens.astimezone(IST).hour >= 13
    )
    opens = calendar.sessions(Exchange.NSE, day)[0].opens
    closes = calendar.sessions(Exchange.NSE, day)[-1].closes
    paper = Paper(calendar=calendar)
    paper.now = opens + timedelta(minutes=1)
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 10)
    paper.until(closes + timedelta(minutes=1))
    assert quantity(paper, SBIN, "MIS") == 0
    assert fills(paper)[-1].order.strategy == "AUTO_SQUARE_OFF"


def test_the_square_off_cancels_first_then_closes_at_the_far_side() -> None:
    paper = opened()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 10)
    waiting = paper.order(SBIN, "SELL", 10, "110")
    kept = paper.order(SBIN, "BUY", 1, "90", product="CNC")
    paper.now = ist(FRIDAY, "15:14:58")
    paper.market(SBIN, "105", bid="104.95", ask="105.05")
    paper.until(ist(FRIDAY, "15:15"))
    assert paper.stored(waiting).status is OrderStatus.CANCELLED
    assert paper.stored(kept).status is OrderStatus.OPEN
    last = fills(paper)[-1]
    assert (last.trade.price, last.trade.strategy) == (px("104.95"), "AUTO_SQUARE_OFF")
    assert (last.order.status, last.order.reason) == (OrderStatus.COMPLETE, "")
    assert paper.funds().realised == Decimal("49.5")
    check_invariants(paper)


def test_without_a_fresh_quote_the_square_off_takes_the_last_price_and_says_so() -> None:
    paper = opened()
    paper.market(SBIN, "100", bid="99", ask="101")
    paper.order(SBIN, "SELL", 10)
    paper.until(ist(FRIDAY, "15:15"))
    last = fills(paper)[-1]
    assert last.trade.price == px("100")
    assert "last price" in last.order.reason


def test_each_exchange_squares_off_at_its_own_time() -> None:
    paper = opened()
    for instrument, ltp in ((SBIN, "100"), (USDINR_FUT, "83.2525")):
        paper.market(instrument, ltp)
        paper.order(instrument, "BUY", 1)
    paper.until(ist(FRIDAY, "16:44"))
    assert (quantity(paper, SBIN, "MIS"), quantity(paper, USDINR_FUT, "MIS")) == rupees("0", "1")
    paper.until(ist(FRIDAY, "16:45"))
    assert quantity(paper, USDINR_FUT, "MIS") == 0


def test_upstream_bug_catch_up_closing_todays_intraday_position() -> None:
    """A symbol traded yesterday and opened again today is today's."""
    paper = opened()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 10)
    paper.order(SBIN, "SELL", 10)
    paper.now = ist(MONDAY, "10:00")
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 10)
    late = DayEvent(
        ist(FRIDAY, "15:15"), DayEventKind.SQUARE_OFF, FRIDAY, frozenset({Exchange.NSE})
    )
    paper.pass_day(late)
    assert quantity(paper, SBIN, "MIS") == 10


def test_a_missed_square_off_goes_by_the_price_of_its_time() -> None:
    paper = opened()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 10)
    paper.market(SBIN, "50")
    at = ist(FRIDAY, "15:15")
    event = DayEvent(at, DayEventKind.SQUARE_OFF, FRIDAY, frozenset({Exchange.NSE}))
    paper.pass_day(event, {SBIN.key: Mark(px("103"), px("0"), px("0"), at)})
    assert fills(paper)[-1].trade.price == px("103")


# -- the end of a session ----------------------------------------------------------------------


def test_day_orders_lapse_at_the_end_of_the_session() -> None:
    paper = opened()
    paper.market(SBIN, "100")
    order = paper.order(SBIN, "BUY", 10, "90", product="CNC")
    gtt = paper.gtt(SBIN, "BUY", 1, below="80")
    paper.until(ist(FRIDAY, "15:30"))
    lapsed = paper.stored(order)
    assert (lapsed.status, lapsed.reason) == (
        OrderStatus.CANCELLED,
        "Day order expired at session end",
    )
    assert paper.watched(gtt).status is GttStatus.ACTIVE
    assert paper.funds().used == gtt.reserved
    after = paper.order(SBIN, "BUY", 10, "90", product="CNC")
    paper.until(ist(MONDAY, "15:29"))
    assert paper.account().orders[after.order_id].status is OrderStatus.OPEN
    check_invariants(paper)


def contract(instrument: Instrument, strike: str | None = None) -> Instrument:
    return replace(instrument, expiry=EXPIRY, strike=None if strike is None else Decimal(strike))


CALL = contract(NIFTY_CALL, "25000")
FUTURE = contract(NIFTY_FUT)


def close_of(day: date, *exchanges: Exchange) -> DayEvent:
    closes = ExchangeCalendar().sessions(exchanges[0], day)[-1].closes
    return DayEvent(closes, DayEventKind.CLOSE, day, frozenset(exchanges))


@pytest.mark.parametrize(
    ("underlying", "settles"), [("25120.5", "120.5"), ("24900", "0"), (None, "90")]
)
def test_options_settle_at_what_they_are_worth(underlying: str | None, settles: str) -> None:
    paper = opened(day=EXPIRY)
    paper.market(CALL, "100")
    paper.order(CALL, "BUY", 65, product="NRML")
    gtt = paper.gtt(CALL, "SELL", 65, above="500", product="NRML")
    paper.market(CALL, "90")
    spot = {} if underlying is None else {CALL.key: px(underlying)}
    paper.pass_day(close_of(EXPIRY, Exchange.NFO), underlyings=spot)
    last = fills(paper)[-1]
    assert last.trade.price == px(settles)
    assert last.trade.trade_id.startswith("EXP-")
    assert last.trade.strategy == last.order.strategy == "EXPIRY_SETTLEMENT"
    assert paper.funds().realised == 65 * (Decimal(settles) - 100)
    assert paper.funds().used == 0
    assert paper.watched(gtt).status is GttStatus.EXPIRED
    check_invariants(paper)


@pytest.mark.parametrize(
    ("symbol", "exchange", "kind", "note"),
    [
        ("SBIN28JUL26FUT", Exchange.NFO, InstrumentType.FUTURE, "; " + NO_DELIVERY),
        ("SBIN28JUL26800CE", Exchange.NFO, InstrumentType.CALL, "; " + NO_DELIVERY),
        ("NIFTY28JUL26FUT", Exchange.NFO, InstrumentType.FUTURE, ""),
        ("GOLD28JUL26800CE", Exchange.MCX, InstrumentType.CALL, "; " + NO_DEVOLVEMENT),
        ("GOLD28JUL26FUT", Exchange.MCX, InstrumentType.FUTURE, ""),
    ],
)
def test_what_would_be_delivered_settles_in_cash_and_says_so(
    symbol: str, exchange: Exchange, kind: InstrumentType, note: str
) -> None:
    name = symbol.partition("28JUL")[0]
    listed = replace(derivative(symbol, kind, 1, exchange), name=name, expiry=EXPIRY)
    if kind is InstrumentType.CALL:
        listed = replace(listed, strike=Decimal(800))
    paper = opened(day=EXPIRY)
    paper.market(listed, "10")
    paper.order(listed, "BUY", 1, product="NRML")
    paper.pass_day(close_of(EXPIRY, exchange), underlyings={listed.key: px("830")})
    assert fills(paper)[-1].order.reason == f"{AT_UNDERLYING}{note}"
    assert paper.funds().realised == (20 if kind is InstrumentType.CALL else 820)
    assert paper.account().holdings == {}
    check_invariants(paper)


def test_options_settle_at_zero_if_so_wished() -> None:
    paper = opened(Rules(option_expiry_settlement="zero"), day=EXPIRY)
    paper.market(CALL, "100")
    paper.order(CALL, "SELL", 65, product="NRML")
    paper.pass_day(close_of(EXPIRY, Exchange.NFO), underlyings={CALL.key: px("26000")})
    assert paper.funds().realised == 6500


def test_futures_settle_against_their_underlying_the_next_day_if_so_wished() -> None:
    paper = opened(Rules(expiry_settlement_timing="next_day"), day=EXPIRY)
    paper.market(FUTURE, "25000")
    paper.order(FUTURE, "BUY", 65, product="NRML")
    spot = {FUTURE.key: px("25010")}
    paper.pass_day(close_of(EXPIRY, Exchange.NFO), underlyings=spot)
    assert quantity(paper, FUTURE, "NRML") == 65
    after = EXPIRY + timedelta(days=1)
    paper.pass_day(DayEvent(session_start(after), DayEventKind.BOUNDARY, after), underlyings=spot)
    assert money_of(paper) == rupees("1,00,00,650", "0", "650")


def test_a_contract_lives_until_its_last_close() -> None:
    paper = opened(day=EXPIRY - timedelta(days=1))
    paper.market(CALL, "100")
    paper.order(CALL, "BUY", 65, product="NRML")
    paper.until(ist(EXPIRY, "15:00"))
    assert quantity(paper, CALL, "NRML") == 65


# -- deliveries --------------------------------------------------------------------------------


def bought(paper: Paper, bid: str = "0", ask: str = "1001") -> None:
    paper.market(SBIN, "1000", bid=bid, ask=ask)
    paper.order(SBIN, "BUY", 100, product="CNC")


def test_worked_example_delivery_and_its_sale() -> None:
    paper = opened()
    bought(paper)
    assert money_of(paper) == rupees("98,99,900", "1,00,100", "0")
    paper.until(ist(MONDAY, "10:00"))
    assert money_of(paper) == rupees("98,99,900", "0", "0")
    (held,) = views.holdings(paper.state, 1)
    assert (held.holding.quantity, held.holding.average_price) == rupees("100", "1001")
    assert held.ltp == 1000
    assert held.holding.settled_on == MONDAY
    paper.market(SBIN, "1050")
    paper.order(SBIN, "SELL", 100, product="CNC")
    assert money_of(paper) == rupees("98,99,900", "0", "0")
    assert quantity(paper, SBIN) == -100
    check_invariants(paper)
    paper.until(ist(MONDAY + timedelta(days=1), "10:00"))
    assert money_of(paper) == rupees("1,00,04,900", "0", "4,900")
    assert views.holdings(paper.state, 1) == []
    check_invariants(paper)


def test_upstream_bug_free_shares_at_settlement() -> None:
    """Bought at the ask, above the ltp: the shares cost exactly what was paid for them."""
    paper = opened()
    bought(paper)
    paper.until(ist(MONDAY, "10:00"))
    assert paper.account().holdings[SBIN.key].cost == Decimal(100_100)
    assert paper.funds().available == Decimal(9_899_900)


def test_friday_settles_on_monday_not_on_saturday() -> None:
    paper = opened()
    bought(paper)
    paper.until(ist(FRIDAY + timedelta(days=2), "23:00"))
    assert views.holdings(paper.state, 1) == []
    assert quantity(paper, SBIN) == 100


def test_a_settlement_holiday_is_skipped() -> None:
    """Shares trade on 1 April, when banks close their books, and do not change hands."""
    eve, holiday, after = date(2026, 3, 30), date(2026, 4, 1), date(2026, 4, 2)
    paper = opened(day=eve)
    bought(paper)
    paper.until(ist(holiday, "10:00"))
    assert quantity(paper, SBIN) == 100
    paper.market(SBIN, "1001")
    paper.order(SBIN, "BUY", 10, product="CNC")
    paper.until(ist(after, "10:00"))
    assert quantity(paper, SBIN) == 0
    assert paper.account().holdings[SBIN.key].quantity == 110
    check_invariants(paper)


def test_settlement_averages_into_the_holding() -> None:
    paper = opened(day=MONDAY)
    bought(paper, ask="1000")
    paper.until(ist(MONDAY + timedelta(days=1), "10:00"))
    paper.market(SBIN, "1100")
    paper.order(SBIN, "BUY", 50, product="CNC")
    paper.until(ist(MONDAY + timedelta(days=2), "10:00"))
    paper.market(SBIN, "1200")
    paper.order(SBIN, "SELL", 60, product="CNC")
    paper.until(ist(MONDAY + timedelta(days=3), "10:00"))
    holding = paper.account().holdings[SBIN.key]
    assert (holding.quantity, holding.cost) == rupees("90", "93,000")
    assert paper.funds().realised == 60 * 1200 - 62_000
    check_invariants(paper)


def test_positions_are_marked_to_the_last_price() -> None:
    """Also where nothing waits in the book."""
    paper = opened()
    bought(paper, ask="1000")
    paper.market(SBIN, "1010")
    (row,) = views.positions(paper.state, 1, paper.now)
    assert (row.ltp, row.unrealised) == rupees("1010", "1000")
    assert views.statement(paper.state, 1, paper.now, paper.rules).unrealised == 1000


def test_shares_are_sold_once() -> None:
    paper = opened()
    bought(paper)
    paper.until(ist(MONDAY, "10:00"))
    paper.market(SBIN, "1000")
    paper.order(SBIN, "SELL", 60, "1100", product="CNC")
    with pytest.raises(InsufficientShares, match=r"Only 40 shares .*\(Position: 0, Holdings: 100"):
        paper.order(SBIN, "SELL", 50, product="CNC")
    paper.order(SBIN, "SELL", 40, product="CNC")
    check_invariants(paper)


def test_upstream_bug_vanished_profit_of_a_sale_bought_back() -> None:
    """Sold from holdings at 110, bought back at 100: the profit of the day is there."""
    paper = opened()
    paper.market(SBIN, "105")
    paper.order(SBIN, "BUY", 100, product="CNC")
    paper.until(ist(MONDAY, "10:00"))
    paper.market(SBIN, "110")
    paper.order(SBIN, "SELL", 100, product="CNC")
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 100, product="CNC")
    assert money_of(paper) == rupees("99,90,500", "0", "1,000")
    check_invariants(paper)


def test_proceeds_of_the_same_day() -> None:
    paper = opened(Rules(sale_proceeds_policy="same_day"))
    bought(paper)
    paper.until(ist(MONDAY, "10:00"))
    paper.market(SBIN, "1050")
    paper.order(SBIN, "SELL", 40, product="CNC")
    assert money_of(paper) == rupees("99,41,900", "0", "1,960")
    assert paper.account().holdings[SBIN.key].quantity == 60
    check_invariants(paper)


# -- the result of a day -----------------------------------------------------------------------


def test_the_snapshot_marks_everything_to_the_last_price() -> None:
    paper = opened()
    bought(paper, ask="1000")
    paper.until(ist(MONDAY, "10:00"))
    paper.market(SBIN, "1100")
    paper.market(INFY, "500")
    paper.order(INFY, "BUY", 10, product="CNC")
    paper.market(INFY, "490")
    paper.until(ist(MONDAY, "23:59:30"))
    friday, monday = recorded(paper)
    assert friday.portfolio_value == Decimal(10_000_000)
    assert monday.date == MONDAY
    assert monday.realised == 0
    assert monday.holdings_unrealised == 10_000
    assert monday.positions_unrealised == -100
    assert monday.total_mtm == 9_900
    assert monday.portfolio_value == Decimal(10_009_900)


def test_todays_profit_counts_from_zero_each_morning() -> None:
    paper = opened()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 10)
    paper.market(SBIN, "101")
    paper.order(SBIN, "SELL", 10)
    paper.until(ist(MONDAY, "02:59"))
    assert [row.realised for row in recorded(paper)] == [10]
    paper.until(ist(MONDAY, "23:59"))
    assert [row.realised for row in recorded(paper)] == [10, 0]
    assert views.statement(paper.state, 1, paper.now, paper.rules).realised_today == 0


# -- beginning anew ----------------------------------------------------------------------------


def busy() -> tuple[Paper, Order]:
    paper = opened()
    bought(paper)
    paper.until(ist(MONDAY, "10:00"))
    paper.market(SBIN, "1000")
    paper.market(INFY, "500")
    paper.order(INFY, "BUY", 10)
    waiting = paper.order(INFY, "BUY", 10, "400")
    paper.gtt(SBIN, "BUY", 1, below="80")
    return paper, waiting


def test_upstream_bug_reset_with_pending_orders() -> None:
    paper, waiting = busy()
    paper.reset()
    assert money_of(paper) == rupees("1,00,00,000", "0", "0")
    account = paper.account()
    assert (account.funds.reset_count, account.orders, account.holdings) == (1, {}, {})
    assert views.positions(paper.state, 1, paper.now) == []
    assert views.active_gtts(paper.state, 1) == []
    event = paper.events[-1]
    assert isinstance(event, AccountReset)
    assert event.past.used == 1000
    assert {(p.symbol, p.settled) for p in event.taken} == {("INFY", False), ("SBIN", True)}
    paper.market(INFY, "399")
    assert fills(paper)[-1].order.order_id != waiting.order_id
    check_invariants(paper)


def test_the_weekly_reset() -> None:
    rules = Rules(days=DaySettings(reset_on=1))
    paper = opened(rules)
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 10, product="CNC")
    paper.until(ist(MONDAY, "23:59"))
    assert paper.funds().reset_count == 0
    paper.until(ist(MONDAY + timedelta(days=1), "00:00"))
    assert paper.funds().reset_count == 1
    check_invariants(paper)


def test_another_starting_capital_is_paid_or_taken() -> None:
    paper = opened()
    bought(paper)
    paper.set_rules(with_capital(paper.rules, "2500000"))
    assert money_of(paper) == rupees("23,99,900", "1,00,100", "0")
    check_invariants(paper)
    paper.market(INFY, "500")
    paper.order(INFY, "BUY", 4000, product="CNC")
    with pytest.raises(InvalidRequest, match=r"cannot be lowered to ₹5,00,000\.00"):
        paper.set_rules(with_capital(paper.rules, "500000"))
    assert paper.funds().starting_capital == 2_500_000


def with_capital(rules: Rules, capital: str) -> Rules:
    return dataclasses.replace(rules, starting_capital=Decimal(capital))
