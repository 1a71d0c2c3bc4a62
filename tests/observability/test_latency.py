import pytest

from openalgo.domain.errors import InsufficientFunds
from openalgo.observability.latency import LatencyRecord, OrderTimer, OrderTiming


def test_the_time_before_and_after_sending_make_the_whole() -> None:
    records: list[LatencyRecord] = []
    with OrderTimer(records.append).measure("PLACE", 3, "simulator", "r-1") as timing:
        timing.symbol = "SBIN"
        timing.sent()
        timing.order_id = "26"

    (record,) = records
    assert (record.account_id, record.request_id, record.broker) == (3, "r-1", "simulator")
    assert (record.order_id, record.symbol, record.order_type) == ("26", "SBIN", "PLACE")
    assert (record.status, record.error) == ("success", None)
    assert record.total_ms == pytest.approx(record.validation_ms + record.venue_ms)


@pytest.mark.parametrize(
    ("failure", "error"),
    [(InsufficientFunds("no money"), "insufficient_funds"), (KeyError("x"), "KeyError")],
)
def test_what_failed_before_sending_took_no_time_at_the_venue(
    failure: Exception, error: str
) -> None:
    records: list[LatencyRecord] = []
    timer = OrderTimer(records.append)
    with pytest.raises(type(failure)), timer.measure("PLACE", 3, "simulator", "r-1"):
        raise failure

    (record,) = records
    assert (record.status, record.error) == ("error", error)
    assert record.venue_ms == 0
    assert record.order_id is None


def test_of_several_orders_the_first_one_ends_the_time_before() -> None:
    timing = OrderTiming()
    timing.sent()
    first = timing.sent_at
    assert first is not None
    timing.sent()
    assert timing.sent_at == first
