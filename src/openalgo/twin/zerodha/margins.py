"""What orders would need: one by one, and together."""

from collections.abc import Sequence
from typing import Any

from openalgo.domain.numbers import PX_SCALE
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.twin.contracts import Contract
from openalgo.twin.funds import Margin, margin_of, segment_of
from openalgo.twin.zerodha import forms
from openalgo.twin.zerodha.calls import Answer, Call, Route, success
from openalgo.twin.zerodha.errors import bad_input
from openalgo.twin.zerodha.rows import Row
from openalgo.twin.zerodha.twin import ZerodhaTwin

_MOST_BROKERAGE = 20 * PX_SCALE
_BROKERAGE_SHARE = 3_333


def of_each(twin: ZerodhaTwin, call: Call) -> Answer:
    asked = [_asked(twin, order) for order in _orders(call)]
    return success([_row(contract, margin, charge) for contract, _, margin, charge in asked])


def of_basket(twin: ZerodhaTwin, call: Call) -> Answer:
    """`final` counts, of what is bought and sold on one underlying, the dearer side only."""
    asked = [_asked(twin, order) for order in _orders(call)]
    initial = _sum([margin for _, _, margin, _ in asked])
    sides: dict[tuple[str, Action], int] = {}
    for contract, action, margin, _ in asked:
        key = (contract.base, action)
        sides[key] = sides.get(key, 0) + margin.span
    span = sum(
        max(sides.get((base, Action.BUY), 0), sides.get((base, Action.SELL), 0))
        for base in {base for base, _ in sides}
    )
    charge = sum(charge for *_, charge in asked)
    return success(
        {
            "initial": _row(None, initial, 0),
            "final": _row(None, initial._replace(span=span), 0),
            "orders": [_row(contract, margin, fee) for contract, _, margin, fee in asked],
            "charges": _charges(charge),
        }
    )


def _orders(call: Call) -> Sequence[Any]:
    orders = call.json()
    if not isinstance(orders, list) or not orders:
        raise bad_input("The body must be a list of orders.")
    return orders


def _asked(twin: ZerodhaTwin, order: Any) -> tuple[Contract, Action, Margin, int]:
    if not isinstance(order, dict):
        raise bad_input("Invalid order.")
    form = {name: str(value) for name, value in order.items()}
    contract = forms.known(twin.contracts, form.get("exchange", ""), form.get("tradingsymbol", ""))
    action = forms.word(Action, form, "transaction_type")
    product = forms.word(Product, form, "product")
    forms.word(PriceType, form, "order_type")
    quantity = forms.whole(form, "quantity")
    price = forms.price(form, "price") or twin.market.last(contract)
    worth = quantity * price * contract.multiplier
    charge = min(_MOST_BROKERAGE, worth // _BROKERAGE_SHARE)
    return contract, action, margin_of(contract, action, product, quantity, price), charge


def _sum(margins: Sequence[Margin]) -> Margin:
    return Margin(*(sum(parts) for parts in zip(*margins, strict=True)))


def _row(contract: Contract | None, margin: Margin, charge: int) -> Row:
    return {
        "type": segment_of(contract) if contract else "",
        "tradingsymbol": contract.symbol if contract else "",
        "exchange": contract.exchange if contract else "",
        "span": margin.span / PX_SCALE,
        "exposure": margin.exposure / PX_SCALE,
        "option_premium": margin.premium / PX_SCALE,
        "additional": 0,
        "bo": 0,
        "cash": 0,
        "var": margin.cash / PX_SCALE,
        "pnl": {"realised": 0, "unrealised": 0},
        "leverage": 1 if contract else 0,
        "charges": _charges(charge),
        "total": margin.total / PX_SCALE,
    }


def _charges(charge: int) -> Row:
    return {
        "transaction_tax": 0,
        "transaction_tax_type": "",
        "exchange_turnover_charge": 0,
        "sebi_turnover_charge": 0,
        "brokerage": charge / PX_SCALE,
        "stamp_duty": 0,
        "gst": {"igst": 0, "cgst": 0, "sgst": 0, "total": 0},
        "total": charge / PX_SCALE,
    }


ROUTES = (
    Route("POST", "/margins/orders", "margins.orders", of_each),
    Route("POST", "/margins/basket", "margins.basket", of_basket),
)
