"""The binary frames of the ticker.

A frame is the number of packets (u16) and, for each, its length (u16) and itself, big-endian. A
packet always holds all there is in its mode. Prices are whole numbers of a part of a rupee that
depends on the segment.
"""

import struct
from collections.abc import Sequence
from datetime import datetime

from openalgo.domain.clock import epoch_ms
from openalgo.domain.words import Word
from openalgo.twin.contracts import Contract
from openalgo.twin.market import DEPTH_LEVELS, Market, Offer

HEARTBEAT = b"\x00"

_COUNT = struct.Struct(">H")
_LTP = struct.Struct(">2I")
_INDEX_QUOTE = struct.Struct(">6Ii")
_QUOTE = struct.Struct(">11I")
_REST_OF_FULL = struct.Struct(">5I")
_TIME = struct.Struct(">I")
_OFFER = struct.Struct(">2IHxx")
_NO_OFFER = bytes(_OFFER.size)

_CDS, _BCD, _INDICES, _NCO = 3, 6, 9, 12
_PARTS = {_CDS: 10_000_000, _BCD: 10_000, _NCO: 10_000}
_USUAL_PARTS = 100
_PX_PARTS = 1_000_000
_U32 = 0xFFFF_FFFF


class TickMode(Word):
    LTP = "ltp"
    QUOTE = "quote"
    FULL = "full"


def packet(market: Market, contract: Contract, mode: TickMode) -> bytes:
    """What the ticker says of `contract` now."""
    segment = contract.token & 0xFF
    parts = _PARTS.get(segment, _USUAL_PARTS)
    mark = market.mark(contract)
    last = _price(mark.last, parts)
    if mode is TickMode.LTP:
        return _LTP.pack(contract.token, last)
    open_, high, low, close = (
        _price(price, parts) for price in (mark.open, mark.high, mark.low, mark.close)
    )
    if segment == _INDICES:
        quote = _INDEX_QUOTE.pack(contract.token, last, high, low, open_, close, last - close)
        return quote + _seconds(mark.at) if mode is TickMode.FULL else quote
    buys, sells = market.depth(contract)
    quote = _QUOTE.pack(
        contract.token,
        last,
        mark.last_quantity & _U32,
        round(mark.average * parts) & _U32,
        mark.volume & _U32,
        _total(buys),
        _total(sells),
        open_,
        high,
        low,
        close,
    )
    if mode is TickMode.QUOTE:
        return quote
    interest = mark.open_interest & _U32
    rest = _REST_OF_FULL.pack(
        epoch_ms(mark.traded_at) // 1000, interest, interest, interest, epoch_ms(mark.at) // 1000
    )
    return quote + rest + _side(buys, parts) + _side(sells, parts)


def frame(packets: Sequence[bytes]) -> bytes:
    """Many packets in one message."""
    found = [_COUNT.pack(len(packets))]
    for each in packets:
        found += (_COUNT.pack(len(each)), each)
    return b"".join(found)


def _price(price: int, parts: int) -> int:
    return (price * parts + _PX_PARTS // 2) // _PX_PARTS & _U32


def _total(offers: Sequence[Offer]) -> int:
    return sum(offer.quantity for offer in offers) & _U32


def _side(offers: Sequence[Offer], parts: int) -> bytes:
    found = [
        _OFFER.pack(offer.quantity & _U32, _price(offer.price, parts), offer.orders & 0xFFFF)
        for offer in offers
    ]
    return b"".join(found) + _NO_OFFER * (DEPTH_LEVELS - len(found))


def _seconds(at: datetime) -> bytes:
    return _TIME.pack(epoch_ms(at) // 1000)
