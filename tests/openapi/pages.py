"""A browser whose user is logged in, which asks what the document of the web app offers."""

import secrets
from collections.abc import Mapping
from typing import Any

import requests
from schemathesis import Case
from schemathesis.core.transport import Response

from tests.openapi.calls import ORDER
from tests.openapi.fuzz import Known
from tests.support.server import PASSWORD, Server

PAST = frozenset({"setup"})
"""409 where there is a user already."""
NEEDS_BROKER = frozenset(
    {"broker_calls", "settle_unresolved", "test_account", "toggle_analyzer_mode"}
)
"""403 without a session at a broker, or 404 without an order there."""
NEEDS_DAYS = frozenset({"export_paper_days", "export_paper_holdings"})
"""404 on the first day."""

_PROVING = frozenset({"login", "change_password", "regenerate_api_key", "rotate_api_key"})
"""These try a password. Wrong ones slow their user down, so it is not the one who asks."""
_ENDING = frozenset({"login", "logout", "logout_everywhere", "end_session", "change_password"})
"""After these the session is over; a login puts another in its place."""
_DONE_WITH = frozenset({401, 429})
"""The session has ended, or the user has to wait."""
_APP = {"api_key": "made-up-key", "api_secret": "made-up-secret"}
_NEW_PASSWORD = "Rupee-trader-2!"


class Browser:
    """One user's. Whoever is logged out logs in again."""

    def __init__(self, server: Server, username: str) -> None:
        self._url = server.url
        self._username = username
        self._token = ""
        self.session = requests.Session()

    def log_in(self) -> None:
        self.session.cookies.clear()
        reply = self.session.post(
            f"{self._url}/auth/login", json={"username": self._username, "password": PASSWORD}
        )
        assert reply.status_code == 200, reply.text
        self._token = reply.json()["csrf_token"]

    def get(self, path: str) -> Any:
        return self._done(self.session.get(self._url + path))

    def post(self, path: str, body: Mapping[str, Any], method: str = "POST") -> Any:
        url, headers = self._url + path, {"X-CSRFToken": self._token}
        return self._done(self.session.request(method, url, json=body, headers=headers))

    def send(self, case: Case[Any]) -> Response:
        cookie = self.session.cookies.get("session") or ""
        return case.call(
            base_url=self._url,
            session=self.session,
            headers={"X-CSRFToken": self._token},
            cookies={"session": cookie},
        )

    @property
    def secrets(self) -> list[str]:
        return [each for each in (self._token, self.session.cookies.get("session")) if each]

    def _done(self, reply: requests.Response) -> Any:
        assert reply.status_code == 200, reply.text
        return reply.json()


