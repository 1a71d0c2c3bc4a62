"""The last steps of every order, alone or part of a plan: checks, risk, venue."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from openalgo.domain.instruments import Instrument, InstrumentFinder
from openalgo.domain.intents import GttTerms, ModifyOrder, OrderTerms, PlaceOrder
from openalgo.domain.orders import Order
from openalgo.trading.checks import check
from openalgo.trading.run import Run
from openalgo.trading.venues import Venue


class RiskControl(Protocol):
    """The limits of an account."""

    def admit(
        self, account_id: int, venue: Venue, order: PlaceOrder | ModifyOrder, instrument: Instrument
    ) -> AbstractAsyncContextManager[None]:
        """Count `order`, a new one or a change, against the limits; it is to be sent inside.
        Raises `RiskRefused` naming the limit it breaks."""
        ...

    async def admit_gtt(
        self, account_id: int, venue: Venue, gtt: GttTerms, instrument: Instrument
    ) -> None:
        """The same for the orders a GTT may place. Raises `RiskRefused`."""
        ...


class Children:
    """Where plans become orders."""

    def __init__(self, instruments: InstrumentFinder, risk: RiskControl) -> None:
        self._instruments = instruments
        self._risk = risk

    def check(self, order: OrderTerms) -> Instrument:
        """The instrument. Raises `InvalidOrder`, `SymbolNotFound`."""
        return check(order, self._instruments)

    async def send(self, run: Run, order: PlaceOrder) -> Order:
        """Place `order` now. Raises whatever refuses it."""
        instrument = check(order, self._instruments)
        async with self._risk.admit(run.account_id, run.venue, order, instrument):
            run.timing.sent()
            return await run.venue.submit(run.account_id, order, instrument, cause=run.cause)

    async def change(self, run: Run, change: ModifyOrder) -> Order:
        """Modify a working order now. Raises whatever refuses it."""
        instrument = check(change, self._instruments)
        async with self._risk.admit(run.account_id, run.venue, change, instrument):
            run.timing.sent()
            return await run.venue.modify(run.account_id, change, instrument, cause=run.cause)

    async def check_gtt(self, run: Run, gtt: GttTerms) -> Instrument:
        """The instrument, if `gtt` may be placed. Raises whatever refuses it."""
        instrument = check(gtt, self._instruments)
        await self._risk.admit_gtt(run.account_id, run.venue, gtt, instrument)
        return instrument
