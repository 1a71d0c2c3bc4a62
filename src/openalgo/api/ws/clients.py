"""How many WebSocket clients there may be."""

from collections import Counter
from collections.abc import Callable


class Clients:
    """Counts the clients that are connected, all together and by API key."""

    def __init__(self, most: int = 200, most_per_key: int = 50) -> None:
        self._most = most
        self._most_per_key = most_per_key
        self._keys: dict[str, int | None] = {}
        self._per_key: Counter[int] = Counter()
        self._cuts: dict[str, Callable[[], None]] = {}

    def enter(self, client: str, cut: Callable[[], None]) -> bool:
        """Count `client` in, unless the house is full. `cut` ends it."""
        if len(self._keys) >= self._most:
            return False
        self._keys[client] = None
        self._cuts[client] = cut
        return True

    def admit(self, client: str, key_id: int) -> bool:
        """Count `client` as one of this API key's, unless that has too many."""
        before = self._keys[client]
        if before == key_id:
            return True
        if self._per_key[key_id] >= self._most_per_key:
            return False
        self._let_go(before)
        self._keys[client] = key_id
        self._per_key[key_id] += 1
        return True

    def leave(self, client: str) -> None:
        """Count `client` out."""
        self._let_go(self._keys.pop(client))
        del self._cuts[client]

    def cut_off(self, key_id: int) -> None:
        """End every client of this API key."""
        for client, theirs in self._keys.items():
            if theirs == key_id:
                self._cuts[client]()

    def _let_go(self, key_id: int | None) -> None:
        if key_id is not None:
            self._per_key[key_id] -= 1
            if not self._per_key[key_id]:
                del self._per_key[key_id]
