"""What the books say to the database, built once."""

from dataclasses import dataclass

from sqlalchemy import BindParameter, Table, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from openalgo.domain.orders import OrderStatus
from openalgo.persistence.sandbox import tables

RAISE_EPOCH = update(tables.engine).values(epoch=tables.engine.c.epoch + 1)

ADVANCE = (
    update(tables.engine)
    .where(tables.engine.c.id == 1, tables.engine.c.epoch == bindparam("of_epoch"))
    .values(
        batch=bindparam("batch"),
        order_day=bindparam("order_day"),
        order_number=bindparam("order_number"),
        trade_number=bindparam("trade_number"),
    )
)

ADD_TRADES = insert(tables.trades)
ADD_LEDGER = insert(tables.ledger)


@dataclass(frozen=True, slots=True)
class Put:
    """Inserts that replace the row of the same primary key, in one database's dialect."""

    orders: Insert
    positions: Insert
    funds: Insert


def _put(dialect: str, table: Table) -> Insert:
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={
            column.name: statement.excluded[column.name]
            for column in table.columns
            if not column.primary_key
        },
    )


PUT = {
    dialect: Put(
        orders=_put(dialect, tables.orders),
        positions=_put(dialect, tables.positions),
        funds=_put(dialect, tables.funds),
    )
    for dialect in ("sqlite", "postgresql")
}


_orders, _trades, _positions = tables.orders.c, tables.trades.c, tables.positions.c

# Written into the statement: SQLite uses a partial index only when it sees the same words there.
_WORKING: BindParameter[object] = bindparam(
    "working",
    [status for status in OrderStatus if status.is_working],
    expanding=True,
    literal_execute=True,
)

# Every commit holds this row from its first statement on, so locking it waits for a commit that
# is still under way at the server after its client is gone.
LOCKED_MARK = select(tables.engine).with_for_update()
FUNDS = select(tables.funds)
WORKING_ORDERS = select(tables.orders).where(_orders.status.in_(_WORKING))
FINAL_ORDERS = select(tables.orders).where(
    _orders.updated_at >= bindparam("since"), _orders.status.not_in(_WORKING)
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
# A flat position carries the profit it has realised, so it is read back however old it is.
POSITIONS = select(tables.positions).where(
    or_(
        _positions.quantity != 0,
        _positions.realised != 0,
        _positions.updated_at >= bindparam("since"),
    )
)
