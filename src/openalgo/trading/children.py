"""The last steps of every order, alone or part of a plan: checks, risk, venue."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import GttTerms, ModifyOrder, PlaceOrder
from openalgo.domain.orders import Order
from openalgo.trading.checks import check
from openalgo.trading.run import Run


class RiskControl(Protocol):
    """The limits of an account."""

    def admit(
        self, run: Run, order: PlaceOrder | ModifyOrder, instrument: Instrument
    ) -> AbstractAsyncContextManager[None]:
        """Count `order`, a new one or a change, against the limits; it is to be sent inside.
        Raises `RiskRefused` naming the limit it breaks."""
        ...

    async def admit_gtt(self, run: Run, gtt: GttTerms, instrument: Instrument) -> None:
        """The same for the orders a GTT may place. Raises `RiskRefused`."""
        ...


class Children:
    """Where plans become orders."""

    def __init__(self, risk: RiskControl) -> None:
        self._risk = risk

    async def send(self, run: Run, order: PlaceOrder) -> Order:
        """Place `order` now. Raises whatever refuses it."""
        instrument = check(order, run.market.instruments)
        async with self._risk.admit(run, order, instrument):
            run.timing.sent()
            return await run.venue.submit(run.account_id, order, instrument, cause=run.cause)

    async def change(self, run: Run, change: ModifyOrder) -> Order:
        """Modify a working order now. Raises whatever refuses it."""
        instrument = check(change, run.market.instruments)
        async with self._risk.admit(run, change, instrument):
            run.timing.sent()
            return await run.venue.modify(run.account_id, change, instrument, cause=run.cause)

    async def check_gtt(self, run: Run, gtt: GttTerms) -> Instrument:
        """The instrument, if `gtt` may be placed. Raises whatever refuses it."""
        instrument = check(gtt, run.market.instruments)
        await self._risk.admit_gtt(run, gtt, instrument)
        return instrument
