"""What is asked of a browser: its cookie, its CSRF token, and to be on a page of ours."""

import hmac
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.requests import HTTPConnection
from pydantic import SecretStr

from openalgo.api.addresses import is_loopback
from openalgo.domain.errors import OpenAlgoError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADERS = ("X-CSRFToken", "X-CSRF-Token")

_FORWARDING = ("x-forwarded-for", "x-real-ip", "forwarded", "x-forwarded-host", "via")
_SAME_SITE: Literal["lax"] = "lax"
_LONGEST_COOKIE = 256


class CsrfFailed(OpenAlgoError):
    """What asks may be a page of somebody else, in the name of a user who does not know."""

    code = "csrf_failed"
    status = 403


class BrowserPolicy:
    """Cookies and origins of an installation that browsers reach at `public_origin`.

    Where that is https, the cookie is for secure connections to this host alone (`__Host-`).
    """

    def __init__(self, public_origin: str, app_key: SecretStr, *, cookie: str = "session") -> None:
        parts = urlsplit(public_origin)
        self.public_origin = f"{parts.scheme}://{parts.netloc}"
        self._origin = self.public_origin.lower()
        self._public_host = parts.hostname or ""
        self.is_secure = parts.scheme == "https"
        """Whether browsers reach the server by https."""
        self._key = app_key.get_secret_value().encode()
        self.cookie_name = f"__Host-{cookie}" if self.is_secure else cookie

    def cookie_of(self, request: HTTPConnection) -> str | None:
        """What the session cookie holds, if it can be one of ours."""
        cookie = request.cookies.get(self.cookie_name)
        return cookie if cookie and len(cookie) <= _LONGEST_COOKIE else None

    def set_cookie(self, response: Response, cookie: str, seconds: int) -> None:
        """Let the browser keep `cookie` for `seconds`, out of reach of scripts."""
        response.set_cookie(
            self.cookie_name,
            cookie,
            max_age=seconds,
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite=_SAME_SITE,
        )

    def drop_cookie(self, response: Response) -> None:
        response.delete_cookie(
            self.cookie_name, path="/", secure=self.is_secure, httponly=True, samesite=_SAME_SITE
        )

    def token_for(self, cookie: str) -> str:
        """The CSRF token of the session with this cookie; nobody else can compute it."""
        return hmac.digest(self._key, b"csrf:" + cookie.encode(), "sha256").hex()

    def check_token(self, request: Request) -> None:
        """Raises `CsrfFailed` unless a request that changes something carries its token."""
        if request.method in SAFE_METHODS:
            return
        given = next((text for name in CSRF_HEADERS if (text := request.headers.get(name))), "")
        expected = self.token_for(self.cookie_of(request) or "")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise CsrfFailed(
                f"Send the token of GET /auth/csrf-token in the header {CSRF_HEADERS[0]}"
            )

    def check_origin(self, request: Request) -> None:
        """Raises `CsrfFailed` when another web page sent a request that changes something.

        Browsers say so themselves, in a header that pages cannot set; older ones tell their
        origin. Programs say neither, and no page can make them act.
        """
        if request.method in SAFE_METHODS:
            return
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            if site not in ("same-origin", "none"):
                raise CsrfFailed("This request comes from a page of another site")
            return
        origin = request.headers.get("origin")
        if origin is not None:
            self._check_named(origin, request)

    def check_page(self, socket: HTTPConnection) -> None:
        """Raises `CsrfFailed` unless a page of ours opened this WebSocket.

        Browsers always name the page. A WebSocket is asked for by GET and carries cookies, so what
        does not name it is no page of ours either.
        """
        if socket.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise CsrfFailed("This WebSocket comes from a page of another site")
        origin = socket.headers.get("origin")
        if origin is None:
            raise CsrfFailed("No page of ours opened this WebSocket")
        self._check_named(origin, socket)

    def _check_named(self, origin: str, request: HTTPConnection) -> None:
        # Behind a proxy that ends TLS we do not know the scheme, so only the host is compared.
        host = request.headers.get("host", "").lower()
        if origin.lower() != self._origin and (not host or _netloc(origin) != host):
            raise CsrfFailed(f"{origin} is not this server; set HOST_SERVER if it should be")

    def is_local(self, request: Request, address: str) -> bool:
        """Whether the request was made on this machine, for this machine.

        A proxy here would make everybody look local, and a name that an attacker lets point here
        would make their page look like ours: so nothing may hint at either.
        """
        if not is_loopback(address) or not _is_local_name(self._public_host):
            return False
        if any(name in request.headers for name in _FORWARDING):
            return False
        addressed = [f"//{request.headers.get('host', '')}"]
        if (origin := request.headers.get("origin")) is not None:
            addressed.append(origin)
        return all(_is_local_name(_hostname(each)) for each in addressed)


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_local_name(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
