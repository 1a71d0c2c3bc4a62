"""The last steps of every order, alone or part of a plan: checks, risk, venue."""

from typing import Protocol

from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyOrder, OrderTerms, PlaceOrder
from openalgo.domain.orders import Order
from openalgo.trading.checks import Instruments, check
from openalgo.trading.run import Run
from openalgo.trading.venues import Venue


class RiskControl(Protocol):
    """The limits of an account."""

    async def admit(
        self, account_id: int, venue: Venue, order: PlaceOrder, instrument: Instrument
    ) -> None:
        """Count `order` against the limits. Raises `RiskRefused` naming the limit it breaks."""
        ...

    async def admit_change(
        self, account_id: int, venue: Venue, change: ModifyOrder, instrument: Instrument
    ) -> None:
        """The same for a change of a working order."""
        ...


class Children:
    """Where plans become orders."""

    def __init__(self, instruments: Instruments, risk: RiskControl) -> None:
        self._instruments = instruments
        self._risk = risk

    def check(self, order: OrderTerms) -> Instrument:
        """The instrument. Raises `InvalidOrder`, `SymbolNotFound`."""
        return check(order, self._instruments)

    async def send(self, run: Run, order: PlaceOrder) -> Order:
        """Place `order` now. Raises whatever refuses it."""
        instrument = check(order, self._instruments)
        await self._risk.admit(run.account_id, run.venue, order, instrument)
        run.timing.sent()
        return await run.venue.submit(run.account_id, order, instrument, cause=run.cause)

    async def change(self, run: Run, change: ModifyOrder) -> Order:
        """Modify a working order now. Raises whatever refuses it."""
        instrument = check(change, self._instruments)
        await self._risk.admit_change(run.account_id, run.venue, change, instrument)
        run.timing.sent()
        return await run.venue.modify(run.account_id, change, instrument, cause=run.cause)
