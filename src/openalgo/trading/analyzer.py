"""The switch between paper and live."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from openalgo.accounts.accounts import Account, Accounts
from openalgo.domain.errors import BrokerSessionExpired
from openalgo.trading.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzerStatus:
    """`total_logs` counts the paper calls of the account's log."""

    analyze_mode: bool
    total_logs: int


class Analyzer:
    """`count_calls` counts the paper calls of an account, `can_trade` tells whether its broker
    takes orders at all."""

    def __init__(
        self,
        accounts: Accounts,
        count_calls: Callable[[int], Awaitable[int]],
        can_trade: Callable[[int], bool],
    ) -> None:
        self._accounts = accounts
        self._count_calls = count_calls
        self._can_trade = can_trade
        self._gate = Gate(accounts)

    async def status(self, account_id: int) -> AnalyzerStatus:
        return await self._status_of(await self._accounts.find(account_id))

    async def set_mode(
        self, account_id: int, analyze: bool, *, by_owner: bool = False
    ) -> AnalyzerStatus:
        """Set, not flip. Raises `BrokerSessionExpired` when there is no broker to go live with,
        and, unless the account's owner does it in a session, what the gate raises."""
        if not by_owner:
            await self._gate.admit_switch(account_id)
        if not analyze and not self._can_trade(account_id):
            raise BrokerSessionExpired("Connect a broker to trade live")
        return await self._status_of(await self._accounts.set_analyze_mode(account_id, analyze))

    async def _status_of(self, account: Account) -> AnalyzerStatus:
        return AnalyzerStatus(
            analyze_mode=account.analyze_mode, total_logs=await self._count_calls(account.id)
        )
