"""Tables of the latency store."""

from sqlalchemy import BigInteger, Column, Double, Index, Table, Text

from openalgo.persistence.columns import RowId, UtcCol
from openalgo.persistence.naming import new_metadata

metadata = new_metadata()

order_latency = Table(
    "order_latency",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcCol, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("account_id", BigInteger, nullable=False),
    Column("order_id", Text),
    Column("broker", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("order_type", Text, nullable=False),
    Column("venue_ms", Double, nullable=False),
    Column("validation_ms", Double, nullable=False),
    Column("total_ms", Double, nullable=False),
    Column("status", Text, nullable=False),
    Column("error", Text),
    Index(None, "at"),
    Index(None, "request_id"),
)
