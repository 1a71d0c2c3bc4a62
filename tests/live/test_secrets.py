"""What would open the account at the broker is nowhere in clear."""

from pathlib import Path
from typing import Any

from tests.support.live_server import APP, LiveServer


def holders(data_dir: Path, secrets: set[str]) -> list[tuple[str, str]]:
    """Which files hold which secret, as text or as the parameter of an address."""
    return [
        (path.name, secret[:4])
        for path in data_dir.rglob("*")
        if path.is_file() and path.parent.name != "secrets"
        for content in [path.read_bytes()]
        for secret in secrets
        if secret.encode() in content
    ]


def test_logs_and_files_hold_no_secrets(live: LiveServer) -> None:
    secrets = {APP["api_secret"], live.twin.token}
    back = live.browser.begin(live.account_id)
    secrets.add(back.partition("request_token=")[2].partition("&")[0])
    live.browser.come_back(back)
    secrets.add(live.twin.token)
    live.place("SHRIRAMFIN")
    for kind, more in (
        ("reset_after", {}),
        ("garbled", {}),
        ("status", {"status": 403, "error_type": "TokenException", "message": "no"}),
    ):
        live.twin.fault(kind, "*", count=1, **more)
        live.post("funds")
        live.log_in()
        secrets.add(live.twin.token)
    live.twin.tell("/feed/close", code=0)
    live.twin.tell("/session/expire")
    live.log_in()
    secrets.add(live.twin.token)
    live.restart()
    shown: list[Any] = [live.browser.get("/ui/accounts"), live.browser.get("/ui/brokers")]
    shown.append(live.ok("orderbook"))
    assert all(len(secret) >= 8 for secret in secrets)
    assert holders(live.server.data_dir, secrets) == []
    assert not [secret for secret in secrets if secret in str(shown)]
    logged = live.server.log.read_text()
    assert "logged in to broker" in logged
    assert "access_token=" not in logged.replace("access_token=***", "")
