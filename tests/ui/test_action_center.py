"""The Action Center, over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from msgspec.structs import replace as varied
from sqlalchemy import update

from openalgo.api.application import create_api
from openalgo.domain.errors import InsufficientFunds, OutcomeUnknown, StorageUnavailable
from openalgo.domain.gtt import GttTrigger, TriggerSide, TriggerType
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.intents import (
    BasketOrder,
    Intent,
    OptionsMultiOrder,
    OptionsOrder,
    OptionTerms,
    PlaceGtt,
    SmartOrder,
    SplitOrder,
    encoded,
)
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, Product
from openalgo.persistence.main import accounts, users
from openalgo.persistence.main.tables import pending_orders
from openalgo.persistence.stores import Store
from openalgo.trading.approvals.states import State
from tests.support.approvals import NEXT_CALL, OTHER_ACCOUNT, Center
from tests.support.market import INFY, MORNING, NIFTY_CALL, SBIN, intent
from tests.ui.site import PASSWORD, Site, log_in, passwords

BUY = intent(SBIN, "BUY", 10)
LIMIT = intent(SBIN, "BUY", 10, "790.05")


@pytest.fixture
async def api_key(empty: Site) -> str:
    """That of the site's user."""
    return await empty.make_user()


@pytest.fixture
async def center(empty: Site, api_key: str, main: Store) -> Center:
    """Behind the site, whose user owns the first account; another user owns the second."""
    async with main.write() as tx:
        other = await users.create(
            tx,
            username="stranger",
            email=None,
            password_hash=await passwords().hash(PASSWORD),
            is_admin=False,
            created_at=MORNING,
        )
        await accounts.create(
            tx, user_id=other.id, name="Default", broker="simulator", created_at=MORNING
        )
    center = Center(main)
    services = replace(
        empty.world.services,
        keys=empty.keys,
        trading=center.trading,
        markets=center.venues,
        action_center=center.center,
    )
    empty.app = create_api(services, empty.settings, ui=empty.ui)
    return center


