"""Reading what a reply calls things."""

from collections.abc import Mapping
from typing import TypedDict, TypeVar

from openalgo.brokers.adapter import Listing
from openalgo.brokers.http import Reply
from openalgo.domain.market import Exchange
from tests.brokers.example.adapter.mapping import MARKETS

T = TypeVar("T")


class Named(TypedDict):
    exchange: Exchange
    symbol: str


def word(reply: Reply, words: Mapping[str, T], found: str) -> T:
    """What `found` means. Raises `reply.unusable` for a word the broker never documented."""
    if found not in words:
        raise reply.unusable("it has a word nobody documented")
    return words[found]


def named(reply: Reply, listing: Listing, market: str, scrip: str) -> Named:
    """The instrument, by the broker's own name where the symbol master does not list it."""
    instrument = listing.by_broker_symbol(market, scrip)
    if instrument is None:
        return {"exchange": word(reply, MARKETS, market), "symbol": scrip}
    return {"exchange": instrument.exchange, "symbol": instrument.symbol}
