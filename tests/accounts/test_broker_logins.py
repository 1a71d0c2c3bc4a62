"""Logging in to a broker, and coming back from its page."""

import asyncio
from datetime import timedelta

import pytest

from openalgo.accounts.accounts import Account, AccountInUse, AccountNotFound
from openalgo.accounts.app_values import LONGEST_VALUE
from openalgo.accounts.pending import LoginNotBegun
from openalgo.accounts.session_status import SessionState
from openalgo.brokers.adapters import UnknownBroker
from openalgo.brokers.http import Route
from openalgo.domain.errors import (
    BrokerRejected,
    BrokerSessionExpired,
    BrokerUnavailable,
    InvalidRequest,
    ValidationFailed,
)
from tests.accounts.live import BROWSER, MORNING, Installation
from tests.support.live_broker import API_KEY, API_SECRET, APP


def state_of(live: Installation, account: Account) -> SessionState:
    return live.sessions.status(account.id).state


async def refused(live: Installation, broker: str, browser: int = BROWSER, **params: str) -> None:
    before = len(live.broker.requests)
    with pytest.raises(LoginNotBegun):
        await live.desk.callback(broker, {"code": "theirs", **params}, browser)
    assert len(live.broker.requests) == before


async def test_a_login_by_redirect(live: Installation) -> None:
    account = await live.account()
    assert state_of(live, account) is SessionState.DISCONNECTED
    with pytest.raises(BrokerSessionExpired, match="not logged in to Acme"):
        live.sessions.connection(account.id)

    url = live.desk.begin(account.id, BROWSER)
    assert url.startswith(f"https://login.acme.example/start?api_key={API_KEY}&state=")
    assert API_SECRET not in url
    await live.log_in(account)

    status = live.sessions.status(account.id)
    assert (status.state, status.client_id) == (SessionState.CONNECTED, "AB1234")
    assert status.issued_at == MORNING
    # 06:00 in India, the day after.
    assert status.expires_at == MORNING.replace(hour=0, minute=30) + timedelta(days=1)
    assert live.heard == [(account.id, status)]
    assert (await live.desk.test(account.id)).available == 125000.5
    assert live.sessions.login_of(account.id).session.client_id == "AB1234"
    assert {record.account for record in live.calls} == {str(account.id)}


async def test_a_login_by_form(live: Installation) -> None:
    account = await live.account(broker="acre")
    with pytest.raises(InvalidRequest, match="no login of this kind"):
        live.desk.begin(account.id, BROWSER)
    with pytest.raises(ValidationFailed, match="PIN is missing"):
        await live.desk.login(account.id, {"client_id": "AB1234", "pin": " "})
    with pytest.raises(ValidationFailed, match="nobody asked for"):
        await live.desk.login(account.id, {"client_id": "A", "pin": "1", "planted": "x"})
    assert live.broker.requests == []
    with pytest.raises(BrokerRejected, match="Invalid login"):
        await live.desk.login(account.id, {"client_id": "AB1234", "pin": "wrong"})

    status = await live.desk.login(account.id, {"client_id": "AB1234", "pin": "2468"})
    assert status == live.sessions.status(account.id)
    assert (status.state, status.expires_at) == (SessionState.CONNECTED, None)
    redirected = await live.account("Other")
    with pytest.raises(InvalidRequest, match="no login of this kind"):
        await live.desk.login(redirected.id, {})


async def test_without_its_app_an_account_cannot_log_in(live: Installation) -> None:
    account = await live.account()
    other = await live.accounts.create(
        user_id=account.user_id, name="Other", broker=live.adapters.info("acme"), now=MORNING
    )
    with pytest.raises(InvalidRequest, match="Acme also needs: API key, API secret"):
        live.desk.begin(other.id, BROWSER)
    simulated = await live.accounts.create(
        user_id=account.user_id, name="Paper", broker=live.adapters.info("simulator"), now=MORNING
    )
    assert state_of(live, simulated) is SessionState.CONNECTED
    with pytest.raises(InvalidRequest, match="Simulated market has no login of this kind"):
        live.desk.begin(simulated.id, BROWSER)
    with pytest.raises(InvalidRequest, match="needs nothing"):
        await live.desk.set_app(simulated.id, {"api_key": "x"})


@pytest.mark.parametrize("state", [None, "", "made-up", "made.up", ".", "é"])
async def test_what_was_not_begun_here_is_refused(live: Installation, state: str | None) -> None:
    account = await live.account()
    live.begin(account)
    params = {} if state is None else {"state": state}
    await refused(live, "acme", BROWSER, **params)
    assert state_of(live, account) is SessionState.DISCONNECTED


async def test_a_state_that_was_tampered_with_is_refused(live: Installation) -> None:
    account = await live.account()
    state = live.begin(account)
    for tampered in (state[:-1], state[:-1] + ("0" if state[-1] != "0" else "1"), state + "0"):
        await refused(live, "acme", state=tampered)
    nonce = state.partition(".")[0]
    await refused(live, "acme", state=nonce)
    # Guesses do not use it up.
    assert await live.desk.callback("acme", {"code": "c", "state": state}, BROWSER) == account.id


