import csv
import gzip
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from openalgo.brokers.zerodha.instruments import parse
from openalgo.domain.clock import ManualClock
from openalgo.domain.numbers import px
from openalgo.instruments.skipped import SkippedRows
from openalgo.twin.zerodha import dump
from openalgo.twin.zerodha.served import serving_zerodha
from openalgo.twin.zerodha.twin import Setup
from tests.twin.conftest import NOW
from tests.twin.zerodha.conftest import LIMIT, ORDER, Client, connected


def without(form: dict[str, str], name: str) -> dict[str, str]:
    return {field: value for field, value in form.items() if field != name}


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (without(ORDER, "market_protection"), "market protection"),
        (ORDER | {"market_protection": "0"}, "market protection"),
        (ORDER | {"market_protection": "101"}, "Market protection"),
        (ORDER | {"order_type": "SL-M", "trigger_price": "900", "market_protection": "0"}, "SL-M"),
        (ORDER | {"tag": "x" * 21}, "Tag"),
        (ORDER | {"quantity": "0"}, "Quantity"),
        (ORDER | {"quantity": "1.5"}, "quantity"),
        (ORDER | {"quantity": "-1"}, "quantity"),
        (without(ORDER, "quantity"), "quantity"),
        (ORDER | {"product": "NRML"}, "NRML is not allowed on NSE"),
        (ORDER | {"product": "BO"}, "BO is not allowed on NSE"),
        (ORDER | {"product": "XYZ"}, "product"),
        (ORDER | {"transaction_type": "buy"}, "transaction_type"),
        (ORDER | {"order_type": "STOP"}, "order_type"),
        (ORDER | {"tradingsymbol": "NOTHING"}, "NSE:NOTHING"),
        (ORDER | {"tradingsymbol": "NIFTY 50"}, "index"),
        (LIMIT | {"price": "0"}, "needs a price"),
        (LIMIT | {"price": "900.033"}, "tick size"),
        (LIMIT | {"price": "NaN"}, "price"),
        (LIMIT | {"order_type": "SL"}, "needs a trigger price"),
        (LIMIT | {"order_type": "SL", "trigger_price": "901"}, "below its trigger"),
        (LIMIT | {"validity": "TTL"}, "TTL"),
        (LIMIT | {"disclosed_quantity": "11"}, "Disclosed"),
    ],
)
async def test_what_the_broker_does_not_take(
    client: Client, form: dict[str, str], message: str
) -> None:
    status, kind, told = await client.refused("POST", "/orders/regular", data=form)
    assert (status, kind) == (400, "InputException")
    assert message in told
    assert client.twin.book() == []


async def test_an_order_must_be_a_form(client: Client) -> None:
    status, kind, _ = await client.refused("POST", "/orders/regular", json=ORDER)
    assert (status, kind) == (400, "InputException")


@pytest.mark.parametrize("variety", ["co", "auction", "bo", "REGULAR"])
async def test_a_variety_that_is_not_served(client: Client, variety: str) -> None:
    status, _, told = await client.refused("POST", f"/orders/{variety}", data=ORDER)
    assert status == 400
    assert variety in told


async def test_derivatives_come_in_lots(client: Client) -> None:
    option = next(row for row in client.twin.contracts if row.is_option and row.exchange == "NFO")
    form = LIMIT | {
        "exchange": "NFO",
        "tradingsymbol": option.symbol,
        "product": "NRML",
        "price": "0.05",
    }
    status, _, told = await client.refused("POST", "/orders/regular", data=form)
    assert (status, told) == (400, f"Quantity should be a multiple of {option.lot}.")
    too_many = {"quantity": str(option.largest + option.lot)}
    assert (await client.refused("POST", "/orders/regular", data=form | too_many))[0] == 400
    sliced = await client.ok(
        "POST", "/orders/regular", data=form | too_many | {"autoslice": "true"}
    )
    quantities = [row["quantity"] for row in client.twin.book()]
    assert quantities == [option.largest, option.lot]
    assert [sliced["order_id"], sliced["children"][0]["order_id"]] == [
        row["order_id"] for row in client.twin.book()
    ]


