"""Logging in: one app, one user, one access token at a time."""

import hashlib
import hmac
import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from openalgo.domain.clock import IST, Clock
from openalgo.twin.zerodha.errors import KiteError, bad_input, bad_token

_ENDS_AT = time(6, 0)
_REQUEST_TOKEN_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app as its owner registered it. After a login the browser is sent to `callback`."""

    key: str = "twinkey"
    secret: str = field(default="twinsecret", repr=False)
    user: str = "TW0001"
    callback: str = "http://127.0.0.1:5000/zerodha/callback"


class Sessions:
    """Tokens are made of the seed, so a run can be repeated; they open nothing but the twin."""

    def __init__(self, app: App, clock: Clock, seed: int = 0) -> None:
        self.app = app
        self.refuse_logins = False
        self._clock = clock
        self._chance = random.Random(f"tokens {seed}")
        self._asked: dict[str, datetime] = {}
        self._token: str | None = None
        self._refresh: str | None = None
        self._ends_at = clock.now()

    @property
    def token(self) -> str | None:
        """The access token that is good now."""
        if self._token is not None and self._clock.now() >= self._ends_at:
            self._token = None
        return self._token

    def redirect(self, api_key: str | None, extra: str) -> str:
        """Where the login page sends the browser; `extra` are the `redirect_params` it was given.

        Raises `KiteError` for an unknown app.
        """
        if api_key != self.app.key:
            raise bad_input("Invalid `api_key`.")
        answer = {"action": "login", "type": "login"}
        if self.refuse_logins:
            answer |= {"status": "cancelled"}
        else:
            answer |= {"status": "success", "request_token": self.request_token()}
        answer |= dict(parse_qsl(extra))
        joint = "&" if urlsplit(self.app.callback).query else "?"
        return f"{self.app.callback}{joint}{urlencode(answer)}"

    def request_token(self) -> str:
        token = self._made()
        self._asked[token] = self._clock.now()
        return token

    def begin(self, api_key: str, request_token: str, checksum: str) -> str:
        """The access token for a request token, good once. Raises `KiteError`."""
        self._check(api_key, request_token, checksum)
        asked = self._asked.pop(request_token, None)
        if asked is None or self._clock.now() - asked > _REQUEST_TOKEN_LIFE:
            raise KiteError(403, "TokenException", "Token is invalid or has expired.")
        return self.log_in()

    def renew(self, api_key: str, refresh_token: str, checksum: str) -> str:
        """Raises `KiteError`."""
        self._check(api_key, refresh_token, checksum)
        if not self._refresh or refresh_token != self._refresh:
            raise KiteError(403, "TokenException", "Token is invalid or has expired.")
        return self.log_in()

    def log_in(self) -> str:
        """A new access token; the one before is no longer good."""
        now = self._clock.now().astimezone(IST)
        ends = datetime.combine(now.date(), _ENDS_AT, IST)
        self._ends_at = ends if now < ends else ends + timedelta(days=1)
        self._token = self._made()
        return self._token

    def grant_refresh(self) -> str:
        """Let the app renew its session, as the broker grants some."""
        self._refresh = self._made()
        return self._refresh

    @property
    def refresh_token(self) -> str:
        return self._refresh or ""

    def end(self) -> None:
        self._token = None

    def admit(self, api_key: str, token: str) -> None:
        """Raises `KiteError` unless the token is good."""
        good = self.token
        if api_key != self.app.key or good is None or not hmac.compare_digest(token, good):
            raise bad_token()

    def _check(self, api_key: str, token: str, checksum: str) -> None:
        if api_key != self.app.key:
            raise bad_input("Invalid `api_key`.")
        wanted = hashlib.sha256((api_key + token + self.app.secret).encode()).hexdigest()
        if not hmac.compare_digest(wanted.encode(), checksum.encode()):
            raise KiteError(403, "TokenException", "Invalid `checksum`.")

    def _made(self) -> str:
        return f"{self._chance.getrandbits(128):032x}"
