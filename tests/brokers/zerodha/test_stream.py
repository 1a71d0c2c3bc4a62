"""What is said to Zerodha's feed, and what it says in text."""

import json
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from openalgo.brokers.adapter import Listing, StreamNotice
from openalgo.brokers.rows import OrderRow
from openalgo.brokers.zerodha import BROKER, stream
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Mode, Tick
from openalgo.domain.orders import OrderStatus
from tests.brokers.zerodha.kite import APP, CALL, INFY, LISTED, NIFTY, SESSION, instrument
from tests.brokers.zerodha.packets import frame, packet
from tests.brokers.zerodha.test_books import MOCKS, ORDER
from tests.instruments.contract_files import needs_data


def heard(text: str, listing: Listing = LISTED) -> list[Any]:
    return list(stream.decoder({}, listing)(text, 1))


def message(kind: str, data: object) -> str:
    return json.dumps({"type": kind, "data": data})


def test_the_address_holds_the_session_and_does_not_show_it() -> None:
    address = stream.address(BROKER.endpoints, APP, SESSION)
    parts = urlsplit(address.url)
    assert f"{parts.scheme}://{parts.netloc}" == "wss://ws.kite.trade"
    assert dict(parse_qsl(parts.query)) == {"api_key": "kitekey12", "access_token": "kitetoken56"}
    assert address.headers == {"X-Kite-Version": "3"}
    assert "kitetoken56" not in repr(address)


def test_a_mode_is_asked_for_after_subscribing() -> None:
    wanted = [(INFY, Mode.LTP), (NIFTY, Mode.DEPTH), (CALL, Mode.QUOTE)]
    assert [json.loads(sent) for sent in stream.subscribe(wanted)] == [
        {"a": "subscribe", "v": [408065, 256265, stream.stream_key(CALL)]},
        {"a": "mode", "v": ["ltp", [408065]]},
        {"a": "mode", "v": ["quote", [stream.stream_key(CALL)]]},
        {"a": "mode", "v": ["full", [256265]]},
    ]


def test_unsubscribing() -> None:
    assert [json.loads(sent) for sent in stream.unsubscribe([INFY, NIFTY])] == [
        {"a": "unsubscribe", "v": [408065, 256265]}
    ]


def test_nothing_is_said_of_nothing() -> None:
    assert list(stream.subscribe([])) == list(stream.unsubscribe([])) == []
    assert list(stream.pings()) == []


def test_messages_are_of_the_size_promised() -> None:
    limits = BROKER.info.stream
    assert limits is not None
    most = limits.instruments_a_message
    many = [instrument(f"S{number}", token=number << 8 | 1) for number in range(2 * most + 1)]
    sent = [json.loads(one) for one in stream.subscribe([(one, Mode.QUOTE) for one in many])]
    subscribed = [one["v"] for one in sent if one["a"] == "subscribe"]
    modes = [one["v"][1] for one in sent if one["a"] == "mode"]
    for portions in (subscribed, modes):
        assert [len(portion) for portion in portions] == [most, most, 1]
        assert [*chain(*portions)] == [stream.stream_key(one) for one in many]
    assert len(stream.unsubscribe(many)) == 3


def test_packets_become_ticks_of_what_is_subscribed_now() -> None:
    names: dict[int | str, Instrument] = {}
    decode = stream.decoder(names, LISTED)
    sent = frame([packet(8, 408065, [157315])])
    assert list(decode(sent, 7)) == []
    names[stream.stream_key(INFY)] = INFY
    assert list(decode(sent, 7)) == [
        Tick(exchange=INFY.exchange, symbol="INFY", received_ms=7, ltp=1573.15)
    ]
    assert list(decode(b"\x00", 7)) == []


def test_an_order_update() -> None:
    update = ORDER | {"status": "REJECTED", "status_message": "No funds.", "unfilled_quantity": 150}
    [row] = heard(message("order", update))
    assert isinstance(row, OrderRow)
    assert (row.order_id, row.symbol, row.status, row.reason, row.tag) == (
        "250820000000001",
        "NIFTY25AUG2624500CE",
        OrderStatus.REJECTED,
        "No funds.",
        "oaAB12",
    )


@pytest.mark.parametrize(
    ("words", "over"),
    [
        ("Invalid `api_key` or `access_token`.", True),
        ("TokenException: Token is invalid or has expired", True),
        ("Session expired.", True),
        ("Too many instruments", False),
        ("Trading session is closed", False),
    ],
)
def test_an_error_says_whether_the_session_is_over(words: str, over: bool) -> None:
    assert heard(message("error", words)) == [StreamNotice(message=words, session_over=over)]


def test_a_message_to_everybody_ends_no_session() -> None:
    assert heard(message("message", "Session of MCX is extended")) == [
        StreamNotice(message="Session of MCX is extended")
    ]
    assert heard(message("message", {"a": 1})) == [StreamNotice(message='{"a":1}')]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pong",
        "[]",
        "null",
        "{}",
        '{"type":"order"}',
        '{"type":"order","data":{"order_id":"1"}}',
        '{"type":"instruments_meta","data":{"count":1}}',
        message("order", ORDER | {"transaction_type": "HOLD"}),
        message("order", ORDER | {"order_timestamp": None}),
        message("order", ORDER | {"exchange": "MF"}),
        message("order", ORDER)[:-5],
        "\ud800",
    ],
)
def test_what_is_unknown_or_malformed_is_left_out(text: str) -> None:
    assert heard(text) == []


@needs_data
def test_a_recorded_update() -> None:
    [row] = heard(message("order", json.loads((MOCKS / "postback.json").read_text())))
    assert (row.order_id, row.symbol, row.status, row.average_price) == (
        "220303000308932",
        "SBIN",
        OrderStatus.COMPLETE,
        470,
    )
