"""The events of each user: numbered, and kept for those who were away for a moment."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from openalgo.accounts.accounts import AccountNotFound, Accounts
from openalgo.api.ws.calls import told_of_call
from openalgo.api.ws.notices import Whose, cache_told, master_told, sessions_told, told
from openalgo.api.ws.told import Told
from openalgo.domain.clock import epoch_ms
from openalgo.domain.events import Event
from openalgo.identity.sessions import WebSession, WebSessions
from openalgo.instruments.status import DownloadState, MasterStatus
from openalgo.observability.traffic import OrderCallRecord
from openalgo.streaming.listeners import Listeners

MOST_KEPT = 500
KEPT_SECONDS = 300.0

_encode = msgspec.json.encode


class Entry(NamedTuple):
    """One event as it is sent, once encoded for all who hear it. `at` is by the timer."""

    seq: int
    event: str
    at: float
    frame: bytes


@dataclass(slots=True)
class _Stream:
    username: str
    seq: int
    listeners: Listeners[Entry] = field(default_factory=Listeners)
    kept: deque[Entry] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    heard_at: float = 0.0


class Feeds:
    """What users hear of all their accounts.

    Nothing is done for users nobody listens for. Numbers rise by one per user, and never come
    again after a restart, so that a gap is always noticed.
    """

    def __init__(
        self,
        accounts: Accounts,
        *,
        timer: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._accounts = accounts
        self._timer = timer
        self._now_ms = now_ms
        # A thousand events a millisecond would have to happen before a later start came below.
        self._first = now_ms() * 1000
        self._streams: dict[int, _Stream] = {}

    def listen(
        self, user_id: int, username: str, sink: Callable[[Entry], None]
    ) -> Callable[[], None]:
        """Call `sink` with every event of the user until the returned function is called."""
        stream = self._streams.get(user_id)
        if stream is None:
            stream = self._streams[user_id] = _Stream(username, self._first)
        stream.listeners.add(sink)

        def stop() -> None:
            stream.listeners.remove(sink)
            stream.heard_at = self._timer()

        return stop

    def is_heard(self, account_id: int) -> bool:
        """Whether anybody listens to the account now."""
        stream = self._stream_of(account_id)
        return stream is not None and bool(stream.listeners)

    def seq(self, user_id: int) -> int:
        """The number of the user's last event."""
        stream = self._streams.get(user_id)
        return self._first if stream is None else stream.seq

    def since(self, user_id: int, seq: int) -> list[Entry] | None:
        """The user's events after the one numbered `seq`, or `None` if some are not kept."""
        stream = self._streams.get(user_id)
        if stream is None or seq > stream.seq:
            return None
        if seq == stream.seq:
            return []
        oldest = self._timer() - KEPT_SECONDS
        kept = [entry for entry in stream.kept if entry.at >= oldest]
        if not kept or kept[0].seq > seq + 1:
            return None
        return [entry for entry in kept if entry.seq > seq]

    def publish(self, event: Event) -> None:
        """Tell the owner of the event's account."""
        stream = self._stream_of(event.account_id)
        if stream is not None:
            whose = Whose(stream.username, self._accounts[event.account_id].broker)
            for each in told(event, whose):
                self._tell(stream, each, event.account_id, epoch_ms(event.at))

    def order_call(self, record: OrderCallRecord) -> None:
        """Tell the owner of the account the call was about."""
        stream = self._stream_of(record.account_id)
        if stream is not None:
            for each in told_of_call(record):
                self._tell(stream, each, record.account_id, epoch_ms(record.at))

    def follow_sessions(self, sessions: WebSessions) -> None:
        """From now on, tell users where they are logged in whenever that changes."""

        def changed(session: WebSession) -> None:
            stream = self._streams.get(session.user_id)
            if stream is not None:
                accounts = self._accounts.of_user(session.user_id)
                broker = accounts[0].broker if accounts else None
                now = sessions.of_user(session.user_id)
                self._tell(stream, sessions_told(now, broker), None, self._now_ms())

        sessions.began.add(changed)
        sessions.ended.add(changed)

    def master_changed(self, status: MasterStatus) -> None:
        """Tell everybody who has an account at this broker."""
        for user_id, stream in self._streams.items():
            if any(each.broker == status.broker for each in self._accounts.of_user(user_id)):
                self._tell(stream, master_told(status), None, self._now_ms())
                if status.state is DownloadState.SUCCESS and status.is_ready:
                    self._tell(stream, cache_told(status), None, self._now_ms())

    def _stream_of(self, account_id: int) -> _Stream | None:
        """That of the owner of the account, if they ever listened."""
        if not self._streams:
            return None
        try:
            return self._streams.get(self._accounts[account_id].user_id)
        except AccountNotFound:
            return None

    def _tell(self, stream: _Stream, what: Told, account_id: int | None, at_ms: int) -> None:
        now = self._timer()
        heard = bool(stream.listeners) or now - stream.heard_at < KEPT_SECONDS
        stream.seq += what.kept
        if not heard:
            stream.kept.clear()
            return
        frame: dict[str, object] = {
            "type": "event",
            "event": what.event,
            "account": account_id,
            "data": what.data,
            "ts": at_ms,
        }
        if what.kept:
            frame["seq"] = stream.seq
        entry = Entry(stream.seq, what.event, now, _encode(frame))
        if what.kept:
            stream.kept.append(entry)
        stream.listeners.tell(entry)
