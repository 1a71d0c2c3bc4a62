"""What may change something at a broker: carried to its end, and looked after where it was not
answered."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from openalgo.brokers.adapter import Connection
from openalgo.domain.errors import OutcomeUnknown
from openalgo.domain.intents import PlaceGtt, PlaceOrder
from openalgo.domain.live_orders import SentOrder
from openalgo.trading.live.sending import Sender
from openalgo.trading.live.undisturbed import Undisturbed

_CHANGE_UNKNOWN = (
    "The broker did not say whether order {order_id} was {changed}. Look at the order book before "
    "asking again."
)


class Carried:
    """The calls of one account that are not to be cut short, though whoever asked be gone."""

    def __init__(
        self, sender: Sender, connect: Callable[[], Connection], look: Callable[[], None]
    ) -> None:
        """`look` has the order book read soon."""
        self._sender = sender
        self._connect = connect
        self._look = look
        self._undisturbed = Undisturbed()

    async def send(
        self,
        intent: PlaceOrder | PlaceGtt,
        place: Callable[[Connection, str], Awaitable[str]],
        *,
        cause: str,
    ) -> SentOrder:
        """What was sent for `intent`; `Sender.send` says what `place` does and what is raised."""

        async def send() -> SentOrder:
            try:
                return await self._sender.send(intent, self._connect, place, cause=cause)
            except OutcomeUnknown:
                self._look()
                raise

        return await self._undisturbed.run(send())

    async def change(self, calling: Coroutine[Any, Any, None], order_id: str, changed: str) -> None:
        """`calling` changes an order. Nothing is sent again where its outcome is unknown."""
        try:
            await self._undisturbed.run(calling)
        except OutcomeUnknown as error:
            raise OutcomeUnknown(
                _CHANGE_UNKNOWN.format(order_id=order_id, changed=changed)
            ) from error
        finally:
            self._look()

    async def finished(self) -> None:
        """Wait for the answers to what was sent. For shutdown."""
        await self._undisturbed.finished()
