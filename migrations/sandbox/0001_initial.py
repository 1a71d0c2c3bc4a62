"""The books of the paper exchange.

Prices are BIGINT of 1e-6 rupee, money of 1e-4 rupee, quantities of 1e-8 unit, and instants are
microseconds since 1970-01-01 UTC.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column declared INTEGER.
row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    engine = op.create_table(
        "sandbox_engine",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("order_day", sa.Date()),
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("trade_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sandbox_engine"),
    )
    op.bulk_insert(
        engine, [{"id": 1, "epoch": 0, "batch": 0, "order_number": 0, "trade_number": 0}]
    )
    op.create_table(
        "sandbox_orders",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("price_type", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("trigger_price", sa.BigInteger(), nullable=False),
        sa.Column("disclosed_quantity", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("filled_quantity", sa.BigInteger(), nullable=False),
        sa.Column("filled_value", sa.Text(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("client_order_id", sa.Text()),
        sa.Column("fingerprint", sa.Text()),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_sandbox_orders"),
    )
    op.create_index(
        "ix_sandbox_orders_account_id_created_at", "sandbox_orders", ["account_id", "created_at"]
    )
    op.create_index("ix_sandbox_orders_updated_at", "sandbox_orders", ["updated_at"])
    op.create_index(
        "uq_sandbox_orders_account_id_client_order_id",
        "sandbox_orders",
        ["account_id", "client_order_id"],
        unique=True,
        sqlite_where=sa.text("client_order_id IS NOT NULL"),
        postgresql_where=sa.text("client_order_id IS NOT NULL"),
    )
    op.create_index(
        "ix_sandbox_orders_working",
        "sandbox_orders",
        ["account_id"],
        sqlite_where=sa.text("status IN ('open', 'trigger pending')"),
        postgresql_where=sa.text("status IN ('open', 'trigger pending')"),
    )
    op.create_table(
        "sandbox_trades",
        sa.Column("trade_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trade_id", name="pk_sandbox_trades"),
    )
    op.create_index("ix_sandbox_trades_account_id_at", "sandbox_trades", ["account_id", "at"])
    op.create_table(
        "sandbox_positions",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("margin", sa.BigInteger(), nullable=False),
        sa.Column("realised", sa.BigInteger(), nullable=False),
        sa.Column("realised_today", sa.BigInteger(), nullable=False),
        sa.Column("realised_on", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "account_id", "exchange", "symbol", "product", name="pk_sandbox_positions"
        ),
    )
    op.create_table(
        "sandbox_funds",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("starting_capital", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("realised", sa.BigInteger(), nullable=False),
        sa.Column("realised_today", sa.BigInteger(), nullable=False),
        sa.Column("realised_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("reset_count", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_sandbox_funds"),
    )
    op.create_table(
        "sandbox_ledger",
        sa.Column("id", row_id, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("realised", sa.BigInteger(), nullable=False),
        sa.Column("available_after", sa.BigInteger(), nullable=False),
        sa.Column("used_after", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sandbox_ledger"),
    )
    op.create_index("ix_sandbox_ledger_account_id_at", "sandbox_ledger", ["account_id", "at"])


def downgrade() -> None:
    op.drop_table("sandbox_ledger")
    op.drop_table("sandbox_funds")
    op.drop_table("sandbox_positions")
    op.drop_table("sandbox_trades")
    op.drop_table("sandbox_orders")
    op.drop_table("sandbox_engine")
