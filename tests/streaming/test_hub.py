from structlog.testing import capture_logs

from openalgo.domain.market import Exchange, Tick
from openalgo.streaming.hub import Hub


def tick(ltp: float, *, volume: int | None = None, partial: bool = False) -> Tick:
    return Tick(
        exchange=Exchange.NSE,
        symbol="SBIN",
        received_ms=1,
        ltp=ltp,
        volume=volume,
        partial=partial,
    )


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
