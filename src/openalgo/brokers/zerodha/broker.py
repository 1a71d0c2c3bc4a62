"""The parts of the adapter, together."""

from openalgo.brokers.adapter import Broker, Endpoints
from openalgo.brokers.zerodha import (
    auth,
    gtt,
    instruments,
    margin,
    market_data,
    orders,
    portfolio,
    stream,
)
from openalgo.brokers.zerodha.api import API
from openalgo.brokers.zerodha.info import INFO

BROKER = Broker(
    info=INFO,
    api=API,
    endpoints=Endpoints(
        api=API.base_url,
        login="https://kite.zerodha.com/connect/login",
        stream="wss://ws.kite.trade",
    ),
    auth=auth,
    orders=orders,
    portfolio=portfolio,
    market_data=market_data,
    instruments=instruments,
    stream=stream,
    gtt=gtt,
    margin=margin,
)
