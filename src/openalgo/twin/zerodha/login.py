"""The login page's stand-in and the routes of the session."""

from openalgo.domain.clock import ist_text
from openalgo.twin.zerodha.calls import Answer, Call, Route, success
from openalgo.twin.zerodha.twin import ZerodhaTwin


def page(twin: ZerodhaTwin, call: Call) -> Answer:
    """Logs in at once and sends the browser on."""
    there = twin.sessions.redirect(call.asked("api_key"), call.asked("redirect_params"))
    return Answer(b"", 302, "text/plain", (("location", there), ("cache-control", "no-store")))


def begin(twin: ZerodhaTwin, call: Call) -> Answer:
    form = call.form()
    token = twin.sessions.begin(
        form.get("api_key", ""), form.get("request_token", ""), form.get("checksum", "")
    )
    return _session(twin, token)


def renew(twin: ZerodhaTwin, call: Call) -> Answer:
    form = call.form()
    token = twin.sessions.renew(
        form.get("api_key", ""), form.get("refresh_token", ""), form.get("checksum", "")
    )
    return _session(twin, token)


def end(twin: ZerodhaTwin, call: Call) -> Answer:
    """Logging out needs the token in the query, as the broker documents it."""
    if not call.asked("refresh_token"):
        twin.sessions.admit(call.asked("api_key"), call.asked("access_token"))
    twin.sessions.end()
    return success(data=True)


def _session(twin: ZerodhaTwin, token: str) -> Answer:
    return success(
        twin.profile()
        | {
            "api_key": twin.app.key,
            "access_token": token,
            "public_token": token[::-1],
            "enctoken": token[:16],
            "refresh_token": twin.sessions.refresh_token,
            "silo": "",
            "login_time": ist_text(twin.market.clock.now()),
            "meta": {"demat_consent": "physical"},
        }
    )


ROUTES = (
    Route("GET", "/connect/login", "login", page, session=False),
    Route("POST", "/session/token", "session", begin, session=False),
    Route("POST", "/session/refresh_token", "session", renew, session=False),
    Route("DELETE", "/session/token", "session", end, session=False),
)
