"""The cases of `requests.json`, `responses.json` and `instruments.json`, played."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import partial
from urllib.parse import parse_qsl, urlsplit

import httpx

from openalgo.brokers.calls import CallRecord
from openalgo.brokers.rows import OrderRow
from openalgo.domain.errors import BrokerError, OpenAlgoError
from tests.brokers.conformance.checks import Check, Group
from tests.brokers.conformance.desk import Desk, Wire, in_turn
from tests.brokers.conformance.fixtures import Case, real_file
from tests.brokers.conformance.protocol import CALLS, PURE, placed
from tests.brokers.conformance.values import Json, dumped, read_json


def checks(desk: Desk) -> Iterator[Check]:
    """All that the data of a broker asks for."""
    id = desk.folder.id
    for case in (*desk.folder.cases("requests.json"), *desk.folder.cases("responses.json")):
        yield Check(id, _group(case), case.call, case.name, partial(play, desk, case), case.real)
    responses = desk.folder.json("responses.json")
    for word, status in responses.get("statuses", {}).get("words", {}).items():
        yield Check(
            id,
            Group.STATUSES,
            "orders.orders",
            word,
            partial(_status, desk, responses["statuses"]["row"], word, status),
        )
    if "round_trip" in responses:
        for case in desk.folder.cases("requests.json"):
            if case.call == "orders.place":
                yield Check(
                    id,
                    Group.ROUND_TRIPS,
                    case.call,
                    case.name,
                    partial(_round_trip, desk, case, responses["round_trip"]),
                )
    listed = desk.folder.json("instruments.json")
    for row in listed.get("rows", ()):
        yield Check(
            id,
            Group.INSTRUMENTS,
            "instruments.download",
            row["key"],
            partial(_listed, desk, row),
        )
    for file in listed.get("real", ()):
        yield Check(
            id,
            Group.INSTRUMENTS,
            "instruments.download",
            file["file"],
            partial(_real_listing, desk, file),
            real=True,
        )


def play(desk: Desk, case: Case) -> None:
    """Make the call of `case` and compare all it says about it."""
    if case.call in PURE:
        result = dumped(PURE[case.call](desk, case.arguments))
        same(_read_texts(result), case.members["result"], case.call)
        return
    call = CALLS[case.call]
    # A case about the request alone needs no answer: the call may fail once it is sent.
    refused = {"status": 400, "text": "{}"}
    wire = Wire(in_turn(desk.folder, case.replies or [refused]))
    error: OpenAlgoError | None = None
    result = None
    try:
        result = dumped(desk.finish(call.run(desk, wire, case.arguments)))
    except OpenAlgoError as raised:
        error = raised
        desk.check_discretion(error)
    if "requests" in case.members:
        _requests(desk, wire, case.members["requests"])
    if call.kind is not None:
        assert {record.kind for record in wire.records} <= {call.kind}
    if "error" in case.members:
        assert error is not None, f"{case.call} returned {result}"
        same(_error(error), case.members["error"], "error")
    elif case.replies:
        if error is not None:
            raise error
        assert len(wire.requests) == len(case.replies), f"{len(wire.requests)} requests were sent"
        if "result" in case.members or result is not None:
            same(result, case.members["result"], case.call)


def _group(case: Case) -> Group:
    if "error" in case.members:
        return Group.REFUSALS
    if case.call in ("stream.subscribe", "stream.unsubscribe", "stream.address"):
        return Group.SUBSCRIPTIONS
    return Group.REQUESTS if "requests" in case.members or case.call in PURE else Group.REPLIES


def _error(error: OpenAlgoError) -> Json:
    told: dict[str, Json] = {"type": type(error).__name__, "code": error.code}
    if isinstance(error, BrokerError) and error.broker_message is not None:
        told["broker_message"] = error.broker_message
    return told


def _requests(desk: Desk, wire: Wire, expected: list[Json]) -> None:
    sent = [
        _written(desk, request, record, want)
        for request, record, want in zip(wire.requests, wire.records, expected, strict=False)
    ]
    assert len(wire.requests) == len(expected), f"{len(wire.requests)} requests were sent"
    same(sent, expected, "requests")


def _written(desk: Desk, request: httpx.Request, record: CallRecord, expected: Json) -> Json:
    """`request` as a fixture writes it: of the headers, those that `expected` names."""
    base = desk.broker.api.base_url.rstrip("/")
    address = str(request.url).partition("?")[0]
    told: dict[str, Json] = {
        "method": request.method,
        "url": address.removeprefix(base),
        "kind": str(record.kind),
        "headers": {name: request.headers.get(name) for name in expected.get("headers", {})},
    }
    told = {name: each for name, each in told.items() if name != "kind" or "kind" in expected}
    if request.url.query:
        told["query"] = _fields(request.url.query.decode())
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/x-www-form-urlencoded"):
        told["form"] = _fields(request.content.decode())
    elif content_type.startswith("application/json"):
        told["json"] = read_json(request.content.decode())
    elif request.content:
        told["content"] = request.content.decode()
    if not expected.get("headers"):
        told.pop("headers")
    return told


def _fields(text: str) -> Json:
    """By name; a list where a name comes more than once."""
    told: dict[str, Json] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in told:
            told[name] = [*(told[name] if isinstance(told[name], list) else [told[name]]), value]
        else:
            told[name] = value
    return told


def _read_texts(value: Json) -> Json:
    """JSON and addresses inside of texts, opened: their members come in any order."""
    if isinstance(value, str):
        if value.startswith(("{", "[")):
            return read_json(value)
        if "://" in value and "?" in value:
            parts = urlsplit(value)
            return {
                "url": f"{parts.scheme}://{parts.netloc}{parts.path}",
                "query": _fields(parts.query),
            }
        return value
    if isinstance(value, list):
        return [_read_texts(each) for each in value]
    if isinstance(value, dict):
        return {name: _read_texts(each) for name, each in value.items()}
    return value


def same(found: Json, expected: Json, where: str) -> None:
    """Compare, saying where they differ. A number that stands for a text is compared as a number,
    an object or a list that does as JSON."""
    if isinstance(expected, dict | list) and isinstance(found, str):
        found = read_json(found)
    if isinstance(expected, dict):
        assert isinstance(found, dict), f"{where}: {found!r} instead of {expected!r}"
        assert found.keys() == expected.keys(), (
            f"{where}: without {sorted(expected.keys() - found.keys())}, "
            f"and with {sorted(found.keys() - expected.keys())} besides"
        )
        for name, each in expected.items():
            same(found[name], each, f"{where}.{name}")
    elif isinstance(expected, list):
        assert isinstance(found, list), f"{where}: {found!r} instead of {expected!r}"
        for at, (one, other) in enumerate(zip(found, expected, strict=False)):
            same(one, other, f"{where}[{at}]")
        assert len(found) == len(expected), f"{where}: {len(found)} instead of {len(expected)}"
    else:
        if isinstance(found, str) and _is_number(expected):
            with suppress(InvalidOperation):  # it differs, and is shown as it is
                found = Decimal(found)
        assert found == expected, f"{where}: {found!r} instead of {expected!r}"


def _is_number(value: Json) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _status(desk: Desk, row: Json, word: str, status: str) -> None:
    reply = _substituted(row, {"status": word})
    (found,) = _book(desk, reply)
    assert found.status == status


def _round_trip(desk: Desk, case: Case, row: Json) -> None:
    """What was sent, shown by the book, is the order that was asked for."""
    wire = Wire(lambda _: httpx.Response(400, text="{}"))
    try:
        desk.finish(CALLS[case.call].run(desk, wire, case.arguments))
    except OpenAlgoError:
        assert wire.requests, "The order was not sent"
    (request,) = wire.requests
    body = request.content.decode()
    sent: Mapping[str, Json] = read_json(body) if body.startswith("{") else _fields(body)
    (found,) = _book(desk, _substituted(row, sent))
    order, _ = placed(desk, case.arguments["order"])
    for name in (
        *("key", "action", "product", "price_type", "quantity", "disclosed_quantity"),
        *("price", "trigger_price"),
    ):
        assert getattr(found, name) == getattr(order, name), name
    tag = desk.broker.info.tag
    if tag is not None and tag.returned:
        assert found.tag == case.arguments["tag"]


def _book(desk: Desk, reply: Json) -> list[OrderRow]:
    wire = Wire(lambda _: desk.folder.reply({"json": reply}))
    return list(desk.finish(desk.broker.orders.orders(desk.connection(wire))))


def _substituted(value: Json, words: Mapping[str, Json]) -> Json:
    """`value` with `$name` replaced by that word, `$name:number` by it as a number."""
    if isinstance(value, str) and value.startswith("$"):
        name, _, kind = value[1:].partition(":")
        found = words.get(name, 0 if kind else "")
        return Decimal(found) if kind else found
    if isinstance(value, list):
        return [_substituted(each, words) for each in value]
    if isinstance(value, dict):
        return {name: _substituted(each, words) for name, each in value.items()}
    return value


def _listed(desk: Desk, row: Json) -> None:
    found = [each for each in map(dumped, desk.listing.all) if each["key"] == row["key"]]
    same(found, [row], row["key"])


def _real_listing(desk: Desk, file: Json) -> None:
    """A file of the broker's gives its rows, every one with an exchange of the broker's."""
    body = real_file(file["file"])
    wire = Wire(lambda _: httpx.Response(200, content=body))
    rows = desk.finish(CALLS["instruments.download"].run(desk, wire, {}))
    assert isinstance(rows, list)
    assert len(rows) == file["rows"]
    assert {row.exchange for row in rows} <= desk.broker.info.exchanges
    assert all(row.token and row.broker_symbol and row.lot_size > 0 for row in rows)
