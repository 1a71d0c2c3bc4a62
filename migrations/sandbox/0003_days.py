"""Days: how far they are done, holdings, daily results, and what resets put away.

Columns hold what those of revision 0001 do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _owner() -> sa.Column[int]:
    return sa.Column("account_id", sa.BigInteger(), nullable=False, autoincrement=False)


def _run() -> sa.Column[int]:
    return sa.Column("run", sa.Integer(), nullable=False, autoincrement=False)


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.add_column("sandbox_engine", sa.Column("day_at", sa.BigInteger()))
    op.add_column(
        "sandbox_engine",
        sa.Column("day_kind", sa.Integer(), nullable=False, server_default="0"),
    )
    for table in ("sandbox_orders", "sandbox_trades"):
        op.add_column(table, sa.Column("run", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "sandbox_holdings",
        _owner(),
        _word("exchange"),
        _word("symbol"),
        _number("quantity"),
        _number("cost"),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "exchange", "symbol", name="pk_sandbox_holdings"),
    )
    op.create_table(
        "sandbox_daily_pnl",
        _owner(),
        _run(),
        sa.Column("date", sa.Date(), nullable=False),
        _number("realised"),
        _number("positions_unrealised"),
        _number("holdings_unrealised"),
        _number("total_mtm"),
        _number("available"),
        _number("used"),
        _number("portfolio_value"),
        sa.PrimaryKeyConstraint("account_id", "run", "date", name="pk_sandbox_daily_pnl"),
    )
    op.create_table(
        "sandbox_past_runs",
        _owner(),
        _run(),
        _number("began_at"),
        _number("ended_at"),
        _number("starting_capital"),
        _number("available"),
        _number("used"),
        _number("realised"),
        sa.PrimaryKeyConstraint("account_id", "run", name="pk_sandbox_past_runs"),
    )
    op.create_table(
        "sandbox_past_positions",
        _owner(),
        _run(),
        _word("exchange"),
        _word("symbol"),
        _word("product"),
        sa.Column("settled", sa.Boolean(), nullable=False),
        _number("quantity"),
        _number("cost"),
        _number("margin"),
        _number("realised"),
        sa.PrimaryKeyConstraint(
            "account_id",
            "run",
            "exchange",
            "symbol",
            "product",
            "settled",
            name="pk_sandbox_past_positions",
        ),
    )


def downgrade() -> None:
    for table in ("past_positions", "past_runs", "daily_pnl", "holdings"):
        op.drop_table(f"sandbox_{table}")
    for table in ("sandbox_trades", "sandbox_orders"):
        with op.batch_alter_table(table) as altered:
            altered.drop_column("run")
    with op.batch_alter_table("sandbox_engine") as engine:
        engine.drop_column("day_kind")
        engine.drop_column("day_at")
