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
        self._followers: Listeners[Event] = Listeners()
        self._interests: list[Callable[[int], bool]] = []

    def listen(self, account_id: int, sink: Callable[[Event], None]) -> Callable[[], None]:
        """Call `sink` with every event of the account until the returned function is called."""
        listeners = self._accounts.setdefault(account_id, Listeners())
        listeners.add(sink)

        def stop() -> None:
            listeners.remove(sink)
            if not listeners and self._accounts.get(account_id) is listeners:
                del self._accounts[account_id]

        return stop

    def follow(self, sink: Callable[[Event], None], is_heard: Callable[[int], bool]) -> None:
        """Call `sink` with every event of every account from now on. It is one that listens to an
        account as long as its `is_heard` says so."""
        self._followers.add(sink)
        self._interests.append(is_heard)

    def is_heard(self, account_id: int) -> bool:
        """Whether anybody listens to the account."""
        return account_id in self._accounts or any(hears(account_id) for hears in self._interests)

    def publish(self, event: Event) -> None:
        """Hand `event` to everybody who listens to its account."""
        if (listeners := self._accounts.get(event.account_id)) is not None:
            listeners.tell(event)
        self._followers.tell(event)
