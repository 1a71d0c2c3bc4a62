"""What the charts of a user remember: layouts, colours, indicators."""

from collections.abc import Mapping

from openalgo.domain.errors import InvalidRequest
from openalgo.persistence.main import chart, users
from openalgo.persistence.stores import Store, storage_errors

MAX_TOTAL_BYTES = 5 * 1024 * 1024
MAX_TOTAL_KEYS = 1_000
"""So that many empty values are not kept either."""


class ChartPreferences:
    """JSON texts by key, for each user."""

    def __init__(self, main: Store) -> None:
        self._main = main

    async def of_user(self, user_id: int) -> dict[str, str]:
        """All of the user's, each as JSON text. Raises `StorageUnavailable`."""
        with storage_errors():
            async with self._main.read() as tx:
                return await chart.of_user(tx, user_id)

    async def update(self, user_id: int, values: Mapping[str, str]) -> None:
        """Put JSON texts in place of those with the same keys; the other keys stay.

        Raises `StorageUnavailable`, and `InvalidRequest` when the user would then have more than
        5 MiB or 1,000 keys; nothing has changed then.
        """
        with storage_errors():
            async with self._main.write() as tx:
                await users.lock(tx, user_id)
                kept = await chart.of_user(tx, user_id)
                _check_size({**kept, **values})
                await chart.put(tx, user_id, values)


def _check_size(values: dict[str, str]) -> None:
    if len(values) > MAX_TOTAL_KEYS:
        raise InvalidRequest(
            "preferences", f"Too many preferences in all: {len(values)} (max {MAX_TOTAL_KEYS})"
        )
    size = sum(len(key.encode()) + len(value.encode()) for key, value in values.items())
    if size > MAX_TOTAL_BYTES:
        raise InvalidRequest(
            "preferences", f"Preferences too large in all: {size} bytes (max {MAX_TOTAL_BYTES})"
        )
