"""The tables of every store, for migrations."""

from sqlalchemy import MetaData

from openalgo.persistence.latency.tables import metadata as latency
from openalgo.persistence.logs.tables import metadata as logs
from openalgo.persistence.main.tables import metadata as main
from openalgo.persistence.sandbox.tables import metadata as sandbox

METADATA: dict[str, MetaData] = {
    "main": main,
    "sandbox": sandbox,
    "logs": logs,
    "latency": latency,
}
