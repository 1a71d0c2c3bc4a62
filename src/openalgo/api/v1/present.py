"""From our words to the wire's: books and rows as clients know them.

Prices and amounts keep every digit the ledger has; only averages and percentages are rounded.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal, TypedDict

import msgspec

from openalgo.api.schemas.account import AnalyzerState
from openalgo.api.schemas.baskets import SplitRow, Summary, TotalFailure
from openalgo.api.schemas.market import DepthLevel, DepthRow, QuoteRow
from openalgo.api.schemas.orders import OrderStatusRow
from openalgo.api.schemas.portfolio import (
    FundsReply,
    FundsRow,
    HoldingRow,
    HoldingStatistics,
    LiveFundsRow,
    OpenPositionReply,
    OrderRow,
    OrderStatistics,
    PositionBookReply,
    PositionRow,
    ProfitReply,
    ProfitRow,
    TradeRow,
)
from openalgo.api.v1.rows import QuoteLine, finite
from openalgo.domain.clock import ist_text
from openalgo.domain.market import Depth, Level, Quote
from openalgo.domain.numbers import ZERO, plain_number, px_float, traded_value
from openalgo.domain.orders import Action, Order, OrderStatus, PositionKey, Trade
from openalgo.domain.portfolio import FundsStatement, MarkedHolding, MarkedPosition
from openalgo.trading.plans import Leg, Outcome
from openalgo.trading.venues import VenueMode

PaperWord = Literal["analyze"]


class Fate(TypedDict):
    """What a row tells of its order."""

    status: Literal["success", "error"]
    orderid: str | None
    message: str | None
    code: str | None
    reference: str | None


class Failure(TypedDict):
    """What a reply says when not one of its orders was placed, as far as is known."""

    message: str
    code: TotalFailure


class Totals(TypedDict):
    """Profit over all positions, in rupees."""

    total_pnl: float
    total_unrealized_pnl: float
    total_today_realized_pnl: float
    total_pnl_today: float


def paper_word(mode: VenueMode) -> PaperWord | None:
    """`mode` as replies say it: nothing when live."""
    return "analyze" if mode is VenueMode.ANALYZE else None


def mode_word(analyze: bool) -> Literal["analyze", "live"]:
    return "analyze" if analyze else "live"


def order_row(order: Order) -> OrderRow:
    return OrderRow(**_order_members(order))


def order_status(order: Order) -> OrderStatusRow:
    return OrderStatusRow(price_type=order.price_type, **_order_members(order))


def order_statistics(orders: Sequence[Order]) -> OrderStatistics:
    """How many there are of each."""
    by_action = Counter(order.action for order in orders)
    by_status = Counter(order.status for order in orders)
    return OrderStatistics(
        total_buy_orders=by_action[Action.BUY],
        total_sell_orders=by_action[Action.SELL],
        total_completed_orders=by_status[OrderStatus.COMPLETE],
        total_open_orders=by_status[OrderStatus.OPEN],
        total_rejected_orders=by_status[OrderStatus.REJECTED],
        total_trigger_pending_orders=by_status[OrderStatus.TRIGGER_PENDING],
    )


def fate(outcome: Outcome) -> Fate:
    """`outcome` as the members of a row: an order id, or why there is none."""
    if outcome.succeeded:
        return Fate(
            status="success", orderid=outcome.order_id, message=None, code=None, reference=None
        )
    return Fate(
        status="error",
        orderid=outcome.order_id if outcome.is_unknown else None,
        message=outcome.message,
        code=outcome.code,
        reference=outcome.reference,
    )


def split_rows(legs: Sequence[Leg], outcomes: Sequence[Outcome]) -> list[SplitRow]:
    """The parts of one order and what became of each, numbered from 1."""
    return [
        SplitRow(order_num=number, quantity=plain_number(leg.order.quantity), **fate(outcome))
        for number, (leg, outcome) in enumerate(zip(legs, outcomes, strict=True), start=1)
    ]


def summary_of(outcomes: Sequence[Outcome]) -> Summary:
    total = len(outcomes)
    success = sum(outcome.succeeded for outcome in outcomes)
    unknown = sum(outcome.is_unknown for outcome in outcomes)
    failed = total - success - unknown
    return Summary(total=total, success=success, failed=failed, unknown=unknown or None)


def all_failed(outcomes: Sequence[Outcome]) -> Failure | None:
    """What to say when not one order was placed, else nothing. Where one may have been, nobody
    is told that it failed."""
    if not outcomes or any(outcome.succeeded for outcome in outcomes):
        return None
    total = len(outcomes)
    unknown = [outcome for outcome in outcomes if outcome.is_unknown]
    if not unknown:
        return Failure(
            message=f"All {total} orders failed: {outcomes[0].message}", code="all_orders_failed"
        )
    return Failure(
        message=f"Outcome unknown of {len(unknown)} of {total} orders: {unknown[0].message}",
        code="order_outcome_unknown",
    )


def trade_row(trade: Trade) -> TradeRow:
    price = px_float(trade.price)
    return TradeRow(
        tradeid=trade.trade_id,
        orderid=trade.order_id,
        symbol=trade.symbol,
        exchange=trade.exchange,
        action=trade.action,
        quantity=plain_number(trade.quantity),
        average_price=price,
        price=price,
        trade_value=_rupees(traded_value(trade.price, trade.quantity)),
        product=trade.product,
        strategy=trade.strategy,
        timestamp=ist_text(trade.at),
    )


def position_book(positions: Iterable[MarkedPosition], mode: VenueMode) -> PositionBookReply:
    marked = list(positions)
    return PositionBookReply(
        mode=paper_word(mode),
        data=[position_row(position) for position in marked],
        **_totals(marked),
    )


def profits(positions: Sequence[MarkedPosition], mode: VenueMode) -> ProfitReply:
    """The same without prices."""
    return ProfitReply(
        mode=paper_word(mode), data=list(map(_profit_row, positions)), **_totals(positions)
    )


def open_position(
    positions: Iterable[MarkedPosition], key: PositionKey, mode: VenueMode
) -> OpenPositionReply:
    held = sum((m.position.quantity for m in positions if m.position.key == key), ZERO)
    return OpenPositionReply(mode=paper_word(mode), quantity=plain_number(held))


def holding_row(marked: MarkedHolding) -> HoldingRow:
    holding = marked.holding
    value = marked.ltp * holding.quantity
    pnl = value - holding.cost
    return HoldingRow(
        symbol=holding.symbol,
        exchange=holding.exchange,
        quantity=plain_number(holding.quantity),
        average_price=_average(holding.average_price),
        ltp=_rupees(marked.ltp),
        pnl=_rupees(pnl),
        pnlpercent=_percent(pnl, holding.cost),
        current_value=_rupees(value),
        product=marked.product,
        settlement_date=None if holding.settled_on is None else holding.settled_on.isoformat(),
    )


def holding_statistics(holdings: Sequence[MarkedHolding]) -> HoldingStatistics:
    value = sum((m.ltp * m.holding.quantity for m in holdings), ZERO)
    invested = sum((m.holding.cost for m in holdings), ZERO)
    return HoldingStatistics(
        totalholdingvalue=_rupees(value),
        totalinvvalue=_rupees(invested),
        totalprofitandloss=_rupees(value - invested),
        totalpnlpercentage=_percent(value - invested, invested),
    )


def funds(statement: FundsStatement, mode: VenueMode) -> FundsReply:
    """Numbers on paper; a broker's are text, which clients parse."""
    money = statement.paper
    if mode is VenueMode.LIVE or money is None:
        return FundsReply(
            mode=paper_word(mode),
            data=LiveFundsRow(
                availablecash=_rupee_text(statement.available),
                collateral=_rupee_text(statement.collateral),
                m2munrealized=_rupee_text(statement.unrealised),
                m2mrealized=_rupee_text(statement.realised_today),
                utiliseddebits=_rupee_text(statement.used),
            ),
        )
    used = _rupees(money.used)
    today = _rupees(statement.realised_today)
    return FundsReply(
        mode=paper_word(mode),
        data=FundsRow(
            availablecash=_rupees(money.available),
            m2munrealized=_rupees(statement.unrealised),
            m2mrealized=today,
            total_realized_pnl=_rupees(money.realised),
            today_realized_pnl=today,
            utiliseddebits=used,
            grossexposure=used,
            totalpnl=_rupees(money.realised + statement.unrealised),
            last_reset=ist_text(money.opened_at),
            reset_count=money.reset_count,
        ),
    )


