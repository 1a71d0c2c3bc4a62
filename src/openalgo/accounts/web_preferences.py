"""What the web app remembers of a user wherever they log in: watch lists, looks, table columns."""

from openalgo.domain.clock import Clock
from openalgo.domain.errors import InvalidRequest, PreferenceChanged
from openalgo.persistence.main import users, web_preferences
from openalgo.persistence.main.web_preferences import Preference
from openalgo.persistence.stores import Store, storage_errors

MAX_NAMES = 100
MAX_VALUE_BYTES = 256 * 1024
MAX_TOTAL_BYTES = 2 * 1024 * 1024


class WebPreferences:
    """JSON texts by name, for each user."""

    def __init__(self, main: Store, clock: Clock) -> None:
        self._main = main
        self._clock = clock

    async def of_user(self, user_id: int) -> dict[str, Preference]:
        """All of the user's, by name in alphabetical order. Raises `StorageUnavailable`."""
        with storage_errors():
            async with self._main.read() as tx:
                return await web_preferences.of_user(tx, user_id)

    async def put(self, user_id: int, name: str, value: str, *, since: int | None) -> Preference:
        """Keep the JSON text `value` under `name`, and return it with its new version.

        `since` is the version that the change is based on, 0 where there was none; `None` replaces
        whatever there is. Raises `PreferenceChanged` where it is not the version now,
        `InvalidRequest` for what is too large or too many, `StorageUnavailable`; nothing has
        changed then.
        """
        size = len(value.encode())
        if size > MAX_VALUE_BYTES:
            raise InvalidRequest("value", f"{name} is {size} bytes (max {MAX_VALUE_BYTES})")
        with storage_errors():
            async with self._main.write() as tx:
                await users.lock(tx, user_id)
                kept = await web_preferences.of_user(tx, user_id)
                version = kept[name].version if name in kept else 0
                if since is not None and since != version:
                    raise PreferenceChanged(name, version)
                wanted = Preference(
                    name=name, value=value, version=version + 1, updated_at=self._clock.now()
                )
                _check_room({**kept, name: wanted})
                await web_preferences.put(tx, user_id, wanted)
        return wanted


def _check_room(kept: dict[str, Preference]) -> None:
    if len(kept) > MAX_NAMES:
        raise InvalidRequest("name", f"Too many preferences: {len(kept)} (max {MAX_NAMES})")
    size = sum(len(each.name) + len(each.value.encode()) for each in kept.values())
    if size > MAX_TOTAL_BYTES:
        raise InvalidRequest(
            "value", f"Preferences too large in all: {size} bytes (max {MAX_TOTAL_BYTES})"
        )
