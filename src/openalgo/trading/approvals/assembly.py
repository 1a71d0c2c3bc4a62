"""The Action Center, put together."""

from dataclasses import dataclass

from openalgo.trading.approvals.batch import Batches
from openalgo.trading.approvals.book import PendingBook
from openalgo.trading.approvals.desk import Approvals
from openalgo.trading.approvals.follow import Follower, Listen
from openalgo.trading.approvals.review import Reviewer
from openalgo.trading.approvals.rules import ApprovalRules
from openalgo.trading.approvals.steps import Steps
from openalgo.trading.gate import AccountFinder
from openalgo.trading.markets import Markets
from openalgo.trading.submit import Trading


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCenter:
    """`book` shows what waits and what became of it, `approvals` and `batches` decide, `follower`
    keeps track of what was sent."""

    book: PendingBook
    approvals: Approvals
    batches: Batches
    follower: Follower


def make_action_center(
    *,
    book: PendingBook,
    steps: Steps,
    trading: Trading,
    markets: Markets,
    accounts: AccountFinder,
    rules: ApprovalRules,
    listen: Listen,
) -> ActionCenter:
    follower = Follower(book, steps, markets, listen)
    reviewer = Reviewer(trading, markets, accounts, rules)
    approvals = Approvals(book, steps, reviewer, trading, markets, follower.follow)
    return ActionCenter(
        book=book,
        approvals=approvals,
        batches=Batches(approvals, markets, rules),
        follower=follower,
    )
