from collections.abc import Callable
from datetime import UTC, datetime

from structlog.testing import capture_logs

from openalgo.domain.events import Event
from openalgo.domain.market import Exchange, Tick
from openalgo.streaming.hub import Hub

AT = datetime(2026, 8, 21, 4, 0, tzinfo=UTC)


def tick(ltp: float, *, volume: int | None = None, partial: bool = False) -> Tick:
    return Tick(
        exchange=Exchange.NSE,
        symbol="SBIN",
        received_ms=1,
        ltp=ltp,
        volume=volume,
        partial=partial,
    )


def event(account_id: int, seq: int) -> Event:
    return Event(account_id=account_id, seq=seq, at=AT, cause="test")


def test_taps_are_called_in_order_of_registration() -> None:
    hub = Hub()
    called: list[str] = []
    hub.tap(lambda _: called.append("exchange"))
    hub.tap(lambda _: called.append("alerts"))
    hub.publish(tick(800.0))
    hub.publish(tick(801.0))
    assert called == ["exchange", "alerts", "exchange", "alerts"]


def test_taps_see_the_merged_tick_and_so_does_the_cache() -> None:
    hub = Hub()
    seen: list[Tick] = []
    hub.tap(seen.append)
    hub.tap(lambda t: seen.append(hub.latest.get(t.key) or t))
    hub.publish(tick(800.0, volume=500))
    hub.publish(tick(801.0, partial=True))
    assert [(t.ltp, t.volume) for t in seen[2:]] == [(801.0, 500), (801.0, 500)]


def test_a_failing_tap_is_logged_and_hurts_nobody_else() -> None:
    hub = Hub()
    seen: list[float] = []

    def broken(_: Tick) -> None:
        raise RuntimeError("no")

    hub.tap(lambda t: seen.append(t.ltp))
    hub.tap(broken)
    hub.tap(lambda t: seen.append(-t.ltp))
    with capture_logs() as logs:
        hub.publish(tick(800.0))
        hub.publish(tick(801.0))
    assert seen == [800.0, -800.0, 801.0, -801.0]
    assert ["broken" in log["listener"] for log in logs] == [True, True]


def test_events_reach_the_listeners_of_their_account_only() -> None:
    hub = Hub()
    one: list[int] = []
    other: list[int] = []
    hub.listen(1, lambda e: one.append(e.seq))
    hub.listen(1, lambda e: one.append(-e.seq))
    hub.listen(2, lambda e: other.append(e.seq))
    for account, seq in ((1, 1), (2, 7), (1, 2), (3, 1)):
        hub.publish_event(event(account, seq))
    assert one == [1, -1, 2, -2]
    assert other == [7]


def test_who_stops_listening_hears_no_more() -> None:
    hub = Hub()
    heard: list[int] = []
    kept: list[int] = []
    stop = hub.listen(1, lambda e: heard.append(e.seq))
    hub.listen(1, lambda e: kept.append(e.seq))
    hub.publish_event(event(1, 1))
    stop()
    stop()
    hub.publish_event(event(1, 2))
    assert heard == [1]
    assert kept == [1, 2]


def test_listening_again_after_everybody_left_works() -> None:
    hub = Hub()
    stop = hub.listen(1, lambda _: None)
    stop()
    heard: list[int] = []
    hub.listen(1, lambda e: heard.append(e.seq))
    stop()
    hub.publish_event(event(1, 1))
    assert heard == [1]


def test_a_failing_event_listener_hurts_nobody_else() -> None:
    hub = Hub()
    heard: list[int] = []

    def broken(_: Event) -> None:
        raise RuntimeError("no")

    hub.listen(1, broken)
    hub.listen(1, lambda e: heard.append(e.seq))
    with capture_logs() as logs:
        hub.publish_event(event(1, 1))
    assert heard == [1]
    assert len(logs) == 1


def test_a_listener_may_leave_while_it_is_told() -> None:
    hub = Hub()
    heard: list[str] = []
    stops: list[Callable[[], None]] = []

    def leave(_: Event) -> None:
        heard.append("leaver")
        stops[0]()

    stops.append(hub.listen(1, leave))
    hub.listen(1, lambda _: heard.append("stayer"))
    hub.publish_event(event(1, 1))
    hub.publish_event(event(1, 2))
    assert heard == ["leaver", "stayer", "stayer"]
