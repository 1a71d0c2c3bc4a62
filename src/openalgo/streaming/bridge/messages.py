"""What goes over the bridge: topic, payload, and a header that older consumers may leave unread."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from openalgo.domain.market import Mode, Tick
from openalgo.streaming.content import encode_data

VERSION = 1

Message = tuple[bytes, bytes, bytes]

_encode = msgspec.json.Encoder().encode


class Origin(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whose market it is: `account` is `None` for the embedded one, which is everybody's."""

    broker: str
    account: int | None


class Numbered:
    """Makes messages, with a number that rises by one on each topic of each market: whoever misses
    one sees a gap."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int | None, str]] = Counter()

    def tick(self, tick: Tick, origin: Origin) -> Iterator[Message]:
        """`tick` as all that it has in it: the price, the quote, the order book."""
        name = f"{tick.exchange}_{tick.symbol}_"
        yield self._message(f"{name}LTP", encode_data(tick, Mode.LTP, 0), origin)
        if _has_quote(tick):
            yield self._message(f"{name}QUOTE", encode_data(tick, Mode.QUOTE, 0), origin)
        levels = max(len(tick.buy_levels), len(tick.sell_levels))
        if levels:
            yield self._message(f"{name}DEPTH", encode_data(tick, Mode.DEPTH, levels), origin)

    def orders(self, who: str, username: str, payload: bytes, origin: Origin) -> Message:
        """An order update; `who` is the broker in capitals, or `ANALYZE`."""
        return self._message(f"{who}_{username}_orders", payload, origin)

    def _message(self, topic: str, payload: bytes, origin: Origin) -> Message:
        key = (origin.account, topic)
        self._counts[key] += 1
        header = {
            "version": VERSION,
            "seq": self._counts[key],
            "broker": origin.broker,
            "account": origin.account,
        }
        return topic.encode(), payload, _encode(header)


def _has_quote(tick: Tick) -> bool:
    return tick.open is not None or tick.prev_close is not None or tick.bid is not None
