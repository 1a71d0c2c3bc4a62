"""How an account stands with its broker."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from openalgo.accounts.vault import EndedSession
from openalgo.brokers.adapter import Broker, Session, Values
from openalgo.brokers.base import BrokerInfo
from openalgo.domain.clock import IST, next_boundary
from openalgo.domain.errors import BrokerSessionExpired
from openalgo.domain.words import Word


class SessionState(Word):
    """DISCONNECTED: nobody logged in, or somebody logged out. EXPIRED: the session ended without
    our doing, and its user has to log in again."""

    DISCONNECTED = "disconnected"
    CONNECTED = "connected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
    """`client_id` is what the broker calls the user. The times are those of the last session:
    `expires_at` is when it ends by itself, where that is known. `reason` is a sentence."""

    state: SessionState
    client_id: str | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None


Follower = Callable[[int, SessionStatus], None]
"""Hears of an account's new status, a login that replaced another one included. Must not block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a feed needs to know of a logged-in account."""

    broker: Broker
    app: Values = field(repr=False)
    session: Session


def with_known_end(info: BrokerInfo, session: Session) -> Session:
    """`session` with the first of its own end and the hour at which the broker ends all of them."""
    if info.session_ends_at is None:
        return session
    boundary = next_boundary(session.issued_at, info.session_ends_at)
    return replace(session, expires_at=min(session.expires_at or boundary, boundary))


def connected(session: Session) -> SessionStatus:
    return SessionStatus(
        state=SessionState.CONNECTED,
        client_id=session.client_id,
        issued_at=session.issued_at,
        expires_at=session.expires_at,
    )


def ended(session: Session, state: SessionState, at: datetime, reason: str) -> SessionStatus:
    return replace(connected(session), state=state, ended_at=at, reason=reason)


def remembered(end: EndedSession | None) -> SessionStatus:
    """How it stands after a restart, by what was stored."""
    if end is None:
        return SessionStatus(state=SessionState.DISCONNECTED)
    return SessionStatus(
        state=SessionState(end.state),
        client_id=end.client_id,
        issued_at=end.issued_at,
        expires_at=end.expires_at,
        ended_at=end.ended_at,
        reason=end.reason,
    )


def not_connected(broker: str, status: SessionStatus) -> BrokerSessionExpired:
    """The error that says so, and what to do."""
    if status.state is SessionState.EXPIRED and status.ended_at is not None:
        when = status.ended_at.astimezone(IST).strftime("%d %b %H:%M IST")
        return BrokerSessionExpired(
            f"Your {broker} session expired ({when}). Log in to {broker} again."
        )
    return BrokerSessionExpired(f"You are not logged in to {broker}. Connect the account first.")
