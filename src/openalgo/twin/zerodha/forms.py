"""Order forms, checked as the broker's front checks them: before the order has an id."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from openalgo.domain.numbers import Px, px
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.domain.words import Word
from openalgo.twin.contracts import Contract, Contracts
from openalgo.twin.orders import Order, Terms, Validity
from openalgo.twin.zerodha.errors import KiteError, bad_input, bad_order

VARIETIES = ("regular", "amo", "iceberg")
MOST_MODIFICATIONS = 25
LONGEST_TAG = 20

_LONGEST_TTL = 1440
_DERIVATIVE_PRODUCTS = frozenset({Product.NRML, Product.MIS})
_EQUITY_PRODUCTS = frozenset({Product.CNC, Product.MIS})

W = TypeVar("W", bound=Word)


def placed(form: Mapping[str, str], variety: str, contracts: Contracts) -> Terms:
    """The terms of a new order. Raises `KiteError` for a form the broker would not take."""
    _check_variety(variety)
    contract = known(contracts, form.get("exchange", ""), form.get("tradingsymbol", ""))
    if contract.is_index:
        raise bad_input(f"{contract.full_name} is an index and cannot be traded.")
    tag = form.get("tag") or None
    if tag is not None and (len(tag) > LONGEST_TAG or not tag.isascii() or not tag.isprintable()):
        raise bad_input(f"Tag must be up to {LONGEST_TAG} characters.")
    validity = word(Validity, form, "validity", Validity.DAY)
    minutes = whole(form, "validity_ttl", 0)
    if validity is Validity.TTL and not 1 <= minutes <= _LONGEST_TTL:
        raise bad_input(f"Validity TTL must be 1 to {_LONGEST_TTL} minutes.")
    terms = Terms(
        contract=contract,
        action=word(Action, form, "transaction_type"),
        price_type=word(PriceType, form, "order_type"),
        product=word(Product, form, "product"),
        quantity=whole(form, "quantity"),
        price=price(form, "price"),
        trigger=price(form, "trigger_price"),
        disclosed=whole(form, "disclosed_quantity", 0),
        validity=validity,
        minutes=minutes,
        protection=protection(form),
        variety=variety,
        tag=tag,
    )
    return checked(terms)


def modified(form: Mapping[str, str], variety: str, order: Order) -> Terms:
    """The new terms of `order`: what the form leaves out stays. Raises `KiteError`."""
    _check_variety(variety)
    old = order.terms
    if variety != old.variety:
        raise bad_order(f"Order {order.id} is not of the variety {variety}.")
    if order.modifications >= MOST_MODIFICATIONS:
        raise bad_order(f"An order can be modified {MOST_MODIFICATIONS} times at most.")
    return checked(
        replace(
            old,
            price_type=word(PriceType, form, "order_type", old.price_type),
            quantity=whole(form, "quantity", old.quantity),
            price=price(form, "price", old.price),
            trigger=price(form, "trigger_price", old.trigger),
            disclosed=whole(form, "disclosed_quantity", old.disclosed),
            validity=word(Validity, form, "validity", old.validity),
            protection=protection(form),
        )
    )


def checked(terms: Terms) -> Terms:
    """`terms` with the prices their type takes. Raises `KiteError` for what contradicts itself."""
    contract, kind = terms.contract, terms.price_type
    allowed = _EQUITY_PRODUCTS if contract.is_cash else _DERIVATIVE_PRODUCTS
    if terms.product not in allowed:
        raise bad_input(f"Product {terms.product} is not allowed on {contract.exchange}.")
    if terms.quantity <= 0:
        raise bad_input("Quantity must be above 0.")
    if terms.quantity % contract.lot:
        raise bad_input(f"Quantity should be a multiple of {contract.lot}.")
    if contract.largest and terms.quantity > contract.largest:
        raise bad_input(f"Quantity is above the largest of one order, {contract.largest}.")
    if terms.disclosed and not terms.disclosed <= terms.quantity:
        raise bad_input("Disclosed quantity cannot be above the quantity.")
    if kind.takes_price and not terms.price:
        raise bad_input(f"A {kind} order needs a price.")
    if kind.takes_trigger and not terms.trigger:
        raise bad_input(f"A {kind} order needs a trigger price.")
    for value in (terms.price, terms.trigger):
        if value % contract.tick:
            raise bad_input("The price is not a multiple of the tick size.")
    if kind is PriceType.SL and (terms.price - terms.trigger) * terms.action.sign < 0:
        side = "below" if terms.action is Action.BUY else "above"
        raise bad_input(f"The limit of a stop to {terms.action} cannot be {side} its trigger.")
    if not kind.takes_price and not terms.protection:
        raise bad_input(f"A {kind} order without market protection is not allowed.")
    return replace(
        terms,
        price=terms.price if kind.takes_price else Px(0),
        trigger=terms.trigger if kind.takes_trigger else Px(0),
    )


def known(contracts: Contracts, exchange: str, symbol: str) -> Contract:
    """Raises `KiteError` for a contract that is not listed."""
    contract = contracts.named(f"{exchange}:{symbol}")
    if contract is None:
        raise bad_input(f"The instrument {exchange}:{symbol} is expired or does not exist.")
    return contract


def word(words: type[W], form: Mapping[str, str], name: str, default: W | None = None) -> W:
    text = form.get(name)
    if not text and default is not None:
        return default
    try:
        return words(text or "")
    except ValueError:
        raise bad_input(f"Invalid `{name}`.") from None


def whole(form: Mapping[str, str], name: str, default: int | None = None) -> int:
    text = form.get(name)
    if not text:
        if default is not None:
            return default
        raise bad_input(f"Missing `{name}`.")
    if not text.isascii() or not text.isdigit():
        raise bad_input(f"Invalid `{name}`.")
    return int(text)


def price(form: Mapping[str, str], name: str, default: Px = Px(0)) -> Px:
    """In 1e-6 rupee."""
    text = form.get(name)
    if not text:
        return default
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise bad_input(f"Invalid `{name}`.") from None
    if not value.is_finite() or value < 0:
        raise bad_input(f"Invalid `{name}`.")
    return px(value)


def protection(form: Mapping[str, str]) -> float:
    """The market protection: -1 is automatic, above 0 to 100 percent, 0 none."""
    text = form.get("market_protection") or "0"
    try:
        value = float(text)
    except ValueError:
        value = 101.0
    if value != -1 and not 0 <= value <= 100:
        raise bad_input("Market protection must be -1, or a percentage up to 100.")
    return value


def _check_variety(variety: str) -> None:
    if variety not in VARIETIES:
        raise KiteError(400, "InputException", f"The variety {variety} is not taken here.")
