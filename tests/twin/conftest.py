from datetime import datetime, timedelta

import pytest

from openalgo.domain.clock import IST, ManualClock
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.twin.account import Account
from openalgo.twin.contracts import Contract
from openalgo.twin.exchange import Exchange
from openalgo.twin.funds import Funds
from openalgo.twin.market import Market
from openalgo.twin.orders import Terms

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=IST)

SHARE = Contract(
    token=3045 << 8 | 1,
    exchange_token=3045,
    exchange="NSE",
    segment="NSE",
    symbol="SBIN",
    name="STATE BANK",
    type=InstrumentType.EQUITY,
    base="SBIN",
    tick=px("0.05"),
)
METAL = Contract(
    token=77 << 8 | 7,
    exchange_token=77,
    exchange="MCX",
    segment="MCX-FUT",
    symbol="GOLD26DECFUT",
    name="GOLD",
    type=InstrumentType.FUTURE,
    base="GOLD",
    tick=px("1"),
    multiplier=100,
    expiry=(NOW + timedelta(days=15)).date(),
)


def terms(
    action: Action = Action.BUY,
    kind: PriceType = PriceType.MARKET,
    quantity: int = 10,
    *,
    contract: Contract = SHARE,
    product: Product = Product.MIS,
    price: str = "0",
    trigger: str = "0",
) -> Terms:
    return Terms(
        contract=contract,
        action=action,
        price_type=kind,
        product=product,
        quantity=quantity,
        price=px(price),
        trigger=px(trigger),
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def market(clock: ManualClock) -> Market:
    return Market(clock, {"SBIN": 800.0, "GOLD": 120_000.0})


@pytest.fixture
def account(market: Market) -> Account:
    return Account(market, Funds.of(1_000_000, 10_000_000))


@pytest.fixture
def exchange(market: Market, account: Account) -> Exchange:
    return Exchange(market, account)
