"""What users are told of what happened, event by event."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from openalgo.api.ws.book_notices import BOOK_EVENTS, TOLD_OF_BOOKS
from openalgo.api.ws.calls import CALL_EVENTS
from openalgo.api.ws.told import Told, Whose
from openalgo.domain.clock import epoch_ms
from openalgo.domain.events import (
    AccountArchived,
    AccountChanged,
    AccountCreated,
    AnalyzerModeChanged,
    BrokerSessionChanged,
    Event,
    FeedChanged,
    KillSwitchReleased,
    KillSwitchThrown,
    PendingOrderCreated,
    PendingOrderUpdated,
)
from openalgo.identity.sessions import WebSession
from openalgo.instruments.status import MasterStatus
from openalgo.trading.approvals.states import State, Status


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
    **TOLD_OF_BOOKS,
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
        *("pending_order_created", "pending_order_updated"),
        *("app_mode_changed", "kill_switch", "broker_session", "feed_status", "account_event"),
        *("master_contract_download", "cache_loaded", "active_sessions_update", FORCE_LOGOUT),
        *BOOK_EVENTS,
        *CALL_EVENTS,
    }
)
"""The names of all events there are."""
