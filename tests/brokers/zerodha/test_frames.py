"""Binary frames of Zerodha's feed, decoded by us and by the official client."""

import base64
import json
import random
import struct
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.zerodha.frames import ticks_of
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange, Level, Tick
from tests.brokers.zerodha.kite import CRUDE, INFY, NIFTY, instrument
from tests.brokers.zerodha.packets import (
    INDEX_LENGTHS,
    INDICES,
    LENGTHS,
    SEGMENTS,
    any_packet,
    frame,
    packet,
)
from tests.instruments.contract_files import DATA, needs_data
from tests.support.sdk import PYTHON, ROOT

EVERY: dict[int | str, Instrument] = {
    number << 8 | segment: instrument(f"X{number}S{segment}", token=number << 8 | segment)
    for number in range(1, 40)
    for segment in (*SEGMENTS, INDICES)
}
ONE: dict[int | str, Instrument] = {408065: INFY, 256265: NIFTY}
RECEIVED = 1_700_000_000_000

LEVELS = [
    (5, 157340, 1),
    (140, 157300, 2),
    (2, 157295, 1),
    (219, 157290, 7),
    (50, 157285, 1),
    (172, 157370, 3),
    (44, 157375, 3),
    (302, 157385, 3),
    (141, 157390, 2),
    (724, 157395, 5),
]
QUOTE = (157370, 7, 157037, 1192471, 256443, 363009, 156915, 157500, 156105, 156780)
FULL = packet(
    184,
    408065,
    (*QUOTE, 1625461880, 11, 12, 13, 1625461887, *[n for q, p, _ in LEVELS for n in (q, p)]),
    [orders for *_, orders in LEVELS],
)


def read(sent: bytes, received_ms: int, names: Mapping[int | str, Instrument]) -> list[Tick]:
    return list(ticks_of(sent, received_ms, names))


def ticks(*packets: bytes, names: Mapping[int | str, Instrument] = ONE) -> list[Tick]:
    return read(frame(packets), RECEIVED, names)


def test_a_last_price() -> None:
    assert ticks(packet(8, 408065, [157315])) == [
        Tick(exchange=Exchange.NSE, symbol="INFY", received_ms=RECEIVED, ltp=1573.15)
    ]


def test_a_quote() -> None:
    assert ticks(packet(44, 408065, QUOTE)) == [
        Tick(
            exchange=Exchange.NSE,
            symbol="INFY",
            received_ms=RECEIVED,
            ltp=1573.70,
            last_quantity=7,
            average_price=1570.37,
            volume=1192471,
            total_buy_quantity=256443,
            total_sell_quantity=363009,
            open=1569.15,
            high=1575.00,
            low=1561.05,
            prev_close=1567.80,
        )
    ]


def test_everything() -> None:
    assert ticks(FULL) == [
        Tick(
            exchange=Exchange.NSE,
            symbol="INFY",
            received_ms=RECEIVED,
            exchange_ms=1625461887000,
            ltp=1573.70,
            last_quantity=7,
            average_price=1570.37,
            volume=1192471,
            total_buy_quantity=256443,
            total_sell_quantity=363009,
            open=1569.15,
            high=1575.00,
            low=1561.05,
            prev_close=1567.80,
            oi=11,
            bid=1573.40,
            bid_quantity=5,
            ask=1573.70,
            ask_quantity=172,
            buy_levels=tuple(Level(p / 100, q, o) for q, p, o in LEVELS[:5]),
            sell_levels=tuple(Level(p / 100, q, o) for q, p, o in LEVELS[5:]),
        )
    ]


