"""Binary frames of KiteTicker.

A frame is a count of packets (u16), then each with its length (u16) before it, all big-endian; a
single byte is a heartbeat. The length of a packet says what it is, and every packet is a whole
picture of its mode: prices are integers, to be divided by what the segment (the last byte of the
instrument token) says.
"""

from collections.abc import Iterator, Mapping
from struct import Struct

from openalgo.brokers.zerodha.mapping import LOT_SEGMENTS, PRICE_DIVISORS
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Level, Tick

_COUNT = Struct(">H").unpack_from
_HEAD = Struct(">HII").unpack_from  # length, instrument token, last price
_HEAD_SIZE = 10
_INDEX = Struct(">4I").unpack_from  # high, low, open, close
_INDEX_FULL = Struct(">4I4xI").unpack_from  # the same, the change, and the exchange's time
_QUOTE = Struct(">9I").unpack_from
_FULL = Struct(">9I4xI8xI" + "IIH2x" * 10).unpack_from

_DIVISORS = tuple(PRICE_DIVISORS.get(segment, 100.0) for segment in range(256))


def ticks_of(
    frame: bytes, received_ms: int, names: Mapping[int | str, Instrument]
) -> Iterator[Tick]:
    """The ticks of the instruments in `names`, by instrument token, decoded as they are taken: a
    frame may hold thousands. A packet of another length is passed over; what a frame that breaks
    off says at its end is left out."""
    size = len(frame)
    if size < 2 + _HEAD_SIZE:
        return
    find, divisors = names.get, _DIVISORS
    at = 2
    for _ in range(_COUNT(frame)[0]):
        if at + _HEAD_SIZE > size:
            break
        length, token, price = _HEAD(frame, at)
        body = at + _HEAD_SIZE
        at += 2 + length
        if at > size:
            break
        instrument = find(token)
        if instrument is None:
            continue
        segment = token & 0xFF
        divisor = divisors[segment]
        lot = instrument.lot_size if segment in LOT_SEGMENTS else 1
        if length == 8:
            yield Tick(
                exchange=instrument.exchange,
                symbol=instrument.symbol,
                received_ms=received_ms,
                ltp=price / divisor,
            )
        elif length == 44:
            last, average, volume, bought, sold, open, high, low, close = _QUOTE(frame, body)
            yield Tick(
                exchange=instrument.exchange,
                symbol=instrument.symbol,
                received_ms=received_ms,
                ltp=price / divisor,
                last_quantity=last * lot,
                average_price=average / divisor,
                volume=volume * lot,
                open=open / divisor,
                high=high / divisor,
                low=low / divisor,
                prev_close=close / divisor,
                total_buy_quantity=bought * lot,
                total_sell_quantity=sold * lot,
            )
        elif length == 184:
            yield _full(instrument, received_ms, price / divisor, divisor, lot, _FULL(frame, body))
        elif length == 28:
            high, low, open, close = _INDEX(frame, body)
            yield Tick(
                exchange=instrument.exchange,
                symbol=instrument.symbol,
                received_ms=received_ms,
                ltp=price / divisor,
                open=open / divisor,
                high=high / divisor,
                low=low / divisor,
                prev_close=close / divisor,
            )
        elif length == 32:
            high, low, open, close, seconds = _INDEX_FULL(frame, body)
            yield Tick(
                exchange=instrument.exchange,
                symbol=instrument.symbol,
                received_ms=received_ms,
                ltp=price / divisor,
                exchange_ms=seconds * 1000 or None,
                open=open / divisor,
                high=high / divisor,
                low=low / divisor,
                prev_close=close / divisor,
            )


def _full(
    instrument: Instrument,
    received_ms: int,
    ltp: float,
    by: float,
    lot: int,
    values: tuple[int, ...],
) -> Tick:
    # fmt: off
    (last, average, volume, bought, sold, open, high, low, close, oi, seconds,
     q0, p0, o0, q1, p1, o1, q2, p2, o2, q3, p3, o3, q4, p4, o4,
     q5, p5, o5, q6, p6, o6, q7, p7, o7, q8, p8, o8, q9, p9, o9) = values
    # fmt: on
    if lot != 1:
        last, volume, bought, sold, oi = (n * lot for n in (last, volume, bought, sold, oi))
        q0, q1, q2, q3, q4 = (n * lot for n in (q0, q1, q2, q3, q4))
        q5, q6, q7, q8, q9 = (n * lot for n in (q5, q6, q7, q8, q9))
    return Tick(
        exchange=instrument.exchange,
        symbol=instrument.symbol,
        received_ms=received_ms,
        ltp=ltp,
        exchange_ms=seconds * 1000 or None,
        last_quantity=last,
        average_price=average / by,
        volume=volume,
        open=open / by,
        high=high / by,
        low=low / by,
        prev_close=close / by,
        oi=oi,
        # An empty side has no best price.
        bid=p0 / by if p0 else None,
        bid_quantity=q0,
        ask=p5 / by if p5 else None,
        ask_quantity=q5,
        total_buy_quantity=bought,
        total_sell_quantity=sold,
        buy_levels=(
            Level(p0 / by, q0, o0),
            Level(p1 / by, q1, o1),
            Level(p2 / by, q2, o2),
            Level(p3 / by, q3, o3),
            Level(p4 / by, q4, o4),
        ),
        sell_levels=(
            Level(p5 / by, q5, o5),
            Level(p6 / by, q6, o6),
            Level(p7 / by, q7, o7),
            Level(p8 / by, q8, o8),
            Level(p9 / by, q9, o9),
        ),
    )
