"""What a request left behind, found by its id."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("analyzer_logs", "order_logs"):
        op.create_index(f"ix_{table}_request_id", table, ["request_id"])


def downgrade() -> None:
    for table in ("order_logs", "analyzer_logs"):
        op.drop_index(f"ix_{table}_request_id", table)
