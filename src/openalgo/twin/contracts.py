"""What a twin lists."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

import msgspec

from openalgo.domain.instruments import InstrumentType
from openalgo.domain.numbers import Px


class Contract(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One row of the broker's list, in the broker's spelling.

    Its price follows that of `base`; `strike` is in rupees. `multiplier` is how many units one of
    its quantity stands for: 1 where quantities are units, the lot where they are lots. `largest` is
    the most one order may carry, 0 without a limit.
    """

    token: int
    exchange_token: int
    exchange: str
    segment: str
    symbol: str
    name: str
    type: InstrumentType
    base: str
    tick: Px
    lot: int = 1
    multiplier: int = 1
    largest: int = 0
    expiry: date | None = None
    strike: Decimal | None = None

    @property
    def is_index(self) -> bool:
        return self.type is InstrumentType.INDEX

    @property
    def is_option(self) -> bool:
        return self.type in (InstrumentType.CALL, InstrumentType.PUT)

    @property
    def is_cash(self) -> bool:
        """A share or an index: what moves with its base one to one."""
        return self.type in (InstrumentType.EQUITY, InstrumentType.INDEX)

    @property
    def full_name(self) -> str:
        return f"{self.exchange}:{self.symbol}"


class Contracts:
    """All of them, by name and by token."""

    def __init__(self, rows: Iterable[Contract]) -> None:
        self._by_token = {row.token: row for row in rows}
        self._by_name = {row.full_name: row for row in self._by_token.values()}

    def __iter__(self) -> Iterator[Contract]:
        return iter(self._by_token.values())

    def __len__(self) -> int:
        return len(self._by_token)

    def named(self, full_name: str) -> Contract | None:
        """The one called `NSE:INFY`."""
        return self._by_name.get(full_name)

    def numbered(self, token: int) -> Contract | None:
        return self._by_token.get(token)
