"""Every instrument of the simulated market: what its price, its volume and its book follow."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np

from openalgo.brokers.simulator.activity import Activity
from openalgo.brokers.simulator.chance import Floats, Ints
from openalgo.brokers.simulator.contracts import (
    LIFE_DAYS,
    ChainTerms,
    Contracts,
    FutureTerms,
)
from openalgo.brokers.simulator.derived import (
    Forward,
    Option,
    Part,
    Pricing,
    Same,
    Twin,
    VolatilityAt,
)
from openalgo.brokers.simulator.expiries import cut_off_ms
from openalgo.brokers.simulator.hours import GROUP_OF, Group
from openalgo.brokers.simulator.market import Market
from openalgo.brokers.simulator.tables import ChainRow
from openalgo.brokers.simulator.underlyings import VIX, Underlying, underlyings
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import Px, px, px_float
from openalgo.instruments import symbols
from openalgo.instruments.symbols import ParsedSymbol

_BSE_SHARE = 0.08
"""What the twin on BSE trades of the volume on NSE."""
_MONTH_DAYS = 31.0
_FIRM_DAYS = 5
_LEFT_AT_EXPIRY = 0.4

_TIGHTEST = 0.000_03
_WIDEST = 0.002
_DEEP_TURNOVER = 5e9
_DEEP_SPREAD = 0.000_05
_OPTION_SPREAD = 0.000_6
_THIN_OPTION_SPREAD = 0.004


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Product:
    """`spread` is the usual distance of best bid and ask as a part of the price. `activity` is
    `None` for an index, which is not traded. `since` and `expiry` are the first and the last day
    of a contract."""

    key: InstrumentKey
    underlying: Underlying
    pricing: Pricing
    tick: Px
    lot: int = 1
    spread: float = 0.0
    activity: Activity | None = None
    since: date | None = None
    expiry: date | None = None
    follows_vix: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The underlyings its price is made of."""
        return (self.underlying.symbol, VIX) if self.follows_vix else (self.underlying.symbol,)

    @property
    def group(self) -> Group:
        return GROUP_OF[self.key.exchange]


