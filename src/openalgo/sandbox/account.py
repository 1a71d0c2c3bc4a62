"""One account of the paper exchange."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from openalgo.domain.calendar import session_date, session_start
from openalgo.domain.events import EventHead
from openalgo.domain.gtt import Gtt, GttStatus
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import Action, Order, PositionKey, Trade
from openalgo.domain.portfolio import Funds, Holding, LedgerEntry, LedgerKind, Position
from openalgo.sandbox.ledger import closing_part, move

_ANY = Decimal("Infinity")
_NEVER = datetime.min.replace(tzinfo=UTC)
_ONE_DAY = timedelta(days=1)


class PaperAccount:
    """Its funds, positions and holdings, and the orders, trades and GTTs of the session.

    Positions are kept when flat, because they carry the profit realised so far.
    """

    __slots__ = (
        "_ends",
        "_promised",
        "_starts",
        "by_client_id",
        "funds",
        "gtt_by_client_id",
        "gtts",
        "holdings",
        "orders",
        "positions",
        "seq",
        "session",
        "trades",
    )

    def __init__(self, funds: Funds, seq: int = 0) -> None:
        self.funds = funds
        self.seq = seq
        self.session: date | None = None
        self._starts = self._ends = _NEVER
        self.orders: dict[str, Order] = {}
        self.trades: list[Trade] = []
        self.positions: dict[PositionKey, Position] = {}
        self.holdings: dict[InstrumentKey, Holding] = {}
        self.gtts: dict[str, Gtt] = {}
        self.by_client_id: dict[str, str] = {}
        self.gtt_by_client_id: dict[str, str] = {}
        self._promised: dict[tuple[PositionKey, Action], Decimal] = {}

    @property
    def id(self) -> int:
        return self.funds.account_id

    def head(self, at: datetime, cause: str) -> EventHead:
        """What the next event of the account begins with."""
        return {"account_id": self.funds.account_id, "seq": self.seq + 1, "at": at, "cause": cause}

    def put(self, order: Order) -> None:
        """Keep `order` as it is now."""
        known = self.orders.get(order.order_id)
        change = order.pending_quantity - (known.pending_quantity if known else ZERO)
        if change:
            self._promise(order.position_key, order.action, change)
        self.orders[order.order_id] = order
        if order.client_order_id is not None:
            self.by_client_id[order.client_order_id] = order.order_id

    def put_holding(self, holding: Holding) -> None:
        """Keep `holding` as it is now: not at all when nothing is left of it."""
        if holding.quantity:
            self.holdings[holding.instrument] = holding
        else:
            self.holdings.pop(holding.instrument, None)

    def begin_run(self, positions: tuple[Position, ...]) -> None:
        """Forget the books of the run that ends; `positions` are empty."""
        self.orders.clear()
        self.trades.clear()
        self.gtts.clear()
        self.by_client_id.clear()
        self.gtt_by_client_id.clear()
        self.holdings.clear()
        self.positions = {position.key: position for position in positions}

    def put_gtt(self, gtt: Gtt) -> None:
        """Keep `gtt` as it is now."""
        known = self.gtts.get(gtt.trigger_id)
        if known is not None:
            self._promise(known.position_key, known.action, -known.promised)
        self._promise(gtt.position_key, gtt.action, gtt.promised)
        self.gtts[gtt.trigger_id] = gtt
        if gtt.client_order_id is not None:
            self.gtt_by_client_id[gtt.client_order_id] = gtt.trigger_id

    def promised(self, position: PositionKey, action: Action) -> Decimal:
        """Units that working orders and active GTTs on this side of `position` may still trade."""
        return self._promised.get((position, action), ZERO)

    def closable(self, key: PositionKey, action: Action) -> Decimal:
        """Units of the position that an `action` closes and that nothing which waits will close
        first."""
        position = self.positions.get(key)
        return closing_part(position, action, _ANY) - self.promised(key, action)

    def block(
        self, ref: str, amount: Decimal, at: datetime
    ) -> tuple[Funds | None, LedgerEntry | None]:
        """Funds with `amount` rupees more blocked for `ref` (less when negative), and the entry
        for it; neither when it is nothing."""
        if not amount:
            return None, None
        kind = LedgerKind.RESERVE if amount > 0 else LedgerKind.RELEASE
        return move(self.funds, kind, ref, at, session_date(at), blocked=amount)

    def enter(self, at: datetime) -> None:
        """`begin_session` of the session day of `at`: quick while that is the known one."""
        if not self._starts <= at < self._ends:
            self.begin_session(session_date(at))

    def begin_session(self, session: date) -> None:
        """Forget what was final in earlier sessions, and their trades; they stay on disk."""
        if self.session == session:
            return
        self.session = session
        start = self._starts = session_start(session)
        self._ends = session_start(session + _ONE_DAY)
        # In place: new containers of this size would be long work for the garbage collector.
        for order in [each for each in self.orders.values() if _is_past(each, start)]:
            del self.orders[order.order_id]
            if order.client_order_id is not None:
                self.by_client_id.pop(order.client_order_id, None)
        for gtt in [each for each in self.gtts.values() if _is_past(each, start)]:
            del self.gtts[gtt.trigger_id]
            if gtt.client_order_id is not None:
                self.gtt_by_client_id.pop(gtt.client_order_id, None)
        self.trades[:] = [trade for trade in self.trades if trade.at >= start]

    def _promise(self, position: PositionKey, action: Action, units: Decimal) -> None:
        side = (position, action)
        self._promised[side] = self._promised.get(side, ZERO) + units


def _is_past(each: Order | Gtt, start: datetime) -> bool:
    """Whether it was final before `start`."""
    if isinstance(each, Order):
        return not each.status.is_working and each.updated_at < start
    return each.status is not GttStatus.ACTIVE and each.updated_at < start