def quote_row(quote: Quote) -> QuoteRow:
    return QuoteRow(**msgspec.structs.asdict(QuoteLine.of(quote)))


def depth_row(depth: Depth) -> DepthRow:
    return DepthRow(
        open=finite(depth.open),
        high=finite(depth.high),
        low=finite(depth.low),
        ltp=finite(depth.ltp),
        ltq=depth.last_quantity,
        prev_close=finite(depth.prev_close),
        volume=depth.volume,
        oi=depth.oi,
        totalbuyqty=depth.total_buy_quantity,
        totalsellqty=depth.total_sell_quantity,
        asks=_five_levels(depth.sell_levels),
        bids=_five_levels(depth.buy_levels),
    )


def analyzer_state(analyze: bool, total_logs: int) -> AnalyzerState:
    return AnalyzerState(mode=mode_word(analyze), analyze_mode=analyze, total_logs=total_logs)


def _order_members(order: Order) -> dict[str, Any]:
    return {
        "orderid": order.order_id,
        "symbol": order.symbol,
        "exchange": order.exchange,
        "action": order.action,
        "quantity": plain_number(order.quantity),
        "price": px_float(order.price),
        "trigger_price": px_float(order.trigger_price),
        "pricetype": order.price_type,
        "product": order.product,
        "order_status": order.status,
        "average_price": _average(order.average_price),
        "filled_quantity": plain_number(order.filled_quantity),
        "pending_quantity": plain_number(order.pending_quantity),
        "rejection_reason": order.reason,
        "timestamp": ist_text(order.created_at),
        "strategy": order.strategy,
    }


