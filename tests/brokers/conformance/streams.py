"""Frames: those of `frames/`, and what comes when they are damaged."""

import math
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.brokers.adapter import Frame, Stream, StreamNews
from openalgo.brokers.rows import OrderRow
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Mode, Tick
from tests.brokers.conformance.cases import same
from tests.brokers.conformance.checks import Check, Group
from tests.brokers.conformance.desk import Desk
from tests.brokers.conformance.fixtures import Case, frame
from tests.brokers.conformance.protocol import PURE
from tests.brokers.conformance.values import Json, dumped, key_of, read_json

_RECEIVED = 1_786_440_600_000
_EXAMPLES = settings(max_examples=60, derandomize=True, database=None, deadline=None)


def checks(desk: Desk) -> Iterator[Check]:
    stream = desk.broker.stream
    if stream is None:
        return
    check = partial(Check, desk.folder.id)
    for file in desk.folder.frame_files():
        for case in desk.folder.cases(file):
            run = partial(_decoded, desk, stream, case)
            yield check(Group.FRAMES, _shown(case), case.name, run, case.real)
            for harm, suffer in _HARM.items():
                run = partial(suffer, desk, stream, case)
                name = f"{case.name}, {harm}"
                yield check(Group.GARBAGE, "stream.decoder", name, run, case.real)
    yield check(Group.GARBAGE, "stream.decoder", "noise", partial(_noise, desk, stream))
    yield check(Group.GARBAGE, "stream.decoder", "odd texts", partial(_texts, desk, stream))
    yield check(
        Group.SUBSCRIPTIONS,
        "stream.subscribe",
        "more than fit into one message",
        partial(_many, desk, stream),
    )
    yield check(
        Group.SUBSCRIPTIONS, "stream.address", "the token is not shown", partial(_address, desk)
    )


def _shown(case: Case) -> str:
    """The most that a frame tells: the modes in their order, orders, or neither."""
    ticks = [each["tick"] for each in case.members["news"] if "tick" in each]
    if any("buy_levels" in tick for tick in ticks):
        return "DEPTH"
    if any("prev_close" in tick for tick in ticks):
        return "QUOTE"
    if ticks:
        return "LTP"
    return "orders" if any("order" in each for each in case.members["news"]) else "the rest"


def _address(desk: Desk) -> None:
    desk.check_hidden(repr(PURE["stream.address"](desk, {})))


def _names(desk: Desk, stream: Stream, case: Case) -> dict[int | str, Instrument]:
    wanted = [desk.instrument(key_of(key)) for key in case.members.get("subscribed", ())]
    return {stream.stream_key(each): each for each in wanted}


def _decode(
    desk: Desk, stream: Stream, names: dict[int | str, Instrument], data: Frame
) -> Sequence[StreamNews]:
    return list(stream.decoder(names, desk.listing)(data, _RECEIVED))


def _told(news: Sequence[StreamNews]) -> Json:
    kinds = {"Tick": "tick", "OrderRow": "order", "StreamNotice": "notice"}
    told = []
    for each in news:
        members = dumped(each)
        if members.get("received_ms") == _RECEIVED:
            del members["received_ms"]
        told.append({kinds[type(each).__name__]: members})
    return told


def _decoded(desk: Desk, stream: Stream, case: Case) -> None:
    names = _names(desk, stream, case)
    news = _decode(desk, stream, names, frame(case.members["frame"]))
    same(_told(news), case.members["news"], "news")


def _cut_off(desk: Desk, stream: Stream, case: Case) -> None:
    """However early a frame ends, what is read of it is part of what the whole one says."""
    whole = frame(case.members["frame"])
    names = _names(desk, stream, case)
    all_news = list(_decode(desk, stream, names, whole))
    for length in range(len(whole)):
        for each in _decode(desk, stream, names, whole[:length]):
            assert each in all_news, f"{each} was read of the first {length} bytes"


