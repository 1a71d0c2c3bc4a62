"""What happens to accounts outside their books, told as events."""

from collections.abc import Callable

from openalgo.accounts.accounts import Account, Accounts
from openalgo.accounts.session_status import SessionStatus
from openalgo.accounts.sessions import BrokerSessions
from openalgo.domain.clock import Clock
from openalgo.domain.events import (
    AccountArchived,
    AccountChanged,
    AccountCreated,
    AnalyzerModeChanged,
    BrokerSessionChanged,
    Event,
    EventHead,
)


def tell_of_accounts(
    accounts: Accounts, sessions: BrokerSessions, publish: Callable[[Event], None], clock: Clock
) -> None:
    """From now on, have `publish` hear what happens to `accounts` and to their `sessions`.

    It must not raise."""

    def head(account_id: int) -> EventHead:
        return EventHead(account_id=account_id, seq=0, at=clock.now(), cause="")

    def come_or_gone(account: Account) -> None:
        if account.archived:
            publish(AccountArchived(**head(account.id)))
        else:
            publish(AccountCreated(**head(account.id), name=account.name, broker=account.broker))

    def changed(before: Account, after: Account) -> None:
        if before.analyze_mode != after.analyze_mode:
            publish(AnalyzerModeChanged(**head(after.id), analyze_mode=after.analyze_mode))
        else:
            publish(AccountChanged(**head(after.id), name=after.name, broker=after.broker))

    def session_changed(account_id: int, status: SessionStatus) -> None:
        publish(
            BrokerSessionChanged(
                **head(account_id),
                state=status.state,
                reason=status.reason,
                expires_at=status.expires_at,
            )
        )

    accounts.follow(come_or_gone)
    accounts.follow_changes(changed)
    sessions.follow(session_changed)
