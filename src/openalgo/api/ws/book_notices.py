"""What users are told of their books: orders, trades, positions, GTTs, money."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from openalgo.api.v1 import present
from openalgo.api.ws import frames
from openalgo.api.ws.calls import told_of_paper
from openalgo.api.ws.told import Told, Whose
from openalgo.domain.clock import epoch_ms
from openalgo.domain.events import (
    AccountMarked,
    AccountOpened,
    AccountReset,
    CapitalChanged,
    DayRecorded,
    Event,
    GttCancelled,
    GttEvent,
    GttExpired,
    GttModified,
    GttPlaced,
    GttRejected,
    GttTriggered,
    OrderAccepted,
    OrderCancelled,
    OrderEvent,
    OrderFilled,
    OrderModified,
    OrderNews,
    OrderRejected,
    OrderReported,
    OrderTriggered,
    OutcomeReported,
    PositionSettled,
    ProfitMoved,
)
from openalgo.domain.numbers import plain_number, px_float
from openalgo.domain.orders import Trade, TransitionKind
from openalgo.domain.portfolio import Position
from openalgo.sandbox.days import SQUARE_OFF_STRATEGY
from openalgo.trading.venues import VenueMode

BOOK_EVENTS = frozenset(
    {
        *("order_update", "order_outcome", "trade_event", "position_event", "gtt_event"),
        *("books_changed", "account_marked", "day_pnl"),
    }
)
"""The names of events told here, besides `analyzer_update`."""

_HIDDEN_FROM_ORDERS = ("type", "user_id")


def books(*names: str) -> Told:
    """Books that are not any more as they were read."""
    return Told("books_changed", {"books": list(names)})


def _order(event: OrderEvent, whose: Whose) -> Iterable[Told]:
    yield _order_update(event, whose)
    if isinstance(event, OrderFilled):
        yield Told("trade_event", _trade(event.trade))
        yield told_of_paper(
            "sandbox.auto_squareoff"
            if event.order.strategy == SQUARE_OFF_STRATEGY
            else "sandbox.order_filled",
            **_trade(event.trade),
        )
        yield Told("position_event", _position(event.position))
        yield books("funds")
    elif event.funds is not None:
        yield books("funds")


def _reported(event: OrderReported, whose: Whose) -> Iterable[Told]:
    yield _order_update(event, whose)
    if event.kind is TransitionKind.FILLED:
        yield books("trades", "positions", "holdings", "funds")
    else:
        yield books("funds")


def _outcome(event: OutcomeReported, _: Whose) -> Iterable[Told]:
    yield Told(
        "order_outcome",
        {
            "state": event.state,
            "reference": event.reference,
            "client_order_id": event.client_order_id,
            "orderid": event.order_id,
            "message": event.message,
        },
    )


def _marked(event: AccountMarked, _: Whose) -> Iterable[Told]:
    yield Told(
        "account_marked",
        {
            "positions": [present.position_row(each).model_dump() for each in event.positions],
            "holdings": [present.holding_row(each).model_dump() for each in event.holdings],
            "unrealized_pnl": float(event.unrealised),
            "today_realized_pnl": float(event.realised_today),
            "holdings_pnl": float(event.holdings_unrealised),
        },
        kept=False,
    )


def _profit(event: ProfitMoved, _: Whose) -> Iterable[Told]:
    yield Told(
        "day_pnl",
        {
            "mode": event.mode,
            "time": epoch_ms(event.at),
            "realized": float(event.realised),
            "unrealized": float(event.unrealised),
            "total": float(event.realised + event.unrealised),
            "max": float(event.highest),
            "min": float(event.lowest),
            "drawdown": float(event.drawdown),
            "max_drawdown": float(event.max_drawdown),
        },
        kept=False,
    )


def _order_update(event: OrderNews, whose: Whose) -> Told:
    frame = frames.order_update(event, whose.username, whose.broker)
    data = {name: value for name, value in frame.items() if name not in _HIDDEN_FROM_ORDERS}
    return Told("order_update", data)


def _trade(trade: Trade) -> Mapping[str, object]:
    return {
        "tradeid": trade.trade_id,
        "orderid": trade.order_id,
        "symbol": trade.symbol,
        "exchange": trade.exchange,
        "action": trade.action,
        "quantity": plain_number(trade.quantity),
        "price": px_float(trade.price),
        "product": trade.product,
        "strategy": trade.strategy,
        "timestamp": epoch_ms(trade.at),
        "mode": VenueMode.ANALYZE,
    }


def _position(position: Position) -> Mapping[str, object]:
    """Without what depends on the market."""
    return {
        "symbol": position.symbol,
        "exchange": position.exchange,
        "product": position.product,
        "quantity": plain_number(position.quantity),
        "average_price": round(float(position.average_price), 4),
        "mode": VenueMode.ANALYZE,
    }


_GTT_WORDS: Mapping[type[Event], str] = {
    GttPlaced: "placed",
    GttModified: "modified",
    GttCancelled: "cancelled",
    GttTriggered: "triggered",
    GttExpired: "expired",
    GttRejected: "failed",
}


def _gtt(event: GttEvent, _: Whose) -> Iterable[Told]:
    gtt = event.gtt
    yield Told(
        "gtt_event",
        {
            "event": _GTT_WORDS[type(event)],
            "symbol": gtt.symbol,
            "exchange": gtt.exchange,
            "trigger_id": gtt.trigger_id,
            "triggered_order_id": gtt.order_id,
            "reason": gtt.reason,
            "mode": VenueMode.ANALYZE,
        },
    )
    if event.funds is not None:
        yield books("funds")


def _settled(event: PositionSettled, _: Whose) -> Iterable[Told]:
    yield Told("position_event", _position(event.position))
    yield told_of_paper("sandbox.t1_settlement", settled_positions=1)
    yield books("holdings", "funds")


def _funds(_: Event, __: Whose) -> Iterable[Told]:
    yield books("funds")


def _reset(_: AccountReset, __: Whose) -> Iterable[Told]:
    yield books("orders", "trades", "positions", "holdings", "gtt", "funds")


def _recorded(event: DayRecorded, _: Whose) -> Iterable[Told]:
    yield books("days") if event.funds is None else books("days", "funds")


TOLD_OF_BOOKS: Mapping[type[Event], Callable[[Any, Whose], Iterable[Told]]] = {
    OrderAccepted: _order,
    OrderTriggered: _order,
    OrderModified: _order,
    OrderRejected: _order,
    OrderCancelled: _order,
    OrderFilled: _order,
    OrderReported: _reported,
    OutcomeReported: _outcome,
    AccountMarked: _marked,
    ProfitMoved: _profit,
    **dict.fromkeys(_GTT_WORDS, _gtt),
    PositionSettled: _settled,
    AccountOpened: _funds,
    CapitalChanged: _funds,
    AccountReset: _reset,
    DayRecorded: _recorded,
}
