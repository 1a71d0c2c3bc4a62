"""Zerodha's words and ours."""

from collections.abc import Mapping
from dataclasses import dataclass

from openalgo.domain.gtt import GttStatus, TriggerType
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange, Mode
from openalgo.domain.orders import OrderStatus

EXCHANGES: Mapping[str, Exchange] = {
    "NSE": Exchange.NSE,
    "BSE": Exchange.BSE,
    "NFO": Exchange.NFO,
    "BFO": Exchange.BFO,
    "CDS": Exchange.CDS,
    "BCD": Exchange.BCD,
    "MCX": Exchange.MCX,
    "NCO": Exchange.NCO,
    "GLOBAL": Exchange.GLOBAL_INDEX,
    "NSEIX": Exchange.GLOBAL_INDEX,
}

INDEX_SEGMENT = "INDICES"
INDEX_EXCHANGES: Mapping[str, Exchange] = {
    "NSE": Exchange.NSE_INDEX,
    "BSE": Exchange.BSE_INDEX,
    "MCX": Exchange.MCX_INDEX,
    "GLOBAL": Exchange.GLOBAL_INDEX,
    "NSEIX": Exchange.GLOBAL_INDEX,
}
"""Indices of other exchanges (there is one of CDS) have no exchange code of ours."""

TYPES: Mapping[str, InstrumentType] = {
    "EQ": InstrumentType.EQUITY,
    "FUT": InstrumentType.FUTURE,
    "CE": InstrumentType.CALL,
    "PE": InstrumentType.PUT,
}

INDEX_NAMES: Mapping[Exchange, Mapping[str, str]] = {
    Exchange.NSE_INDEX: {
        "NIFTY 50": "NIFTY",
        "NIFTY BANK": "BANKNIFTY",
        "NIFTY FIN SERVICE": "FINNIFTY",
        "NIFTY NEXT 50": "NIFTYNXT50",
        "NIFTY MID SELECT": "MIDCPNIFTY",
        "HANGSENG BEES-NAV": "HANGSENGBEESNAV",
    },
    Exchange.BSE_INDEX: {
        "SNSX50": "SENSEX50",
        "SNXT50": "BSESENSEXNEXT50",
        "MID150": "BSE150MIDCAPINDEX",
        "LMI250": "BSE250LARGEMIDCAPINDEX",
        "MSL400": "BSE400MIDSMALLCAPINDEX",
        "AUTO": "BSEAUTO",
        "BSE CG": "BSECAPITALGOODS",
        "CARBON": "BSECARBONEX",
        "BSE CD": "BSECONSUMERDURABLES",
        "CPSE": "BSECPSE",
        "DOL30": "BSEDOLLEX30",
        "DOL100": "BSEDOLLEX100",
        "DOL200": "BSEDOLLEX200",
        "ENERGY": "BSEENERGY",
        "BSEFMC": "BSEFASTMOVINGCONSUMERGOODS",
        "FINSER": "BSEFINANCIALSERVICES",
        "GREENX": "BSEGREENEX",
        "BSE HC": "BSEHEALTHCARE",
        "INFRA": "BSEINDIAINFRASTRUCTUREINDEX",
        "INDSTR": "BSEINDUSTRIALS",
        "BSE IT": "BSEINFORMATIONTECHNOLOGY",
        "LRGCAP": "BSELARGECAP",
        "METAL": "BSEMETAL",
        "MIDCAP": "BSEMIDCAP",
        "MIDSEL": "BSEMIDCAPSELECTINDEX",
        "OILGAS": "BSEOIL&GAS",
        "POWER": "BSEPOWER",
        "REALTY": "BSEREALTY",
        "SMLCAP": "BSESMALLCAP",
        "SMLSEL": "BSESMALLCAPSELECTINDEX",
        "SMEIPO": "BSESMEIPO",
        "TECK": "BSETECK",
        "TELCOM": "BSETELECOM",
    },
}
"""Those that are not just the broker's name without its spaces."""

COUNTED_IN_LOTS = frozenset({"MCX", "CDS", "BCD", "NCO"})
"""Where Kite's quantities are lots. Of BCD nothing is documented; it is listed as CDS is."""

ORDER_STATUSES: Mapping[str, OrderStatus] = {
    "COMPLETE": OrderStatus.COMPLETE,
    "REJECTED": OrderStatus.REJECTED,
    "CANCELLED": OrderStatus.CANCELLED,
    "CANCELLED AMO": OrderStatus.CANCELLED,
    "TRIGGER PENDING": OrderStatus.TRIGGER_PENDING,
}
"""Any other is a step on the way (`VALIDATION PENDING`, `AMO REQ RECEIVED`): the order is open."""

TRIGGER_TYPES: Mapping[TriggerType, str] = {
    TriggerType.SINGLE: "single",
    TriggerType.OCO: "two-leg",
}
TRIGGER_WORDS: Mapping[str, TriggerType] = {word: type for type, word in TRIGGER_TYPES.items()}

GTT_STATUSES: Mapping[str, GttStatus] = {
    "active": GttStatus.ACTIVE,
    "triggered": GttStatus.TRIGGERED,
    "expired": GttStatus.EXPIRED,
    "cancelled": GttStatus.CANCELLED,
    "deleted": GttStatus.CANCELLED,
    "disabled": GttStatus.CANCELLED,
    "rejected": GttStatus.REJECTED,
}
"""Kite disables a trigger when its contract goes or a corporate action changes the share. One of
another status is taken to be there still, so that its owner sees it."""


@dataclass(frozen=True, slots=True)
class Interval:
    """What Kite calls an interval, and how many days of it one request may span."""

    word: str
    days: int


INTERVALS: Mapping[str, Interval] = {
    "1m": Interval("minute", 60),
    "3m": Interval("3minute", 100),
    "5m": Interval("5minute", 100),
    "10m": Interval("10minute", 100),
    "15m": Interval("15minute", 200),
    "30m": Interval("30minute", 200),
    "1h": Interval("60minute", 400),
    "D": Interval("day", 2000),
}

FEED_MODES: Mapping[Mode, str] = {Mode.LTP: "ltp", Mode.QUOTE: "quote", Mode.DEPTH: "full"}

PRICE_DIVISORS: Mapping[int, float] = {3: 10_000_000.0, 6: 10_000.0, 12: 10_000.0}
"""What prices of the feed are divided by, where that is not 100: by the segment, the last byte of
an instrument token. CDS is 3, BCD 6, NCO 12."""

LOT_SEGMENTS = frozenset({3, 6, 7, 12})
"""Those of `COUNTED_IN_LOTS`; MCX is 7."""
