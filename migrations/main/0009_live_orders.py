"""What was sent to brokers."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("client_order_id", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("intent_version", sa.BigInteger(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text()),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_live_orders"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_live_orders_account_id"),
        sa.UniqueConstraint(
            "account_id", "client_order_id", name="uq_live_orders_account_id_client_order_id"
        ),
        sa.UniqueConstraint("account_id", "tag", name="uq_live_orders_account_id_tag"),
    )
    op.create_index("ix_live_orders_account_id_order_id", "live_orders", ["account_id", "order_id"])
    op.create_index("ix_live_orders_account_id_sent_at", "live_orders", ["account_id", "sent_at"])
    op.create_index("ix_live_orders_state", "live_orders", ["state"])


def downgrade() -> None:
    op.drop_table("live_orders")
