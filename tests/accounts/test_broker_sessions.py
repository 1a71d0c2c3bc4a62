"""Sessions at brokers: how they end, and what is left of them after a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from openalgo.accounts.accounts import Account
from openalgo.accounts.session_status import SessionState, SessionStatus
from openalgo.brokers.adapter import Session
from openalgo.brokers.http import Credentials
from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerSessionExpired,
    StorageUnavailable,
)
from openalgo.persistence.main import broker_logins
from openalgo.persistence.main.broker_logins import BrokerSessionRow
from tests.accounts.live import MORNING, Installation

SIX = MORNING.replace(hour=0, minute=30) + timedelta(days=1)
"""06:00 in India, the day after."""


@asynccontextmanager
async def running(live: Installation) -> AsyncIterator[None]:
    task = asyncio.ensure_future(live.sessions.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def stored(live: Installation, account: Account) -> BrokerSessionRow:
    async with live.main.read() as tx:
        rows = {row.account_id: row for row in await broker_logins.sessions(tx)}
    return rows[account.id]


async def stored_end(live: Installation, account: Account) -> BrokerSessionRow:
    """The row once `run` has written how the session ended."""
    while (row := await stored(live, account)).ended_at is None:  # noqa: ASYNC110 - a database
        await asyncio.sleep(0)
    return row


async def test_a_session_ends_when_the_broker_ends_all_of_them(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)
    followed = asyncio.Event()
    live.sessions.follow(lambda _account_id, _status: followed.set())
    async with running(live):
        live.clock.set(SIX - timedelta(seconds=1))
        assert live.sessions.status(account.id).state is SessionState.CONNECTED
        live.clock.set(SIX)
        await followed.wait()
        row = await stored_end(live, account)
    assert live.heard[-1] == (
        account.id,
        SessionStatus(
            state=SessionState.EXPIRED,
            client_id="AB1234",
            issued_at=MORNING,
            expires_at=SIX,
            ended_at=SIX,
            reason="Its time was over",
        ),
    )
    assert (row.ciphertext, row.end_state, row.ended_at) == (None, "expired", SIX)
    with pytest.raises(
        BrokerSessionExpired,
        match=r"Your Acme session expired \(03 Mar 06:00 IST\). Log in to Acme again.",
    ):
        live.sessions.connection(account.id)
    again = await live.restarted()
    assert again.sessions.status(account.id) == live.heard[-1][1]


async def test_nobody_uses_a_session_that_is_over_even_before_its_end_is_noticed(
    live: Installation,
) -> None:
    account = await live.account()
    await live.log_in(account)
    connect = live.sessions.connector(account.id)
    connect()
    live.clock.set(SIX)
    with pytest.raises(BrokerSessionExpired):
        connect()
    assert [status.state for _, status in live.heard] == ["connected", "expired"]


async def test_an_earlier_end_that_the_broker_says_counts(
    live: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = live.adapters.live["acme"].auth
    log_in = type(auth).login

    async def short(*of: object) -> Session:
        session: Session = await log_in(*of)  # type: ignore[arg-type]
        return Session(
            client_id=session.client_id,
            tokens=session.tokens,
            issued_at=session.issued_at,
            expires_at=MORNING + timedelta(hours=1),
        )

    monkeypatch.setattr(type(auth), "login", short)
    account = await live.account()
    await live.log_in(account)
    assert live.sessions.status(account.id).expires_at == MORNING + timedelta(hours=1)


async def test_logging_in_wakes_whoever_waits_for_the_next_end(live: Installation) -> None:
    account = await live.account()
    async with running(live):
        await live.log_in(account)
        await asyncio.sleep(0)
        live.clock.set(SIX)
        await stored_end(live, account)


async def test_a_refused_call_ends_the_session_at_once(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)
    live.broker.dead.update(live.broker.tokens)
    with pytest.raises(BrokerAuthExpired):
        await live.desk.test(account.id)
    status = live.sessions.status(account.id)
    assert (status.state, status.ended_at) == (SessionState.EXPIRED, MORNING)
    assert status.reason == "Invalid token ***"
    asked = len(live.broker.requests)
    with pytest.raises(BrokerSessionExpired, match="Log in to Acme again"):
        await live.desk.test(account.id)
    assert len(live.broker.requests) == asked
    async with running(live):
        row = await stored_end(live, account)
    assert row.ciphertext is None
    again = await live.restarted()
    assert again.sessions.status(account.id) == status


async def test_of_many_refused_calls_one_marks_the_session(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)
    live.broker.dead.update(live.broker.tokens)
    tried = await asyncio.gather(
        *(live.desk.test(account.id) for _ in range(8)), return_exceptions=True
    )
    assert all(isinstance(each, BrokerSessionExpired) for each in tried)
    assert [status.state for _, status in live.heard] == ["connected", "expired"]


async def test_a_late_refusal_says_nothing_of_the_session_that_followed(
    live: Installation,
) -> None:
    account = await live.account()
    await live.log_in(account)
    old = live.sessions.connection(account.id)
    live.broker.dead.update(live.broker.tokens)
    with pytest.raises(BrokerAuthExpired):
        await live.desk.test(account.id)
    await live.log_in(account, "code2")
    async with running(live):
        await asyncio.sleep(0)
    # The end of the first one was still to be written; it must not end the second one.
    assert (await stored(live, account)).ended_at is None
    assert old.http is live.sessions.connection(account.id).http
    assert live.sessions.status(account.id).state is SessionState.CONNECTED


async def test_an_old_line_says_nothing_either(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)
    old = live.sessions.connection(account.id)
    await live.desk.set_app(account.id, {"api_key": "another-key"})
    await live.log_in(account, "code2")
    old.http.use(Credentials(headers={"Authorization": "token a:b"}))
    with pytest.raises(BrokerAuthExpired):
        await live.adapters.live["acme"].portfolio.funds(old)
    assert live.sessions.status(account.id).state is SessionState.CONNECTED


async def test_sessions_go_on_after_a_restart(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)
    again = await live.restarted()
    assert again.sessions.status(account.id) == live.sessions.status(account.id)
    assert (await again.desk.test(account.id)).available == 125000.5
    assert live.broker.paths == ["POST /session", "GET /funds"]


async def test_those_that_ended_meanwhile_do_not(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)
    live.clock.set(SIX + timedelta(hours=2))
    again = await live.restarted()
    status = again.sessions.status(account.id)
    assert (status.state, status.ended_at) == (SessionState.EXPIRED, SIX)
    async with running(again):
        assert (await stored_end(again, account)).ended_at == SIX


async def test_an_adapter_that_does_not_load_leaves_the_stored_session_alone(
    live: Installation,
) -> None:
    account, other = await live.account(), await live.account("Other", "acne")
    await live.log_in(account)
    broker = live.adapters.live.pop("acme")
    again = await live.restarted()
    status = again.sessions.status(account.id)
    assert status == SessionStatus(
        state=SessionState.DISCONNECTED, reason="There is no broker 'acme'"
    )
    assert again.sessions.status(other.id).state is SessionState.DISCONNECTED
    live.adapters.live["acme"] = broker
    again = await live.restarted()
    assert again.sessions.status(account.id).state is SessionState.CONNECTED


async def test_a_session_the_adapter_no_longer_understands_is_not_used(
    live: Installation,
) -> None:
    account = await live.account()
    await live.vault.keep_session(
        account.id, Session(client_id="A", tokens={"former": "planted"}, issued_at=MORNING)
    )
    again = await live.restarted()
    assert again.sessions.status(account.id).state is SessionState.DISCONNECTED
    await again.log_in(account)
    assert again.sessions.status(account.id).state is SessionState.CONNECTED


async def test_an_end_that_cannot_be_stored_counts_and_is_stored_later(
    live: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await live.account()
    await live.log_in(account)
    end = broker_logins.end_session

    async def disk_full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(broker_logins, "end_session", disk_full)
    with pytest.raises(StorageUnavailable):
        await live.desk.logout(account.id)
    with pytest.raises(BrokerSessionExpired):
        live.sessions.connection(account.id)
    with pytest.raises(StorageUnavailable):
        await live.sessions.run()  # the supervisor starts it again
    monkeypatch.setattr(broker_logins, "end_session", end)
    async with running(live):
        row = await stored_end(live, account)
    assert (row.end_state, row.ciphertext) == ("disconnected", None)


async def test_a_login_that_cannot_be_stored_changes_nothing(
    live: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await live.account()
    await live.log_in(account)
    before = live.sessions.login_of(account.id)

    async def disk_full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(broker_logins, "put_session", disk_full)
    with pytest.raises(StorageUnavailable):
        await live.log_in(account, "code2")
    assert live.sessions.login_of(account.id) is before
    await live.desk.test(account.id)
    assert live.broker.requests[-1].headers["authorization"].endswith(live.broker.tokens[0])


async def test_a_follower_that_fails_keeps_nothing_from_the_others(live: Installation) -> None:
    def failing(_account_id: int, _status: SessionStatus) -> None:
        raise RuntimeError("follower")

    live.sessions.follow(failing)
    after: list[datetime | None] = []
    live.sessions.follow(lambda _account_id, status: after.append(status.issued_at))
    await live.log_in(await live.account())
    assert after == [MORNING]


async def test_orders_sent_before_a_restart_count_against_the_limits(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)
    again = await live.restarted()
    http = again.sessions.connection(account.id).http
    assert http.room_in(("orders",)) == 0
    sent = [live.clock.now() - timedelta(minutes=minutes) for minutes in range(50, 30, -1)]
    again = await live.restarted(sent={account.id: sent})
    for code in ("code2", "code3"):
        http = again.sessions.connection(account.id).http
        assert http.room_in(("orders",)) == pytest.approx(600, abs=30)
        await again.log_in(account, code)
