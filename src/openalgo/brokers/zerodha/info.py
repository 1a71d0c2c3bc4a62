"""What is fixed about Zerodha."""

from datetime import time

from openalgo.brokers.base import AuthKind, BrokerInfo, LoginField, OrderTag, StreamLimits
from openalgo.domain.market import Exchange

INFO = BrokerInfo(
    id="zerodha",
    name="Zerodha",
    exchanges=frozenset(
        {
            Exchange.NSE,
            Exchange.BSE,
            Exchange.NFO,
            Exchange.BFO,
            Exchange.CDS,
            Exchange.BCD,
            Exchange.MCX,
            Exchange.NCO,
            Exchange.NSE_INDEX,
            Exchange.BSE_INDEX,
            Exchange.MCX_INDEX,
            Exchange.GLOBAL_INDEX,
        }
    ),
    trading=True,
    auth=AuthKind.OAUTH,
    app_fields=(
        LoginField(name="api_key", label="API key", hint="From your app on developers.kite.trade"),
        LoginField(name="api_secret", label="API secret", secret=True),
    ),
    session_ends_at=time(6, 0),
    tag=OrderTag(length=20, returned=True),
    intervals=("1m", "3m", "5m", "10m", "15m", "30m", "1h", "D"),
    quotes_a_call=500,
    quote_scopes=("quote",),
    # A heartbeat comes about every second, so five without one are a dead connection.
    stream=StreamLimits(
        instruments_a_connection=3000,
        connections=3,
        instruments_a_message=500,
        silent_for=5.0,
    ),
    order_updates=True,
    notes=(
        "Register <your address>/zerodha/callback as the redirect URL of your Kite Connect app.",
        "Quotes, history and the feed need a paid Kite Connect subscription; free personal apps "
        "get orders only.",
        "Orders must come from the static IP address registered with the app.",
        "On MCX, CDS, BCD and NCO Kite counts quantities in lots and lists a lot size of 1, so "
        "there a quantity of 1 is one lot.",
    ),
)
