"""Tables of the sandbox store."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Table, Text

from openalgo.domain.market import Exchange
from openalgo.domain.orders import Action, OrderStatus, PriceType, Product
from openalgo.domain.portfolio import LedgerKind
from openalgo.persistence.columns import (
    EnumCol,
    ExactCol,
    MoneyCol,
    PriceCol,
    QuantityCol,
    RowId,
    UtcCol,
)
from openalgo.persistence.naming import new_metadata

metadata = new_metadata()

# One row: whose turn it is to write, how far they got, and the counters ids are made from.
engine = Table(
    "sandbox_engine",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("batch", BigInteger, nullable=False),
    Column("order_day", Date),
    Column("order_number", BigInteger, nullable=False),
    Column("trade_number", BigInteger, nullable=False),
)

orders = Table(
    "sandbox_orders",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("exchange", EnumCol(Exchange), nullable=False),
    Column("action", EnumCol(Action), nullable=False),
    Column("product", EnumCol(Product), nullable=False),
    Column("price_type", EnumCol(PriceType), nullable=False),
    Column("quantity", QuantityCol, nullable=False),
    Column("price", PriceCol, nullable=False),
    Column("trigger_price", PriceCol, nullable=False),
    Column("disclosed_quantity", QuantityCol, nullable=False),
    Column("status", EnumCol(OrderStatus), nullable=False),
    Column("filled_quantity", QuantityCol, nullable=False),
    Column("filled_value", ExactCol, nullable=False),
    Column("reserved", MoneyCol, nullable=False),
    Column("reason", Text, nullable=False),
    Column("strategy", Text, nullable=False),
    Column("client_order_id", Text),
    Column("fingerprint", Text),
    Column("cause", Text, nullable=False),
    Column("created_at", UtcCol, nullable=False),
    Column("updated_at", UtcCol, nullable=False),
    Index(None, "account_id", "created_at"),
    Index(None, "updated_at"),
)
_has_client_id = orders.c.client_order_id.is_not(None)
Index(
    "uq_sandbox_orders_account_id_client_order_id",
    orders.c.account_id,
    orders.c.client_order_id,
    unique=True,
    sqlite_where=_has_client_id,
    postgresql_where=_has_client_id,
)
_working = orders.c.status.in_([status for status in OrderStatus if status.is_working])
Index(
    "ix_sandbox_orders_working",
    orders.c.account_id,
    sqlite_where=_working,
    postgresql_where=_working,
)

trades = Table(
    "sandbox_trades",
    metadata,
    Column("trade_id", Text, primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("exchange", EnumCol(Exchange), nullable=False),
    Column("action", EnumCol(Action), nullable=False),
    Column("product", EnumCol(Product), nullable=False),
    Column("quantity", QuantityCol, nullable=False),
    Column("price", PriceCol, nullable=False),
    Column("strategy", Text, nullable=False),
    Column("at", UtcCol, nullable=False),
    Index(None, "account_id", "at"),
)

positions = Table(
    "sandbox_positions",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("exchange", EnumCol(Exchange), primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("product", EnumCol(Product), primary_key=True),
    Column("quantity", QuantityCol, nullable=False),
    Column("cost", MoneyCol, nullable=False),
    Column("margin", MoneyCol, nullable=False),
    Column("realised", MoneyCol, nullable=False),
    Column("realised_today", MoneyCol, nullable=False),
    Column("realised_on", Date, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("created_at", UtcCol, nullable=False),
    Column("updated_at", UtcCol, nullable=False),
)

funds = Table(
    "sandbox_funds",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("starting_capital", MoneyCol, nullable=False),
    Column("available", MoneyCol, nullable=False),
    Column("used", MoneyCol, nullable=False),
    Column("realised", MoneyCol, nullable=False),
    Column("realised_today", MoneyCol, nullable=False),
    Column("realised_on", Date, nullable=False),
    Column("opened_at", UtcCol, nullable=False),
    Column("reset_count", Integer, nullable=False),
    # The number of the account's last event.
    Column("seq", BigInteger, nullable=False),
)

ledger = Table(
    "sandbox_ledger",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("at", UtcCol, nullable=False),
    Column("kind", EnumCol(LedgerKind), nullable=False),
    Column("ref", Text, nullable=False),
    Column("available", MoneyCol, nullable=False),
    Column("used", MoneyCol, nullable=False),
    Column("realised", MoneyCol, nullable=False),
    Column("available_after", MoneyCol, nullable=False),
    Column("used_after", MoneyCol, nullable=False),
    Index(None, "account_id", "at"),
)
