"""What an account may risk."""

from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyOrder, PlaceOrder
from openalgo.trading.venues import Venue


class Unlimited:
    """No limits."""

    async def admit(
        self, account_id: int, venue: Venue, order: PlaceOrder, instrument: Instrument
    ) -> None:
        """Everything passes."""

    async def admit_change(
        self, account_id: int, venue: Venue, change: ModifyOrder, instrument: Instrument
    ) -> None:
        """Everything passes."""