async def test_a_state_is_good_for_ten_minutes(live: Installation) -> None:
    account = await live.account()
    state = live.begin(account)
    live.clock.advance(timedelta(minutes=10))
    await refused(live, "acme", state=state)
    state = live.begin(account)
    live.clock.advance(timedelta(minutes=9, seconds=59))
    assert await live.desk.callback("acme", {"code": "c", "state": state}, BROWSER) == account.id


async def test_a_state_is_good_once(live: Installation) -> None:
    account = await live.account()
    state = live.begin(account)
    await live.desk.callback("acme", {"code": "mine", "state": state}, BROWSER)
    await refused(live, "acme", state=state)
    # Also when the broker refused.
    state = live.begin(account)
    with pytest.raises(BrokerRejected):
        await live.desk.callback("acme", {"code": "wrong", "state": state}, BROWSER)
    await refused(live, "acme", state=state)


async def test_a_state_is_good_in_its_browser_alone(live: Installation) -> None:
    account = await live.account()
    state = live.begin(account)
    await refused(live, "acme", browser=BROWSER + 1, state=state)


async def test_a_state_is_good_for_its_broker_alone(live: Installation) -> None:
    account, other = await live.account(), await live.account("Other", "acne")
    state = live.begin(account)
    await refused(live, "acne", state=state)
    assert state_of(live, other) is SessionState.DISCONNECTED
    with pytest.raises(UnknownBroker):
        await live.desk.callback("nobody", {"code": "c", "state": state}, BROWSER)
    with pytest.raises(UnknownBroker):
        await live.desk.callback("simulator", {"code": "c", "state": state}, BROWSER)


async def test_where_no_state_comes_back_the_browser_must_have_left_lately(
    live: Installation,
) -> None:
    account = await live.account(broker="acne")
    await refused(live, "acne")
    live.begin(account)
    await refused(live, "acne", browser=BROWSER + 1)
    assert await live.desk.callback("acne", {"code": "c"}, BROWSER) == account.id
    await refused(live, "acne")
    live.begin(account)
    live.clock.advance(timedelta(minutes=10))
    await refused(live, "acne")


async def test_of_one_browser_the_ten_youngest_count(live: Installation) -> None:
    account = await live.account()
    elsewhere = live.begin(account, BROWSER + 1)
    states = [live.begin(account) for _ in range(11)]
    await refused(live, "acme", state=states[0])
    await live.desk.callback("acme", {"code": "a", "state": states[1]}, BROWSER)
    await live.desk.callback("acme", {"code": "b", "state": elsewhere}, BROWSER + 1)


async def test_a_login_that_fails_leaves_the_session_there_was(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)
    before = live.sessions.status(account.id)
    with pytest.raises(BrokerRejected):
        await live.log_in(account, "wrong")
    assert live.sessions.status(account.id) == before
    assert (await live.desk.test(account.id)).available == 125000.5
    assert "authorization" not in live.broker.requests[-2].headers


async def test_logging_in_again_replaces_the_session_in_place(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)
    connection = live.sessions.connection(account.id)
    live.clock.advance(timedelta(minutes=1))
    await live.log_in(account, "code2")
    assert live.sessions.connection(account.id).http is connection.http
    live.broker.dead.add(live.broker.tokens[0])
    await live.desk.test(account.id)
    assert [status.state for _, status in live.heard] == [SessionState.CONNECTED] * 2
    assert live.heard[0][1].issued_at != live.heard[1][1].issued_at


async def test_logins_at_once_take_turns_and_the_last_one_stays(live: Installation) -> None:
    account = await live.account()
    states = [live.begin(account) for _ in range(5)]
    await asyncio.gather(
        *(
            live.desk.callback("acme", {"code": f"c{number}", "state": state}, BROWSER)
            for number, state in enumerate(states)
        )
    )
    # Brokers of one session per app end the others.
    live.broker.dead.update(live.broker.tokens[:-1])
    await live.desk.test(account.id)
    again = await live.restarted()
    await again.desk.test(account.id)


async def test_logging_out(live: Installation) -> None:
    account = await live.account()
    assert await live.desk.logout(account.id)
    await live.log_in(account)
    connection = live.sessions.connection(account.id)
    assert await live.desk.logout(account.id)
    assert live.broker.paths[-1] == "DELETE /session"
    status = live.sessions.status(account.id)
    assert (status.state, status.reason) == (SessionState.DISCONNECTED, "Logged out")
    assert (status.client_id, status.ended_at) == ("AB1234", MORNING)
    with pytest.raises(BrokerSessionExpired, match="not logged in to Acme"):
        live.sessions.connection(account.id)
    again = await live.restarted()
    assert again.sessions.status(account.id) == status
    # Whoever still holds the old line has no token any more.
    with pytest.raises(BrokerSessionExpired):
        await live.adapters.live["acme"].portfolio.funds(connection)
    assert live.broker.requests[-1].headers.get("authorization") is None