async def test_an_order_from_the_form_to_the_books(client: Client) -> None:
    sbin = client.twin.contracts.named("NSE:SBIN")
    assert sbin is not None
    client.twin.market.set_price(sbin, px("900"))
    order_id = await client.place(LIMIT | {"tag": "mine", "price": "899.5"})
    client.twin.exchange.work()
    row = await client.row(order_id)
    assert (row["status"], row["pending_quantity"], row["tags"]) == ("OPEN", 10, ["mine"])
    await client.ok("PUT", f"/orders/regular/{order_id}", data={"price": "901", "quantity": "4"})
    row = await client.row(order_id)
    assert (row["status"], row["average_price"], row["modified"]) == ("COMPLETE", 900, True)
    (trade,) = await client.ok("GET", "/trades")
    assert (trade["order_id"], trade["quantity"], len(trade["order_timestamp"])) == (order_id, 4, 8)
    assert await client.ok("GET", f"/orders/{order_id}/trades") == [trade]
    (net,) = (await client.ok("GET", "/portfolio/positions"))["net"]
    assert (net["quantity"], net["day_buy_value"], net["average_price"]) == (4, 3600, 900)
    margins = await client.ok("GET", "/user/margins")
    assert margins["equity"]["utilised"]["debits"] == 3600 * 0.2
    states = [row["status"] for row in await client.ok("GET", f"/orders/{order_id}")]
    assert (states[0], states[-1]) == ("PUT ORDER REQ RECEIVED", "COMPLETE")
    assert client.twin.book()[0]["tag"] == "mine"


async def test_a_book_says_when_an_order_was_placed() -> None:
    clock = ManualClock(NOW)
    async with connected(Setup(clock=clock, walking=False)) as client:
        order_id = await client.place(LIMIT | {"price": "850"})
        client.twin.exchange.work()
        clock.advance(timedelta(minutes=5))
        await client.ok("DELETE", f"/orders/regular/{order_id}")
        assert (await client.row(order_id))["order_timestamp"] == "2026-11-20 10:00:00"
        states = await client.ok("GET", f"/orders/{order_id}")
        assert states[-1]["order_timestamp"] == "2026-11-20 10:05:00"


async def test_changes_need_the_variety_of_the_order(client: Client) -> None:
    order_id = await client.place(LIMIT, "amo")
    for method in ("PUT", "DELETE"):
        status, kind, _ = await client.refused(
            method, f"/orders/regular/{order_id}", **({"data": LIMIT} if method == "PUT" else {})
        )
        assert (status, kind) == (400, "OrderException")
    assert (await client.row(order_id))["status"] == "AMO REQ RECEIVED"
    await client.ok("DELETE", f"/orders/amo/{order_id}")
    assert (await client.row(order_id))["status"] == "CANCELLED"


async def test_an_order_is_modified_25_times(client: Client) -> None:
    order_id = await client.place(LIMIT | {"price": "850"})
    client.twin.exchange.work()
    for number in range(25):
        change = {"price": str(850 + number / 10)}
        await client.ok("PUT", f"/orders/regular/{order_id}", data=change)
    status, kind, told = await client.refused(
        "PUT", f"/orders/regular/{order_id}", data={"price": "840"}
    )
    assert (status, kind) == (400, "OrderException")
    assert "25 times" in told


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({"Authorization": ""}, 403, "TokenException"),
        ({"Authorization": "token twinkey:wrong"}, 403, "TokenException"),
        ({"Authorization": "token other:wrong"}, 403, "TokenException"),
        ({"X-Kite-Version": ""}, 400, "InputException"),
        ({"X-Kite-Version": "2"}, 400, "InputException"),
    ],
)
async def test_who_may_not_ask(
    client: Client, headers: dict[str, str], status: int, kind: str
) -> None:
    found = await client.refused("GET", "/orders", headers=headers)
    assert found[:2] == (status, kind)


async def test_routes_that_are_not_there(client: Client) -> None:
    assert (await client.refused("GET", "/nothing/at/all"))[0] == 404
    assert (await client.refused("DELETE", "/trades"))[0] == 405


