"""Sessions of the web app and attempts to log in. The order mode moves from keys to accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("accounts") as table:
        table.add_column(sa.Column("order_mode", sa.Text(), nullable=False, server_default="auto"))
        table.add_column(
            sa.Column("rehearse_approvals", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    # One key that had to ask makes its account ask: nothing may begin to run unapproved.
    op.execute(
        "UPDATE accounts SET order_mode = 'semi_auto' WHERE id IN "
        "(SELECT account_id FROM api_keys WHERE order_mode = 'semi_auto' AND revoked_at IS NULL)"
    )
    with op.batch_alter_table("accounts") as table:
        table.alter_column("order_mode", existing_type=sa.Text(), server_default=None)
        table.alter_column("rehearse_approvals", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("api_keys") as table:
        table.drop_column("order_mode")
        table.add_column(
            sa.Column("is_default", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(
            sa.Column("allowed_networks", sa.Text(), nullable=False, server_default="")
        )
        table.add_column(sa.Column("superseded_at", sa.BigInteger()))
    op.execute(
        "UPDATE api_keys SET is_default = true WHERE id IN "
        "(SELECT min(id) FROM api_keys WHERE revoked_at IS NULL GROUP BY user_id)"
    )
    with op.batch_alter_table("api_keys") as table:
        table.alter_column("is_default", existing_type=sa.Boolean(), server_default=None)
        table.alter_column("allowed_networks", existing_type=sa.Text(), server_default=None)
    op.create_table(
        "user_sessions",
        sa.Column("id", row_id, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("device_info", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_sessions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_sessions_user_id"),
    )
    op.create_index("ix_user_sessions_digest", "user_sessions", ["digest"], unique=True)
    op.create_table(
        "login_attempts",
        sa.Column("id", row_id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("device_info", sa.Text(), nullable=False),
        sa.Column("login_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("failure_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_login_attempts"),
    )
    op.create_index("ix_login_attempts_at", "login_attempts", ["at"])


def downgrade() -> None:
    op.drop_table("login_attempts")
    op.drop_table("user_sessions")
    with op.batch_alter_table("api_keys") as table:
        table.drop_column("superseded_at")
        table.drop_column("allowed_networks")
        table.drop_column("is_default")
        table.add_column(sa.Column("order_mode", sa.Text(), nullable=False, server_default="auto"))
    op.execute(
        "UPDATE api_keys SET order_mode = 'semi_auto' WHERE account_id IN "
        "(SELECT id FROM accounts WHERE order_mode = 'semi_auto')"
    )
    with op.batch_alter_table("api_keys") as table:
        table.alter_column("order_mode", existing_type=sa.Text(), server_default=None)
    with op.batch_alter_table("accounts") as table:
        table.drop_column("rehearse_approvals")
        table.drop_column("order_mode")