class Visitor:
    """The first user looks at every page; what may end a session or slow down its user is for
    users of their own."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._own = Browser(server, "trader")
        self._own.log_in()
        self._spare: Browser | None = None

    def known(self, operation: str) -> Known:
        match operation:
            case "login":
                body = {"username": self._server.new_user(), "password": PASSWORD}
                return Known(body, is_whole=True)
            case "change_password":
                new = {"new_password": _NEW_PASSWORD, "confirm_password": _NEW_PASSWORD}
                return Known({"old_password": PASSWORD, **new}, is_whole=True)
            case "regenerate_api_key":
                return Known({"password": PASSWORD}, is_whole=True)
            case "rotate_api_key":
                return Known({"password": PASSWORD}, is_whole=True)
            case "set_order_mode":
                return Known({"mode": "semi_auto"})
            case "create_api_key":
                return Known(_new_key())
            case "revoke_api_key":
                made = self._own.post("/ui/api-keys", _new_key())
                return Known(path={"key_id": made["key"]["id"]})
            case "broker_capabilities":
                return Known()
            case "create_account":
                return Known(_new_account())
            case "account" | "archive_account" | "disconnect_account" | "test_account":
                return Known(path=self._account())
            case "change_account":
                return Known({"name": f"Renamed {secrets.token_hex(4)}"}, path=self._account())
            case "set_app":
                return Known({"values": _APP}, path=self._account("zerodha"))
            case "connect_account":
                account = self._account("zerodha")
                self._own.post(f"/ui/accounts/{account['account_id']}/app", {"values": _APP}, "PUT")
                return Known({"answers": {}}, path=account)
            case "export_paper_positions" | "export_paper_trades":
                self._signal("auto")
            case "set_analyze_mode":
                return Known(path={"switch": 1})
            case "set_risk_limits":
                return Known({"max_quantity": 1000})
            case "update_sandbox_config":
                return Known({"config_key": "nse_bse_square_off_time", "config_value": "15:20"})
            case "underlyings":
                return Known(query={"exchange": "NFO"})
            case "download_master_contract":
                return Known({"force": False})
            case "action_center_preview" | "action_center_audit" | "action_center_delete":
                return Known(path=self._pending(reject=operation.endswith("delete")))
            case "action_center_approve" | "action_center_reject":
                return Known(path=self._pending())
        return Known()

    def send(self, case: Case[Any], operation: str) -> Response:
        if operation not in _ENDING | _PROVING:
            return self._own.send(case)
        browser = self._somebody()
        if operation == "end_session":
            sessions = browser.get("/auth/active-sessions")["sessions"]
            case.path_parameters.update(session_id=sessions[0]["session_id"])
        if operation == "rotate_api_key":
            keys = browser.post("/ui/api-keys", _new_key())
            case.path_parameters.update(key_id=keys["key"]["id"])
        response = browser.send(case)
        if response.status_code in _DONE_WITH or (
            response.status_code == 200 and operation in _ENDING
        ):
            self._spare = None
        return response

    def hidden(self, text: str) -> str:
        for secret in self._own.secrets:
            text = text.replace(secret, "SECRET")
        return text

    def _somebody(self) -> Browser:
        """A browser of a user of their own, logged in."""
        if self._spare is None:
            self._spare = Browser(self._server, self._server.new_user())
            self._spare.log_in()
        return self._spare

    def _account(self, broker: str = "simulator") -> dict[str, object]:
        made = self._own.post("/ui/accounts", {**_new_account(), "broker": broker})
        return {"account_id": made["data"]["id"]}

    def _pending(self, *, reject: bool = False) -> dict[str, object]:
        """An order that waits for its owner; `reject` it, so that it may be deleted."""
        for each in self._own.get("/ui/accounts")["data"]:
            if each["is_default"]:
                rehearse = {"rehearse_approvals": True}
                self._own.post(f"/ui/accounts/{each['id']}", rehearse, "PATCH")
        queued = self._signal("semi_auto")
        assert "pending_order_id" in queued, queued
        number = queued["pending_order_id"]
        if reject:
            self._own.post(f"/action-center/reject/{number}", {})
        return {"pending_id": number}

    def _signal(self, mode: str) -> dict[str, Any]:
        """What an order on paper comes to in this order mode, whatever was set before."""
        self._own.post("/sandbox/reset", {})
        self._own.post("/action-center/approve-all", {})
        self._own.post("/settings/analyze-mode/1", {})
        self._own.post("/ui/risk", {}, "PUT")
        self._own.post("/ui/risk/release", {})
        self._own.post("/apikey/mode", {"mode": mode})
        signal: dict[str, Any] = {**ORDER, "apikey": self._own.get("/apikey")["api_key"]}
        url = f"{self._server.url}/api/v1/placeorder"
        answer: dict[str, Any] = requests.post(url, json=signal, timeout=20).json()
        return answer


def _new_account() -> dict[str, str]:
    return {"name": f"Made up {secrets.token_hex(4)}", "broker": "simulator"}


def _new_key() -> dict[str, Any]:
    return {"name": f"made up {secrets.token_hex(4)}", "scopes": ["read"]}
