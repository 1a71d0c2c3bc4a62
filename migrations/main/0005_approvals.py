"""Orders that wait for their owner's approval."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pending_orders",
        sa.Column("id", row_id, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("intent_version", sa.BigInteger(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("client_order_id", sa.Text()),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("prices", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("broker", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("resolution", sa.Text()),
        sa.Column("executed_at", sa.BigInteger()),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_text", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_pending_orders"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_pending_orders_account_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_pending_orders_user_id"),
        sa.UniqueConstraint(
            "account_id", "client_order_id", name="uq_pending_orders_account_id_client_order_id"
        ),
    )
    op.create_index("ix_pending_orders_account_id_state", "pending_orders", ["account_id", "state"])
    op.create_index("ix_pending_orders_state_expires_at", "pending_orders", ["state", "expires_at"])
    op.create_table(
        "approval_legs",
        sa.Column("pending_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pending_id", "number", name="pk_approval_legs"),
        sa.ForeignKeyConstraint(
            ["pending_id"], ["pending_orders.id"], name="fk_approval_legs_pending_id"
        ),
    )
    op.create_index("ix_approval_legs_status", "approval_legs", ["status"])
    op.create_table(
        "approval_audit",
        sa.Column("id", row_id, nullable=False),
        sa.Column("pending_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approval_audit"),
        sa.ForeignKeyConstraint(
            ["pending_id"], ["pending_orders.id"], name="fk_approval_audit_pending_id"
        ),
    )
    op.create_index("ix_approval_audit_pending_id", "approval_audit", ["pending_id"])


def downgrade() -> None:
    op.drop_table("approval_audit")
    op.drop_table("approval_legs")
    op.drop_table("pending_orders")
