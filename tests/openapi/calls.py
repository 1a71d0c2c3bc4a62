"""A request for every operation that a server on the simulated market carries out."""

from collections.abc import Mapping
from typing import Any

from tests.support.server import Server

SYMBOL: dict[str, object] = {"symbol": "SBIN", "exchange": "NSE"}
ORDER: dict[str, object] = {
    **SYMBOL,
    "strategy": "sdk",
    "action": "BUY",
    "quantity": 1,
    "pricetype": "MARKET",
    "product": "MIS",
}
RESTING = {**ORDER, "pricetype": "LIMIT", "price": 1}
OPTION: dict[str, object] = {
    "strategy": "sdk",
    "underlying": "NIFTY",
    "exchange": "NSE_INDEX",
    "offset": "ATM",
    "option_type": "CE",
    "action": "BUY",
}
REPLAY_ONLY = frozenset({"replay", "replay_status", "replay_advance"})
"""404 where no recorded day is played."""
PATH_PARAMETERS = {"ticker": {"symbol": "NSE:SBIN"}}
NEEDS_APPROVAL = frozenset({"pendingorder", "pendingorder_withdraw"})
"""404 where no order waits for its owner."""


class Calls:
    """The requests of one account; `prepare` makes what they refer to."""

    def __init__(self, server: Server, key: str) -> None:
        self._server = server
        self._key = key
        self._expiry = ""
        self._lots = 0
        self._option: dict[str, object] = {}
        self.prepare()

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        return self._server.ok(path, **{**body, "apikey": self._key})

    def prepare(self) -> None:
        """An expiry, the lot of its options, and a limit price near the market."""
        listed = self.post(
            "expiry", {"symbol": "NIFTY", "exchange": "NFO", "instrumenttype": "options"}
        )
        self._expiry = str(listed["data"][0]).replace("-", "")
        found = self.post("search", {"query": f"NIFTY{self._expiry}CE", "exchange": "NFO"})
        self._lots = int(found["data"][0]["lotsize"])
        self._option = {"symbol": found["data"][0]["symbol"], "exchange": "NFO"}
        quote = self.post("quotes", SYMBOL)["data"]
        self._price = float(round(quote["ltp"]))

    def resting(self) -> str:
        """The id of an order that waits for a better price."""
        price = round(self._price * 0.9)
        return str(self.post("placeorder", {**RESTING, "price": price})["orderid"])

    def trigger(self) -> str:
        """The id of a GTT that waits."""
        return str(self.post("placegttorder", self._gtt())["trigger_id"])

    def body(self, operation: str) -> dict[str, object] | None:
        """What to send to `operation`; `None` where the key is all it needs."""
        price = round(self._price * 0.9)
        option = {**OPTION, "expiry_date": self._expiry, "quantity": self._lots}
        match operation:
            case "placeorder":
                return ORDER
            case "placesmartorder":
                return {**ORDER, "position_size": 5}
            case "modifyorder":
                return {**RESTING, "orderid": self.resting(), "price": price - 1}
            case "cancelorder":
                return {"strategy": "sdk", "orderid": self.resting()}
            case "orderstatus" | "explain":
                return {"strategy": "sdk", "orderid": self.resting()}
            case "cancelallorder" | "closeposition":
                return {"strategy": "sdk"}
            case "basketorder":
                return {"strategy": "sdk", "orders": [ORDER]}
            case "splitorder":
                return {**ORDER, "quantity": 5, "splitsize": 2}
            case "placegttorder":
                return self._gtt()
            case "modifygttorder":
                return {**self._gtt(), "trigger_id": self.trigger()}
            case "cancelgttorder":
                return {"strategy": "sdk", "trigger_id": self.trigger()}
            case "optionsorder":
                return option
            case "optionsmultiorder":
                leg = {key: option[key] for key in ("offset", "option_type", "action", "quantity")}
                shared = ("strategy", "underlying", "exchange", "expiry_date")
                return {**{key: option[key] for key in shared}, "legs": [leg]}
            case "optionsymbol":
                named = ("underlying", "exchange", "expiry_date", "offset", "option_type")
                return {key: option[key] for key in named}
            case "optionchain":
                return {**self._chain(), "strike_count": 2, "with_greeks": True}
            case "syntheticfuture":
                return self._chain()
            case "optiongreeks":
                return self._option
            case "multioptiongreeks":
                return {"symbols": [self._option]}
            case "margin":
                asked = ("symbol", "exchange", "action", "quantity", "pricetype", "product")
                return {"positions": [{key: ORDER[key] for key in asked}]}
            case "openposition":
                return {**SYMBOL, "strategy": "sdk", "product": "MIS"}
            case "quotes" | "depth" | "symbol":
                return SYMBOL
            case "multiquotes":
                return {"symbols": [SYMBOL]}
            case "history":
                day = {"start_date": "2026-01-05", "end_date": "2026-01-09"}
                return {**SYMBOL, "interval": "D", **day}
            case "search":
                return {"query": "SBIN", "exchange": "NSE"}
            case "expiry":
                return {"symbol": "NIFTY", "exchange": "NFO", "instrumenttype": "options"}
            case "market_holidays":
                return {"year": 2026}
            case "market_timings" | "checkholiday" | "market_checkholiday":
                return {"date": "2026-01-26"}
            case "chart_update":
                return {"theme": "dark"}
            case "analyzer_toggle":
                return {"mode": True}
        return None

    def query(self, operation: str) -> dict[str, str]:
        """The query of operations that are asked by GET."""
        match operation:
            case "ticker":
                return {"interval": "D", "from": "2026-01-05", "to": "2026-01-09"}
            case "instruments":
                return {"exchange": "BSE_INDEX"}
        return {}

    def _chain(self) -> dict[str, object]:
        return {"underlying": "NIFTY", "exchange": "NSE_INDEX", "expiry_date": self._expiry}

    def _gtt(self) -> dict[str, object]:
        price = round(self._price * 0.9)
        return {
            **SYMBOL,
            "strategy": "sdk",
            "trigger_type": "SINGLE",
            "action": "BUY",
            "product": "CNC",
            "quantity": 1,
            "pricetype": "LIMIT",
            "price": price,
            "trigger_price_sl": 0,
            "trigger_price": price,
            "triggerprice_sl": price,
        }
