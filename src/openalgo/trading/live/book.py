"""How the orders of an account stand, as its broker told last."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import structlog

from openalgo.brokers.rows import OrderRow
from openalgo.domain.calendar import session_date
from openalgo.domain.clock import Clock, epoch_ms
from openalgo.domain.events import Event, OrderReported
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.live_orders import SentOrder
from openalgo.domain.orders import Order, TransitionKind
from openalgo.instruments.slices import Slices
from openalgo.trading.live.progress import Step, first_steps, is_news, steps
from openalgo.trading.live.shown import order_of, row_of

log = structlog.get_logger(__name__)

Named = Callable[[OrderRow], SentOrder | None]
"""What we sent that stands as this row, if it was us."""


class LiveBook:
    """The rows of one account's session day, and everything that happens to them as events.

    Reports come from the broker's stream, from its order book and from our own sending, in any
    order and more than once; an order never moves backwards, and what happened is told once. What
    the first reading of the book shows had happened before, so it is told nobody.

    `seq` begins at the milliseconds since 1970 when the book is made: it rises across restarts
    too, while there is less than an event a millisecond.
    """

    def __init__(
        self,
        account_id: int,
        named: Named,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        placed_elsewhere: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`placed_elsewhere` hears of the account whenever an order shows up that we did not
        send."""
        self._account_id = account_id
        self._named = named
        self._clock = clock
        self._publish = publish
        self._placed_elsewhere = placed_elsewhere
        self._rows: dict[str, OrderRow] = {}
        self._asked_for: set[str] = set()
        self._working: dict[str, datetime] = {}
        self._seq = epoch_ms(clock.now())
        self.was_read = False

    def __getitem__(self, order_id: str) -> OrderRow:
        """Raises `KeyError`."""
        return self._rows[order_id]

    def get(self, order_id: str) -> OrderRow | None:
        """The broker's own row; one of which we know no more than our request is left out."""
        return None if order_id in self._asked_for else self._rows.get(order_id)

    def works_since(self, moment: datetime) -> bool:
        """Whether an order known since then, or longer, may still change."""
        oldest = next(iter(self._working.values()), None)
        return oldest is not None and oldest <= moment

    def order(self, order_id: str) -> Order:
        """Raises `KeyError`."""
        return self._order(self._rows[order_id])

    def placed(self, sent: SentOrder, order: PlaceOrder, order_id: str) -> None:
        """The broker took `order` and called it `order_id`. It may have told more before."""
        if order_id not in self._rows:
            row = row_of(sent, order, order_id)
            self._asked_for.add(order_id)
            self._take(row, first_steps(row), silent=False)

    def heard(self, row: OrderRow) -> None:
        """The broker's stream told of an order."""
        self._update(row, from_book=False, silent=False)

    async def read(self, rows: Sequence[OrderRow]) -> None:
        """`rows` is the whole book of the broker."""
        silent = not self.was_read
        slices = Slices()
        for row in rows:
            self._update(row, from_book=True, silent=silent)
            if slices.over:
                await slices.pause()
        self.was_read = True
        self._drop_days_past({row.order_id for row in rows})

    def _update(self, row: OrderRow, *, from_book: bool, silent: bool) -> None:
        old = self._rows.get(row.order_id)
        if old is None:
            if not silent and self._named(row) is None:
                self._placed_elsewhere(self._account_id)
            self._take(row, first_steps(row), silent=silent)
        elif row.order_id in self._asked_for:
            # What the broker says counts, whatever its clock shows.
            self._asked_for.discard(row.order_id)
            self._take(row, steps(old, row, terms_known=False), silent=False)
        elif is_news(old, row, from_book=from_book):
            self._take(row, steps(old, row), silent=False)

    def _take(self, row: OrderRow, happened: Iterable[Step], *, silent: bool) -> None:
        self._rows[row.order_id] = row
        if row.status.is_working:
            self._working.setdefault(row.order_id, self._clock.now())
        else:
            self._working.pop(row.order_id, None)
        if silent:
            return
        for kind, stood in happened:
            self._tell(kind, stood)

    def _tell(self, kind: TransitionKind, row: OrderRow) -> None:
        order = self._order(row)
        self._seq += 1
        self._publish(
            OrderReported(
                account_id=self._account_id,
                seq=self._seq,
                at=row.updated_at,
                cause=order.cause or "broker",
                kind=kind,
                order=order,
            )
        )

    def _order(self, row: OrderRow) -> Order:
        return order_of(row, self._account_id, self._named(row))

    def _drop_days_past(self, kept: set[str]) -> None:
        """Forget what is of an earlier session day and no longer in the broker's book."""
        today = session_date(self._clock.now())
        for order_id, row in list(self._rows.items()):
            if order_id not in kept and session_date(_latest(row)) < today:
                del self._rows[order_id]
                self._working.pop(order_id, None)
                self._asked_for.discard(order_id)


def _latest(row: OrderRow) -> datetime:
    return max(row.placed_at, row.updated_at)