@pytest.fixture
async def browser(center: Center, empty: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with empty.visit() as browser:
        yield browser


async def shown(browser: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    reply = await browser.get("/action-center/api/data", params=query)
    assert reply.status_code == 200, reply.text
    data: dict[str, Any] = reply.json()["data"]
    return data


async def post(
    browser: httpx.AsyncClient, path: str, body: object = None
) -> tuple[int, dict[str, Any]]:
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    reply = await browser.post(f"/action-center/{path}", content=content, headers=headers)
    return reply.status_code, reply.json()


# --- looking


async def test_a_waiting_order_is_shown_with_all_there_is_to_know(
    center: Center, browser: httpx.AsyncClient
) -> None:
    pending_id = await center.signal(varied(LIMIT, client_order_id="mine"))
    center.prices.ltp[SBIN.key] = 804.0
    data = await shown(browser)
    [order] = data["orders"]
    assert order == {
        "id": pending_id,
        "user_id": "ravi",
        "api_type": "placeorder",
        "status": "pending",
        "state": "pending",
        "version": 1,
        "created_at_ist": "2026-07-17 10:00:00 IST",
        "expires_at": "2026-07-17T10:30:00+05:30",
        "approved_at_ist": None,
        "approved_by": None,
        "rejected_at_ist": None,
        "rejected_by": None,
        "rejected_reason": None,
        "broker_order_id": None,
        "broker_status": None,
        "error_code": None,
        "error_text": None,
        "strategy": "test",
        "symbol": "SBIN",
        "exchange": "NSE",
        "action": "BUY",
        "quantity": "10",
        "price": "790.05",
        "trigger_price": "0",
        "price_type": "LIMIT",
        "product_type": "MIS",
        "position_size": None,
        "mode": "live",
        "source": "api",
        "client_ip": "10.0.0.1",
        "ltp_at_queue": 800.0,
        "ltp_now": 804.0,
        "drift": 0.5,
        "prices": [
            {
                "exchange": "NSE",
                "symbol": "SBIN",
                "ltp_at_queue": 800.0,
                "ltp_now": 804.0,
                "drift": 0.5,
            }
        ],
        "resolved_orders": [
            {
                "exchange": "NSE",
                "symbol": "SBIN",
                "action": "BUY",
                "quantity": 10,
                "pricetype": "LIMIT",
                "price": 790.05,
                "trigger_price": 0.0,
                "product": "MIS",
            }
        ],
        "legs": [],
        "related_ids": [],
        "raw_order_data": {
            "strategy": "test",
            "exchange": "NSE",
            "symbol": "SBIN",
            "action": "BUY",
            "quantity": 10,
            "pricetype": "LIMIT",
            "product": "MIS",
            "price": 790.05,
            "trigger_price": 0.0,
            "disclosed_quantity": 0,
            "client_order_id": "mine",
        },
    }
    assert (await browser.get("/action-center/count")).json() == {"count": 1}


_OPTION = OptionTerms(
    strategy="test",
    action=Action.BUY,
    quantity=Decimal(65),
    offset="ATM",
    option_type=InstrumentType.CALL,
)
_TERMS = {
    "strategy": "test",
    "exchange": Exchange.NSE,
    "symbol": "SBIN",
    "action": Action.SELL,
    "quantity": Decimal(25),
}
_OCO = (
    GttTrigger(side=TriggerSide.BELOW, trigger_price=px(700), price=px("699.5")),
    GttTrigger(side=TriggerSide.ABOVE, trigger_price=px(900), price=px(901)),
)


@pytest.mark.parametrize(
    ("wish", "line", "raw"),
    [
        (
            SmartOrder(**_TERMS, position_size=Decimal(-5)),  # type: ignore[arg-type]
            "SBIN|NSE|SELL|25|0|0|MARKET|MIS",
            {"position_size": -5},
        ),
        (
            SplitOrder(**_TERMS, split_size=Decimal(10)),  # type: ignore[arg-type]
            "SBIN|NSE|SELL|25 (split: 10)|0|0|MARKET|MIS",
            {"splitsize": 10},
        ),
        (
            BasketOrder(strategy="test", orders=(BUY, LIMIT)),
            "Basket (2 orders)|Multiple|Multiple|20|Multiple|0|Multiple|Multiple",
            {},
        ),
        (
            BasketOrder(strategy="test", orders=(BUY,)),
            "Basket (1 orders)|NSE|BUY|10|Multiple|0|Multiple|Multiple",
            {},
        ),
        (
            OptionsOrder(
                strategy="test",
                underlying="NIFTY",
                exchange=Exchange.NSE_INDEX,
                offset="OTM2",
                option_type=InstrumentType.PUT,
                action=Action.SELL,
                quantity=Decimal(65),
                strike_step=Decimal(50),
            ),
            "NIFTY OTM2 PE|NSE_INDEX|SELL|65|0|0|MARKET|MIS",
            {"underlying": "NIFTY", "offset": "OTM2", "option_type": "PE", "strike_int": 50},
        ),
        (
            PlaceGtt(
                **_TERMS,  # type: ignore[arg-type]
                trigger_type=TriggerType.OCO,
                product=Product.CNC,
                triggers=_OCO,
            ),
            "SBIN|NSE|SELL|25|699.5 / 901|700 / 900|LIMIT|CNC",
            {
                "triggerprice_sl": 700.0,
                "stoploss": 699.5,
                "triggerprice_tg": 900.0,
                "target": 901.0,
            },
        ),
    ],
)
async def test_every_kind_of_order_has_its_line(
    center: Center,
    browser: httpx.AsyncClient,
    wish: Intent,
    line: str,
    raw: dict[str, object],
) -> None:
    await center.signal(wish)
    [order] = (await shown(browser))["orders"]
    names = ("symbol", "exchange", "action", "quantity", "price", "trigger_price", "price_type")
    assert "|".join(order[name] for name in (*names, "product_type")) == line
    assert raw.items() <= order["raw_order_data"].items()
    assert order["api_type"] == wish.KIND


async def test_several_options_have_one_line(center: Center, browser: httpx.AsyncClient) -> None:
    pending_id = await center.signal(BUY)
    spread = OptionsMultiOrder(
        strategy="test",
        underlying="NIFTY",
        exchange=Exchange.NSE_INDEX,
        legs=(_OPTION, varied(_OPTION, action=Action.SELL, offset="OTM4")),
    )
    await store(center, pending_id, intent=encoded(spread).decode(), kind=spread.KIND)
    [order] = (await shown(browser))["orders"]
    assert (order["symbol"], order["action"], order["quantity"]) == (
        "NIFTY (2 legs)",
        "MULTI",
        "130",
    )
    assert (order["price"], order["price_type"], order["product_type"]) == (
        "Multiple",
        "MARKET",
        "MIS",
    )
    assert [leg["offset"] for leg in order["raw_order_data"]["legs"]] == ["ATM", "OTM4"]


async def store(center: Center, pending_id: int, **values: str) -> None:
    """Let what is stored be something else."""
    async with center.main.write() as tx:
        await tx.execute(
            update(pending_orders).where(pending_orders.c.id == pending_id).values(**values)
        )


async def test_an_order_nobody_can_read_any_more_is_still_there_to_reject(
    center: Center, browser: httpx.AsyncClient
) -> None:
    pending_id = await center.signal(BUY)
    await store(center, pending_id, intent='{"quantity":"ten"}')
    [order] = (await shown(browser))["orders"]
    assert order["raw_order_data"] == {"quantity": "ten"}
    assert (await post(browser, f"approve/{pending_id}"))[1]["code"] == "intent_unreadable"
    assert (await post(browser, f"reject/{pending_id}"))[0] == 200


async def test_orders_are_listed_by_status_newest_first(
    center: Center, browser: httpx.AsyncClient
) -> None:
    ids = [await center.signal(varied(BUY, client_order_id=str(number))) for number in range(5)]
    await post(browser, f"approve/{ids[0]}")
    await post(browser, f"reject/{ids[1]}")
    center.clock.advance(timedelta(minutes=5))
    fresh = await center.signal(LIMIT)
    await center.steps.expire_due()

    async def listed(**query: object) -> list[int]:
        return [order["id"] for order in (await shown(browser, **query))["orders"]]

    assert await listed() == await listed(status="pending") == [fresh]
    assert await listed(status="approved") == [ids[0]]
    assert await listed(status="rejected") == [ids[4], ids[3], ids[2], ids[1]]
    assert await listed(status="all") == [fresh, *reversed(ids)]
    assert await listed(status="all", limit=2) == [fresh, ids[4]]
    assert await listed(status="all", limit=2, before=ids[4]) == [ids[3], ids[2]]
    reply = await browser.get("/action-center/api/data", params={"status": "open"})
    assert reply.status_code == 400
    data = await shown(browser)
    assert data["statistics"] == {
        "total_pending": 1,
        "total_approved": 1,
        "total_rejected": 4,
        "total_buy_orders": 6,
        "total_sell_orders": 0,
        "total_placeorder": 6,
        "total_smartorder": 0,
        "total_basketorder": 0,
        "total_splitorder": 0,
        "total_optionsorder": 0,
        "total_optionsmultiorder": 0,
        "total_placegttorder": 0,
    }


async def test_a_long_list_is_complete(center: Center, browser: httpx.AsyncClient) -> None:
    ids = [await center.signal(varied(BUY, client_order_id=str(number))) for number in range(60)]
    assert [order["id"] for order in (await shown(browser))["orders"]] == ids[::-1]


async def test_an_entry_and_its_exit_point_at_each_other(
    center: Center, browser: httpx.AsyncClient
) -> None:
    entry = await center.signal(BUY)
    leaving = await center.signal(intent(SBIN, "SELL", 10))
    await center.signal(varied(BUY, strategy="another"))
    await center.signal(intent(INFY, "SELL", 10))
    related = {order["id"]: order["related_ids"] for order in (await shown(browser))["orders"]}
    assert related[entry] == [leaving]
    assert related[leaving] == [entry]
    assert sum(map(len, related.values())) == 2


# --- approving


async def test_an_order_is_approved_once(center: Center, browser: httpx.AsyncClient) -> None:
    pending_id = await center.signal(BUY)
    replies = await asyncio.gather(
        *(post(browser, f"approve/{pending_id}", {"version": 1}) for _ in range(20))
    )
    assert len(center.venue.placed) == 1
    assert sorted(status for status, _ in replies) == [200, *[409] * 19]
    [done] = [body for status, body in replies if status == 200]
    assert done == {
        "status": "success",
        "message": "Order approved and executed successfully",
        "broker_order_id": "25112100000001",
        "state": "submitted",
        "version": 3,
    }
    [order] = (await shown(browser, status="approved"))["orders"]
    assert (order["approved_by"], order["approved_at_ist"]) == ("ravi", "2026-07-17 10:00:00 IST")
    assert (order["broker_order_id"], order["broker_status"]) == ("25112100000001", "open")
    assert [(leg["leg"], leg["orderid"], leg["status"]) for leg in order["legs"]] == [
        (1, "25112100000001", "open")
    ]


@pytest.mark.parametrize(
    ("refusal", "after", "status", "code", "state", "broker_status"),
    [
        (InsufficientFunds("No money"), None, 400, "insufficient_funds", "failed", "rejected"),
        (None, OutcomeUnknown(), 504, "order_outcome_unknown", "unknown", None),
    ],
)
async def test_what_was_approved_and_did_not_stand_is_a_warning(
    center: Center,
    browser: httpx.AsyncClient,
    refusal: Exception | None,
    after: Exception | None,
    status: int,
    code: str,
    state: str,
    broker_status: str | None,
) -> None:
    pending_id = await center.signal(BUY)
    center.venue.refusal, center.venue.after = refusal, after
    given, body = await post(browser, f"approve/{pending_id}")
    assert given == status
    assert (body["status"], body["message"]) == (
        "warning",
        "Order approved but execution failed",
    )
    assert (body["code"], body["state"], body["broker_order_id"]) == (code, state, None)
    assert body["error"]
    [order] = (await shown(browser, status="approved"))["orders"]
    assert (order["error_code"], order["broker_status"]) == (code, broker_status)


async def test_a_basket_that_stands_in_part_says_so(
    center: Center, browser: httpx.AsyncClient
) -> None:
    basket = BasketOrder(strategy="test", orders=(BUY, varied(BUY, symbol="GONE"), BUY))
    status, body = await post(browser, f"approve/{await center.signal(basket)}")
    assert (status, body["status"], body["state"]) == (200, "warning", "partial")
    assert body["broker_order_id"] == "25112100000001,25112100000002"
    [order] = (await shown(browser, status="approved"))["orders"]
    assert order["broker_status"] == "partial"
    assert [leg["status"] for leg in order["legs"]] == ["open", "refused", "open"]


async def test_many_order_ids_are_told_in_short(center: Center, browser: httpx.AsyncClient) -> None:
    basket = BasketOrder(strategy="test", orders=(BUY,) * 20)
    _, body = await post(browser, f"approve/{await center.signal(basket)}")
    assert body["broker_order_id"] == "25112100000001 (+19 more)"


async def test_a_moved_price_wants_a_second_word(
    center: Center, browser: httpx.AsyncClient
) -> None:
    pending_id = await center.signal(BUY)
    center.prices.ltp[SBIN.key] = 880.0
    review = (await browser.get(f"/action-center/preview/{pending_id}")).json()["data"]
    assert review["concerns"] == {
        "price_moved": "SBIN moved by +10 % since the signal, more than 2 %."
    }
    status, body = await post(browser, f"approve/{pending_id}")
    assert (status, body["code"], body["warnings"]) == (
        409,
        "confirmation_needed",
        ["price_moved"],
    )
    assert body["prices"] == review["prices"]
    assert center.venue.placed == []
    status, body = await post(browser, f"approve/{pending_id}", {"version": 1, "confirm": True})
    assert (status, body["status"]) == (200, "success")


async def test_the_card_shows_the_option_meant_and_the_one_of_now(
    center: Center, browser: httpx.AsyncClient
) -> None:
    wish = OptionsOrder(
        strategy="test",
        underlying="NIFTY",
        exchange=Exchange.NSE_INDEX,
        offset="ATM",
        option_type=InstrumentType.CALL,
        action=Action.BUY,
        quantity=Decimal(65),
    )
    pending_id = await center.signal(wish)
    center.options.instrument = NEXT_CALL

    async def preview(resolve: str) -> list[str]:
        reply = await browser.get(
            f"/action-center/preview/{pending_id}", params={"resolve": resolve}
        )
        return [order["symbol"] for order in reply.json()["data"]["orders"]]

    assert await preview("signalled") == [NIFTY_CALL.symbol]
    assert await preview("current") == [NEXT_CALL.symbol]
    await post(browser, f"approve/{pending_id}", {"resolve": "current"})
    assert [order.symbol for order, _ in center.venue.placed] == [NEXT_CALL.symbol]


async def test_an_expired_order_is_refused(center: Center, browser: httpx.AsyncClient) -> None:
    pending_id = await center.signal(BUY)
    center.clock.advance(timedelta(minutes=5))
    status, body = await post(browser, f"approve/{pending_id}")
    assert (status, body["code"], body["state"]) == (409, "approval_expired", "expired")
    [order] = (await shown(browser, status="rejected"))["orders"]
    assert (order["state"], order["rejected_by"]) == ("expired", "system")


# --- all at once


async def test_all_that_wait_are_approved(center: Center, browser: httpx.AsyncClient) -> None:
    assert await post(browser, "approve-all") == (
        200,
        {
            "status": "info",
            "message": "No pending orders to approve",
            "approved_count": 0,
            "executed_count": 0,
            "failed_executions": [],
        },
    )
    ids = [await center.signal(order) for order in (BUY, intent(SBIN, "SELL", 1))]
    center.clock.advance(timedelta(seconds=2))
    await center.signal(LIMIT)
    status, body = await post(browser, "approve-all")
    assert (status, body["status"]) == (200, "success")
    assert body["message"] == "Successfully approved and executed all 2 orders"
    assert (body["approved_count"], body["executed_count"]) == (2, 2)
    assert [order.client_order_id for order, _ in center.venue.placed] == [f"ac-{i}" for i in ids]


async def test_what_fails_of_all_is_told(center: Center, browser: httpx.AsyncClient) -> None:
    first = await center.signal(BUY)
    second = await center.signal(varied(BUY, strategy="another"))
    items = [{"id": first, "version": 9}, {"id": second, "version": 1}]
    _, body = await post(browser, "approve-all", {"items": items})
    assert body["status"] == "warning"
    assert body["message"] == "Approved 1 orders. 1 executed successfully, 1 failed"
    [failed] = body["failed_executions"]
    assert (failed["order_id"], failed["code"]) == (first, "not_pending")
    center.venue.refusal = InsufficientFunds("No money")
    _, body = await post(browser, "approve-all", {"items": [{"id": first, "version": 1}]})
    assert (body["status"], body["message"]) == (
        "error",
        "Approved 1 orders but all executions failed",
    )
    assert body["failed_executions"] == [
        {"order_id": first, "error": "No money", "code": "insufficient_funds"}
    ]


# --- rejecting, hiding, audit


async def test_an_order_is_rejected_with_or_without_a_reason(
    center: Center, browser: httpx.AsyncClient
) -> None:
    first, second = await center.signal(BUY), await center.signal(LIMIT)
    status, body = await post(browser, f"reject/{first}", {"reason": "too risky"})
    assert (status, body["message"], body["state"]) == (
        200,
        "Order rejected successfully",
        "rejected",
    )
    await post(browser, f"reject/{second}")
    orders = (await shown(browser, status="rejected"))["orders"]
    assert [order["rejected_reason"] for order in orders] == ["No reason provided", "too risky"]
    assert {order["rejected_by"] for order in orders} == {"ravi"}
    status, body = await post(browser, f"reject/{first}")
    assert (status, body["state"]) == (409, "rejected")


async def test_a_decided_order_goes_out_of_sight_but_not_out_of_mind(
    center: Center, browser: httpx.AsyncClient
) -> None:
    pending_id = await center.signal(BUY)
    path = f"/action-center/delete/{pending_id}"
    assert (await browser.delete(path)).status_code == 409
    await post(browser, f"reject/{pending_id}")
    reply = await browser.delete(path)
    assert reply.json() == {"status": "success", "message": "Order deleted successfully"}
    data = await shown(browser, status="all")
    assert data["orders"] == []
    assert data["statistics"]["total_rejected"] == 0
    rows = (await browser.get(f"/action-center/audit/{pending_id}")).json()["data"]
    assert [(row["actor"], row["action"], row["to_state"]) for row in rows] == [
        ("asha", "queue", "pending"),
        ("ravi", "reject", "rejected"),
        ("ravi", "hide", "rejected"),
    ]
    assert rows[1] | {"request_id": ""} == {
        "at": "2026-07-17T10:00:00+05:30",
        "actor": "ravi",
        "actor_ip": "127.0.0.1",
        "channel": "ui",
        "request_id": "",
        "action": "reject",
        "from_state": "pending",
        "to_state": "rejected",
        "detail": {},
    }


# --- strangers


async def test_a_user_neither_sees_nor_decides_what_others_have_waiting(
    center: Center, browser: httpx.AsyncClient, empty: Site
) -> None:
    mine, theirs = await center.signal(BUY), await center.signal(BUY, account_id=OTHER_ACCOUNT)
    assert [order["id"] for order in (await shown(browser, status="all"))["orders"]] == [mine]
    for method, path in (
        ("POST", "approve"),
        ("POST", "reject"),
        ("DELETE", "delete"),
        ("GET", "audit"),
        ("GET", "preview"),
    ):
        reply = await browser.request(method, f"/action-center/{path}/{theirs}")
        assert (reply.status_code, reply.json()["code"]) == (404, "pending_order_not_found")
    _, body = await post(browser, "approve-all", {"items": [{"id": theirs, "version": 1}]})
    assert body["failed_executions"][0]["code"] == "pending_order_not_found"
    assert center.venue.placed == []
    async with empty.browser() as other:
        await log_in(other, username="stranger")
        assert [order["id"] for order in (await shown(other))["orders"]] == [theirs]
        assert (await other.get("/action-center/count")).json() == {"count": 1}
    assert (await center.order(theirs, OTHER_ACCOUNT)).state is State.PENDING


async def test_a_database_that_fails_is_told(
    center: Center, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(center.book, "page", fail)
    reply = await browser.get("/action-center/api/data")
    assert (reply.status_code, reply.json()["code"]) == (503, "storage_unavailable")


# --- the program that sent the order


async def test_whoever_sent_an_order_learns_what_became_of_it(
    center: Center, browser: httpx.AsyncClient, empty: Site, api_key: str
) -> None:
    async def look(pending_id: int, path: str = "pendingorder") -> tuple[int, dict[str, Any]]:
        body = {"apikey": api_key, "pending_order_id": str(pending_id)}
        async with empty.browser() as program:
            reply = await program.post(f"/api/v1/{path}", json=body)
        return reply.status_code, reply.json()

    approved, withdrawn = await center.signal(BUY), await center.signal(LIMIT)
    theirs = await center.signal(BUY, account_id=OTHER_ACCOUNT)
    assert await look(approved) == (
        200,
        {
            "status": "success",
            "data": {
                "pending_order_id": approved,
                "api_type": "placeorder",
                "status": "pending",
                "state": "pending",
                "orderids": [],
                "created_at": "2026-07-17 10:00:00",
                "expires_at": "2026-07-17 10:05:00",
                "reason": None,
                "code": None,
            },
        },
    )
    await post(browser, f"approve/{approved}")
    _, body = await look(approved)
    assert (body["data"]["state"], body["data"]["orderids"]) == ("submitted", ["25112100000001"])
    status, body = await look(approved, "pendingorder/withdraw")
    assert (status, body["code"]) == (409, "not_pending")
    status, body = await look(withdrawn, "pendingorder/withdraw")
    assert (status, body["data"]["status"], body["data"]["state"]) == (
        200,
        "rejected",
        "withdrawn",
    )
    for path in ("pendingorder", "pendingorder/withdraw"):
        for pending_id in (theirs, 999):
            status, body = await look(pending_id, path)
            assert (status, body["code"]) == (404, "pending_order_not_found")
    assert (await look(0))[0] == 400
