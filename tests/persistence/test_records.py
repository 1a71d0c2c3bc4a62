"""The rings: written in batches, counted, trimmed by age."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import asdict, replace
from sqlalchemy import Table, select

from openalgo.observability.latency import LatencyRecord
from openalgo.observability.traffic import OrderCallRecord, TrafficRecord
from openalgo.persistence.latency.records import LatencyRecords
from openalgo.persistence.latency.tables import order_latency
from openalgo.persistence.logs.records import LogRecords
from openalgo.persistence.logs.tables import analyzer_logs, order_logs, traffic_logs
from openalgo.persistence.stores import Store, Stores

NOW = datetime(2026, 7, 15, 6, 30, tzinfo=UTC)
EARLIER = NOW - timedelta(microseconds=1)

TRAFFIC = TrafficRecord(
    at=NOW,
    client_ip="127.0.0.1",
    method="POST",
    path="/api/v1/placeorder",
    status_code=200,
    duration_ms=1.25,
    host="localhost:5000",
    error=None,
    user_id=1,
    request_id="r1",
)
CALL = OrderCallRecord(
    at=NOW,
    account_id=1,
    api_type="placeorder",
    mode="analyze",
    request_id="r1",
    request='{"symbol":"SBIN"}',
    response='{"status":"success"}',
)
LATENCY = LatencyRecord(
    at=NOW,
    request_id="r1",
    account_id=1,
    order_id=None,
    broker="simulator",
    symbol="SBIN",
    order_type="PLACE",
    venue_ms=1.5,
    validation_ms=0.25,
    total_ms=2.0,
    status="FAILED",
    error="no price",
)


async def rows(store: Store, table: Table) -> list[dict[str, object]]:
    async with store.read() as tx:
        found = (await tx.execute(select(table).order_by(table.c.id))).mappings().all()
    return [{key: value for key, value in row.items() if key != "id"} for row in found]


async def test_traffic_is_kept_field_by_field(stores: Stores) -> None:
    other = replace(TRAFFIC, user_id=None, error="boom", status_code=500)
    await LogRecords(stores.logs).add_traffic([TRAFFIC, other])
    assert await rows(stores.logs, traffic_logs) == [asdict(TRAFFIC), asdict(other)]


async def test_paper_and_live_calls_have_logs_of_their_own(stores: Stores) -> None:
    logs = LogRecords(stores.logs)
    await logs.add_order_calls([CALL, replace(CALL, mode="live", request_id="r2")])
    assert await rows(stores.logs, analyzer_logs) == [
        {
            "account_id": 1,
            "api_type": "placeorder",
            "request_id": "r1",
            "request_data": '{"symbol":"SBIN"}',
            "response_data": '{"status":"success"}',
            "created_at": NOW,
        }
    ]
    assert [row["request_id"] for row in await rows(stores.logs, order_logs)] == ["r2"]


async def test_analyzer_calls_are_counted_by_account(stores: Stores) -> None:
    logs = LogRecords(stores.logs)
    live, other = replace(CALL, mode="live"), replace(CALL, account_id=2)
    await logs.add_order_calls([CALL, CALL, live, other])
    assert await logs.count_analyzer_calls(1) == 2
    assert await logs.count_analyzer_calls(3) == 0


async def test_old_log_records_are_trimmed(stores: Stores) -> None:
    logs = LogRecords(stores.logs)
    await logs.add_traffic([TRAFFIC, replace(TRAFFIC, at=EARLIER)])
    for mode in ("live", "analyze"):
        call = replace(CALL, mode=mode)
        await logs.add_order_calls([call, replace(call, at=EARLIER)])
    assert await logs.trim(NOW) == 3
    for table in (traffic_logs, order_logs, analyzer_logs):
        assert len(await rows(stores.logs, table)) == 1
    assert await logs.trim(NOW) == 0


async def test_latencies_are_kept_field_by_field_and_trimmed(stores: Stores) -> None:
    latencies = LatencyRecords(stores.latency)
    filled = replace(LATENCY, order_id="26071500000001", status="SUCCESS", error=None)
    await latencies.add([LATENCY, filled, replace(LATENCY, at=EARLIER)])
    assert await latencies.trim(NOW) == 1
    assert await rows(stores.latency, order_latency) == [asdict(LATENCY), asdict(filled)]


async def test_nothing_to_add_is_nothing_added(stores: Stores) -> None:
    await LogRecords(stores.logs).add_traffic([])
    await LogRecords(stores.logs).add_order_calls([])
    await LatencyRecords(stores.latency).add([])
    assert await rows(stores.logs, traffic_logs) == []
    assert await rows(stores.latency, order_latency) == []


async def test_what_a_request_left_behind_is_found_by_its_id(stores: Stores) -> None:
    logs, latencies = LogRecords(stores.logs), LatencyRecords(stores.latency)
    later = replace(CALL, request_id="r2", mode="live", at=NOW + timedelta(seconds=1))
    await logs.add_order_calls([later, CALL, replace(CALL, account_id=2)])
    await latencies.add([LATENCY, replace(LATENCY, request_id="r3")])
    assert await logs.calls(1, ["r1", "r2"]) == [CALL, later]
    assert await logs.calls(1, ["r9"]) == []
    assert await latencies.of_requests(1, ["r1"]) == [LATENCY]
    assert await latencies.of_requests(2, ["r1"]) == []


async def test_what_changed_an_order_at_a_broker_is_found_by_its_id(stores: Stores) -> None:
    logs = LogRecords(stores.logs)
    change = replace(
        CALL, api_type="modifyorder", mode="live", request_id="r2", request='{"orderid": "25_1"}'
    )
    cancel = replace(
        CALL,
        api_type="cancelallorder",
        mode="live",
        at=NOW + timedelta(seconds=9),
        response='{"canceled_orders":["25_0","25_1"]}',
    )
    others = [
        replace(change, request='{"orderid":"25_10"}'),
        replace(change, request='{"orderid":"2501"}'),
        replace(change, api_type="orderstatus"),
        replace(change, mode="analyze"),
        replace(change, account_id=2),
        replace(change, at=EARLIER),
    ]
    await logs.add_order_calls([change, *others, cancel])
    assert await logs.changes_at_broker(1, "25_1", NOW) == [change, cancel]


async def test_paper_calls_are_paged_newest_first(stores: Stores) -> None:
    """Within an instant the later one first; none twice, none left out, nobody else's."""
    logs = LogRecords(stores.logs)
    calls = [
        replace(CALL, request_id=f"r{number}", at=NOW + timedelta(seconds=number // 3))
        for number in range(10)
    ]
    await logs.add_order_calls([*calls, replace(CALL, account_id=2), replace(CALL, mode="live")])
    found: list[OrderCallRecord] = []
    page = await logs.analyzer_calls(1, NOW, NOW + timedelta(days=1), limit=4)
    while page:
        assert len(page) <= 4
        found += [logged.call for logged in page]
        page = await logs.analyzer_calls(1, NOW, NOW + timedelta(days=1), before=page[-1], limit=4)
    assert found == calls[::-1]


async def test_paper_calls_are_found_from_the_first_instant_to_the_last(stores: Stores) -> None:
    logs = LogRecords(stores.logs)
    later = NOW + timedelta(microseconds=1)
    await logs.add_order_calls([replace(CALL, at=at) for at in (EARLIER, NOW, later)])
    found = await logs.analyzer_calls(1, NOW, NOW, limit=9)
    assert [logged.call.at for logged in found] == [NOW]


async def test_an_account_clears_its_own_paper_calls(stores: Stores) -> None:
    logs = LogRecords(stores.logs)
    old = replace(CALL, at=EARLIER)
    await logs.add_order_calls([CALL, old, old, replace(old, account_id=2)])
    await logs.add_order_calls([replace(old, mode="live")])
    assert await logs.clear_analyzer_calls(1, NOW) == 2
    assert await logs.count_analyzer_calls(1) == 1
    assert await logs.count_analyzer_calls(2) == 1
    assert len(await rows(stores.logs, order_logs)) == 1


async def test_all_texts_of_a_time_are_found(stores: Stores) -> None:
    """Also where there are more than are handed over at once; nobody else's, none of others."""
    logs = LogRecords(stores.logs)
    many = 1203
    calls = [replace(CALL, response=f'{{"orderid":"{number}"}}') for number in range(many)]
    await logs.add_order_calls([*calls, replace(CALL, account_id=2), replace(CALL, at=EARLIER)])
    found: list[str] = []
    async for page in logs.analyzer_texts(1, NOW, NOW):
        assert {call.request for call in page} == {CALL.request}
        found += [call.response for call in page]
    assert sorted(found) == sorted(call.response for call in calls)
