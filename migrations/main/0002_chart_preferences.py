"""What charts remember of each user."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chart_preferences",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_chart_preferences"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_chart_preferences_user_id"),
    )


def downgrade() -> None:
    op.drop_table("chart_preferences")