async def test_quotes_leave_out_what_is_not_listed(client: Client) -> None:
    asked = {"i": ["NSE:SBIN", "NSE:NOTHING", "NSE:NIFTY 50", "NSE:M&M"]}
    for path in ("/quote", "/quote/ohlc", "/quote/ltp"):
        assert set(await client.ok("GET", path, params=asked)) == {
            "NSE:SBIN",
            "NSE:NIFTY 50",
            "NSE:M&M",
        }
    assert "depth" not in (await client.ok("GET", "/quote", params=asked))["NSE:NIFTY 50"]
    many = {"i": ["NSE:SBIN"] * 501}
    assert (await client.refused("GET", "/quote", params=many))[0] == 400
    assert "NSE:SBIN" in await client.ok("GET", "/quote/ltp", params=many)


async def test_minutes_add_up_to_days(client: Client) -> None:
    span = {"from": "2026-10-01 00:00:00", "to": "2026-10-30 23:59:59"}
    days = (await client.ok("GET", "/instruments/historical/779521/day", params=span))["candles"]
    for interval in ("minute", "3minute", "60minute"):
        path = f"/instruments/historical/779521/{interval}"
        parts = (await client.ok("GET", path, params=span))["candles"]
        for day in days:
            of_day = [part for part in parts if part[0][:10] == day[0][:10]]
            assert of_day[0][0].endswith("T09:15:00+0530")
            assert (of_day[0][1], of_day[-1][4]) == (day[1], day[4])
            assert max(part[2] for part in of_day) == day[2]
            assert min(part[3] for part in of_day) == day[3]


async def test_history_has_limits(client: Client) -> None:
    long = {"from": "2026-01-01", "to": "2026-10-01"}
    path = "/instruments/historical/779521"
    assert (await client.refused("GET", f"{path}/minute", params=long))[0] == 400
    assert (await client.ok("GET", f"{path}/day", params=long))["candles"]
    assert (await client.refused("GET", f"{path}/2minute", params=long))[0] == 400
    assert (await client.refused("GET", "/instruments/historical/1/day", params=long))[0] == 400
    backwards = {"from": "2026-02-01", "to": "2026-01-01"}
    assert (await client.refused("GET", f"{path}/day", params=backwards))[0] == 400
    with_interest = {"from": "2026-09-01", "to": "2026-09-30", "oi": "1"}
    (first, *_) = (await client.ok("GET", f"{path}/day", params=with_interest))["candles"]
    assert len(first) == 7


async def test_the_list_is_one_our_own_reader_takes_whole(client: Client) -> None:
    reply = await client.http.get("/instruments")
    assert reply.headers["content-type"] == "text/csv"
    assert reply.headers["content-encoding"] == "gzip"
    skipped = SkippedRows()
    found = list(parse(reply.text.splitlines(), skipped))
    assert skipped.total == 0
    assert len(found) == len(client.twin.contracts)
    names = {str(instrument.key) for instrument in found}
    assert {"NSE:SBIN", "NSE_INDEX:NIFTY", "BSE_INDEX:SENSEX"} <= names
    assert {row.exchange for row in found} >= {"NFO", "BFO", "CDS", "MCX"}
    assert len(names) == len(found)
    tokens = [row.token for row in client.twin.contracts]
    assert len(set(tokens)) == len(tokens)
    some = await client.http.get("/instruments/NFO", headers={"Accept-Encoding": "identity"})
    assert {row["exchange"] for row in csv.DictReader(some.text.splitlines())} == {"NFO"}


async def test_a_file_is_listed_instead(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "instruments.csv.gz"
    path.write_bytes(gzip.compress(dump.written(client.twin.contracts)))
    again = dump.read(path)
    assert dump.written(again.contracts) == dump.written(client.twin.contracts)
    async with connected(Setup(listing=again, walking=False)) as other:
        found = await other.ok("GET", "/quote/ltp", params={"i": "NSE:NIFTY 50"})
        assert 20_000 < found["NSE:NIFTY 50"]["last_price"] < 30_000
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(dump.NotADump, match="no column"):
        dump.read(tmp_path / "bad.csv")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/quote?i=NSE:SBIN", 1),
        ("GET", "/instruments/historical/779521/day?from=2026-10-01&to=2026-10-02", 3),
        ("POST", "/orders/regular", 10),
        ("GET", "/orders", 10),
    ],
)
async def test_one_request_too_many(method: str, path: str, allowed: int) -> None:
    async with connected(Setup(walking=False, limited=True)) as client:
        client.twin.limits._now = lambda: 1_000.0
        sent = {"data": ORDER} if method == "POST" else {}
        for _ in range(allowed):
            await client.ok(method, path, **sent)
        found = await client.refused(method, path, **sent)
        assert found == (429, "NetworkException", "Too many requests")
        client.twin.limits._now = lambda: 1_001.0
        await client.ok(method, path, **sent)


