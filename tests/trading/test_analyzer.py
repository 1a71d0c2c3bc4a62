"""The switch between paper and live."""

import pytest

from openalgo.accounts.accounts import Accounts, OrderMode
from openalgo.domain.errors import BrokerSessionExpired, OperationBlocked
from openalgo.persistence.stores import Store
from openalgo.trading.analyzer import Analyzer
from tests.support.approvals import ACCOUNT


async def no_calls(_: int) -> int:
    return 12


@pytest.fixture
async def accounts(main: Store) -> Accounts:
    accounts = Accounts(main)
    await accounts.load()
    return accounts


@pytest.fixture
def analyzer(accounts: Accounts) -> Analyzer:
    return Analyzer(accounts, no_calls, lambda _: True)


async def test_in_auto_mode_a_key_turns_the_switch(analyzer: Analyzer, accounts: Accounts) -> None:
    for analyze in (False, False, True):
        status = await analyzer.set_mode(ACCOUNT, analyze)
        assert (status.analyze_mode, status.total_logs) == (analyze, 12)
        assert accounts[ACCOUNT].analyze_mode is analyze


@pytest.mark.parametrize("analyze", [False, True])
async def test_in_semi_auto_mode_only_the_owner_does(
    analyzer: Analyzer, accounts: Accounts, analyze: bool
) -> None:
    await accounts.set_order_mode(ACCOUNT, OrderMode.SEMI_AUTO)
    await accounts.set_analyze_mode(ACCOUNT, not analyze)
    with pytest.raises(OperationBlocked) as refused:
        await analyzer.set_mode(ACCOUNT, analyze)
    assert refused.value.message.startswith(
        "Operation analyzer/toggle is not allowed in Semi-Auto mode."
    )
    assert accounts[ACCOUNT].analyze_mode is not analyze
    status = await analyzer.set_mode(ACCOUNT, analyze, by_owner=True)
    assert status.analyze_mode is accounts[ACCOUNT].analyze_mode is analyze


async def test_nobody_goes_live_without_a_broker(accounts: Accounts) -> None:
    analyzer = Analyzer(accounts, no_calls, lambda _: False)
    for by_owner in (False, True):
        with pytest.raises(BrokerSessionExpired):
            await analyzer.set_mode(ACCOUNT, False, by_owner=by_owner)
