"""What is known of an instrument, even one that has left the symbol master."""

import msgspec

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import Px
from openalgo.instruments import symbols
from openalgo.sandbox.state import PaperExchange


class Basis(msgspec.Struct, frozen=True, gc=False):
    """What a contract settles against, and the price of that."""

    instrument: Instrument
    price: Px


def listed(state: PaperExchange, key: InstrumentKey) -> Instrument:
    """The record of `key`; where there is none any more, what its spelling says."""
    book = state.books.get(key)
    if book is not None:
        return book.instrument
    spelled = symbols.parse(key.symbol)
    return Instrument(
        exchange=key.exchange,
        symbol=key.symbol,
        name=spelled.base if spelled else key.symbol,
        type=spelled.type if spelled else InstrumentType.EQUITY,
        broker_symbol=key.symbol,
        broker_exchange=key.exchange,
        token="",
        tick_size=Px(0),
        expiry=spelled.expiry if spelled else None,
        strike=spelled.strike if spelled else None,
    )


def terms(instrument: Instrument) -> symbols.ParsedSymbol | None:
    """Expiry, type and strike of a dated contract; `None` for anything else."""
    return symbols.parts_of(instrument) or symbols.parse(instrument.symbol)
