"""What comes before the API: the files of the web app, and its page for whoever navigates."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from openalgo.api.web.assets import INDEX, Asset
from openalgo.api.web.building import BuildState, BuildStatus, building_page

_OF_THE_SERVER = ("/api/", "/ui/", "/auth/", "/health", "/ws")
# Where the web app has a page at an address that answers programs, too.
_BOTH = frozenset({"/apikey"})
_ENTRY = re.compile(rb'<script[^>]*\btype="module"[^>]*\bsrc="(/[^"]+)"')
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?")
_FOREVER = "public, max-age=31536000, immutable"
_ASK = "no-cache"
_SECONDS_BETWEEN_LOOKS = "3"


class WebApp:
    """The web app as it is served now; `assets` is replaced whole when another one is ready."""

    def __init__(self) -> None:
        self.assets: Mapping[str, Asset] = {}
        self.build = BuildStatus()

    def serve(self, assets: Mapping[str, Asset]) -> None:
        """Serve these from now on."""
        self.assets = assets
        self.build.says(BuildState.READY, "")

    @property
    def entry(self) -> str | None:
        """The address of the script that the page begins with, which tells one build from another;
        `None` while there is no web app, or one without it."""
        index = self.assets.get(INDEX)
        found = None if index is None else _ENTRY.search(index.body)
        return None if found is None else found[1].decode()

    def file(self, scope: Scope) -> Response | None:
        """The file at this address, if there is one."""
        path: str = scope["path"]
        asset = self.assets.get(path)
        return None if asset is None or path == INDEX else _answer(asset, Headers(scope=scope))

    def page(self, scope: Scope) -> Response:
        """The one page of the app, which finds its way by the address; or the page in its place."""
        headers = Headers(scope=scope)
        index = self.assets.get(INDEX)
        response = self._stand_in() if index is None else _answer(index, headers)
        response.headers["Content-Security-Policy"] = _policy(headers.get("host", ""))
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), usb=()"
        response.headers.add_vary_header("Accept")
        return response

    def _stand_in(self) -> Response:
        response = Response(building_page(self.build), media_type="text/html")
        response.headers["Cache-Control"] = "no-store"
        if self.build.state is BuildState.BUILDING:
            response.headers["Refresh"] = _SECONDS_BETWEEN_LOOKS
        return response


class WebFront:
    """Serves what is the web app's, and leaves everything else to `app`."""

    def __init__(self, app: ASGIApp, web: WebApp) -> None:
        self._app = app
        self._web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path: str = scope["path"]
            if path in ("/", INDEX) or (path in _BOTH and is_navigation(scope)):
                app = self._web.page(scope)
            elif (file := self._web.file(scope)) is not None:
                app = file
        await app(scope, receive, send)


def is_navigation(scope: Scope) -> bool:
    """Whether somebody opens this address in a browser, and it can be the web app's."""
    if scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(_OF_THE_SERVER):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def _answer(asset: Asset, headers: Headers) -> Response:
    kept = {
        "ETag": asset.etag,
        "Cache-Control": _FOREVER if asset.immutable else _ASK,
        "Vary": "Accept-Encoding",
    }
    if _is_current(headers.get("if-none-match", ""), asset.etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)
    body = asset.body
    for coding in _acceptable(headers.get("accept-encoding", "")):
        if coding in asset.encoded:
            body = asset.encoded[coding]
            kept["Content-Encoding"] = coding
            # Another representation has another name, but a weak one still matches.
            kept["ETag"] = f"W/{asset.etag}"
            break
    return Response(body, headers=kept, media_type=asset.media_type)


def _acceptable(accept_encoding: str) -> list[str]:
    """The codings we may have that the client takes, the better one first."""
    taken = set()
    for choice in accept_encoding.lower().split(","):
        name, _, weight = choice.replace(" ", "").partition(";q=")
        if not weight or weight.strip("0."):
            taken.add(name)
    return [coding for coding in ("br", "gzip") if coding in taken]


def _is_current(if_none_match: str, etag: str) -> bool:
    named = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in named or etag in named


def _policy(host: str) -> str:
    """Everything from here and nothing inline. The host is named once more for browsers to which
    'self' does not mean WebSockets."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        f"font-src 'self'; connect-src 'self'{sockets}; manifest-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    )
