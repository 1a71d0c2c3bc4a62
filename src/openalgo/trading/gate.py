"""Whether an intent runs, waits for the account's owner, or is refused."""

from enum import Enum
from typing import Protocol

from openalgo.accounts.accounts import Account, OrderMode
from openalgo.domain.errors import OpenAlgoError, OperationBlocked, OrderModeUnknown
from openalgo.domain.intents import (
    CancelAllOrders,
    CancelGtt,
    CancelOrder,
    ClosePosition,
    Intent,
    ModifyGtt,
    ModifyOrder,
    Wish,
)
from openalgo.trading.venues import VenueMode

_SWITCH_TO_AUTO = "is not allowed in Semi-Auto mode. Please switch to Auto mode to"

BLOCKED: dict[type[Wish], str] = {
    ModifyOrder: f"Modify order operation {_SWITCH_TO_AUTO} modify orders.",
    CancelOrder: f"Cancel order operation {_SWITCH_TO_AUTO} cancel orders.",
    CancelAllOrders: f"Cancel all orders operation {_SWITCH_TO_AUTO} cancel orders.",
    ClosePosition: f"Close position operation {_SWITCH_TO_AUTO} close positions.",
    ModifyGtt: "Modify GTT order is not allowed in Semi-Auto mode. Switch to Auto mode.",
    CancelGtt: "Cancel GTT order is not allowed in Semi-Auto mode. Switch to Auto mode.",
}
"""What changes a risk and cannot wait: a late answer would meet another market."""

_SWITCH_BLOCKED = (
    "Operation analyzer/toggle is not allowed in Semi-Auto mode. "
    "Please switch to Auto mode to change between analyze and live."
)


class Verdict(Enum):
    RUN = "run"
    QUEUE = "queue"


class AccountFinder(Protocol):
    async def find(self, account_id: int) -> Account: ...


class Gate:
    """The only reader of the order mode. What cannot be decided is not sent."""

    def __init__(self, accounts: AccountFinder) -> None:
        self._accounts = accounts

    async def admit(self, account_id: int, mode: VenueMode, intent: Intent) -> Verdict:
        """What becomes of an intent that came with an API key.

        On paper it runs, unless the account rehearses approvals. Raises `OperationBlocked`, and
        `OrderModeUnknown` when the mode cannot be read.
        """
        account = await self._account(account_id)
        if account.order_mode is OrderMode.AUTO:
            return Verdict.RUN
        if mode is VenueMode.ANALYZE and not account.rehearse_approvals:
            return Verdict.RUN
        if (refusal := BLOCKED.get(type(intent))) is not None:
            raise OperationBlocked(refusal)
        return Verdict.QUEUE

    async def admit_switch(self, account_id: int) -> None:
        """Whether an API key may switch between paper and live: whoever sends signals must not
        choose whether they are real. Raises `OperationBlocked`, `OrderModeUnknown`."""
        account = await self._account(account_id)
        if account.order_mode is not OrderMode.AUTO:
            raise OperationBlocked(_SWITCH_BLOCKED)

    async def _account(self, account_id: int) -> Account:
        try:
            return await self._accounts.find(account_id)
        except OpenAlgoError as error:
            raise OrderModeUnknown from error