def position_row(marked: MarkedPosition) -> PositionRow:
    position, multiplier = marked.position, marked.multiplier
    pnl = marked.total
    return PositionRow(
        symbol=position.symbol,
        exchange=position.exchange,
        product=position.product,
        quantity=plain_number(position.quantity),
        average_price=_average(position.average_price),
        ltp=_rupees(marked.ltp),
        pnl=_rupees(pnl),
        pnlpercent=_percent(pnl, position.cost * multiplier if position.quantity else ZERO),
        unrealized_pnl=_rupees(marked.unrealised),
        today_realized_pnl=_rupees(marked.realised_today),
        total_pnl_today=_rupees(pnl),
        multiplier=float(multiplier),
        lot_size=float(multiplier),
    )


def _profit_row(marked: MarkedPosition) -> ProfitRow:
    position = marked.position
    pnl = _rupees(marked.total)
    return ProfitRow(
        symbol=position.symbol,
        exchange=position.exchange,
        product=position.product,
        quantity=plain_number(position.quantity),
        pnl=pnl,
        unrealized_pnl=_rupees(marked.unrealised),
        today_realized_pnl=_rupees(marked.realised_today),
        total_pnl_today=pnl,
    )


def _totals(positions: Iterable[MarkedPosition]) -> Totals:
    marked = list(positions)
    unrealised = sum((m.unrealised for m in marked), ZERO)
    realised = sum((m.realised_today for m in marked), ZERO)
    total = _rupees(unrealised + realised)
    return Totals(
        total_pnl=total,
        total_unrealized_pnl=_rupees(unrealised),
        total_today_realized_pnl=_rupees(realised),
        total_pnl_today=total,
    )


def _five_levels(levels: Sequence[Level]) -> list[DepthLevel]:
    shown = [DepthLevel(price=finite(each.price), quantity=each.quantity) for each in levels[:5]]
    return shown + [DepthLevel(price=0.0, quantity=0)] * (5 - len(shown))


def _rupees(amount: Decimal) -> float:
    """`amount` for JSON; adding zero turns -0.0 into 0.0."""
    return float(amount) + 0.0


def _rupee_text(amount: Decimal) -> str:
    """`amount` with two decimals; never `-0.00`."""
    return f"{round(amount, 2) + 0:.2f}"


def _percent(profit: Decimal, invested: Decimal) -> float:
    return round(_rupees(profit / invested * 100), 2) if invested else 0.0


def _average(price: Decimal) -> float:
    """An average price to four decimals: the finest tick is 0.0025."""
    return round(float(price), 4)
