"""What users are told of calls that may change orders: of programs, and of their own.

A call on paper is told with what was asked and answered (`analyzer_update`), a live one by what it
did. How the orders themselves fare, `order_update` tells.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from openalgo.api.ws.told import Told
from openalgo.observability.traffic import OrderCallRecord
from openalgo.trading.venues import VenueMode

LONGEST_TOLD = 16 * 1024
"""Characters of request and answer: of longer ones, lists are left out."""

_Members = Mapping[str, Any]
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def told_of_call(record: OrderCallRecord) -> Iterable[Told]:
    """What the user is told of `record`; nothing where it cannot be read."""
    try:
        asked, answered = _decode(record.request), _decode(record.response)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return ()
    if record.mode != VenueMode.LIVE:
        if len(record.request) + len(record.response) > LONGEST_TOLD:
            asked, answered = _scalars(asked), _scalars(answered)
        request = asked | {"api_type": record.api_type}
        response = answered | {"mode": VenueMode.ANALYZE}
        return (Told("analyzer_update", {"request": request, "response": response}),)
    tell = _LIVE.get(record.api_type)
    queued = "pending_order_id" in answered
    return () if tell is None or queued else tell(asked, answered)


def told_of_paper(event: str, **facts: object) -> Told:
    """Something that happened on the paper exchange without a call."""
    response = {"status": "success", "mode": VenueMode.ANALYZE, **facts}
    return Told("analyzer_update", {"request": {"api_type": event}, "response": response})


def _scalars(members: _Members) -> dict[str, Any]:
    return {name: value for name, value in members.items() if not isinstance(value, (list, dict))}


def _done(answered: _Members) -> bool:
    return answered.get("status") == "success"


def _text(members: _Members, name: str, otherwise: str = "") -> str:
    value = members.get(name)
    return value if isinstance(value, str) and value else otherwise


def _placed(asked: _Members, answered: _Members) -> Iterable[Told]:
    if not _done(answered):
        return
    if "orderid" in answered:
        yield _order(asked, orderid=_text(answered, "orderid"))
    else:
        yield Told(
            "order_notification",
            {
                "symbol": _text(asked, "symbol"),
                "status": "info",
                "message": _text(answered, "message"),
            },
        )


def _order(asked: _Members, **more: object) -> Told:
    return Told(
        "order_event",
        {
            "symbol": _text(asked, "symbol"),
            "action": _text(asked, "action").upper(),
            "exchange": _text(asked, "exchange", "Unknown"),
            "price_type": _text(asked, "pricetype", "MARKET"),
            "product_type": _text(asked, "product", "MIS"),
            "mode": VenueMode.LIVE,
            **more,
        },
    )


def _batch(asked: _Members, **more: object) -> Told:
    return _order(asked, batch_order=True, is_last_order=True, **more)


def _basket(asked: _Members, answered: _Members) -> Iterable[Told]:
    if _done(answered):
        total, ok = _counts(answered)
        yield _batch(
            asked,
            symbol=_text(asked, "strategy", "Basket"),
            action=f"{ok}/{total} orders",
            orderid=f"basket_{ok}",
            exchange="MULTI",
            price_type="BASKET",
            product_type="BASKET",
        )


def _split(asked: _Members, answered: _Members) -> Iterable[Told]:
    if _done(answered):
        total, ok = _counts(answered)
        action = _text(asked, "action", "SPLIT").upper()
        yield _batch(asked, action=action, orderid=f"{ok}/{total} orders")


def _options(asked: _Members, answered: _Members) -> Iterable[Told]:
    if not _done(answered):
        return
    total, ok = _counts(answered) if "summary" in answered else (1, 1)
    yield _batch(
        asked,
        symbol=_text(answered, "symbol"),
        exchange=_text(answered, "exchange", "Unknown"),
        orderid=f"{ok}/{total} orders",
    )


def _multi(asked: _Members, answered: _Members) -> Iterable[Told]:
    if not _done(answered):
        return
    rows = answered.get("results") or []
    ok = sum(row.get("status") == "success" for row in rows)
    yield _batch(
        asked,
        symbol=_text(answered, "underlying"),
        action=_text(asked, "strategy", "Multi-Order"),
        orderid=f"{ok}/{len(rows)} legs",
        price_type="MULTI",
        product_type="OPTIONS",
        multiorder_summary=True,
        successful_legs=ok,
        failed_legs=len(rows) - ok,
    )


def _counts(answered: _Members) -> tuple[int, int]:
    summary = answered.get("summary") or {}
    return summary.get("total", 0), summary.get("success", 0)


def _changed(event: str) -> Callable[[_Members, _Members], Iterable[Told]]:
    def tell(_: _Members, answered: _Members) -> Iterable[Told]:
        if _done(answered):
            data = {
                "status": "success",
                "orderid": _text(answered, "orderid"),
                "mode": VenueMode.LIVE,
            }
            yield Told(event, data)

    return tell


def _cancelled_all(_: _Members, answered: _Members) -> Iterable[Told]:
    if _done(answered):
        count = len(answered.get("canceled_orders") or ())
        yield Told(
            "cancel_order_event",
            {
                "status": "success",
                "orderid": f"{count} orders canceled",
                "mode": VenueMode.LIVE,
                "batch_order": True,
                "is_last_order": True,
                "canceled_count": count,
                "failed_count": len(answered.get("failed_cancellations") or ()),
            },
        )


def _closed(_: _Members, answered: _Members) -> Iterable[Told]:
    if _done(answered):
        message = _text(answered, "message", "All Open Positions Squared Off")
        data = {"status": "success", "message": message, "mode": VenueMode.LIVE}
        yield Told("close_position_event", data)


def _gtt(done: str, failed: str) -> Callable[[_Members, _Members], Iterable[Told]]:
    def tell(asked: _Members, answered: _Members) -> Iterable[Told]:
        well = _done(answered)
        yield Told(
            "gtt_event",
            {
                "event": done if well else failed,
                "symbol": _text(asked, "symbol"),
                "exchange": _text(asked, "exchange"),
                "trigger_id": _text(answered if well else asked, "trigger_id"),
                "triggered_order_id": None,
                "reason": "" if well else _text(answered, "message"),
                "mode": VenueMode.LIVE,
            },
        )

    return tell


_LIVE: Mapping[str, Callable[[_Members, _Members], Iterable[Told]]] = {
    "placeorder": _placed,
    "placesmartorder": _placed,
    "basketorder": _basket,
    "splitorder": _split,
    "optionsorder": _options,
    "optionsmultiorder": _multi,
    "modifyorder": _changed("modify_order_event"),
    "cancelorder": _changed("cancel_order_event"),
    "cancelallorder": _cancelled_all,
    "closeposition": _closed,
    "placegttorder": _gtt("placed", "failed"),
    "modifygttorder": _gtt("modified", "modify_failed"),
    "cancelgttorder": _gtt("cancelled", "cancel_failed"),
}

CALL_EVENTS = frozenset(
    {
        *("analyzer_update", "order_event", "order_notification"),
        *("modify_order_event", "cancel_order_event", "close_position_event"),
    }
)
"""The names of events told here, besides `gtt_event`."""