@pytest.mark.parametrize(("length", "at"), [(28, None), (32, 1625461887000)])
def test_an_index_tells_high_low_open_and_close(length: int, at: int | None) -> None:
    numbers = (2450050, 2460000, 2440000, 2445000, 2448000, 2050, 1625461887)
    assert ticks(packet(length, 256265, numbers[: length // 4 - 1])) == [
        Tick(
            exchange=Exchange.NSE_INDEX,
            symbol="NIFTY",
            received_ms=RECEIVED,
            exchange_ms=at,
            ltp=24500.50,
            high=24600.00,
            low=24400.00,
            open=24450.00,
            prev_close=24480.00,
        )
    ]


@pytest.mark.parametrize(
    ("segment", "price"),
    [
        (1, 827_500.0),
        (2, 827_500.0),
        (3, 8.275),
        (4, 827_500.0),
        (5, 827_500.0),
        (6, 8275.0),
        (7, 827_500.0),
        (8, 827_500.0),
        (9, 827_500.0),
        (12, 8275.0),
    ],
)
@pytest.mark.parametrize("length", [8, 28, 32, 44, 184])
def test_prices_are_divided_by_what_their_segment_says(
    segment: int, price: float, length: int
) -> None:
    token = 1 << 8 | segment
    numbers = [82_750_000] * 35
    [tick] = ticks(
        packet(length, token, numbers if length == 184 else numbers[: length // 4 - 1], [1] * 10),
        names=EVERY,
    )
    told = [tick.ltp]
    if length > 8:
        assert tick.high is not None
        assert tick.prev_close is not None
        told += [tick.high, tick.prev_close]
    told += [one.price for one in (*tick.buy_levels, *tick.sell_levels)]
    assert set(told) == {price}


def test_the_largest_numbers_are_not_negative() -> None:
    [tick] = ticks(packet(44, 408065, [(1 << 32) - 1] * 10))
    assert (tick.volume, tick.ltp) == (4294967295, 42949672.95)


def test_no_time_and_no_best_price_are_none() -> None:
    [tick] = ticks(packet(184, 408065, [100] + [0] * 34, [0] * 10))
    assert (tick.exchange_ms, tick.bid, tick.ask) == (None, None, None)
    assert (tick.oi, tick.volume, tick.bid_quantity) == (0, 0, 0)


def test_of_commodities_lots_become_units() -> None:
    token = 61_000 << 8 | 7
    barrels = instrument("CRUDE", Exchange.MCX, token=token, lot_size=100)
    numbers = [2] * 35
    for length in (44, 184):
        sent = packet(length, token, numbers if length == 184 else numbers[:10], [2] * 10)
        [lots] = ticks(sent, names={token: CRUDE})
        [units] = ticks(sent, names={token: barrels})
        for field in ("last_quantity", "volume", "total_buy_quantity", "total_sell_quantity"):
            assert (getattr(lots, field), getattr(units, field)) == (2, 200)
    assert (units.oi, units.bid_quantity, units.ask_quantity) == (200, 200, 200)
    assert {(one.quantity, one.orders) for one in units.buy_levels} == {(200, 2)}
    assert {(one.quantity, one.orders) for one in units.sell_levels} == {(200, 2)}


def test_shares_and_contracts_are_units_already() -> None:
    token = 5 << 8 | 2
    option = instrument("NIFTY", Exchange.NFO, token=token, lot_size=75)
    [tick] = ticks(packet(44, token, [150] * 10), names={token: option})
    assert tick.volume == 150


@pytest.mark.parametrize("heartbeat", [b"", b"\x00", b"\x01"])
def test_a_heartbeat_says_nothing(heartbeat: bytes) -> None:
    assert read(heartbeat, RECEIVED, ONE) == []


def test_what_was_not_asked_for_is_left_out() -> None:
    sent = packet(8, 408065, [100])
    assert ticks(packet(8, 1, [1]), sent, packet(44, 2, [1] * 10)) == ticks(sent)


@pytest.mark.parametrize("odd", [b"", b"\x00\x06", struct.pack(">4I", 408065, 1, 2, 3), b"x" * 45])
def test_a_packet_of_another_length_is_passed_over(odd: bytes) -> None:
    sent = packet(8, 408065, [100])
    assert ticks(sent, odd, sent) == ticks(sent, sent)


def test_a_frame_that_breaks_off_says_what_it_can() -> None:
    whole = frame([packet(8, 408065, [100]), FULL, packet(44, 408065, QUOTE)])
    expected = read(whole, RECEIVED, ONE)
    ends = (12, 198, 244)
    for cut in range(len(whole) + 1):
        found = read(whole[:cut], RECEIVED, ONE)
        assert found == expected[: sum(end <= cut for end in ends)]


def test_a_long_frame_is_decoded_as_it_is_taken() -> None:
    names = dict(ONE)
    taken = ticks_of(frame([FULL] * 3000), RECEIVED, names)
    assert next(taken).ltp == 1573.70
    names.clear()
    assert list(taken) == []


@given(st.binary(max_size=400))
def test_nothing_that_comes_breaks_it(noise: bytes) -> None:
    for sent in (noise, frame([FULL]) + noise, struct.pack(">H", 9) + noise):
        for tick in read(sent, RECEIVED, EVERY | ONE):
            assert isinstance(tick, Tick)


Official = Callable[[Sequence[bytes]], list[Any]]


@pytest.fixture(scope="module")
def official() -> Official:
    """What the broker's own client makes of frames."""
    if not PYTHON.exists():
        pytest.skip("the SDK's environment is missing: run `make setup`")
    found = subprocess.run(
        [str(PYTHON), "-I", "-c", "import kiteconnect"], capture_output=True, check=False
    )
    if found.returncode != 0:
        pytest.skip("kiteconnect is not in the SDK's environment: run `make setup`")

    def parse(frames: Sequence[bytes]) -> list[Any]:
        done = subprocess.run(
            [str(PYTHON), "-I", str(ROOT / "tests/support/kite_ticks.py")],
            input="\n".join(one.hex() for one in frames),
            capture_output=True,
            text=True,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    return parse


def theirs(told: Mapping[str, Any], names: Mapping[int | str, Instrument]) -> Tick:
    """One tick of the official client, in our words."""
    what = names[told["instrument_token"]]
    ohlc = told.get("ohlc", {})
    depth = told.get("depth", {"buy": [], "sell": []})
    buy, sell = (
        tuple(Level(one["price"], one["quantity"], one["orders"]) for one in depth[side])
        for side in ("buy", "sell")
    )
    at = told.get("exchange_timestamp")
    return Tick(
        exchange=what.exchange,
        symbol=what.symbol,
        received_ms=RECEIVED,
        ltp=told["last_price"],
        exchange_ms=int(at) * 1000 if at else None,
        last_quantity=told.get("last_traded_quantity"),
        average_price=told.get("average_traded_price"),
        volume=told.get("volume_traded"),
        open=ohlc.get("open"),
        high=ohlc.get("high"),
        low=ohlc.get("low"),
        prev_close=ohlc.get("close"),
        oi=told.get("oi"),
        bid=(buy[0].price or None) if buy else None,
        bid_quantity=buy[0].quantity if buy else None,
        ask=(sell[0].price or None) if sell else None,
        ask_quantity=sell[0].quantity if sell else None,
        total_buy_quantity=told.get("total_buy_quantity"),
        total_sell_quantity=told.get("total_sell_quantity"),
        buy_levels=buy,
        sell_levels=sell,
    )


def generated(count: int) -> list[bytes]:
    """Frames of up to five packets of any kind, of every segment."""
    chance = random.Random(20260820)

    def one() -> bytes:
        segment = chance.choice((*SEGMENTS, INDICES))
        length = chance.choice(INDEX_LENGTHS if segment == INDICES else LENGTHS)
        return any_packet(chance, chance.randrange(1, 40) << 8 | segment, length)

    return [frame(one() for _ in range(chance.randrange(1, 6))) for _ in range(count)]


def test_the_official_client_agrees_on_generated_frames(
    official: Official,
) -> None:
    frames = generated(10_000)
    told = official(frames)
    assert len(told) == 10_000
    kinds: set[tuple[str, bool, bool]] = set()
    for sent, ticks_told in zip(frames, told, strict=True):
        assert read(sent, RECEIVED, EVERY) == [theirs(one, EVERY) for one in ticks_told]
        kinds.update((one["mode"], "ohlc" in one, one["tradable"]) for one in ticks_told)
    assert len(kinds) == 6


def recorded() -> dict[str, bytes]:
    """Frames that were recorded, by the name of their file: some lie there as the packet alone."""
    mocks = (DATA / "zerodha-mocks").glob("*.packet")
    return {
        **{path.name: frame([base64.b64decode(path.read_text())]) for path in mocks},
        **{path.name: path.read_bytes() for path in (DATA / "zerodha").glob("*.packet")},
    }


@needs_data
def test_the_official_client_agrees_on_the_recorded_frames(
    official: Official,
) -> None:
    frames = list(recorded().values())
    assert len(frames) == 5
    for sent, told in zip(frames, official(frames), strict=True):
        token = told[0]["instrument_token"]
        names: dict[int | str, Instrument] = {token: instrument(f"T{token}", token=token)}
        assert read(sent, RECEIVED, names) == [theirs(one, names) for one in told]


@needs_data
def test_the_recorded_packet_of_everything() -> None:
    [tick] = read(recorded()["ticker_full.packet"], RECEIVED, ONE)
    told = json.loads((DATA / "zerodha-mocks" / "ticker_full.json").read_text())
    assert (tick.ltp, tick.volume, tick.oi) == (
        told["last_price"],
        told["volume"],
        told["oi"],
    )
    assert tick.exchange_ms == 1625461887000
    assert [(one.price, one.quantity, one.orders) for one in tick.sell_levels] == [
        (one["price"], one["quantity"], one["orders"]) for one in told["depth"]["sell"]
    ]
