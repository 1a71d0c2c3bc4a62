"""Tables of the main store."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from openalgo.persistence.columns import RowId, UtcCol
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
    Column("created_at", UtcCol, nullable=False),
    UniqueConstraint("user_id", "name"),
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
    Column("order_mode", Text, nullable=False),
    Column("created_at", UtcCol, nullable=False),
    Column("expires_at", UtcCol),
    Column("last_used_at", UtcCol),
    Column("revoked_at", UtcCol),
    Index(None, "digest", unique=True),
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
