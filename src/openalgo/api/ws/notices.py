"""What users are told of what happened, event by event."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from openalgo.api.v1 import present
from openalgo.api.ws import frames
from openalgo.api.ws.calls import CALL_EVENTS, told_of_paper
from openalgo.api.ws.told import Told
from openalgo.domain.clock import epoch_ms
from openalgo.domain.events import (
    AccountArchived,
    AccountChanged,
    AccountCreated,
    AccountMarked,
    AccountOpened,
    AccountReset,
    AnalyzerModeChanged,
    BrokerSessionChanged,
    CapitalChanged,
    DayRecorded,
    Event,
    FeedChanged,
    GttCancelled,
    GttEvent,
    GttExpired,
    GttModified,
    GttPlaced,
    GttRejected,
    GttTriggered,
    KillSwitchReleased,
    KillSwitchThrown,
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
    PendingOrderCreated,
    PendingOrderUpdated,
    PositionSettled,
    ProfitMoved,
)
from openalgo.domain.numbers import plain_number, px_float
from openalgo.domain.orders import Trade, TransitionKind
from openalgo.domain.portfolio import Position
from openalgo.identity.sessions import WebSession
from openalgo.instruments.status import MasterStatus
from openalgo.sandbox.days import SQUARE_OFF_STRATEGY
from openalgo.trading.approvals.states import State, Status
from openalgo.trading.venues import VenueMode

PAPER_BROKER = "sandbox"
"""What order updates name as broker for orders of the paper exchange."""

_HIDDEN_FROM_ORDERS = ("type", "user_id")


class Whose(NamedTuple):
    """The owner of an account, and the broker it is at."""

    username: str
    broker: str


def told(event: Event, whose: Whose) -> Iterable[Told]:
    """What the user is told of `event`: nothing, if nobody has to know."""
    tell = _TOLD.get(type(event))
    return () if tell is None else tell(event, whose)


def master_told(status: MasterStatus) -> Told:
    """How the instruments of a broker are doing."""
    total = status.total_bytes
    return Told(
        "master_contract_download",
        {
            "status": status.state,
            "message": status.message,
            "broker": status.broker,
            "progress": min(100, status.received_bytes * 100 // total) if total else None,
            "rows": status.rows,
            "total_symbols": status.total_symbols,
        },
        # Only the last of many figures matters.
        kept=status.state != "downloading",
    )


def cache_told(status: MasterStatus) -> Told:
    """The instruments in force are others."""
    seconds = status.download_duration_seconds
    return Told(
        "cache_loaded",
        {
            "status": "success",
            "broker": status.broker,
            "total_symbols": status.total_symbols,
            "load_time": None if seconds is None else f"{seconds:.2f}",
        },
    )


def sessions_told(sessions: Sequence[WebSession], broker: str | None) -> Told:
    """The devices a user is logged in on now."""
    rows = [
        {
            "session_id": str(each.id),
            "device_info": each.device_info,
            "ip_address": each.address,
            "broker": broker,
            "login_time": epoch_ms(each.logged_in_at),
            "last_seen": epoch_ms(each.last_seen_at),
        }
        for each in sessions
    ]
    return Told("active_sessions_update", {"count": len(rows), "sessions": rows})


def books(*names: str) -> Told:
    """Books that are not any more as they were read."""
    return Told("books_changed", {"books": list(names)})


def _order(event: OrderEvent, whose: Whose) -> Iterable[Told]:
    yield _order_update(event, whose.username, PAPER_BROKER, VenueMode.ANALYZE)
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
    yield _order_update(event, whose.username, whose.broker, VenueMode.LIVE)
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


def _order_update(event: OrderNews, username: str, broker: str, mode: VenueMode) -> Told:
    frame = frames.order_update(event, username, broker, mode)
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


def _pending(event: PendingOrderCreated, whose: Whose) -> Iterable[Told]:
    yield Told(
        "pending_order_created",
        {
            "pending_order_id": event.pending_id,
            "user_id": whose.username,
            "api_type": event.kind,
            "message": f"New {event.kind} order queued for approval",
        },
    )


def _decided(event: PendingOrderUpdated, whose: Whose) -> Iterable[Told]:
    state = State(event.state)
    yield Told(
        "pending_order_updated",
        {
            "action": "updated" if state.status is Status.PENDING else state.status,
            "order_id": event.pending_id,
            "user_id": whose.username,
            "api_type": event.kind,
            "state": state,
            "version": event.version,
        },
    )


def _mode(event: AnalyzerModeChanged, _: Whose) -> Iterable[Told]:
    yield Told("app_mode_changed", {"analyze_mode": event.analyze_mode})


def _thrown(event: KillSwitchThrown, _: Whose) -> Iterable[Told]:
    yield Told("kill_switch", {"thrown": True, "by": event.by})


def _released(event: KillSwitchReleased, _: Whose) -> Iterable[Told]:
    yield Told("kill_switch", {"thrown": False, "by": event.by})


def _broker(event: BrokerSessionChanged, _: Whose) -> Iterable[Told]:
    expires_at = event.expires_at
    yield Told(
        "broker_session",
        {
            "state": event.state,
            "reason": event.reason,
            "expires_at": None if expires_at is None else epoch_ms(expires_at),
        },
    )


def _feed(event: FeedChanged, _: Whose) -> Iterable[Told]:
    yield Told(
        "feed_status",
        {"status": event.state, "broker": event.broker, "message": event.message},
    )


def _account(change: str) -> Callable[[Any, Whose], Iterable[Told]]:
    def tell(event: AccountCreated | AccountChanged, _: Whose) -> Iterable[Told]:
        data = {"change": change, "name": event.name, "broker": event.broker}
        yield Told("account_event", data)

    return tell


def _archived(_: AccountArchived, __: Whose) -> Iterable[Told]:
    yield Told("account_event", {"change": "archived"})


# Whoever adds an event that users should hear of adds a line here, and to docs/asyncapi.yaml.
_TOLD: Mapping[type[Event], Callable[[Any, Whose], Iterable[Told]]] = {
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
    PendingOrderCreated: _pending,
    PendingOrderUpdated: _decided,
    AnalyzerModeChanged: _mode,
    KillSwitchThrown: _thrown,
    KillSwitchReleased: _released,
    BrokerSessionChanged: _broker,
    FeedChanged: _feed,
    AccountCreated: _account("created"),
    AccountChanged: _account("changed"),
    AccountArchived: _archived,
}

FORCE_LOGOUT = "force_logout"
EVENTS = frozenset(
    {
        *("order_update", "order_outcome", "trade_event", "position_event", "gtt_event"),
        *("books_changed", "account_marked", "day_pnl"),
        *("pending_order_created", "pending_order_updated"),
        *("app_mode_changed", "kill_switch", "broker_session", "feed_status", "account_event"),
        *("master_contract_download", "cache_loaded", "active_sessions_update", FORCE_LOGOUT),
        *CALL_EVENTS,
    }
)
"""The names of all events there are."""
