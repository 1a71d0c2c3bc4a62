"""Where orders go: the paper exchange, or a broker."""

from collections.abc import Sequence
from typing import Protocol

from openalgo.domain.gtt import Gtt
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyGtt, ModifyOrder, PlaceGtt, PlaceOrder
from openalgo.domain.orders import Order, Trade
from openalgo.domain.portfolio import FundsStatement, MarginNeed, MarkedHolding, MarkedPosition
from openalgo.domain.words import Word

MarginOrder = tuple[PlaceOrder, Instrument]
"""An order that may never be placed, and what it trades."""


class VenueMode(Word):
    """The word responses carry. Only presenters look at it."""

    LIVE = "live"
    ANALYZE = "analyze"


class Venue(Protocol):
    """Takes child orders and keeps the books of an account.

    Books are those of the current session day (from 03:00 IST), newest first.
    """

    @property
    def mode(self) -> VenueMode: ...

    async def submit(
        self, account_id: int, order: PlaceOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        """Place `order` and return it as stored. Raises `OrderRefused` and its kind,
        `EngineBusy`, `StorageUnavailable`, `OutcomeUnknown`, `IdempotencyConflict`."""
        ...

    async def modify(
        self, account_id: int, change: ModifyOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        """Change a working order. Raises `OrderNotFound`, `OrderNotWorking`, `InvalidOrder`, and
        what `submit` raises."""
        ...

    async def cancel(self, account_id: int, order_id: str, *, cause: str) -> Order:
        """Withdraw a working order. Raises `OrderNotFound`, `OrderNotWorking`."""
        ...

    async def ended(self, account_id: int, order_id: str) -> Order:
        """An order that was withdrawn, once that is done. The venue may take some seconds for it;
        then the order is returned as it is, working still. Raises what `order` does."""
        ...

    async def order(self, account_id: int, order_id: str) -> Order:
        """Any order ever placed. Raises `OrderNotFound`."""
        ...

    async def orders(self, account_id: int) -> list[Order]: ...

    async def trades(self, account_id: int) -> list[Trade]: ...

    async def positions(self, account_id: int) -> list[MarkedPosition]:
        """Open positions, and those closed today."""
        ...

    async def holdings(self, account_id: int) -> list[MarkedHolding]: ...

    async def funds(self, account_id: int) -> FundsStatement: ...

    async def margin(self, account_id: int, orders: Sequence[MarginOrder]) -> MarginNeed:
        """What it would take to place `orders` together, on an account without positions. Raises
        `Unsupported` where the venue cannot tell, `BrokerUnavailable`."""
        ...

    async def place_gtt(
        self, account_id: int, gtt: PlaceGtt, instrument: Instrument, *, cause: str
    ) -> Gtt:
        """Raises what `submit` raises, and `Unsupported` where the venue has no GTTs."""
        ...

    async def modify_gtt(
        self, account_id: int, change: ModifyGtt, instrument: Instrument, *, cause: str
    ) -> Gtt:
        """Replace an active GTT. Raises `GttNotFound`, and what `place_gtt` raises."""
        ...

    async def cancel_gtt(self, account_id: int, trigger_id: str, *, cause: str) -> Gtt:
        """Withdraw an active GTT. Raises `GttNotFound`, `Unsupported`."""
        ...

    async def gtts(self, account_id: int, *, active_only: bool = True) -> list[Gtt]:
        """Newest first. Raises `Unsupported` where the venue has no GTTs."""
        ...
