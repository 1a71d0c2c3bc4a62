"""The control API: what a person or a test may do to the twin while it runs. JSON in and out."""

from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

import msgspec

from openalgo.domain.numbers import Px, px, px_float
from openalgo.domain.orders import Product
from openalgo.twin.contracts import Contract
from openalgo.twin.exchange import Refused
from openalgo.twin.faults import Rule
from openalgo.twin.funds import Segment
from openalgo.twin.positions import Holding
from openalgo.twin.zerodha.calls import Answer, Call, Handler, Route, success
from openalgo.twin.zerodha.errors import KiteError, bad_input
from openalgo.twin.zerodha.ticker import Feed
from openalgo.twin.zerodha.twin import ZerodhaTwin

T = TypeVar("T")


class _Strict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    pass


class SetPrice(_Strict):
    """A trade of `instrument` (`NSE:SBIN`) at `price` rupees."""

    instrument: str
    price: Decimal
    quantity: int | None = None


class FillOrder(_Strict):
    """Of all that is left, at the market's price, where nothing is said."""

    quantity: int | None = None
    price: Decimal | None = None


class RejectOrder(_Strict):
    message: str = "Rejected by the exchange."


class SetFeed(_Strict):
    """`state`: live, mute (heartbeats and orders only) or stalled; `refuse` new connections."""

    state: str | None = None
    refuse: bool | None = None


class CloseFeed(_Strict):
    """With a close `code`, or with 0 by a reset."""

    code: int = 1001


class SendGarbage(_Strict):
    count: int = 1


class Settings(_Strict):
    walking: bool | None = None
    limited: bool | None = None
    latency_ms: float | None = None
    refuse_logins: bool | None = None
    tags: bool | None = None


class SetFunds(_Strict):
    """What each segment had this morning, in rupees."""

    equity: int | None = None
    commodity: int | None = None


class SetHolding(_Strict):
    instrument: str
    quantity: int
    average_price: Decimal
    t1: int = 0


class SetPosition(_Strict):
    """Carried from yesterday; `quantity` is signed."""

    instrument: str
    product: str
    quantity: int
    price: Decimal


