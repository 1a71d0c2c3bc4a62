"""Tables of the main store."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from openalgo.domain.live_orders import SentState
from openalgo.persistence.columns import EnumCol, ExactCol, MoneyCol, QuantityCol, RowId, UtcCol
from openalgo.persistence.naming import new_metadata

metadata = new_metadata()

users = Table(
    "users",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("username", Text, nullable=False),
    # The name as it is compared: the two databases fold upper case differently, Python does not.
    Column("username_key", Text, nullable=False, unique=True),
    Column("email", Text, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("created_at", UtcCol, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("user_id", BigInteger, ForeignKey(users.c.id), nullable=False),
    Column("name", Text, nullable=False),
    Column("broker", Text, nullable=False),
    Column("analyze_mode", Boolean, nullable=False),
    Column("order_mode", Text, nullable=False),
    Column("rehearse_approvals", Boolean, nullable=False),
    Column("created_at", UtcCol, nullable=False),
    # Since then it is put away: nothing of it is lost, and nothing goes through it.
    Column("archived_at", UtcCol),
    UniqueConstraint("user_id", "name"),
)

# What an account needs to know once to log in at its broker, and how its calls leave.
broker_apps = Table(
    "broker_apps",
    metadata,
    Column(
        "account_id", BigInteger, ForeignKey(accounts.c.id), primary_key=True, autoincrement=False
    ),
    Column("ciphertext", Text, nullable=False),
    Column("updated_at", UtcCol, nullable=False),
)

broker_routes = Table(
    "broker_routes",
    metadata,
    Column(
        "account_id", BigInteger, ForeignKey(accounts.c.id), primary_key=True, autoincrement=False
    ),
    Column("ciphertext", Text, nullable=False),
    Column("updated_at", UtcCol, nullable=False),
)

# The last login of an account at its broker. Tokens of one that has ended are not kept.
broker_sessions = Table(
    "broker_sessions",
    metadata,
    Column(
        "account_id", BigInteger, ForeignKey(accounts.c.id), primary_key=True, autoincrement=False
    ),
    Column("client_id", Text, nullable=False),
    Column("ciphertext", Text),
    Column("issued_at", UtcCol, nullable=False),
    Column("expires_at", UtcCol),
    Column("ended_at", UtcCol),
    Column("end_state", Text),
    Column("end_reason", Text),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("user_id", BigInteger, ForeignKey(users.c.id), nullable=False),
    Column("account_id", BigInteger, ForeignKey(accounts.c.id), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("ciphertext", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    # Addresses and networks it may be used from, apart by blanks; empty means everywhere.
    Column("allowed_networks", Text, nullable=False),
    # The one the user interface shows again; at most one of a user's keys.
    Column("is_default", Boolean, nullable=False),
    Column("created_at", UtcCol, nullable=False),
    Column("expires_at", UtcCol),
    Column("last_used_at", UtcCol),
    # Since then another key stands in its place, and this one runs out.
    Column("superseded_at", UtcCol),
    Column("revoked_at", UtcCol),
    Index(None, "digest", unique=True),
)

user_sessions = Table(
    "user_sessions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("user_id", BigInteger, ForeignKey(users.c.id), nullable=False),
    Column("digest", Text, nullable=False),
    Column("device_info", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", UtcCol, nullable=False),
    Column("last_seen_at", UtcCol, nullable=False),
    Column("expires_at", UtcCol, nullable=False),
    Index(None, "digest", unique=True),
)

# A ring: rows leave after a while. `username` is what somebody typed, whether or not it exists.
login_attempts = Table(
    "login_attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcCol, nullable=False),
    Column("username", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("device_info", Text, nullable=False),
    Column("login_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("failure_reason", Text),
    Index(None, "at"),
)

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# `value` is JSON text, which holds neither of the characters that databases refuse.
chart_preferences = Table(
    "chart_preferences",
    metadata,
    Column("user_id", BigInteger, ForeignKey(users.c.id), primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# What the web app remembers of a user, as JSON text. `version` rises with every change of a value.
web_preferences = Table(
    "web_preferences",
    metadata,
    Column("user_id", BigInteger, ForeignKey(users.c.id), primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", UtcCol, nullable=False),
)

# What accounts made in each session day, on paper or at their broker: as it stood last, which at
# the end of the day is its close. Kept for ever.
profit_days = Table(
    "profit_days",
    metadata,
    Column(
        "account_id", BigInteger, ForeignKey(accounts.c.id), primary_key=True, autoincrement=False
    ),
    Column("mode", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("realised", MoneyCol, nullable=False),
    Column("unrealised", MoneyCol, nullable=False),
    Column("highest", MoneyCol, nullable=False),
    Column("highest_at", UtcCol, nullable=False),
    Column("lowest", MoneyCol, nullable=False),
    Column("lowest_at", UtcCol, nullable=False),
    Column("max_drawdown", MoneyCol, nullable=False),
    Column("as_of", UtcCol, nullable=False),
)

# The same minute by minute, of the newest day only. `at` is within the minute.
profit_minutes = Table(
    "profit_minutes",
    metadata,
    Column(
        "account_id", BigInteger, ForeignKey(accounts.c.id), primary_key=True, autoincrement=False
    ),
    Column("mode", Text, primary_key=True),
    Column("minute", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcCol, nullable=False),
    Column("realised", MoneyCol, nullable=False),
    Column("unrealised", MoneyCol, nullable=False),
)

# What a request with an id of its own was planned as (JSON), so that a repeat finishes that plan.
plans = Table(
    "plans",
    metadata,
    Column(
        "account_id", BigInteger, ForeignKey(accounts.c.id), primary_key=True, autoincrement=False
    ),
    Column("client_order_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("results", Text, nullable=False),
    Column("created_at", UtcCol, nullable=False),
    Index(None, "created_at"),
)

# What an account may risk; a limit that is not set is NULL.
risk_limits = Table(
    "risk_limits",
    metadata,
    Column(
        "account_id", BigInteger, ForeignKey(accounts.c.id), primary_key=True, autoincrement=False
    ),
    Column("enforce_tick", Boolean),
    Column("enforce_freeze", Boolean),
    Column("price_band_percent", ExactCol),
    Column("max_quantity", QuantityCol),
    Column("max_notional", MoneyCol),
    Column("orders_per_second", Integer),
    Column("kept_for_exits", Integer),
    Column("count_changes", Boolean, nullable=False),
    Column("max_orders_per_day", Integer),
    Column("max_loss_per_day", MoneyCol),
    Column("killed_at", UtcCol),
    Column("killed_by", Text),
    Column("updated_at", UtcCol, nullable=False),
)

# Orders that wait for their owner, and what became of them. `intent`, `plan` (what it came to when
# it was queued) and `prices` are JSON. `version` rises with every change of `state`.
pending_orders = Table(
    "pending_orders",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", BigInteger, ForeignKey(accounts.c.id), nullable=False),
    Column("user_id", BigInteger, ForeignKey(users.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("intent_version", BigInteger, nullable=False),
    Column("intent", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("client_order_id", Text),
    Column("strategy", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("prices", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("broker", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("key_id", BigInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("created_at", UtcCol, nullable=False),
    Column("expires_at", UtcCol, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_at", UtcCol),
    Column("decided_by", Text),
    Column("reason", Text),
    Column("resolution", Text),
    Column("executed_at", UtcCol),
    Column("error_code", Text),
    Column("error_text", Text),
    UniqueConstraint("account_id", "client_order_id"),
    Index(None, "account_id", "state"),
    Index(None, "state", "expires_at"),
)

# What became of each order of an approved intent.
approval_legs = Table(
    "approval_legs",
    metadata,
    Column(
        "pending_id",
        BigInteger,
        ForeignKey(pending_orders.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("exchange", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("quantity", QuantityCol, nullable=False),
    Column("order_id", Text),
    Column("status", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Index(None, "status"),
)

# Who tried what with a pending order, and when. Rows are only ever added. `detail` is JSON.
approval_audit = Table(
    "approval_audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("pending_id", BigInteger, ForeignKey(pending_orders.c.id), nullable=False),
    Column("at", UtcCol, nullable=False),
    Column("actor", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "pending_id"),
)

# How the paper exchange is set up, for all accounts. What has no row is as it comes.
sandbox_config = Table(
    "sandbox_config",
    metadata,
    Column("config_key", Text, primary_key=True),
    Column("config_value", Text, nullable=False),
    Column("updated_at", UtcCol, nullable=False),
    Column("updated_by", Text, nullable=False),
)

# What was sent to brokers, written down before it leaves. `intent` is JSON; `tag` goes with it.
live_orders = Table(
    "live_orders",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", BigInteger, ForeignKey(accounts.c.id), nullable=False),
    Column("client_order_id", Text),
    Column("kind", Text, nullable=False),
    Column("intent_version", BigInteger, nullable=False),
    Column("intent", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("strategy", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("created_at", UtcCol, nullable=False),
    Column("sent_at", UtcCol, nullable=False),
    Column("state", EnumCol(SentState), nullable=False),
    Column("order_id", Text),
    Column("code", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("resolved_at", UtcCol),
    UniqueConstraint("account_id", "client_order_id"),
    UniqueConstraint("account_id", "tag"),
    Index(None, "account_id", "order_id"),
    Index(None, "account_id", "sent_at"),
    Index(None, "state"),
)
