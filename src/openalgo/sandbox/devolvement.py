"""Options on commodities that end in the money: each becomes the future it is on, at its strike.
Source: the settlement rules of MCXCCL."""

from dataclasses import dataclass
from decimal import Decimal

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.numbers import ZERO, Px, px
from openalgo.domain.orders import Action, PositionKey, Product
from openalgo.domain.portfolio import Position
from openalgo.instruments.symbols import ParsedSymbol
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.closing import close_out, trade_for
from openalgo.sandbox.commands import PassDay
from openalgo.sandbox.floor import Decision, Floor
from openalgo.sandbox.ledger import close, closing_part
from openalgo.sandbox.margin import opening_margin

_GONE = Px(0)
_PRODUCT = Product.NRML


@dataclass(frozen=True, slots=True)
class Devolvement:
    """A position in `option`, traded away at nothing and replaced by one in `future`, by `action`
    at the `strike`."""

    position: Position
    option: Instrument
    future: Instrument
    action: Action
    strike: Px

    @classmethod
    def of(
        cls, position: Position, option: Instrument, contract: ParsedSymbol, future: Instrument
    ) -> "Devolvement | None":
        """`None` where as many units of `future` cannot be traded."""
        if contract.strike is None or future.contract_value != option.contract_value:
            return None
        if position.quantity % future.lot_size:
            return None
        buys = (position.quantity > 0) is (contract.type is InstrumentType.CALL)
        action = Action.BUY if buys else Action.SELL
        return cls(position, option, future, action, px(contract.strike))

    @property
    def quantity(self) -> Decimal:
        return abs(self.position.quantity)

    def has_margin(self, floor: Floor, account: PaperAccount) -> bool:
        """Whether all of the future can be had: only a loss may take free money below zero."""
        held = account.positions.get(
            PositionKey(self.future.exchange, self.future.symbol, _PRODUCT)
        )
        netted = closing_part(held, self.action, self.quantity)
        needed = opening_margin(
            self.future, _PRODUCT, self.action, self.strike, self.quantity - netted, floor.rules
        )
        option = close(self.position, self.quantity, _GONE, self.option.contract_value)
        closed = close(held, netted, self.strike, self.future.contract_value)
        freed = option.released + option.realised + closed.released + closed.realised
        return not ZERO < needed > account.funds.available + freed

    def carry_out(
        self,
        floor: Floor,
        account: PaperAccount,
        command: PassDay,
        *,
        strategy: str,
        trade_prefix: str,
    ) -> Decision:
        """Both trades. It must have its margin."""
        option, future = self.option, self.future
        yield from close_out(
            floor,
            account,
            self.position,
            option,
            _GONE,
            command,
            strategy=strategy,
            reason=f"Became {future.symbol} at expiry, at its strike",
            trade_prefix=trade_prefix,
        )
        # From here on the exchange needs its prices, and its terms even once it is not listed.
        floor.state.book(future)
        return (
            yield from trade_for(
                floor,
                account,
                future,
                self.action,
                _PRODUCT,
                self.quantity,
                self.strike,
                command,
                strategy=strategy,
                reason=f"{option.symbol} became this at expiry, at its strike",
                trade_prefix=trade_prefix,
            )
        )
