"""A browser's first day with a running server."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.server import PASSWORD, Server


@pytest.fixture
def unused(tmp_path: Path) -> Iterator[Server]:
    """A server nobody has set up."""
    server = Server(data_dir=tmp_path, api_key="")
    server.start()
    yield server
    server.stop()


def test_setup_login_and_keys_survive_a_kill(unused: Server) -> None:
    token = next(
        line.strip()
        for line, before in zip(
            unused.log.read_text().splitlines()[1:],
            unused.log.read_text().splitlines(),
            strict=False,
        )
        if "asks for this token" in before
    )
    assert len(token) == 24
    user = {"username": "ravi", "password": PASSWORD}
    with httpx.Client(base_url=unused.url, timeout=20) as browser:
        key = browser.post("/setup", data=user).json()["api_key"]
        assert browser.post("/setup", json=user | {"setup_token": token}).status_code == 409
        login = browser.post("/auth/login", data=user)
        browser.headers["X-CSRFToken"] = login.json()["csrf_token"]
        named = browser.post("/ui/api-keys", json={"name": "reader", "scopes": ["read"]}).json()
        assert browser.post("/apikey/mode", json={"mode": "semi_auto"}).status_code == 200
        for each in (key, named["api_key"]):
            assert browser.post("/api/v1/ping", json={"apikey": each}).status_code == 200

        unused.kill()
        unused.start()

        shown = browser.get("/apikey").json()
        assert (shown["api_key"], shown["order_mode"]) == (key, "semi_auto")
        assert browser.delete(f"/ui/api-keys/{named['key']['id']}").status_code == 200
        refused = browser.post("/api/v1/ping", json={"apikey": named["api_key"]})
        assert refused.status_code == 403
        assert browser.post("/auth/logout").status_code == 200
        assert browser.get("/apikey").status_code == 401
    log = unused.log.read_text()
    for secret in (PASSWORD, key, named["api_key"], login.cookies["session"]):
        assert secret not in log
