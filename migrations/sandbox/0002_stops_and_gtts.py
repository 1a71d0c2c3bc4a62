"""Stops that have triggered, places in the queue, GTTs, and what happened to each order.

Columns hold what those of revision 0001 do. An order's place is a number that only has to rise;
those that wait already get the one of their id, which is the order they were made in.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sandbox_engine",
        sa.Column("gtt_number", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column("sandbox_orders", sa.Column("triggered_at", sa.BigInteger()))
    op.add_column(
        "sandbox_orders",
        sa.Column("arrival", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column("sandbox_orders", sa.Column("gtt_id", sa.Text()))
    op.execute(
        "UPDATE sandbox_orders SET arrival = CAST(order_id AS BIGINT) "
        "WHERE status IN ('open', 'trigger pending')"
    )
    op.create_index(
        "uq_sandbox_orders_gtt_id",
        "sandbox_orders",
        ["gtt_id"],
        unique=True,
        sqlite_where=sa.text("gtt_id IS NOT NULL"),
        postgresql_where=sa.text("gtt_id IS NOT NULL"),
    )
    op.create_table(
        "sandbox_order_log",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("trigger_price", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("filled_quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "seq", name="pk_sandbox_order_log"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sandbox_gtts",
        sa.Column("trigger_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("trigger_type", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price_type", sa.Text(), nullable=False),
        sa.Column("below_trigger", sa.BigInteger()),
        sa.Column("below_price", sa.BigInteger()),
        sa.Column("above_trigger", sa.BigInteger()),
        sa.Column("above_price", sa.BigInteger()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("last_price", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.Column("fired", sa.Text()),
        sa.Column("order_id", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("client_order_id", sa.Text()),
        sa.Column("fingerprint", sa.Text()),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trigger_id", name="pk_sandbox_gtts"),
    )
    op.create_index(
        "ix_sandbox_gtts_account_id_created_at", "sandbox_gtts", ["account_id", "created_at"]
    )
    op.create_index(
        "uq_sandbox_gtts_account_id_client_order_id",
        "sandbox_gtts",
        ["account_id", "client_order_id"],
        unique=True,
        sqlite_where=sa.text("client_order_id IS NOT NULL"),
        postgresql_where=sa.text("client_order_id IS NOT NULL"),
    )
    op.create_index(
        "ix_sandbox_gtts_active",
        "sandbox_gtts",
        ["account_id"],
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )


def downgrade() -> None:
    op.drop_table("sandbox_gtts")
    op.drop_table("sandbox_order_log")
    op.drop_index("uq_sandbox_orders_gtt_id", "sandbox_orders")
    with op.batch_alter_table("sandbox_orders") as orders:
        orders.drop_column("gtt_id")
        orders.drop_column("arrival")
        orders.drop_column("triggered_at")
    with op.batch_alter_table("sandbox_engine") as engine:
        engine.drop_column("gtt_number")
