"""How long the orders of a request took, found by its id."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_order_latency_request_id", "order_latency", ["request_id"])


def downgrade() -> None:
    op.drop_index("ix_order_latency_request_id", "order_latency")
