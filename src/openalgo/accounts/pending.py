"""Logins that were begun at a broker's page, until their users come back."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import SecretStr

from openalgo.domain.clock import Clock, epoch_ms
from openalgo.domain.errors import OpenAlgoError

MOST_WAITING = timedelta(minutes=10)
_MOST_OF_A_BROWSER = 10


class LoginNotBegun(OpenAlgoError):
    """Whoever comes back did not leave from here, or not from this browser, or long ago: the login
    may be somebody else's."""

    code = "login_not_begun"
    status = 403
    default = (
        "This login was not begun in this browser within the last ten minutes, or was used "
        "already. Connect the account again."
    )


@dataclass(frozen=True, slots=True)
class _Pending:
    account_id: int
    broker_id: str
    web_session: int
    begun_at: datetime
    nonce: str

    def signed(self, key: bytes) -> str:
        facts = (
            self.nonce,
            self.broker_id,
            self.account_id,
            self.web_session,
            epoch_ms(self.begun_at),
        )
        text = "broker login:" + ":".join(map(str, facts))
        return hmac.digest(key, text.encode(), "sha256").hex()

    def state(self, key: bytes) -> str:
        return f"{self.nonce}.{self.signed(key)}"


class PendingLogins:
    """Each is for one account, one browser session and one use, and is forgotten at a restart."""

    def __init__(self, key: SecretStr, clock: Clock) -> None:
        self._key = key.get_secret_value().encode()
        self._clock = clock
        self._pending: dict[str, _Pending] = {}

    def begin(self, account_id: int, broker_id: str, web_session: int) -> str:
        """The `state` for the broker to give back. Of one browser's, the ten youngest count."""
        self._forget_old()
        own = [each for each in self._pending.values() if each.web_session == web_session]
        for each in own[: 1 - _MOST_OF_A_BROWSER]:
            del self._pending[each.nonce]
        nonce = secrets.token_urlsafe(16)
        pending = self._pending[nonce] = _Pending(
            account_id, broker_id, web_session, self._clock.now(), nonce
        )
        return pending.state(self._key)

    def take(self, broker_id: str, state: str, web_session: int) -> int:
        """The account `state` was made for; it serves no more. Raises `LoginNotBegun`."""
        self._forget_old()
        pending = self._pending.get(state.partition(".")[0])
        if (
            pending is None
            or not hmac.compare_digest(pending.state(self._key).encode(), state.encode())
            or (pending.broker_id, pending.web_session) != (broker_id, web_session)
        ):
            raise LoginNotBegun
        del self._pending[pending.nonce]
        return pending.account_id

    def take_latest(self, broker_id: str, web_session: int) -> int:
        """The account for which this browser last went to the broker: for brokers that give no
        `state` back. Raises `LoginNotBegun`."""
        self._forget_old()
        for pending in reversed(self._pending.values()):
            if (pending.broker_id, pending.web_session) == (broker_id, web_session):
                del self._pending[pending.nonce]
                return pending.account_id
        raise LoginNotBegun

    def _forget_old(self) -> None:
        earliest = self._clock.now() - MOST_WAITING
        self._pending = {
            nonce: each for nonce, each in self._pending.items() if each.begun_at > earliest
        }