def gtt(values: list[float], prices: list[float], kind: str) -> dict[str, str]:
    leg = {
        "exchange": "NSE",
        "tradingsymbol": "SBIN",
        "transaction_type": "BUY",
        "quantity": 1,
        "order_type": "LIMIT",
        "product": "CNC",
    }
    condition = {
        "exchange": "NSE",
        "tradingsymbol": "SBIN",
        "trigger_values": values,
        "last_price": 900.0,
    }
    return {
        "type": kind,
        "condition": json.dumps(condition),
        "orders": json.dumps([{**leg, "price": price} for price in prices]),
    }


async def test_a_trigger_places_one_leg(client: Client) -> None:
    sbin = client.twin.contracts.named("NSE:SBIN")
    assert sbin is not None
    client.twin.market.set_price(sbin, px(900))
    asked = gtt([880, 920], [881, 921], "two-leg")
    number = (await client.ok("POST", "/gtt/triggers", data=asked))["trigger_id"]
    client.twin.market.set_price(sbin, px("880.1"))
    assert (await client.ok("GET", f"/gtt/triggers/{number}"))["status"] == "active"
    client.twin.market.set_price(sbin, px(879))
    client.twin.exchange.work()
    row = await client.ok("GET", f"/gtt/triggers/{number}")
    assert (row["status"], row["orders"][1]["result"]) == ("triggered", None)
    order_id = row["orders"][0]["result"]["order_result"]["order_id"]
    assert (await client.row(order_id))["average_price"] == 879
    client.twin.market.set_price(sbin, px(921))
    assert len(client.twin.book()) == 1
    assert (await client.refused("DELETE", f"/gtt/triggers/{number}"))[0] == 404


@pytest.mark.parametrize(
    "form",
    [
        gtt([880], [881], "two-leg"),
        gtt([920, 880], [921, 881], "two-leg"),
        gtt([900], [900], "single"),
        gtt([910, 920], [911, 921], "two-leg"),
        gtt([880], [0], "single"),
        gtt([880], [881], "triple"),
        gtt([880], [881], "single") | {"orders": "["},
        gtt([880], [881], "single") | {"condition": "[]"},
    ],
)
async def test_triggers_that_contradict_themselves(client: Client, form: dict[str, str]) -> None:
    found = await client.refused("POST", "/gtt/triggers", data=form)
    assert found[:2] == (400, "InputException")


async def test_orders_reach_the_exchange_after_the_latency() -> None:
    async with connected(Setup(walking=False, latency=timedelta(hours=1))) as client:
        order_id = await client.place()
        assert (await client.row(order_id))["status"] == "PUT ORDER REQ RECEIVED"
        status, kind, told = await client.refused("DELETE", f"/orders/regular/{order_id}")
        assert (status, kind) == (400, "OrderException")
        assert "being processed" in told


async def test_two_twins_of_one_seed_are_alike() -> None:
    setup = Setup(seed=5, walking=False)

    async def prices() -> list[int]:
        async with connected(setup) as client:
            row = client.twin.contracts.named("NSE:SBIN")
            assert row is not None
            found = []
            for _ in range(20):
                list(client.twin.market.step([row], 60))
                found.append(client.twin.market.last(row))
            return [*found]

    first = await prices()
    assert first == await prices()
    assert len(set(first)) > 5
    setup = replace(setup, seed=6)
    assert first != await prices()


async def test_a_port_that_is_taken_is_said(client: Client) -> None:
    with pytest.raises(OSError, match="in use"):
        async with serving_zerodha(port=client.served.port):
            pytest.fail("two twins on one port")
