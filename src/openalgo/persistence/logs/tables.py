"""Tables of the logs store."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, Table, Text

from openalgo.persistence.columns import RowId, UtcCol
from openalgo.persistence.naming import new_metadata

metadata = new_metadata()


def _api_log(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("id", RowId, primary_key=True),
        Column("account_id", BigInteger, nullable=False),
        Column("api_type", Text, nullable=False),
        Column("request_id", Text, nullable=False),
        Column("request_data", Text, nullable=False),
        Column("response_data", Text, nullable=False),
        Column("created_at", UtcCol, nullable=False),
        Index(None, "account_id", "created_at"),
        Index(None, "created_at"),
        Index(None, "request_id"),
    )


analyzer_logs = _api_log("analyzer_logs")
order_logs = _api_log("order_logs")

traffic_logs = Table(
    "traffic_logs",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcCol, nullable=False),
    Column("client_ip", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("status_code", Integer, nullable=False),
    Column("duration_ms", Double, nullable=False),
    Column("host", Text, nullable=False),
    Column("error", Text),
    Column("user_id", BigInteger),
    Column("request_id", Text, nullable=False),
    Index(None, "at"),
)
