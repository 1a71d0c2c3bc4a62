"""The words of the Example broker and ours."""

from collections.abc import Mapping

from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.orders import Action, OrderStatus, PriceType, Product

SIDES: Mapping[Action, str] = {Action.BUY: "B", Action.SELL: "S"}
KINDS: Mapping[PriceType, str] = {
    PriceType.MARKET: "M",
    PriceType.LIMIT: "L",
    PriceType.SL: "SL",
    PriceType.SL_M: "SM",
}
PRODUCTS: Mapping[Product, str] = {Product.CNC: "D", Product.NRML: "C", Product.MIS: "I"}

ACTIONS = {word: ours for ours, word in SIDES.items()}
PRICE_TYPES = {word: ours for ours, word in KINDS.items()}
OUR_PRODUCTS = {word: ours for ours, word in PRODUCTS.items()}

STATUSES: Mapping[str, OrderStatus] = {
    "NEW": OrderStatus.OPEN,
    "WORKING": OrderStatus.OPEN,
    "PARKED": OrderStatus.TRIGGER_PENDING,
    "DONE": OrderStatus.COMPLETE,
    "GONE": OrderStatus.CANCELLED,
    "REFUSED": OrderStatus.REJECTED,
}

MARKETS: Mapping[str, Exchange] = {
    "NSE": Exchange.NSE,
    "FNO": Exchange.NFO,
    "IDX": Exchange.NSE_INDEX,
}
TYPES: Mapping[str, InstrumentType] = {
    "EQ": InstrumentType.EQUITY,
    "IX": InstrumentType.INDEX,
    "FUT": InstrumentType.FUTURE,
    "CE": InstrumentType.CALL,
    "PE": InstrumentType.PUT,
}

STEPS: Mapping[str, str] = {"1m": "1", "5m": "5", "D": "day"}
