"""What the books say to the database, built once."""

from sqlalchemy import BindParameter, bindparam, insert, or_, select, update

from openalgo.domain.gtt import GttStatus
from openalgo.domain.orders import OrderStatus
from openalgo.persistence.bulk import BulkInsert
from openalgo.persistence.sandbox import tables

_of_market = tables.engine.c.id == bindparam("market")

RAISE_EPOCH = update(tables.engine).where(_of_market).values(epoch=tables.engine.c.epoch + 1)
FIRST_EPOCH = insert(tables.engine).values(
    id=bindparam("market"), epoch=1, batch=0, order_number=0, trade_number=0, gtt_number=0
)
EPOCH = select(tables.engine.c.epoch).where(_of_market)

# Moves the mark on, for whoever still owns the books.
ADVANCE = BulkInsert(tables.engine, replace=True, only_if_same="epoch")

PUT_ORDERS = BulkInsert(tables.orders, replace=True)
PUT_POSITIONS = BulkInsert(tables.positions, replace=True)
PUT_FUNDS = BulkInsert(
    tables.funds,
    replace=True,
    attributes={c.name: f"funds.{c.name}" for c in tables.funds.columns if c.name != "seq"},
)
PUT_GTTS = BulkInsert(
    tables.gtts,
    replace=True,
    attributes={
        c.name: f"gtt.{c.name}"
        for c in tables.gtts.columns
        if not c.name.startswith(("below_", "above_"))
    },
)
# The rows are the events themselves.
ADD_TRANSITIONS = BulkInsert(
    tables.transitions,
    attributes={
        "kind": "KIND",
        **{
            name: f"order.{name}"
            for name in (
                "order_id",
                "status",
                "price",
                "trigger_price",
                "quantity",
                "filled_quantity",
                "reason",
            )
        },
    },
)
ADD_TRADES = BulkInsert(tables.trades)
ADD_LEDGER = BulkInsert(tables.ledger)
PUT_HOLDINGS = BulkInsert(tables.holdings, replace=True)
PUT_DAILY = BulkInsert(tables.daily_results, replace=True)
ADD_PAST_RUNS = BulkInsert(tables.past_runs)
ADD_PAST_POSITIONS = BulkInsert(tables.past_positions)

_orders, _trades, _positions = tables.orders.c, tables.trades.c, tables.positions.c

# Written into the statement: SQLite uses a partial index only when it sees the same words there.
_WORKING: BindParameter[object] = bindparam(
    "working",
    [status for status in OrderStatus if status.is_working],
    expanding=True,
    literal_execute=True,
)

# Every commit of an engine holds its row from its first statement on, so locking it waits for one
# that is still under way at the server after its client is gone.
LOCKED_MARK = select(tables.engine).where(_of_market).with_for_update()
NUMBERS = select(
    tables.engine.c.order_day,
    tables.engine.c.order_number,
    tables.engine.c.trade_number,
    tables.engine.c.gtt_number,
)
FUNDS = select(tables.funds)
WORKING_ORDERS = select(tables.orders).where(_orders.status.in_(_WORKING))
FINAL_ORDERS = select(tables.orders).where(
    _orders.updated_at >= bindparam("since"), _orders.status.not_in(_WORKING)
)
ACTIVE_GTTS = select(tables.gtts).where(
    tables.gtts.c.status
    == bindparam("active", GttStatus.ACTIVE, tables.gtts.c.status.type, literal_execute=True)
)
# Naming the accounts lets the index on (account, time) serve this too.
TRADES = (
    select(tables.trades)
    .where(
        _trades.account_id.in_(bindparam("accounts", expanding=True)),
        _trades.at >= bindparam("since"),
    )
    .order_by(_trades.at, _trades.trade_id)
)
HOLDINGS = select(tables.holdings).where(tables.holdings.c.quantity != 0)
# A flat position carries the profit it has realised, so it is read back however old it is.
POSITIONS = select(tables.positions).where(
    or_(
        _positions.quantity != 0,
        _positions.realised != 0,
        _positions.updated_at >= bindparam("since"),
    )
)
