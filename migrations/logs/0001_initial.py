"""Requests and their answers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column declared INTEGER.
row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table in ("analyzer_logs", "order_logs"):
        op.create_table(
            table,
            sa.Column("id", row_id, nullable=False),
            sa.Column("account_id", sa.BigInteger(), nullable=False),
            sa.Column("api_type", sa.Text(), nullable=False),
            sa.Column("request_id", sa.Text(), nullable=False),
            sa.Column("request_data", sa.Text(), nullable=False),
            sa.Column("response_data", sa.Text(), nullable=False),
            sa.Column("created_at", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        )
        op.create_index(f"ix_{table}_account_id_created_at", table, ["account_id", "created_at"])
        op.create_index(f"ix_{table}_created_at", table, ["created_at"])
    op.create_table(
        "traffic_logs",
        sa.Column("id", row_id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("client_ip", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Double(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_traffic_logs"),
    )
    op.create_index("ix_traffic_logs_at", "traffic_logs", ["at"])


def downgrade() -> None:
    op.drop_table("traffic_logs")
    op.drop_table("order_logs")
    op.drop_table("analyzer_logs")
