"""Zerodha's words and ours."""

from collections.abc import Mapping

from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange

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
