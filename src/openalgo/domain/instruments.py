"""What can be quoted or traded."""

from datetime import date
from decimal import Decimal
from typing import Protocol

import msgspec

from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import ONE, Px
from openalgo.domain.words import Word


class InstrumentType(Word):
    EQUITY = "EQ"
    INDEX = "INDEX"
    FUTURE = "FUT"
    CALL = "CE"
    PUT = "PE"
    PERPETUAL = "PERPFUT"
    SPOT = "SPOT"


class Instrument(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One row of a broker's symbol master, in our words.

    `name` is the underlying base for derivatives and the company name for equity; `token` is the
    broker's own identifier, opaque to us; `tick_size` is 0 where prices have no grid (indices);
    `lot_size` is in units; `strike` is in rupees; `contract_value` multiplies profit and margin
    (1 everywhere but on CRYPTO).
    """

    # There are 100,000 of them and more, so the garbage collector must not visit each.

    exchange: Exchange
    symbol: str
    name: str
    type: InstrumentType
    broker_symbol: str
    broker_exchange: str
    token: str
    tick_size: Px
    lot_size: int = 1
    expiry: date | None = None
    strike: Decimal | None = None
    contract_value: Decimal = ONE

    @property
    def key(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)

    @property
    def is_option(self) -> bool:
        return self.type in (InstrumentType.CALL, InstrumentType.PUT)

    @property
    def is_future(self) -> bool:
        return self.type in (InstrumentType.FUTURE, InstrumentType.PERPETUAL)


class InstrumentFinder(Protocol):
    """A symbol master that can be asked for one instrument."""

    def find(self, key: InstrumentKey) -> Instrument | None: ...
