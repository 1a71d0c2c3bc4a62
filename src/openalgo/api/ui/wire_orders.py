"""Intents in the words of the requests they came from."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from openalgo.domain.gtt import GttTrigger, TriggerSide, TriggerType
from openalgo.domain.intents import (
    BasketOrder,
    GttTerms,
    Intent,
    OptionsMultiOrder,
    OptionsOrder,
    OptionTerms,
    OrderTerms,
    SmartOrder,
    SplitOrder,
)
from openalgo.domain.numbers import ZERO, Px, plain_number, px_decimal, px_float

Members = dict[str, object]

_SEVERAL = "Multiple"


class Summary(NamedTuple):
    """An order in one line."""

    symbol: str = ""
    exchange: str = ""
    action: str = ""
    quantity: str = ""
    price: str = "0"
    trigger_price: str = "0"
    price_type: str = ""
    product: str = ""


def summary(intent: Intent) -> Summary:
    match intent:
        case BasketOrder(orders=orders):
            return Summary(
                symbol=f"Basket ({len(orders)} orders)",
                exchange=_SEVERAL if len(orders) > 1 else orders[0].exchange,
                action=_SEVERAL if len(orders) > 1 else orders[0].action,
                quantity=_text(sum((order.quantity for order in orders), ZERO)),
                price=_SEVERAL,
                price_type=_SEVERAL,
                product=_SEVERAL,
            )
        case OptionsMultiOrder(legs=legs):
            return Summary(
                symbol=f"{intent.underlying} ({len(legs)} legs)",
                exchange=intent.exchange,
                action=_common((leg.action for leg in legs), "MULTI"),
                quantity=_text(sum((leg.quantity for leg in legs), ZERO)),
                price=_SEVERAL,
                price_type=_common((leg.price_type for leg in legs), _SEVERAL),
                product=_common((leg.product for leg in legs), _SEVERAL),
            )
        case OptionsOrder():
            return Summary(
                symbol=f"{intent.underlying} {intent.offset} {intent.option_type}",
                exchange=intent.exchange,
                action=intent.action,
                quantity=_text(intent.quantity),
                price=_rupees(intent.price),
                trigger_price=_rupees(intent.trigger_price),
                price_type=intent.price_type,
                product=intent.product,
            )
        case GttTerms():
            return Summary(
                symbol=intent.symbol,
                exchange=intent.exchange,
                action=intent.action,
                quantity=_text(intent.quantity),
                price=" / ".join(_rupees(each.price) for each in intent.triggers),
                trigger_price=" / ".join(_rupees(each.trigger_price) for each in intent.triggers),
                price_type=intent.price_type,
                product=intent.product,
            )
        case OrderTerms():
            quantity = _text(intent.quantity)
            if isinstance(intent, SplitOrder):
                quantity = f"{quantity} (split: {_text(intent.split_size)})"
            return Summary(
                symbol=intent.symbol,
                exchange=intent.exchange,
                action=intent.action,
                quantity=quantity,
                price=_rupees(intent.price),
                trigger_price=_rupees(intent.trigger_price),
                price_type=intent.price_type,
                product=intent.product,
            )
    return Summary()


def members(intent: Intent) -> Members:
    """The request, without its key."""
    wire: Members = {"strategy": intent.strategy}
    match intent:
        case BasketOrder(orders=orders):
            wire["orders"] = [_order(order) for order in orders]
        case OptionsMultiOrder(legs=legs):
            wire |= _underlying(intent)
            wire["legs"] = [_option(leg) for leg in legs]
        case OptionsOrder():
            wire |= _underlying(intent) | _option(intent)
        case GttTerms():
            wire |= _gtt(intent)
        case OrderTerms():
            wire |= _order(intent)
            if isinstance(intent, SmartOrder):
                wire["position_size"] = plain_number(intent.position_size)
            if isinstance(intent, SplitOrder):
                wire["splitsize"] = plain_number(intent.split_size)
    if intent.client_order_id is not None:
        wire["client_order_id"] = intent.client_order_id
    return wire


def _order(order: OrderTerms) -> Members:
    return {"exchange": order.exchange, "symbol": order.symbol} | _terms(order)


def _terms(terms: OrderTerms | OptionTerms) -> Members:
    return {
        "action": terms.action,
        "quantity": plain_number(terms.quantity),
        "pricetype": terms.price_type,
        "product": terms.product,
        "price": px_float(terms.price),
        "trigger_price": px_float(terms.trigger_price),
        "disclosed_quantity": plain_number(terms.disclosed_quantity),
    }


def _underlying(order: OptionsOrder | OptionsMultiOrder) -> Members:
    wire: Members = {"underlying": order.underlying, "exchange": order.exchange}
    if order.expiry is not None:
        wire["expiry_date"] = order.expiry.strftime("%d%b%y").upper()
    if order.strike_step is not None:
        wire["strike_int"] = plain_number(order.strike_step)
    return wire


def _option(terms: OptionTerms) -> Members:
    wire: Members = {"offset": terms.offset, "option_type": terms.option_type} | _terms(terms)
    if terms.expiry is not None:
        wire["expiry_date"] = terms.expiry.strftime("%d%b%y").upper()
    if terms.split_size:
        wire["splitsize"] = plain_number(terms.split_size)
    return wire


def _gtt(gtt: GttTerms) -> Members:
    wire: Members = {
        "trigger_type": gtt.trigger_type,
        "exchange": gtt.exchange,
        "symbol": gtt.symbol,
        "action": gtt.action,
        "product": gtt.product,
        "quantity": plain_number(gtt.quantity),
        "pricetype": gtt.price_type,
    }
    for trigger in gtt.triggers:
        wire |= _trigger(trigger, gtt.trigger_type)
    return wire


def _trigger(trigger: GttTrigger, kind: TriggerType) -> Members:
    below = trigger.side is TriggerSide.BELOW
    price = "price"
    if kind is TriggerType.OCO:
        price = "stoploss" if below else "target"
    return {
        "triggerprice_sl" if below else "triggerprice_tg": px_float(trigger.trigger_price),
        price: px_float(trigger.price),
    }


def _common(words: Iterable[str], otherwise: str) -> str:
    found = set(words)
    return found.pop() if len(found) == 1 else otherwise


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _rupees(price: Px) -> str:
    return _text(px_decimal(price))
