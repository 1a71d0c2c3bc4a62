"""What an account may risk."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "risk_limits",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("enforce_tick", sa.Boolean()),
        sa.Column("enforce_freeze", sa.Boolean()),
        sa.Column("price_band_percent", sa.Text()),
        sa.Column("max_quantity", sa.BigInteger()),
        sa.Column("max_notional", sa.BigInteger()),
        sa.Column("orders_per_second", sa.Integer()),
        sa.Column("kept_for_exits", sa.Integer()),
        sa.Column("count_changes", sa.Boolean(), nullable=False),
        sa.Column("max_orders_per_day", sa.Integer()),
        sa.Column("max_loss_per_day", sa.BigInteger()),
        sa.Column("killed_at", sa.BigInteger()),
        sa.Column("killed_by", sa.Text()),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_risk_limits"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_risk_limits_account_id"),
    )


def downgrade() -> None:
    op.drop_table("risk_limits")