async def test_a_broker_that_cannot_be_told_does_not_keep_anybody(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)

    def down(_: object) -> None:
        raise OSError("down")

    live.broker.answer = down
    assert not await live.desk.logout(account.id)
    assert state_of(live, account) is SessionState.DISCONNECTED
    with pytest.raises(BrokerUnavailable):
        await live.log_in(account)


async def test_another_app_ends_the_session_of_the_one_before(live: Installation) -> None:
    account = await live.account()
    await live.log_in(account)
    await live.desk.set_app(account.id, APP)
    assert state_of(live, account) is SessionState.CONNECTED
    await live.desk.set_app(account.id, {"api_key": "other-key"})
    assert state_of(live, account) is SessionState.DISCONNECTED
    assert live.vault.app(account.id) == {"api_key": "other-key", "api_secret": API_SECRET}
    again = await live.restarted()
    assert state_of(again, account) is SessionState.DISCONNECTED


async def test_app_values_must_be_whole(live: Installation) -> None:
    account = await live.account()
    for given, problem in (
        ({"api_key": "x" * (LONGEST_VALUE + 1)}, "longer than 1024"),
        ({"api_key": "with\nline"}, "cannot be printed"),
        ({"planted": "x"}, "nobody asked for"),
    ):
        with pytest.raises(ValidationFailed, match=problem):
            await live.desk.set_app(account.id, given)
    other = await live.accounts.create(
        user_id=account.user_id, name="Other", broker=live.adapters.info("acme"), now=MORNING
    )
    with pytest.raises(ValidationFailed, match="API secret is missing"):
        await live.desk.set_app(other.id, {"api_key": "x"})


async def test_what_is_shown_of_an_app(live: Installation) -> None:
    account = await live.account(api_key=API_KEY, api_secret=API_SECRET)
    assert [(each.name, each.shown, each.length) for each in live.desk.app(account.id)] == [
        ("api_key", "key012********", 16),
        ("api_secret", "plan********", 20),
    ]
    await live.desk.set_app(account.id, {"api_key": "123", "api_secret": "123456"})
    assert [each.shown for each in live.desk.app(account.id)] == ["1********", "12********"]


async def test_calls_leave_by_the_accounts_route(live: Installation) -> None:
    account, other = await live.account(), await live.account("Other")
    await live.log_in(account)
    here = Route(source_ip="192.0.2.7")
    await live.desk.set_route(account.id, here)
    await live.desk.test(account.id)
    assert live.broker.routes == [Route(), here]
    await live.log_in(account, "again")
    await live.log_in(other, "theirs")
    assert live.broker.routes[2:] == [here, Route()]
    again = await live.restarted()
    await again.desk.test(account.id)
    assert live.broker.routes[-1] == here
    assert again.desk.route(account.id) == here


async def test_accounts_of_one_app_share_its_rate_limits(live: Installation) -> None:
    one, two = await live.account("One"), await live.account("Two")
    three = await live.account("Three", api_key="another", api_secret=API_SECRET)
    for account in (one, two, three):
        await live.log_in(account, account.name)
    for account in (one, two) * 5:
        await live.desk.test(account.id)
    waiting = asyncio.ensure_future(live.desk.test(one.id))
    await live.desk.test(three.id)
    assert not waiting.done()
    waiting.cancel()


async def test_an_account_put_away_is_logged_out_and_forgotten(live: Installation) -> None:
    first, account = await live.account("First"), await live.account()
    await live.log_in(account)
    state = live.begin(account)
    await live.desk.archive(account.id)
    assert live.broker.paths[-1] == "DELETE /session"
    assert live.vault.app(account.id) == {}
    with pytest.raises(BrokerSessionExpired):
        live.sessions.connection(account.id)
    with pytest.raises((AccountNotFound, InvalidRequest)):
        await live.desk.callback("acme", {"code": "late", "state": state}, BROWSER)
    with pytest.raises(AccountInUse):
        await live.desk.archive(first.id)
    assert live.vault.app(first.id) == APP


async def test_app_values_of_before_are_taken_over_once(live: Installation) -> None:
    account = await live.account()
    bare = [
        await live.accounts.create(
            user_id=account.user_id, name=name, broker=live.adapters.info("acne"), now=MORNING
        )
        for name in ("Bare", "Second")
    ]
    other = {"api_key": "other", "api_secret": "other-secret"}
    for broker_id in ("acme", "simulator", "nobody"):
        await live.desk.take_over(broker_id, other)
    await live.desk.take_over("acne", {"api_key": "no secret"})
    assert [live.vault.app(each.id) for each in (account, *bare)] == [APP, {}, {}]

    await live.desk.take_over("acne", other)
    await live.desk.take_over("acne", APP)
    assert [live.vault.app(each.id) for each in bare] == [other, {}]
