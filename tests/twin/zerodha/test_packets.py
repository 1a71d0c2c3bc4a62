"""The ticker's frames, byte by byte as the fact sheet lays them out."""

import struct

import pytest

from openalgo.domain.clock import ManualClock, epoch_ms
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.numbers import px
from openalgo.twin.contracts import Contract
from openalgo.twin.market import Market
from openalgo.twin.zerodha.packets import TickMode, frame, packet
from tests.twin.conftest import NOW

LATER = int(epoch_ms(NOW) // 1000)


def contract(segment: int, type: InstrumentType = InstrumentType.EQUITY) -> Contract:
    return Contract(
        token=1594 << 8 | segment,
        exchange_token=1594,
        exchange="NSE",
        segment="NSE",
        symbol="INFY",
        name="INFOSYS",
        type=type,
        base="INFY",
        tick=px("0.0025"),
    )


@pytest.fixture
def market() -> Market:
    return Market(
        ManualClock(NOW), {"INFY": 1500.0}, close_of=lambda _contract, _start, _day: px(1490)
    )


@pytest.mark.parametrize(
    ("segment", "divisor"),
    [
        *((segment, 100) for segment in (1, 2, 4, 5, 7)),
        (3, 10_000_000),
        (6, 10_000),
        (12, 10_000),
    ],
)
def test_prices_are_divided_by_what_the_segment_says(segment: int, divisor: int) -> None:
    share = contract(segment)
    market = Market(ManualClock(NOW), {"INFY": 88.3525})
    market.set_price(share, px("88.3525"))
    found = packet(market, share, TickMode.LTP)
    assert found == struct.pack(">II", share.token, round(88.3525 * divisor + 1e-9))


def test_a_full_packet(market: Market) -> None:
    share = contract(1)
    market.mark(share)
    market.set_price(share, px(1510), quantity=7)
    market.set_price(share, px(1480), quantity=3)
    found = packet(market, share, TickMode.FULL)
    assert len(found) == 184
    assert struct.unpack(">16I", found[:64]) == (
        *(share.token, 148_000, 3, 150_100, 10),
        *(sum(offer.quantity for offer in side) for side in market.depth(share)),
        *(150_000, 151_000, 148_000, 149_000),
        *(LATER, 0, 0, 0, LATER),
    )
    buys, sells = market.depth(share)
    for number, offer in enumerate((*buys, *sells)):
        entry = found[64 + 12 * number : 76 + 12 * number]
        price = round(offer.price / 10_000 + 1e-9)
        assert entry == struct.pack(">IIHxx", offer.quantity, price, offer.orders)


def test_a_quote_is_the_beginning_of_a_full_packet(market: Market) -> None:
    share = contract(1)
    market.set_price(share, px(1510))
    quote = packet(market, share, TickMode.QUOTE)
    assert len(quote) == 44
    assert packet(market, share, TickMode.FULL)[:44] == quote


def test_an_index_says_high_low_open_close(market: Market) -> None:
    index = contract(9, InstrumentType.INDEX)
    market.mark(index)
    market.set_price(index, px(1520))
    market.set_price(index, px(1480))
    found = packet(market, index, TickMode.FULL)
    assert struct.unpack(">6IiI", found) == (
        *(index.token, 148_000, 152_000, 148_000, 150_000, 149_000),
        -1_000,
        LATER,
    )
    assert packet(market, index, TickMode.QUOTE) == found[:28]


def test_quantities_beyond_31_bits_stay_unsigned(market: Market) -> None:
    share = contract(1)
    market.set_price(share, px(1500), quantity=3_000_000_000)
    found = packet(market, share, TickMode.QUOTE)
    assert struct.unpack(">I", found[16:20]) == (3_000_000_000,)


def test_an_empty_side_of_the_book_is_zeros() -> None:
    share = contract(1)
    market = Market(ManualClock(NOW), {"INFY": 0.005})
    market.set_price(share, px("0.005"))
    found = packet(market, share, TickMode.FULL)
    assert found[64 + 24 : 64 + 60] == bytes(36)


def test_a_frame_counts_its_packets() -> None:
    assert frame([b"12345678", b"abc"]) == b"\x00\x02\x00\x0812345678\x00\x03abc"
