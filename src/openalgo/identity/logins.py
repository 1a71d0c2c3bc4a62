"""Logging in, and whatever else asks for the password again."""

from collections.abc import Callable

import structlog

from openalgo.domain.clock import Clock
from openalgo.domain.errors import InvalidRequest, OpenAlgoError, RateLimitExceeded
from openalgo.identity.passwords import Passwords, check_password
from openalgo.identity.sessions import Device, OpenedSession, WebSessions
from openalgo.identity.throttle import PasswordThrottle
from openalgo.identity.users import LONGEST_USERNAME, is_username
from openalgo.persistence.main import users
from openalgo.persistence.main.login_attempts import LoginAttempt
from openalgo.persistence.main.users import UserRow
from openalgo.persistence.stores import Store, storage_errors

log = structlog.get_logger(__name__)


class InvalidCredentials(OpenAlgoError):
    """Which of the two is wrong is not said."""

    code = "invalid_credentials"
    status = 401
    default = "Invalid credentials"


class WrongPassword(InvalidRequest):
    """Who is logged in has to know their password."""

    code = "wrong_password"


class Logins:
    """Checks passwords, always through the same throttle, and opens sessions.

    `record` keeps what became of each attempt; it returns at once.
    """

    def __init__(
        self,
        main: Store,
        passwords: Passwords,
        sessions: WebSessions,
        clock: Clock,
        *,
        throttle: PasswordThrottle,
        record: Callable[[LoginAttempt], None],
    ) -> None:
        self._main = main
        self._passwords = passwords
        self._sessions = sessions
        self._clock = clock
        self._throttle = throttle
        self._record = record

    async def log_in(self, username: str, password: str, device: Device) -> OpenedSession:
        """Open a session for whoever knows the password. An unknown name takes as long as a
        wrong password.

        Raises `RateLimitExceeded`, `InvalidCredentials`, `StorageUnavailable`.
        """
        try:
            self._throttle.attempt(username)
        except RateLimitExceeded:
            self._note(username, device, "too many failures")
            raise
        user = await self._user_named(username)
        if not await self._passwords.verify(password, user.password_hash if user else None):
            self._note(username, device, "wrong password" if user else "unknown user")
            log.warning("login failed", address=device.address)
            raise InvalidCredentials
        assert user is not None  # noqa: S101 - nobody has no password
        await self._strengthen(user, password)
        opened = await self._sessions.open(
            user_id=user.id, username=user.username, is_admin=user.is_admin, device=device
        )
        # The password may have been changed, and every session ended, while it was checked.
        now = await self._user(user.id)
        if now.password_hash != user.password_hash and not await self._passwords.verify(
            password, now.password_hash
        ):
            await self._sessions.end(user.id, opened.session.id)
            raise InvalidCredentials
        self._throttle.succeeded(username)
        self._note(username, device, None)
        return opened

    async def confirm(self, user_id: int, password: str, *, field: str = "password") -> UserRow:
        """The user, if this is their password: for what a stolen session must not be able to do.

        Raises `RateLimitExceeded`, `WrongPassword` naming `field`, `StorageUnavailable`.
        """
        user = await self._user(user_id)
        self._throttle.attempt(user.username)
        if not await self._passwords.verify(password, user.password_hash):
            log.warning("password not confirmed", user_id=user_id)
            raise WrongPassword(field, "Current password is incorrect")
        self._throttle.succeeded(user.username)
        return user

    async def change_password(self, user_id: int, old: str, new: str) -> None:
        """Set a new password and end every session of the user. API keys go on.

        Raises `RateLimitExceeded`, `WrongPassword`, `ValidationFailed`, `StorageUnavailable`.
        """
        user = await self.confirm(user_id, old, field="old_password")
        check_password(new, username=user.username, email=user.email or "", field="new_password")
        await self._replace_hash(user, await self._passwords.hash(new))
        await self._sessions.end_all(user_id)

    async def _strengthen(self, user: UserRow, password: str) -> None:
        """Hash again at today's cost."""
        if self._passwords.needs_rehash(user.password_hash):
            stronger = await self._passwords.hash(password)
            with storage_errors():
                async with self._main.write() as tx:
                    await users.set_password_hash(
                        tx, user.id, stronger, instead_of=user.password_hash
                    )

    async def _replace_hash(self, user: UserRow, password_hash: str) -> None:
        with storage_errors():
            async with self._main.write() as tx:
                if not await users.set_password_hash(
                    tx, user.id, password_hash, instead_of=user.password_hash
                ):
                    raise WrongPassword("old_password", "The password was changed just now")

    async def _user_named(self, username: str) -> UserRow | None:
        if not is_username(username):
            return None
        with storage_errors():
            async with self._main.read() as tx:
                return await users.by_username(tx, username)

    async def _user(self, user_id: int) -> UserRow:
        with storage_errors():
            async with self._main.read() as tx:
                user = await users.by_id(tx, user_id)
        if user is None:
            raise InvalidCredentials
        return user

    def _note(self, username: str, device: Device, failure: str | None) -> None:
        self._record(
            LoginAttempt(
                at=self._clock.now(),
                username=_printable(username)[:LONGEST_USERNAME],
                address=device.address,
                device_info=device.info,
                login_type="password",
                status="success" if failure is None else "failed",
                failure_reason=failure,
            )
        )


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