def state(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success(
        {
            "app": {
                "key": twin.app.key,
                "user": twin.app.user,
                "callback": twin.app.callback,
            },
            "logged_in": twin.sessions.token is not None,
            "walking": twin.walking,
            "limited": twin.limits.on,
            "latency_ms": twin.exchange.latency / timedelta(milliseconds=1),
            "feed": twin.ticker.feed.name.lower(),
            "sockets": [
                {"instruments": len(socket.modes), "requests": socket.requests}
                for socket in twin.ticker.sockets
            ],
            "connections": twin.ticker.accepted,
            "instruments": len(twin.contracts),
            "orders": len(twin.exchange.orders),
            "requests": twin.requests,
        }
    )


def book(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success(twin.book())


def add_fault(twin: ZerodhaTwin, call: Call) -> Answer:
    return success(twin.faults.add(_body(call, Rule)))


def faults(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success([*twin.faults.rules])


def clear_faults(twin: ZerodhaTwin, _call: Call) -> Answer:
    twin.faults.clear()
    return success(data=True)


def remove_fault(twin: ZerodhaTwin, call: Call) -> Answer:
    number = call.parts["id"]
    if not number.isdecimal() or not twin.faults.remove(int(number)):
        raise KiteError(404, "GeneralException", f"There is no fault {number}.")
    return success(data=True)


def set_price(twin: ZerodhaTwin, call: Call) -> Answer:
    asked = _body(call, SetPrice)
    contract = _contract(twin, asked.instrument)
    twin.market.set_price(contract, _price(asked.price, contract), asked.quantity)
    twin.soon()
    return success({"last_price": px_float(twin.market.last(contract))})


def fill_order(twin: ZerodhaTwin, call: Call) -> Answer:
    asked, order_id = _body(call, FillOrder), call.parts["order_id"]
    try:
        price = None if asked.price is None else px(asked.price)
        twin.exchange.fill(order_id, asked.quantity, price)
    except Refused as error:
        raise bad_input(str(error)) from None
    return success({"order_id": order_id})


def reject_order(twin: ZerodhaTwin, call: Call) -> Answer:
    order_id = call.parts["order_id"]
    try:
        twin.exchange.reject(order_id, _body(call, RejectOrder).message)
    except Refused as error:
        raise bad_input(str(error)) from None
    return success({"order_id": order_id})


def set_feed(twin: ZerodhaTwin, call: Call) -> Answer:
    asked = _body(call, SetFeed)
    if asked.state is not None:
        try:
            twin.ticker.feed = Feed[asked.state.upper()]
        except KeyError:
            raise bad_input("A feed is live, mute or stalled.") from None
    if asked.refuse is not None:
        twin.ticker.refusing = asked.refuse
    return success(data=True)


def feed(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success(
        [
            {
                "instruments": {
                    contract.full_name: mode
                    for token, mode in socket.modes.items()
                    if (contract := twin.contracts.numbered(token)) is not None
                },
                "requests": socket.requests,
            }
            for socket in twin.ticker.sockets
        ]
    )


def close_feed(twin: ZerodhaTwin, call: Call) -> Answer:
    return success({"closed": twin.ticker.close_all(_body(call, CloseFeed).code)})


def send_garbage(twin: ZerodhaTwin, call: Call) -> Answer:
    twin.ticker.send_garbage(_body(call, SendGarbage).count)
    return success(data=True)


def change_settings(twin: ZerodhaTwin, call: Call) -> Answer:
    asked = _body(call, Settings)
    if asked.walking is not None:
        twin.walking = asked.walking
    if asked.limited is not None:
        twin.limits.on = asked.limited
    if asked.latency_ms is not None:
        twin.exchange.latency = timedelta(milliseconds=asked.latency_ms)
    if asked.refuse_logins is not None:
        twin.sessions.refuse_logins = asked.refuse_logins
    if asked.tags is not None:
        twin.show_tags(asked.tags)
    return success(data=True)


def session(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success({"access_token": twin.sessions.token})


def log_in(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success({"access_token": twin.sessions.log_in()})


def request_token(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success({"request_token": twin.sessions.request_token()})


def grant_refresh(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success({"refresh_token": twin.sessions.grant_refresh()})


def expire(twin: ZerodhaTwin, _call: Call) -> Answer:
    twin.expire_token()
    return success(data=True)


def set_funds(twin: ZerodhaTwin, call: Call) -> Answer:
    asked = _body(call, SetFunds)
    for segment in Segment:
        rupees = getattr(asked, segment)
        if rupees is not None:
            twin.account.funds.purses[segment].opening = px(rupees)
    return success(data=True)


def set_holding(twin: ZerodhaTwin, call: Call) -> Answer:
    asked = _body(call, SetHolding)
    contract = _contract(twin, asked.instrument)
    twin.account.holdings[contract.token] = Holding(
        contract, asked.quantity, px(asked.average_price), asked.t1
    )
    return success(data=True)


def set_position(twin: ZerodhaTwin, call: Call) -> Answer:
    asked = _body(call, SetPosition)
    contract = _contract(twin, asked.instrument)
    try:
        product = Product(asked.product)
    except ValueError:
        raise bad_input("Invalid `product`.") from None
    twin.account.carry_in(contract, product, asked.quantity, px(asked.price))
    return success(data=True)


def release_after_market(twin: ZerodhaTwin, _call: Call) -> Answer:
    twin.exchange.release_after_market()
    return success(data=True)


def new_day(twin: ZerodhaTwin, _call: Call) -> Answer:
    twin.new_day()
    return success(data=True)


def _contract(twin: ZerodhaTwin, name: str) -> Contract:
    contract = twin.contracts.named(name)
    if contract is None:
        raise bad_input(f"{name} is not listed.")
    return contract


def _price(rupees: Decimal, contract: Contract) -> Px:
    price = px(rupees, contract.tick)
    if price <= 0:
        raise bad_input("A price is above 0.")
    return price


def _body(call: Call, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(call.body or b"{}", type=shape)
    except msgspec.DecodeError as error:
        raise bad_input(f"{error}.") from None


def _route(method: str, path: str, handler: Handler) -> Route:
    return Route(method, f"/twin{path}", "twin", handler, session=False)


ROUTES = (
    _route("GET", "", state),
    _route("GET", "/book", book),
    _route("GET", "/faults", faults),
    _route("POST", "/faults", add_fault),
    _route("DELETE", "/faults", clear_faults),
    _route("DELETE", "/faults/{id}", remove_fault),
    _route("POST", "/prices", set_price),
    _route("POST", "/orders/{order_id}/fill", fill_order),
    _route("POST", "/orders/{order_id}/reject", reject_order),
    _route("GET", "/feed", feed),
    _route("POST", "/feed", set_feed),
    _route("POST", "/feed/close", close_feed),
    _route("POST", "/feed/garbage", send_garbage),
    _route("POST", "/settings", change_settings),
    _route("GET", "/session", session),
    _route("POST", "/session/login", log_in),
    _route("POST", "/session/request_token", request_token),
    _route("POST", "/session/refresh", grant_refresh),
    _route("POST", "/session/expire", expire),
    _route("POST", "/funds", set_funds),
    _route("POST", "/holdings", set_holding),
    _route("POST", "/positions", set_position),
    _route("POST", "/after_market/release", release_after_market),
    _route("POST", "/day", new_day),
)
