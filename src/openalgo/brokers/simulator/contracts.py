"""The terms of futures and options: what they follow, when they expire, how they trade."""

from collections.abc import Mapping
from dataclasses import dataclass

from openalgo.brokers.simulator import tables
from openalgo.brokers.simulator.expiries import Expiries
from openalgo.brokers.simulator.tables import ChainRow, FutureRow
from openalgo.brokers.simulator.underlyings import Underlying, underlyings
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px_decimal

LIFE_DAYS = 100
"""How long before its expiry a monthly contract is listed: three of the longest months."""

_STOCK_FUTURE_VOLUME = 0.6
_STOCK_FUTURE_OPEN = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureTerms:
    underlying: Underlying
    expiries: Expiries
    row: FutureRow

    @property
    def exchange(self) -> Exchange:
        return self.expiries.rule.exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTerms:
    underlying: Underlying
    expiries: Expiries
    row: ChainRow

    @property
    def exchange(self) -> Exchange:
        return self.expiries.rule.exchange


class Contracts:
    """The terms of all futures and options by their underlying."""

    def __init__(self) -> None:
        table, known = tables.contracts(), underlyings()
        calendar = ExchangeCalendar()
        rules = {name: Expiries(rule, calendar) for name, rule in table.rules.items()}
        self.futures: Mapping[str, FutureTerms] = {
            row.underlying: FutureTerms(
                underlying=known[row.underlying], expiries=rules[row.rule], row=row
            )
            for row in (*table.future, *_stock_futures(table.stock_futures, known))
        }
        self.chains: Mapping[str, ChainTerms] = {
            row.underlying: ChainTerms(
                underlying=known[row.underlying], expiries=rules[row.rule], row=row
            )
            for row in table.chain
        }


def _stock_futures(terms: tables.StockFutures, known: Mapping[str, Underlying]) -> list[FutureRow]:
    return [
        FutureRow(
            underlying=symbol,
            rule=terms.rule,
            lot=lot,
            tick=px_decimal(known[symbol].tick),
            carry=terms.carry,
            lots=round(known[symbol].volume * _STOCK_FUTURE_VOLUME / lot),
            open_interest=round(known[symbol].volume * _STOCK_FUTURE_OPEN / lot),
        )
        for symbol, lot in terms.lots.items()
    ]
