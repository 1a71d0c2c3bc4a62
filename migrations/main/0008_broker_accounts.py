"""Accounts at live brokers: what they log in with, how calls leave, and sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("accounts") as table:
        table.add_column(sa.Column("archived_at", sa.BigInteger()))
    for name in ("broker_apps", "broker_routes"):
        op.create_table(
            name,
            sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("ciphertext", sa.Text(), nullable=False),
            sa.Column("updated_at", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("account_id", name=f"pk_{name}"),
            sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=f"fk_{name}_account_id"),
        )
    op.create_table(
        "broker_sessions",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.Text()),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("end_state", sa.Text()),
        sa.Column("end_reason", sa.Text()),
        sa.PrimaryKeyConstraint("account_id", name="pk_broker_sessions"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_broker_sessions_account_id"
        ),
    )


def downgrade() -> None:
    for name in ("broker_sessions", "broker_routes", "broker_apps"):
        op.drop_table(name)
    with op.batch_alter_table("accounts") as table:
        table.drop_column("archived_at")
