"""The adapter of a broker that does not exist: the smallest that is complete.

It stands for brokers that log in by a form, take JSON, and have neither a feed nor GTTs nor a
margin calculator. `docs/brokers/adding.md` walks through it.
"""

from openalgo.brokers.adapter import Broker, Endpoints
from tests.brokers.example.adapter import auth, instruments, market_data, orders, portfolio
from tests.brokers.example.adapter.info import API, INFO

BROKER = Broker(
    info=INFO,
    api=API,
    endpoints=Endpoints(api=API.base_url),
    auth=auth,
    orders=orders,
    portfolio=portfolio,
    market_data=market_data,
    instruments=instruments,
)
