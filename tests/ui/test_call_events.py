"""What the web app hears of calls that change orders, of logins, and of what is nobody else's."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.api.ws.calls import LONGEST_TOLD, told_of_call
from openalgo.domain.events import AnalyzerModeChanged, FeedChanged
from openalgo.instruments.status import DownloadState, MasterStatus
from openalgo.observability.traffic import OrderCallRecord
from tests.ui.site import MORNING, Site
from tests.ui.test_events import House, kill

ORDER = {
    "strategy": "dawn",
    "symbol": "SBIN",
    "exchange": "NSE",
    "action": "buy",
    "pricetype": "LIMIT",
    "product": "CNC",
}
HERE = {"symbol": "SBIN", "exchange": "NSE", "price_type": "LIMIT", "product_type": "CNC"}
BATCH = {"batch_order": True, "is_last_order": True, "mode": "live"}
DONE = {"status": "success"}
SUMMARY = {"total": 3, "success": 2, "failed": 1}


@pytest.fixture
async def house(site: Site) -> House:
    await site.accounts.load()
    house = House(site)
    house.feeds.follow_sessions(site.ui.sessions)
    return house


def call(
    api_type: str,
    response: Mapping[str, object],
    request: Mapping[str, object] = ORDER,
    mode: str = "live",
    account_id: int = 1,
) -> OrderCallRecord:
    return OrderCallRecord(
        at=MORNING,
        account_id=account_id,
        api_type=api_type,
        mode=mode,
        request_id="r",
        request=json.dumps(request),
        response=json.dumps(response),
    )


@pytest.mark.parametrize(
    ("record", "event", "data"),
    [
        (
            call("placeorder", DONE | {"orderid": "7"}),
            "order_event",
            HERE | {"action": "BUY", "orderid": "7", "mode": "live"},
        ),
        (
            call("placesmartorder", DONE | {"message": "No action needed."}),
            "order_notification",
            {"symbol": "SBIN", "status": "info", "message": "No action needed."},
        ),
        (
            call("basketorder", DONE | {"summary": SUMMARY}, {"strategy": "dawn", "orders": []}),
            "order_event",
            BATCH
            | {"symbol": "dawn", "action": "2/3 orders", "orderid": "basket_2"}
            | {"exchange": "MULTI", "price_type": "BASKET", "product_type": "BASKET"},
        ),
        (
            call("splitorder", DONE | {"summary": SUMMARY}),
            "order_event",
            BATCH | HERE | {"action": "BUY", "orderid": "2/3 orders"},
        ),
        (
            call("optionsorder", DONE | {"symbol": "NIFTY-C", "exchange": "NFO", "orderid": "1"}),
            "order_event",
            BATCH
            | HERE
            | {"symbol": "NIFTY-C", "exchange": "NFO", "action": "BUY", "orderid": "1/1 orders"},
        ),
        (
            call(
                "optionsmultiorder",
                DONE | {"underlying": "NIFTY", "results": [DONE, {"status": "error"}]},
                {"exchange": "NSE_INDEX"},
            ),
            "order_event",
            BATCH
            | {"symbol": "NIFTY", "action": "Multi-Order", "orderid": "1/2 legs"}
            | {"exchange": "NSE_INDEX", "price_type": "MULTI", "product_type": "OPTIONS"}
            | {"multiorder_summary": True, "successful_legs": 1, "failed_legs": 1},
        ),
        (
            call("modifyorder", DONE | {"orderid": "7"}),
            "modify_order_event",
            {"status": "success", "orderid": "7", "mode": "live"},
        ),
        (
            call("cancelorder", DONE | {"orderid": "7"}),
            "cancel_order_event",
            {"status": "success", "orderid": "7", "mode": "live"},
        ),
        (
            call("cancelallorder", DONE | {"canceled_orders": ["7"], "failed_cancellations": [{}]}),
            "cancel_order_event",
            BATCH
            | {"status": "success", "orderid": "1 orders canceled"}
            | {"canceled_count": 1, "failed_count": 1},
        ),
        (
            call("closeposition", DONE | {"message": "All Open Positions Squared Off"}),
            "close_position_event",
            {"status": "success", "message": "All Open Positions Squared Off", "mode": "live"},
        ),
        (
            call("placegttorder", DONE | {"trigger_id": "5"}),
            "gtt_event",
            {"event": "placed", "symbol": "SBIN", "exchange": "NSE", "trigger_id": "5"}
            | {"triggered_order_id": None, "reason": "", "mode": "live"},
        ),
        (
            call("cancelgttorder", {"status": "error", "message": "gone"}, {"trigger_id": "5"}),
            "gtt_event",
            {"event": "cancel_failed", "symbol": "", "exchange": "", "trigger_id": "5"}
            | {"triggered_order_id": None, "reason": "gone", "mode": "live"},
        ),
        (
            call("placeorder", {"status": "error", "message": "no"}, mode="analyze"),
            "analyzer_update",
            {
                "request": ORDER | {"api_type": "placeorder"},
                "response": {"status": "error", "message": "no", "mode": "analyze"},
            },
        ),
    ],
)
async def test_a_call_is_told_as_what_it_did(
    house: House, record: OrderCallRecord, event: str, data: Mapping[str, Any]
) -> None:
    async with house.listener(await house.cookie()) as listener:
        (hello,) = await listener.news()
        house.feeds.order_call(record)
        (told,) = await listener.news()
    assert (told["event"], told["account"], told["data"]) == (event, 1, data)
    assert told["seq"] == hello["seq"] + 1


@pytest.mark.parametrize(
    "record",
    [
        call("placeorder", {"status": "error", "message": "no"}),
        call("placeorder", DONE | {"mode": "semi_auto", "pending_order_id": 4}),
        call("orderstatus", DONE),
    ],
)
def test_of_other_live_calls_nothing_is_told(record: OrderCallRecord) -> None:
    assert list(told_of_call(record)) == []


def test_of_long_calls_the_lists_are_left_out() -> None:
    orders = [ORDER] * LONGEST_TOLD
    (told,) = told_of_call(call("basketorder", DONE | {"results": [DONE]}, {"orders": orders}, ""))
    assert told.data == {
        "request": {"api_type": "basketorder"},
        "response": {"status": "success", "mode": "analyze"},
    }


@given(st.text(), st.text())
def test_what_cannot_be_read_is_nothing(request: str, response: str) -> None:
    record = OrderCallRecord(
        at=MORNING,
        account_id=1,
        api_type="placeorder",
        mode="analyze",
        request_id="r",
        request=request,
        response=response,
    )
    for told in told_of_call(record):
        assert told.event == "analyzer_update"


async def test_nothing_of_somebody_elses_is_told(house: House) -> None:
    await house.site.make_other_user()
    await house.site.accounts.load()
    (theirs,) = (each.id for each in house.site.accounts.all() if each.user_id == 2)
    stranger = await house.cookie(2, "asha")
    async with house.listener(await house.cookie()) as listener:
        await listener.news()
        async with house.listener(stranger) as other:
            await other.news()
            feed_down = FeedChanged(
                account_id=theirs, at=MORNING, cause="", broker="x", state="error", message="down"
            )
            to_live = AnalyzerModeChanged(
                account_id=theirs, at=MORNING, cause="", analyze_mode=False
            )
            house.bus.publish(feed_down)
            house.bus.publish(to_live)
            house.feeds.order_call(call("placeorder", DONE | {"orderid": "7"}, account_id=theirs))
            await house.cookie(2, "asha")
            assert [each["event"] for each in await other.news()] == [
                "feed_status",
                "app_mode_changed",
                "order_event",
                "active_sessions_update",
            ]
        assert await listener.news() == []


async def test_logins_and_logouts_are_told_to_the_other_devices(house: House) -> None:
    cookie = await house.cookie()
    async with house.listener(cookie) as listener:
        await listener.news()
        second = await house.cookie()
        async with house.listener(second) as other:
            await other.news()
            (told,) = await listener.news()
            assert (told["event"], told["account"]) == ("active_sessions_update", None)
            assert told["data"]["count"] == len(told["data"]["sessions"]) == 2
            session = house.site.ui.sessions.lookup(second)
            assert session is not None
            await house.site.ui.sessions.end(1, session.id)
            (left,) = await listener.news()
            assert left["data"]["count"] == 1
            house.bus.publish(kill())
            # Who is logged out hears that, and nothing of what comes after.
            assert [each["event"] for each in await other.news()] == ["force_logout"]


async def test_new_instruments_are_told_once_they_are_in_force(house: House) -> None:
    async with house.listener(await house.cookie()) as listener:
        await listener.news()
        for state in (DownloadState.DOWNLOADING, DownloadState.SUCCESS):
            house.feeds.master_changed(
                MasterStatus(
                    broker="simulator",
                    state=state,
                    last_updated=MORNING,
                    total_symbols=12,
                    download_duration_seconds=1.234,
                )
            )
        told = await listener.news()
    assert [each["event"] for each in told] == [
        *["master_contract_download"] * 2,
        "cache_loaded",
    ]
    assert told[-1]["data"] == {
        "status": "success",
        "broker": "simulator",
        "total_symbols": 12,
        "load_time": "1.23",
    }
