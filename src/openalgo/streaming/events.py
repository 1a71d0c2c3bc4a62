"""What happens to accounts, told to whoever listens to them."""

from collections.abc import Callable

from openalgo.domain.events import Event
from openalgo.streaming.listeners import Listeners


class EventBus:
    """One for all accounts, whatever their market. Publishing is synchronous and waits for nobody.

    A listener is a function that returns at once: it does its work or queues it.
    """

    def __init__(self) -> None:
        self._accounts: dict[int, Listeners[Event]] = {}
        self.everything: Listeners[Event] = Listeners()
        """They hear of every account."""

    def listen(self, account_id: int, sink: Callable[[Event], None]) -> Callable[[], None]:
        """Call `sink` with every event of the account until the returned function is called."""
        listeners = self._accounts.setdefault(account_id, Listeners())
        listeners.add(sink)

        def stop() -> None:
            listeners.remove(sink)
            if not listeners and self._accounts.get(account_id) is listeners:
                del self._accounts[account_id]

        return stop

    def publish(self, event: Event) -> None:
        """Hand `event` to everybody who listens to its account."""
        if (listeners := self._accounts.get(event.account_id)) is not None:
            listeners.tell(event)
        self.everything.tell(event)