class Products:
    """Instruments by key, listed today or not: a contract that left the chain is still priced."""

    def __init__(self, market: Market, contracts: Contracts) -> None:
        self._market = market
        self._contracts = contracts
        self._underlyings = underlyings()
        self.find = lru_cache(maxsize=2_048)(self._find)

    def _find(self, key: InstrumentKey) -> Product | None:
        """The instrument called `key`; `None` if there is none."""
        underlying = self._underlyings.get(key.symbol)
        if underlying is not None and (underlying.is_index or underlying.is_share):
            if key.exchange is underlying.exchange:
                return self._cash(key, underlying)
            if underlying.is_share and key.exchange is Exchange.BSE:
                return self._cash(key, underlying)
            return None
        contract = symbols.parse(key.symbol)
        if contract is None:
            return None
        if contract.type is InstrumentType.FUTURE:
            return self._future(key, contract)
        return self._option(key, contract)

    def _cash(self, key: InstrumentKey, underlying: Underlying) -> Product:
        if underlying.is_index:
            return Product(key=key, underlying=underlying, pricing=Same(), tick=underlying.tick)
        share = 1.0 if key.exchange is Exchange.NSE else _BSE_SHARE
        volume = underlying.volume * share
        return Product(
            key=key,
            underlying=self._underlyings[underlying.follows] if underlying.follows else underlying,
            pricing=self._cash_pricing(key, underlying),
            tick=underlying.tick,
            spread=_spread(volume * float(underlying.price)),
            activity=Activity(self._market.seed, str(key), 1, lambda _day: volume, None),
        )

    def _cash_pricing(self, key: InstrumentKey, underlying: Underlying) -> Pricing:
        if underlying.follows is not None:
            index = self._underlyings[underlying.follows]
            ratio = float(underlying.price / index.price)
            return Part(ratio, px_float(underlying.tick))
        if key.exchange is underlying.exchange:
            return Same()
        return Twin(self._market.seed, underlying.symbol)

    def _future(self, key: InstrumentKey, contract: ParsedSymbol) -> Product | None:
        terms = self._contracts.futures.get(contract.base)
        if terms is None or key.exchange is not terms.exchange:
            return None
        if not terms.expiries.is_monthly(contract.expiry):
            return None
        row, months = terms.row, len(terms.expiries.rule.months)
        turnover = row.lots * row.lot * float(terms.underlying.price)
        expiry = contract.expiry
        return Product(
            key=key,
            underlying=terms.underlying,
            pricing=self._forward(terms, expiry),
            tick=px(row.tick),
            lot=row.lot,
            spread=_spread(turnover),
            activity=Activity(
                self._market.seed,
                str(key),
                row.lot,
                lambda day: row.lots * _fading(expiry, day, months, 2.0),
                lambda day: (
                    row.open_interest * _fading(expiry, day, months, 1.5) * _firmness(expiry, day)
                ),
            ),
            since=expiry - timedelta(days=LIFE_DAYS * 12 // months),
            expiry=expiry,
        )

    def _forward(self, terms: FutureTerms, expiry: date, tick: Decimal | None = None) -> Forward:
        return Forward(
            cut_off_ms(terms.exchange, expiry),
            terms.row.carry,
            float(terms.row.tick if tick is None else tick),
        )

    def _option(self, key: InstrumentKey, contract: ParsedSymbol) -> Product | None:
        terms = self._contracts.chains.get(contract.base)
        if terms is None or key.exchange is not terms.exchange or contract.strike is None:
            return None
        row, expiry = terms.row, contract.expiry
        monthly = terms.expiries.is_monthly(expiry)
        if not monthly and not (row.weeklies and terms.expiries.is_weekly(expiry)):
            return None
        if contract.strike <= 0 or contract.strike % row.step:
            return None
        strike = float(contract.strike)
        days = LIFE_DAYS if monthly else 7 * row.weeklies
        return Product(
            key=key,
            underlying=terms.underlying,
            pricing=Option(
                forward=self._forward_of_option(terms, expiry),
                expires_ms=cut_off_ms(terms.exchange, expiry),
                strike=strike,
                is_call=contract.type is InstrumentType.CALL,
                tick=float(row.tick),
                volatility_at=self._volatility(row),
            ),
            tick=px(row.tick),
            lot=row.lot,
            spread=_OPTION_SPREAD if row.of_vix else _THIN_OPTION_SPREAD,
            activity=self._option_activity(key, row, strike, expiry),
            since=expiry - timedelta(days=days),
            expiry=expiry,
            follows_vix=row.of_vix,
        )

    def _forward_of_option(self, terms: ChainTerms, expiry: date) -> Forward:
        """The future of the option's month, or a price made like it where none expires then."""
        future = self._contracts.futures[terms.underlying.symbol]
        if future.expiries is terms.expiries and not future.expiries.is_monthly(expiry):
            return self._forward(future, expiry, terms.row.tick)
        return self._forward(future, future.expiries.monthlies(expiry, 1)[0])

    def _volatility(self, row: ChainRow) -> VolatilityAt:
        market = self._market

        def of_vix(day: date, minute: Ints) -> Floats:
            return market.vix(day, minute) * row.volatility

        def fixed(_day: date, minute: Ints) -> Floats:
            return np.full(minute.shape, row.volatility)

        return of_vix if row.of_vix else fixed

    def _option_activity(
        self, key: InstrumentKey, row: ChainRow, strike: float, expiry: date
    ) -> Activity:
        pace = 4.0 if row.weeklies else 25.0

        def nearness(day: date, width: float, pace: float) -> float:
            money = self._market.opening_money(row.underlying, day)
            strikes_away = (strike - money) / float(row.step)
            left = max((expiry - day).days, 0)
            return (math.exp(-left / pace) + 0.03) / (1 + (strikes_away / width) ** 2)

        return Activity(
            self._market.seed,
            str(key),
            row.lot,
            lambda day: row.lots * nearness(day, 5, pace),
            lambda day: row.open_interest * nearness(day, 9, 3 * pace) * _firmness(expiry, day),
        )


def _spread(turnover: float) -> float:
    """The spread of what turns over so many rupees on an average day."""
    return min(max(_DEEP_SPREAD * math.sqrt(_DEEP_TURNOVER / turnover), _TIGHTEST), _WIDEST)


def _fading(expiry: date, day: date, months: int, pace: float) -> float:
    """How much of the nearest future's activity one has that expires on `expiry`."""
    away = (expiry - day).days / (_MONTH_DAYS * 12 / months)
    return math.exp(-pace * max(away - 0.8, 0.0))


def _firmness(expiry: date, day: date) -> float:
    """What is left of the open interest in the last days of a contract."""
    left = max((expiry - day).days, 0) / _FIRM_DAYS
    return min(1.0, _LEFT_AT_EXPIRY + (1 - _LEFT_AT_EXPIRY) * left)
