"""The operations of the public API, by who may ask for them and how their path is matched.

`recorded` routers note each call in the traffic log; `direct` ones, and all of `FIXED`, have paths
without parameters, which are looked up instead of matched.
"""

from openalgo.api.v1 import (
    account,
    baskets,
    calendar,
    chart,
    explain,
    greeks,
    gtt,
    history,
    margin,
    market,
    option_data,
    options,
    orders,
    pending,
    portfolio,
    replay,
    risk,
    symbols,
)

TRADING = (
    orders.recorded,
    orders.recorded_live,
    baskets.recorded,
    gtt.recorded,
    options.recorded,
)
FIXED = (
    explain.router,
    gtt.router,
    portfolio.router,
    portfolio.recorded,
    market.router,
    option_data.router,
    greeks.router,
    margin.router,
    history.router,
    symbols.direct,
    calendar.router,
    chart.direct,
    replay.direct,
)
MATCHED = (
    history.ticker_router,
    symbols.router,
    chart.router,
    replay.router,
)
# The web app has fuller ones of its own.
FOR_KEYS_ONLY = (
    pending.router,
    account.router,
    account.recorded,
    risk.router,
)
