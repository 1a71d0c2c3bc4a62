"""Placing, modifying and cancelling orders; the books of orders and trades."""

from dataclasses import replace

from openalgo.twin.exchange import Refused
from openalgo.twin.orders import Order
from openalgo.twin.zerodha import forms, rows
from openalgo.twin.zerodha.calls import Answer, Call, Route, success
from openalgo.twin.zerodha.errors import KiteError, bad_input, bad_order
from openalgo.twin.zerodha.twin import ZerodhaTwin

_AUTOSLICE_MOST = 10


def place(twin: ZerodhaTwin, call: Call) -> Answer:
    form, variety = call.form(), call.parts["variety"]
    if form.get("autoslice", "").lower() == "true":
        return _place_sliced(twin, form, variety)
    order = twin.place(forms.placed(form, variety, twin.contracts))
    return success({"order_id": order.id})


def modify(twin: ZerodhaTwin, call: Call) -> Answer:
    order = _known(twin, call)
    try:
        terms = forms.modified(call.form(), call.parts["variety"], order)
        twin.exchange.modify(order.id, terms)
    except Refused as error:
        raise bad_order(str(error)) from None
    return success({"order_id": order.id})


def cancel(twin: ZerodhaTwin, call: Call) -> Answer:
    order = _known(twin, call)
    if call.parts["variety"] != order.terms.variety:
        raise bad_order(f"Order {order.id} is not of the variety {call.parts['variety']}.")
    try:
        twin.exchange.cancel(order.id)
    except Refused as error:
        raise bad_order(str(error)) from None
    return success({"order_id": order.id})


def book(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success([twin.encoded_row(order) for order in twin.exchange.orders.values()])


def history(twin: ZerodhaTwin, call: Call) -> Answer:
    states = rows.history_rows(_known(twin, call), twin.app)
    return success([*map(twin.shown, states)])


def trades_of_order(twin: ZerodhaTwin, call: Call) -> Answer:
    return success([rows.trade_row(trade) for trade in _known(twin, call).trades])


def trades(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success([rows.trade_row(trade) for trade in twin.exchange.trades])


def _place_sliced(twin: ZerodhaTwin, form: dict[str, str], variety: str) -> Answer:
    """One order up to the largest quantity, more of them beyond it."""
    contract = forms.known(twin.contracts, form.get("exchange", ""), form.get("tradingsymbol", ""))
    quantity = forms.whole(form, "quantity")
    largest = contract.largest or quantity
    slices = [min(largest, quantity - done) for done in range(0, quantity, largest or 1)]
    if len(slices) <= 1:
        order = twin.place(forms.placed(form, variety, twin.contracts))
        return success({"order_id": order.id, "children": []})
    if len(slices) > _AUTOSLICE_MOST:
        raise bad_input(f"An order is sliced into {_AUTOSLICE_MOST} at most.")
    first = forms.placed(form | {"quantity": str(slices[0])}, variety, twin.contracts)
    orders = [twin.place(replace(first, quantity=slices[0]))]
    children: list[dict[str, object]] = []
    for part in slices[1:]:
        try:
            terms = forms.placed(form | {"quantity": str(part)}, variety, twin.contracts)
        except KiteError as error:
            told = {
                "code": error.status,
                "error_type": error.error_type,
                "message": error.message,
                "data": None,
            }
            children.append({"error": told})
        else:
            orders.append(twin.place(replace(terms, parent=orders[0].id)))
            children.append({"order_id": orders[-1].id})
    return success({"order_id": orders[0].id, "children": children})


def _known(twin: ZerodhaTwin, call: Call) -> Order:
    order = twin.exchange.orders.get(call.parts["order_id"])
    if order is None:
        raise bad_order(f"Couldn't find the order {call.parts['order_id']}.")
    return order


ROUTES = (
    Route("POST", "/orders/{variety}", "orders.place", place, limit="order"),
    Route("PUT", "/orders/{variety}/{order_id}", "orders.modify", modify, limit="order"),
    Route("DELETE", "/orders/{variety}/{order_id}", "orders.cancel", cancel, limit="order"),
    Route("GET", "/orders", "orders.book", book),
    Route("GET", "/orders/{order_id}", "orders.history", history),
    Route("GET", "/orders/{order_id}/trades", "orders.trades", trades_of_order),
    Route("GET", "/trades", "trades", trades),
)