def _wrong_bytes(desk: Desk, stream: Stream, case: Case) -> None:
    """Other values make other ticks; but nothing is raised, and nothing impossible told."""
    whole = frame(case.members["frame"])
    names = _names(desk, stream, case)
    keys = {each.key for each in names.values()}
    data = whole.encode() if isinstance(whole, str) else whole
    places = st.tuples(st.integers(0, max(0, len(data) - 1)), st.integers(0, 255))

    @_EXAMPLES
    @given(st.lists(places, min_size=1, max_size=6))
    def other(changes: list[tuple[int, int]]) -> None:
        damaged = bytearray(data)
        for at, byte in changes:
            damaged[at : at + 1] = bytes([byte])
        text = bytes(damaged)
        sent: Frame = text.decode("utf-8", "replace") if isinstance(whole, str) else text
        for each in _decode(desk, stream, names, sent):
            if isinstance(each, Tick):
                assert each.key in keys
                assert math.isfinite(each.ltp)
                assert each.ltp >= 0
            elif isinstance(each, OrderRow):
                assert each.order_id

    other()


def _unasked(desk: Desk, stream: Stream, case: Case) -> None:
    news = _decode(desk, stream, {}, frame(case.members["frame"]))
    assert not [each for each in news if isinstance(each, Tick)]


_HARM = {
    "cut off": _cut_off,
    "with wrong bytes": _wrong_bytes,
    "of nobody we asked for": _unasked,
}


def _noise(desk: Desk, stream: Stream) -> None:
    names = {stream.stream_key(each): each for each in desk.listing.all}

    @_EXAMPLES
    @given(st.binary(max_size=400))
    def noise(data: bytes) -> None:
        assert not [each for each in _decode(desk, stream, names, data) if isinstance(each, Tick)]

    noise()


def _texts(desk: Desk, stream: Stream) -> None:
    names = {stream.stream_key(each): each for each in desk.listing.all}
    words = st.sampled_from(["type", "data", "order", "error", "message", "a", "v", "status"])
    leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | words
    members = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
        max_leaves=8,
    )

    @_EXAMPLES
    @given(st.text(max_size=80) | members.map(lambda value: msgspec.json.encode(value).decode()))
    def text(data: str) -> None:
        news = _decode(desk, stream, names, data)
        assert not [each for each in news if isinstance(each, Tick | OrderRow)]

    text()


def _many(desk: Desk, stream: Stream) -> None:
    """Nothing is lost and nothing asked twice where one message is not enough."""
    limits = desk.broker.info.stream
    assert limits is not None
    count = min(limits.instruments_a_message * 2 + 1, limits.instruments_a_connection)
    model = desk.listing.all[0]
    many = [
        msgspec.structs.replace(model, token=_another_token(model.token, at)) for at in range(count)
    ]
    keys = {stream.stream_key(each) for each in many}
    assert len(keys) == count
    for mode in Mode:
        asked = [_keys_in(each, keys) for each in stream.subscribe([(m, mode) for m in many])]
        assert max(map(len, asked)) <= limits.instruments_a_message
        assert {key for each in asked for key in each} == keys
        assert all(len(set(each)) == len(each) for each in asked)
    dropped = [_keys_in(each, keys) for each in stream.unsubscribe(many)]
    assert max(map(len, dropped)) <= limits.instruments_a_message
    assert sorted(str(key) for each in dropped for key in each) == sorted(map(str, keys))
    assert not list(stream.subscribe([]))
    assert not list(stream.unsubscribe([]))


def _another_token(token: str, at: int) -> str:
    digits = next(part for part in token.replace(":", "|").split("|") if part.isdigit())
    return token.replace(digits, str(int(digits) + 256 * at), 1)


def _keys_in(message: Frame, keys: set[int | str]) -> list[int | str]:
    """The instruments a message in JSON names."""

    def leaves(value: Json) -> Iterator[int | str]:
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for each in value:
                yield from leaves(each)
        elif isinstance(value, int | str) and value in keys:
            yield value

    text = message if isinstance(message, str) else message.decode()
    return list(leaves(read_json(text)))
