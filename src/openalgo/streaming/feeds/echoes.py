"""Order updates that come over several connections, told once."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from openalgo.brokers.rows import OrderRow

_REMEMBERED: Final = 2048


class Echoes:
    """Tells news from repetitions.

    A broker sends each update over every connection. Counting how often each connection brought
    the very same row tells an order that came back to an earlier state, which is news, from the
    same update over another connection, which is not. Only the latest 2,048 rows are remembered.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[OrderRow, dict[Hashable, int]] = OrderedDict()

    def is_news(self, row: OrderRow, connection: Hashable) -> bool:
        """Whether `row`, which came over `connection`, is told for the first time."""
        counts = self._seen.setdefault(row, {})
        self._seen.move_to_end(row)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        told = max(counts.values(), default=0)
        counts[connection] = counts.get(connection, 0) + 1
        return counts[connection] > told
