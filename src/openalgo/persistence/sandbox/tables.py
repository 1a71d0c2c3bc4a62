"""Tables of the sandbox store."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, Table, Text

from openalgo.domain.gtt import GttStatus, TriggerSide, TriggerType
from openalgo.domain.market import Exchange
from openalgo.domain.orders import Action, OrderStatus, PriceType, Product, TransitionKind
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

# One row for each market: whose turn it is to write, how far they got, and the numbers ids were
# made from by then.
engine = Table(
    "sandbox_engine",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("batch", BigInteger, nullable=False),
    Column("order_day", Date),
    Column("order_number", BigInteger, nullable=False),
    Column("trade_number", BigInteger, nullable=False),
    Column("gtt_number", BigInteger, nullable=False, server_default="0"),
    # The last event of a day that is over and done: when it was, and its kind.
    Column("day_at", UtcCol),
    Column("day_kind", Integer, nullable=False, server_default="0"),
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
    Column("triggered_at", UtcCol),
    # The place in the queue of the exchange.
    Column("arrival", BigInteger, nullable=False, server_default="0"),
    Column("gtt_id", Text),
    # How often the account was reset before.
    Column("run", Integer, nullable=False, server_default="0"),
    Index(None, "account_id", "created_at"),
    Index(None, "updated_at"),
)
# A GTT that fires places one order, whatever happens around it.
_of_a_gtt = orders.c.gtt_id.is_not(None)
Index(
    "uq_sandbox_orders_gtt_id",
    orders.c.gtt_id,
    unique=True,
    sqlite_where=_of_a_gtt,
    postgresql_where=_of_a_gtt,
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

# What happened to each order; `seq` is the number of the account's event. The rows live in the
# index of the key, so that one costs a single insert.
transitions = Table(
    "sandbox_order_log",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, nullable=False),
    Column("at", UtcCol, nullable=False),
    Column("cause", Text, nullable=False),
    Column("kind", EnumCol(TransitionKind), nullable=False),
    Column("status", EnumCol(OrderStatus), nullable=False),
    Column("price", PriceCol, nullable=False),
    Column("trigger_price", PriceCol, nullable=False),
    Column("quantity", QuantityCol, nullable=False),
    Column("filled_quantity", QuantityCol, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_with_rowid=False,
)

# A GTT has at most one trigger on each side of the market, so each is two columns: exact, and
# without a format of their own to keep compatible.
gtts = Table(
    "sandbox_gtts",
    metadata,
    Column("trigger_id", Text, primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("trigger_type", EnumCol(TriggerType), nullable=False),
    Column("symbol", Text, nullable=False),
    Column("exchange", EnumCol(Exchange), nullable=False),
    Column("action", EnumCol(Action), nullable=False),
    Column("product", EnumCol(Product), nullable=False),
    Column("quantity", QuantityCol, nullable=False),
    Column("price_type", EnumCol(PriceType), nullable=False),
    Column("below_trigger", PriceCol),
    Column("below_price", PriceCol),
    Column("above_trigger", PriceCol),
    Column("above_price", PriceCol),
    Column("status", EnumCol(GttStatus), nullable=False),
    Column("strategy", Text, nullable=False),
    Column("last_price", PriceCol, nullable=False),
    Column("reserved", MoneyCol, nullable=False),
    Column("arrival", BigInteger, nullable=False),
    Column("fired", EnumCol(TriggerSide)),
    Column("order_id", Text),
    Column("reason", Text, nullable=False),
    Column("client_order_id", Text),
    Column("fingerprint", Text),
    Column("cause", Text, nullable=False),
    Column("created_at", UtcCol, nullable=False),
    Column("updated_at", UtcCol, nullable=False),
    Column("expires_at", UtcCol, nullable=False),
    Index(None, "account_id", "created_at"),
)
_has_client_gtt = gtts.c.client_order_id.is_not(None)
Index(
    "uq_sandbox_gtts_account_id_client_order_id",
    gtts.c.account_id,
    gtts.c.client_order_id,
    unique=True,
    sqlite_where=_has_client_gtt,
    postgresql_where=_has_client_gtt,
)
_active = gtts.c.status == GttStatus.ACTIVE
Index(
    "ix_sandbox_gtts_active",
    gtts.c.account_id,
    sqlite_where=_active,
    postgresql_where=_active,
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
    Column("run", Integer, nullable=False, server_default="0"),
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

holdings = Table(
    "sandbox_holdings",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("exchange", EnumCol(Exchange), primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("quantity", QuantityCol, nullable=False),
    Column("cost", MoneyCol, nullable=False),
    Column("settled_on", Date, nullable=False),
)

daily_results = Table(
    "sandbox_daily_pnl",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("date", Date, primary_key=True),
    Column("realised", MoneyCol, nullable=False),
    Column("positions_unrealised", MoneyCol, nullable=False),
    Column("holdings_unrealised", MoneyCol, nullable=False),
    Column("total_mtm", MoneyCol, nullable=False),
    Column("available", MoneyCol, nullable=False),
    Column("used", MoneyCol, nullable=False),
    Column("portfolio_value", MoneyCol, nullable=False),
)

# What resets put away; the orders and trades of a run carry its number.
past_runs = Table(
    "sandbox_past_runs",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("began_at", UtcCol, nullable=False),
    Column("ended_at", UtcCol, nullable=False),
    Column("starting_capital", MoneyCol, nullable=False),
    Column("available", MoneyCol, nullable=False),
    Column("used", MoneyCol, nullable=False),
    Column("realised", MoneyCol, nullable=False),
)

past_positions = Table(
    "sandbox_past_positions",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("exchange", EnumCol(Exchange), primary_key=True),
    Column("symbol", Text, primary_key=True),
    Column("product", EnumCol(Product), primary_key=True),
    Column("settled", Boolean, primary_key=True),
    Column("quantity", QuantityCol, nullable=False),
    Column("cost", MoneyCol, nullable=False),
    Column("margin", MoneyCol, nullable=False),
    Column("realised", MoneyCol, nullable=False),
)
