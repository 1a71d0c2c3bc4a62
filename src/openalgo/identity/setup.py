"""The first run: an installation without users gets its administrator."""

import hmac
import secrets

from openalgo.domain.clock import Clock
from openalgo.identity.api_keys import KeyRing
from openalgo.identity.passwords import Passwords
from openalgo.identity.users import FirstUser, UserExists, create_first_user
from openalgo.persistence.main import users
from openalgo.persistence.stores import Store, storage_errors


class Setup:
    """`token` proves that whoever asks can read what the server prints at its start; it is good
    until there is a user."""

    def __init__(
        self, main: Store, passwords: Passwords, ring: KeyRing, clock: Clock, *, broker: str
    ) -> None:
        """The first account will be at `broker`."""
        self._main = main
        self._passwords = passwords
        self._ring = ring
        self._clock = clock
        self._broker = broker
        self._done = False
        self.token = secrets.token_urlsafe(18)

    async def needed(self) -> bool:
        """Whether there is no user yet. Raises `StorageUnavailable`."""
        if not self._done:
            with storage_errors():
                async with self._main.read() as tx:
                    self._done = await users.count(tx) > 0
        return not self._done

    def opens(self, token: str) -> bool:
        return hmac.compare_digest(self.token.encode(), token.encode())

    async def create(self, *, username: str, password: str, email: str | None) -> FirstUser:
        """Make the administrator, as `create_first_user` does.

        Raises `UserExists`, before anything is computed, `ValidationFailed`, `StorageUnavailable`.
        """
        if not await self.needed():
            raise UserExists
        return await create_first_user(
            self._main,
            self._passwords,
            self._ring,
            username=username,
            password=password,
            email=email,
            broker=self._broker,
            now=self._clock.now(),
        )
