"""Secrets that were planted turn up nowhere but in calls to the broker."""

import asyncio
import dataclasses
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from openalgo.domain.errors import OpenAlgoError
from openalgo.persistence.main.tables import metadata
from openalgo.persistence.stores import Store
from tests.accounts.live import BROWSER, Installation
from tests.support.live_broker import FakeBroker

SECRETS = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!$*+/=@ ", min_size=12
).filter(lambda text: text == text.strip() and len(set(text)) > 5)


@settings(max_examples=15, deadline=None)
@given(secret=SECRETS, code=SECRETS, dead=st.booleans())
def test_planted_secrets_turn_up_nowhere(
    secret: str, code: str, dead: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    asyncio.run(_lives(secret, code, dead, tmp_path_factory.mktemp("vault")))


async def _lives(secret: str, code: str, dead: bool, folder: Path) -> None:
    main = Store("main", f"sqlite:///{folder / 'main.db'}")
    async with main.schema_change() as connection:
        await connection.run_sync(metadata.create_all)
    told: list[object] = []
    sent = FakeBroker()
    live = Installation(main, broker=sent)
    await live.load()

    def answer(request: httpx.Request) -> httpx.Response | None:
        """Everything sent, told back: by a login that works, and by calls that do not."""
        if request.url.path == "/session" and request.method == "POST":
            body = {"token": f"token-{code}", "client_id": "AB1234"}
            return httpx.Response(200, json=body)
        if dead:
            said = f"{request.headers} {request.url} token-{code}"
            return httpx.Response(403, json={"message": said})
        return None

    sent.answer = answer
    with capture_logs() as logs:
        account = await live.account(api_key="public-key", api_secret=secret)
        params = {"code": code, "state": live.begin(account)}
        await live.desk.callback("acme", params, BROWSER)
        for act in (live.desk.test, live.desk.test, live.desk.logout):
            try:
                told.append(await act(account.id))
            except OpenAlgoError as error:
                told += [error, error.message, error.extra(), repr(error)]
        told += [live.heard, live.calls, live.vault, live.sessions, live.desk.app(account.id)]
        told += [live.sessions.status(account.id), live.sessions.connection]
    told += [[dataclasses.asdict(status) for _, status in live.heard], logs]
    await main.close()
    database = b"".join(file.read_bytes() for file in folder.iterdir())
    for planted in (secret, code):
        assert planted not in repr(told)
        assert planted.encode() not in database
