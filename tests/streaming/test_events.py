from collections.abc import Callable
from datetime import UTC, datetime

from structlog.testing import capture_logs

from openalgo.domain.events import Event
from openalgo.streaming.events import EventBus

AT = datetime(2026, 8, 21, 4, 0, tzinfo=UTC)


def event(account_id: int, seq: int) -> Event:
    return Event(account_id=account_id, seq=seq, at=AT, cause="test")


def test_events_reach_the_listeners_of_their_account_only() -> None:
    bus = EventBus()
    one: list[int] = []
    other: list[int] = []
    bus.listen(1, lambda e: one.append(e.seq))
    bus.listen(1, lambda e: one.append(-e.seq))
    bus.listen(2, lambda e: other.append(e.seq))
    for account, seq in ((1, 1), (2, 7), (1, 2), (3, 1)):
        bus.publish(event(account, seq))
    assert one == [1, -1, 2, -2]
    assert other == [7]


def test_who_stops_listening_hears_no_more() -> None:
    bus = EventBus()
    heard: list[int] = []
    kept: list[int] = []
    stop = bus.listen(1, lambda e: heard.append(e.seq))
    bus.listen(1, lambda e: kept.append(e.seq))
    bus.publish(event(1, 1))
    stop()
    stop()
    bus.publish(event(1, 2))
    assert heard == [1]
    assert kept == [1, 2]


def test_listening_again_after_everybody_left_works() -> None:
    bus = EventBus()
    stop = bus.listen(1, lambda _: None)
    stop()
    heard: list[int] = []
    bus.listen(1, lambda e: heard.append(e.seq))
    stop()
    bus.publish(event(1, 1))
    assert heard == [1]


def test_a_failing_event_listener_hurts_nobody_else() -> None:
    bus = EventBus()
    heard: list[int] = []

    def broken(_: Event) -> None:
        raise RuntimeError("no")

    bus.listen(1, broken)
    bus.listen(1, lambda e: heard.append(e.seq))
    with capture_logs() as logs:
        bus.publish(event(1, 1))
    assert heard == [1]
    assert len(logs) == 1


def test_a_listener_may_leave_while_it_is_told() -> None:
    bus = EventBus()
    heard: list[str] = []
    stops: list[Callable[[], None]] = []

    def leave(_: Event) -> None:
        heard.append("leaver")
        stops[0]()

    stops.append(bus.listen(1, leave))
    bus.listen(1, lambda _: heard.append("stayer"))
    bus.publish(event(1, 1))
    bus.publish(event(1, 2))
    assert heard == ["leaver", "stayer", "stayer"]


def test_an_account_is_heard_while_anybody_listens() -> None:
    bus = EventBus()
    assert not bus.is_heard(1)
    stops = [bus.listen(1, lambda _: None) for _ in range(2)]
    stops[0]()
    assert bus.is_heard(1)
    assert not bus.is_heard(2)
    stops[1]()
    assert not bus.is_heard(1)
