"""GTT: orders that wait at the broker for a price."""

import json
from typing import Any

from openalgo.domain.clock import ist_text
from openalgo.domain.numbers import Px, px_float
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.twin.contracts import Contract
from openalgo.twin.exchange import Refused
from openalgo.twin.gtt import Gtt, Leg
from openalgo.twin.orders import Terms
from openalgo.twin.zerodha import forms
from openalgo.twin.zerodha.calls import Answer, Call, Route, success
from openalgo.twin.zerodha.errors import KiteError, bad_input
from openalgo.twin.zerodha.rows import Row
from openalgo.twin.zerodha.twin import ZerodhaTwin

_LEGS = {"single": 1, "two-leg": 2}


def place(twin: ZerodhaTwin, call: Call) -> Answer:
    gtt = twin.triggers.place(*_asked(twin, call))
    return success({"trigger_id": gtt.id})


def modify(twin: ZerodhaTwin, call: Call) -> Answer:
    contract, since, prices, terms = _asked(twin, call)
    number = _number(call)
    try:
        if twin.triggers.active(number).contract is not contract:
            raise bad_input("The instrument of a trigger cannot change.")
        twin.triggers.modify(number, since, prices, terms)
    except Refused as error:
        raise _missing(error) from None
    return success({"trigger_id": number})


def delete(twin: ZerodhaTwin, call: Call) -> Answer:
    try:
        gtt = twin.triggers.delete(_number(call))
    except Refused as error:
        raise _missing(error) from None
    return success({"trigger_id": gtt.id})


def one(twin: ZerodhaTwin, call: Call) -> Answer:
    gtt = twin.triggers.rows.get(_number(call))
    if gtt is None:
        raise _missing(f"There is no trigger {call.parts['trigger_id']}.")
    return success(_row(twin, gtt))


def all_of_them(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success([_row(twin, gtt) for gtt in twin.triggers.rows.values()])


def _asked(twin: ZerodhaTwin, call: Call) -> tuple[Contract, Px, tuple[Px, ...], tuple[Terms, ...]]:
    form = call.form()
    legs = _LEGS.get(form.get("type", ""))
    if legs is None:
        raise bad_input("Invalid `type`.")
    condition, orders = _decoded(form, "condition", dict), _decoded(form, "orders", list)
    contract = forms.known(
        twin.contracts, str(condition.get("exchange")), str(condition.get("tradingsymbol"))
    )
    since = forms.price({"last_price": str(condition.get("last_price", ""))}, "last_price")
    values = condition.get("trigger_values")
    if not isinstance(values, list) or len(values) != legs or len(orders) != legs:
        raise bad_input(f"A {form['type']} trigger has {legs} trigger values and orders.")
    prices = tuple(
        forms.price({"trigger_values": str(value)}, "trigger_values") for value in values
    )
    if not since:
        raise bad_input("Missing `last_price`.")
    if not all(prices) or sorted(prices) != [*prices] or since in prices:
        raise bad_input("Trigger values must be ascending, above 0 and not the last price.")
    if legs == 2 and not prices[0] < since < prices[1]:
        raise bad_input("The last price must be between the two trigger values.")
    return contract, since, prices, tuple(_terms(contract, order) for order in orders)


def _terms(contract: Contract, order: Any) -> Terms:
    if not isinstance(order, dict):
        raise bad_input("Invalid `orders`.")
    form = {name: str(value) for name, value in order.items()}
    if form.get("exchange") != contract.exchange or form.get("tradingsymbol") != contract.symbol:
        raise bad_input("The orders must be of the instrument of the condition.")
    if forms.word(PriceType, form, "order_type") is not PriceType.LIMIT:
        raise bad_input("Only LIMIT orders are allowed.")
    return forms.checked(
        Terms(
            contract=contract,
            action=forms.word(Action, form, "transaction_type"),
            price_type=PriceType.LIMIT,
            product=forms.word(Product, form, "product"),
            quantity=forms.whole(form, "quantity"),
            price=forms.price(form, "price"),
        )
    )


def _decoded(form: dict[str, str], name: str, kind: type) -> Any:
    try:
        found = json.loads(form.get(name, ""))
    except ValueError:
        raise bad_input(f"Invalid `{name}`.") from None
    if not isinstance(found, kind):
        raise bad_input(f"Invalid `{name}`.")
    return found


def _row(twin: ZerodhaTwin, gtt: Gtt) -> Row:
    return {
        "id": gtt.id,
        "user_id": twin.app.user,
        "parent_trigger": None,
        "type": "single" if len(gtt.legs) == 1 else "two-leg",
        "created_at": ist_text(gtt.created_at),
        "updated_at": ist_text(gtt.updated_at),
        "expires_at": ist_text(gtt.expires_at),
        "status": gtt.status,
        "condition": {
            "exchange": gtt.contract.exchange,
            "last_price": px_float(gtt.since),
            "tradingsymbol": gtt.contract.symbol,
            "trigger_values": [px_float(price) for price in gtt.prices],
            "instrument_token": gtt.contract.token,
        },
        "orders": [_leg(twin, gtt, leg) for leg in gtt.legs],
        "meta": {},
    }


def _leg(twin: ZerodhaTwin, gtt: Gtt, leg: Leg) -> Row:
    terms = leg.terms
    row: Row = {
        "exchange": terms.contract.exchange,
        "tradingsymbol": terms.contract.symbol,
        "product": terms.product,
        "order_type": terms.price_type,
        "transaction_type": terms.action,
        "quantity": terms.quantity,
        "price": px_float(terms.price),
    }
    if leg.order is None or leg.triggered_at is None:
        return row | {"result": None}
    result = {
        "status": "failed" if leg.failed else "success",
        "order_id": "" if leg.failed else leg.order.id,
        "rejection_reason": leg.order.message or "",
    }
    return row | {
        "result": row
        | {
            "account_id": twin.app.user,
            "validity": "DAY",
            "meta": json.dumps({"gtt": gtt.id}),
            "timestamp": ist_text(leg.triggered_at),
            "triggered_at": px_float(leg.at_price),
            "order_result": result,
        }
    }


def _number(call: Call) -> int:
    text = call.parts["trigger_id"]
    if not text.isdecimal():
        raise _missing(f"There is no trigger {text}.")
    return int(text)


def _missing(error: Refused | str) -> KiteError:
    return KiteError(404, "GeneralException", str(error))


ROUTES = (
    Route("POST", "/gtt/triggers", "gtt.place", place),
    Route("GET", "/gtt/triggers", "gtt.book", all_of_them),
    Route("GET", "/gtt/triggers/{trigger_id}", "gtt.one", one),
    Route("PUT", "/gtt/triggers/{trigger_id}", "gtt.modify", modify),
    Route("DELETE", "/gtt/triggers/{trigger_id}", "gtt.delete", delete),
)
