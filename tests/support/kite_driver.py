"""Runs inside the environment of the published client: one session of a user, as JSON.

Arguments: API address, ticker address, key, secret, request token, control address.
"""

import json
import sys
import threading
from datetime import datetime, timedelta

import requests
from kiteconnect import KiteConnect, KiteTicker
from kiteconnect.exceptions import InputException, OrderException, TokenException

api, stream, key, secret, request_token, control = sys.argv[1:]
kite = KiteConnect(api_key=key, root=api)
heard = {}
found = {}


def tell(path, **body):
    reply = requests.post(control + path, json=body, timeout=10)
    reply.raise_for_status()
    return reply.json()["data"]


def refused(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except (InputException, OrderException, TokenException) as error:
        return [type(error).__name__, error.code, str(error)]
    return None


def order(kind, **terms):
    return kite.place_order(
        **{
            "variety": kite.VARIETY_REGULAR,
            "exchange": "NSE",
            "tradingsymbol": "SBIN",
            "transaction_type": "BUY",
            "quantity": 10,
            "product": "MIS",
            "order_type": kind,
            **terms,
        }
    )


found["bad_request_token"] = refused(kite.generate_session, "wrong", api_secret=secret)
found["bad_secret"] = refused(kite.generate_session, request_token, api_secret="wrong")
found["session"] = kite.generate_session(request_token, api_secret=secret)
found["used_request_token"] = refused(kite.generate_session, request_token, api_secret=secret)
found["profile"] = kite.profile()
found["margins"] = kite.margins()
found["margins_equity"] = kite.margins("equity")
rows = kite.instruments()
found["instruments"] = len(rows)
found["exchanges"] = sorted({row["exchange"] for row in rows})
found["nfo"] = len(kite.instruments("NFO"))
named = {f"{row['exchange']}:{row['tradingsymbol']}": row for row in rows}
sbin, nifty = named["NSE:SBIN"], named["NSE:NIFTY 50"]
currency = next(row for row in rows if row["exchange"] == "CDS")
option = next(row for row in rows if row["instrument_type"] == "CE" and row["exchange"] == "NFO")
found["option"] = option
tell("/prices", instrument="NSE:SBIN", price=800)
found["quote"] = kite.quote("NSE:SBIN", "NSE:NIFTY 50", "NSE:NOTHING")
found["ohlc"] = kite.ohlc(["NSE:SBIN"])
found["ltp"] = kite.ltp("NSE:SBIN")
until = datetime(2026, 11, 20, 16)  # noqa: DTZ001 - the client takes it as IST
minutes = kite.historical_data(
    sbin["instrument_token"], until - timedelta(days=5), until, "minute", oi=True
)
days = kite.historical_data(sbin["instrument_token"], "2026-10-01", "2026-10-31", "day")
found["minutes"], found["days"] = [minutes[0], minutes[-1], len(minutes)], [days[0], len(days)]

# The ticker, from the first connection to every mode of every kind of instrument.
ticker = KiteTicker(key, kite.access_token, root=stream)
changed = threading.Condition()
updates, ticks = [], {}


def on_ticks(_ws, many):
    with changed:
        for tick in many:
            ticks[(tick["instrument_token"], tick["mode"])] = tick
        changed.notify_all()


def on_order(_ws, data):
    with changed:
        updates.append(data)
        changed.notify_all()


def wait(condition):
    with changed:
        assert changed.wait_for(condition, timeout=20), "nothing came in 20 seconds"


connected = threading.Event()
ticker.on_ticks, ticker.on_order_update = on_ticks, on_order
ticker.on_connect = lambda _ws, _response: connected.set()
ticker.connect(threaded=True)
assert connected.wait(20)
tokens = [row["instrument_token"] for row in (sbin, nifty, currency, option)]


def subscribe(mode):
    from twisted.internet import reactor

    reactor.callFromThread(ticker.subscribe, tokens)
    if mode != "quote":
        reactor.callFromThread(ticker.set_mode, mode, tokens)
    wait(lambda: all((token, mode) in ticks for token in tokens))


for mode in ("quote", "ltp", "full"):
    subscribe(mode)
with changed:
    found["ticks"] = {
        mode: [ticks[(token, mode)] for token in tokens] for mode in ("ltp", "quote", "full")
    }
found["cds"] = kite.ltp(f"CDS:{currency['tradingsymbol']}")

# Orders.
market = order("MARKET", market_protection=-1, tag="driver")
wait(lambda: any(row["order_id"] == market and row["status"] == "COMPLETE" for row in updates))
with changed:
    found["update"] = next(row for row in updates if row["status"] == "COMPLETE")
limit = order("LIMIT", price=780, quantity=5)
wait(lambda: any(row["order_id"] == limit and row["status"] == "OPEN" for row in updates))
kite.modify_order("regular", limit, price=781, quantity=6, order_type="LIMIT")
found["modified"] = kite.order_history(limit)
kite.cancel_order("regular", limit)
stop = order("SL", price=821, trigger_price=820, quantity=3)
wait(lambda: any(row["order_id"] == stop for row in updates))
tell("/prices", instrument="NSE:SBIN", price=820)
wait(lambda: any(row["order_id"] == stop and row["status"] == "COMPLETE" for row in updates))
found["refusals"] = {
    "protection": refused(order, "MARKET"),
    "tag": refused(order, "LIMIT", price=780, tag="x" * 21),
    "symbol": refused(order, "LIMIT", price=780, tradingsymbol="NOTHING"),
    "index": refused(order, "LIMIT", price=780, tradingsymbol="NIFTY 50"),
    "tick": refused(order, "LIMIT", price=780.033),
    "price": refused(order, "LIMIT"),
    "variety": refused(order, "LIMIT", price=780, variety="co"),
    "finished": refused(kite.cancel_order, "regular", limit),
    "unknown": refused(kite.cancel_order, "regular", "1"),
}
found["orders"] = kite.orders()
found["trades"] = kite.trades()
found["order_trades"] = kite.order_trades(market)
found["positions"] = kite.positions()
found["converted"] = kite.convert_position(
    "NSE", "SBIN", "BUY", "day", 4, old_product="MIS", new_product="CNC"
)
found["converted_positions"] = kite.positions()["net"]
tell("/holdings", instrument="NSE:INFY", quantity=7, t1=2, average_price=1500)
found["holdings"] = kite.holdings()
found["sliced"] = kite.place_autoslice_order(
    "regular",
    "NFO",
    option["tradingsymbol"],
    "BUY",
    option["lot_size"] * 60,
    "NRML",
    "LIMIT",
    price=option["tick_size"],
)

# GTT.
last = kite.ltp("NSE:SBIN")["NSE:SBIN"]["last_price"]
leg = {"transaction_type": "SELL", "quantity": 1, "order_type": "LIMIT", "product": "CNC"}
single = kite.place_gtt("single", "SBIN", "NSE", [700], last, [{**leg, "price": 700}])
oco = kite.place_gtt(
    "two-leg", "SBIN", "NSE", [700, 830], last, [{**leg, "price": 699}, {**leg, "price": 829}]
)
found["gtt_modified"] = kite.modify_gtt(
    single["trigger_id"], "single", "SBIN", "NSE", [690], last, [{**leg, "price": 690}]
)
tell("/prices", instrument="NSE:SBIN", price=831)
found["gtts"] = kite.get_gtts()
found["gtt"] = kite.get_gtt(oco["trigger_id"])
found["gtt_deleted"] = kite.delete_gtt(single["trigger_id"])

basket = [
    {
        "exchange": option["exchange"],
        "tradingsymbol": option["tradingsymbol"],
        "transaction_type": side,
        "variety": "regular",
        "product": "NRML",
        "order_type": "MARKET",
        "quantity": option["lot_size"],
        "price": 0,
        "trigger_price": 0,
    }
    for side in ("BUY", "SELL")
]
found["order_margins"] = kite.order_margins(basket)
found["basket_margins"] = kite.basket_order_margins(basket)

ticker.close()
found["invalidated"] = kite.invalidate_access_token()
found["after"] = refused(kite.profile)
print(json.dumps(found, default=str))  # noqa: T201 - the protocol of this program
