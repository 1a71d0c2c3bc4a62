"""How a feed is doing, for whoever looks at it."""

from dataclasses import dataclass
from datetime import datetime

from openalgo.domain.words import Word
from openalgo.observability.health import Health


class ConnectionState(Word):
    IDLE = "idle"  # nothing is wanted of it
    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"  # will try again soon
    LOGGED_OUT = "logged_out"  # waits for a login


class FeedState(Word):
    IDLE = "idle"  # nothing is wanted
    CONNECTING = "connecting"  # some of what is wanted is on its way
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"  # waits for a login
    ERROR = "error"  # no connection, and none to be had so far


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionStatus:
    """One connection, since (UTC) it is in this state.

    `subscribed` is how many instruments the broker was asked for, `silent_for` how many seconds
    ago something came last (`None` without a connection), `reconnects` how often it was opened
    anew, `error` what ended it last.
    """

    number: int
    state: ConnectionState
    since: datetime
    subscribed: int
    silent_for: float | None
    reconnects: int
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """A feed: how many instruments are wanted, how many of them the broker was asked for, are asked
    for again and again (`polled`) or not listed (`unknown`), and how many its connections carry."""

    broker: str
    state: FeedState
    connections: tuple[ConnectionStatus, ...]
    wanted: int
    subscribed: int
    polled: int
    unknown: int
    capacity: int

    @property
    def message(self) -> str:
        """One sentence about it."""
        errors = [c.error for c in self.connections if c.state is not ConnectionState.CONNECTED]
        error = next(filter(None, errors), "")
        match self.state:
            case FeedState.IDLE:
                return "Nothing is wanted of the feed"
            case FeedState.CONNECTED:
                return f"{self.subscribed} instruments streamed, {self.polled} polled"
            case FeedState.DISCONNECTED:
                return "Waiting for a login at the broker"
            case _:
                return f"Connecting: {error}" if error else "Connecting"


def overall(connections: tuple[ConnectionStatus, ...]) -> FeedState:
    """The state of a feed with these connections."""
    states = {connection.state for connection in connections} - {ConnectionState.IDLE}
    if not states:
        return FeedState.IDLE
    if states == {ConnectionState.CONNECTED}:
        return FeedState.CONNECTED
    if ConnectionState.CONNECTED in states:
        return FeedState.CONNECTING
    if ConnectionState.LOGGED_OUT in states:
        return FeedState.DISCONNECTED
    return FeedState.ERROR if states == {ConnectionState.WAITING} else FeedState.CONNECTING


def health(status: FeedStatus) -> Health:
    """For the health checks. A broker out of reach is a warning: a restart would not help."""
    well = status.state in (FeedState.IDLE, FeedState.CONNECTED)
    return Health("pass" if well else "warn", f"{status.broker}: {status.message}")
