import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.market import Exchange, InstrumentKey, Level, Mode, Tick
from openalgo.streaming import views as views_module
from openalgo.streaming.content import encode_data
from openalgo.streaming.hub import Hub
from openalgo.streaming.views import View, Views

SBIN = InstrumentKey(Exchange.NSE, "SBIN")
BOOK = tuple(Level(800.0 - step, 10, 1) for step in range(20))
TICK = Tick(
    exchange=Exchange.NSE,
    symbol="SBIN",
    received_ms=1_000_001,
    exchange_ms=1_000_000,
    ltp=801.1,
    volume=500,
    last_quantity=3,
    average_price=800.5,
    open=799.0,
    high=802.0,
    low=798.0,
    prev_close=800.0,
    buy_levels=BOOK,
    sell_levels=BOOK,
)


class Reader:
    """Remembers its frames."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def put_tick(self, view: View, frame: bytes) -> None:
        self.frames.append(frame)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(frame) for frame in self.frames]


def view(mode: Mode = Mode.QUOTE, symbol: str = "SBIN", levels: int = 0) -> View:
    return View(SBIN, mode, symbol, "NSE", "simulator", levels)


def test_a_frame_has_the_shape_of_the_contract() -> None:
    views, reader = Views(), Reader()
    views.watch(view(Mode.LTP, "sbin"), reader)
    views.tell(TICK)
    assert reader.messages == [
        {
            "type": "market_data",
            "symbol": "sbin",
            "exchange": "NSE",
            "mode": 1,
            "broker": "simulator",
            "data": {
                "symbol": "SBIN",
                "exchange": "NSE",
                "ltp": 801.1,
                "timestamp": 1_000_001,
                "ltt": 1_000_000,
                "volume": 500,
            },
        }
    ]


def test_a_quote_has_the_names_clients_read_and_its_change() -> None:
    data = json.loads(encode_data(TICK, Mode.QUOTE, 0))
    assert (data["open"], data["high"], data["low"], data["close"]) == (799.0, 802.0, 798.0, 800.0)
    assert data["last_trade_quantity"] == data["last_quantity"] == 3
    assert data["avg_trade_price"] == data["average_price"] == 800.5
    assert (data["change"], data["change_percent"]) == (1.1, 0.14)
    assert "depth" not in data


def test_a_book_has_as_many_levels_as_were_asked_for_and_exist() -> None:
    data = json.loads(encode_data(TICK, Mode.DEPTH, 5))
    assert data["depth"]["buy"][0] == {"price": 800.0, "quantity": 10, "orders": 1}
    assert (len(data["depth"]["buy"]), data["depth_level"]) == (5, 5)
    assert len(json.loads(encode_data(TICK, Mode.DEPTH, 50))["depth"]["sell"]) == 20


def test_the_best_price_is_the_book_of_a_feed_without_levels() -> None:
    best = Tick(
        exchange=Exchange.NSE, symbol="SBIN", received_ms=1, ltp=1.0, bid=0.95, bid_quantity=7
    )
    depth = json.loads(encode_data(best, Mode.DEPTH, 5))["depth"]
    assert depth == {"buy": [{"price": 0.95, "quantity": 7, "orders": 0}], "sell": []}


@given(
    mode=st.sampled_from(Mode),
    known=st.sets(st.sampled_from(["open", "prev_close", "oi", "bid", "volume", "exchange_ms"])),
)
def test_what_a_feed_does_not_carry_is_left_out(mode: Mode, known: set[str]) -> None:
    fields: dict[str, Any] = dict.fromkeys(known, 5)
    tick = Tick(exchange=Exchange.NSE, symbol="SBIN", received_ms=1, ltp=1.0, **fields)
    data = json.loads(encode_data(tick, mode, 5))
    assert None not in data.values()
    assert ("change" in data) == ("prev_close" in known and mode > Mode.LTP)
    assert ("oi" in data) == ("oi" in known and mode > Mode.LTP)


def test_a_tick_is_encoded_once_for_each_mode_and_only_while_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoded: list[tuple[Mode, int]] = []

    def counting(tick: Tick, mode: Mode, levels: int) -> bytes:
        encoded.append((mode, levels))
        return encode_data(tick, mode, levels)

    monkeypatch.setattr(views_module, "encode_data", counting)
    views, readers = Views(), [Reader() for _ in range(4)]
    held = [view(), view(), view(symbol="sbin"), view(Mode.DEPTH, levels=5)]
    views.tell(TICK)
    assert encoded == []
    for each, reader in zip(held, readers, strict=True):
        views.watch(each, reader)
    views.tell(TICK)
    assert sorted(encoded) == [(Mode.QUOTE, 0), (Mode.DEPTH, 5)]
    assert readers[0].frames[0] is readers[1].frames[0]
    assert readers[2].messages[0]["symbol"] == "sbin"
    encoded.clear()
    for each in held:
        views.unwatch(each)
    views.tell(TICK)
    assert encoded == []
    assert len(views) == 0


def test_who_watches_in_two_modes_gets_both_frames_and_leaves_them_one_by_one() -> None:
    hub, reader = Hub(), Reader()
    ltp, quote = view(Mode.LTP), view(Mode.QUOTE)
    hub.views.watch(ltp, reader)
    hub.views.watch(quote, reader)
    hub.publish(TICK)
    assert sorted(message["mode"] for message in reader.messages) == [1, 2]
    hub.views.unwatch(ltp)
    hub.views.unwatch(ltp)
    hub.publish(TICK)
    assert [message["mode"] for message in reader.messages[2:]] == [2]


def test_the_hub_sends_the_merged_tick_after_the_taps() -> None:
    hub, reader = Hub(), Reader()
    order: list[int] = []
    hub.tap(lambda _: order.append(len(reader.frames)))
    hub.views.watch(view(), reader)
    hub.publish(TICK)
    hub.publish(Tick(exchange=Exchange.NSE, symbol="SBIN", received_ms=2, ltp=810.0, partial=True))
    assert order == [0, 1]
    assert reader.messages[1]["data"]["ltp"] == 810.0
    assert reader.messages[1]["data"]["volume"] == 500


def test_what_a_feed_sends_until_it_sends_more_is_no_quote() -> None:
    """A client watches the price alone, another asks for more: the feed hears of it a moment
    later, and a quote without its day would read as one that opened at 0."""
    views, close, closer = Views(), Reader(), Reader()
    views.watch(view(Mode.LTP), close)
    views.watch(view(Mode.QUOTE), closer)
    bare = Tick(exchange=Exchange.NSE, symbol="SBIN", received_ms=5_000, ltp=801.1, prev_close=800)
    views.tell(bare)
    assert (len(close.frames), len(closer.frames)) == (1, 0)
    views.tell(TICK)
    assert closer.messages[0]["data"]["open"] == 799.0
    views.tell(bare)
    assert len(closer.frames) == 2, "a feed that once sent more knows what it does"


def test_what_a_feed_still_sends_after_two_seconds_is_all_it_has() -> None:
    views, reader = Views(), Reader()
    views.watch(view(Mode.DEPTH, levels=5), reader)
    for received_ms in (5_000, 6_999, 7_000, 7_001):
        views.tell(
            Tick(exchange=Exchange.NSE, symbol="SBIN", received_ms=received_ms, ltp=received_ms)
        )
    assert [message["data"]["ltp"] for message in reader.messages] == [7_000, 7_001]


def test_a_snapshot_says_so() -> None:
    views, newcomer = Views(), view()
    views.watch(newcomer, Reader())
    frame = json.loads(views.snapshot(newcomer, TICK))
    assert frame["snapshot"] is True
    assert frame["data"]["ltp"] == 801.1


def test_a_snapshot_shows_the_tick_it_is_of() -> None:
    views, newcomer = Views(), view()
    views.watch(newcomer, Reader())
    views.tell(TICK)
    later = msgspec.structs.replace(TICK, ltp=802.0)
    assert json.loads(views.snapshot(newcomer, later))["data"]["ltp"] == 802.0


def test_what_was_encoded_for_watchers_serves_newcomers(monkeypatch: pytest.MonkeyPatch) -> None:
    views, newcomer = Views(), view()
    views.watch(view(), Reader())
    views.tell(TICK)
    views.watch(newcomer, Reader())
    monkeypatch.delattr(views_module, "encode_data")
    assert json.loads(views.snapshot(newcomer, TICK))["data"]["ltp"] == 801.1
