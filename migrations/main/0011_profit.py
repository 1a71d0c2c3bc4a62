"""What accounts made: day by day, and minute by minute of the newest day."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _owner(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("account_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=f"fk_{table}_account_id"),
        sa.Column("mode", sa.Text(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "profit_days",
        *_owner("profit_days"),
        sa.Column("day", sa.Date(), nullable=False),
        *map(_number, ("realised", "unrealised", "highest", "highest_at", "lowest", "lowest_at")),
        *map(_number, ("max_drawdown", "as_of")),
        sa.PrimaryKeyConstraint("account_id", "mode", "day", name="pk_profit_days"),
    )
    op.create_table(
        "profit_minutes",
        *_owner("profit_minutes"),
        sa.Column("minute", sa.BigInteger(), nullable=False, autoincrement=False),
        *map(_number, ("at", "realised", "unrealised")),
        sa.PrimaryKeyConstraint("account_id", "mode", "minute", name="pk_profit_minutes"),
    )


def downgrade() -> None:
    op.drop_table("profit_minutes")
    op.drop_table("profit_days")
