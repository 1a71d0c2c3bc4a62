"""What becomes of contracts that expire. Options on commodities become futures; everything else
settles in cash, and the order says so where an exchange would have something delivered: the money
is the same at that moment."""

from datetime import date

from openalgo.domain.day_events import DayEventKind
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import Px, px
from openalgo.domain.portfolio import Position
from openalgo.instruments.indices import index_exchange
from openalgo.instruments.symbols import ParsedSymbol
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.closing import close_out
from openalgo.sandbox.commands import PassDay
from openalgo.sandbox.contracts import Basis, listed, terms
from openalgo.sandbox.devolvement import Devolvement
from openalgo.sandbox.floor import Decision, Floor
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import OptionSettlement
from openalgo.sandbox.state import PaperExchange

STRATEGY = "EXPIRY_SETTLEMENT"
TRADE_PREFIX = "EXP"
AT_UNDERLYING = "Settled at expiry, against the underlying"
AT_OWN_PRICE = "Settled at expiry, at its own last price"
AT_ZERO = "Settled at expiry, at zero"
NO_DELIVERY = "in cash, where an exchange has shares delivered"
NO_DEVOLVEMENT = "in cash, where an exchange makes a future of it"
NO_MARGIN = "in cash: the margin of the future it would become is not there"

_OF_COMMODITIES = frozenset({Exchange.MCX, Exchange.NCO, Exchange.NCDEX})
_OF_SHARES = frozenset({Exchange.NFO, Exchange.BFO})


def expired(state: PaperExchange, key: InstrumentKey, session: date, *, today: bool) -> bool:
    """Whether `key` is a contract that expired before the session day `session`, or with `today`
    on it."""
    contract = terms(listed(state, key))
    if contract is None:
        return False
    return contract.expiry <= session if today else contract.expiry < session


def settle_expired(
    floor: Floor, account: PaperAccount, position: Position, command: PassDay, mark: Mark | None
) -> Decision:
    """Close a position in an expired contract at its settlement price, or make it a future where an
    exchange does, if that is listed and its margin is there."""
    instrument = listed(floor.state, position.instrument)
    contract = terms(instrument)
    basis = command.underlyings.get(position.instrument)
    price, reason = _settlement(
        floor.rules.option_expiry_settlement,
        position,
        contract,
        basis.price if basis else None,
        mark,
    )
    if price and contract is not None and (note := _instead_of(contract, instrument.exchange)):
        devolvement = _devolvement(floor, position, instrument, contract, basis, command)
        if devolvement is not None and devolvement.has_margin(floor, account):
            return (
                yield from devolvement.carry_out(
                    floor, account, command, strategy=STRATEGY, trade_prefix=TRADE_PREFIX
                )
            )
        reason = f"{reason}; {note if devolvement is None else NO_MARGIN}"
    return (
        yield from close_out(
            floor,
            account,
            position,
            instrument,
            price,
            command,
            strategy=STRATEGY,
            reason=reason,
            trade_prefix=TRADE_PREFIX,
        )
    )


def _devolvement(
    floor: Floor,
    position: Position,
    option: Instrument,
    contract: ParsedSymbol,
    basis: Basis | None,
    command: PassDay,
) -> Devolvement | None:
    """Into the future an option on a commodity settles against, where it goes on after this
    event."""
    if option.exchange not in _OF_COMMODITIES or basis is None or not basis.instrument.is_future:
        return None
    future, event = basis.instrument, command.event
    if expired(floor.state, future.key, event.session, today=event.kind is DayEventKind.CLOSE):
        return None
    return Devolvement.of(position, option, contract, future)


def _instead_of(contract: ParsedSymbol, exchange: Exchange) -> str:
    """What the cash stands for, where an exchange would not settle in cash: contracts on shares,
    and options on commodities. Source: the settlement rules of NSE Clearing and MCXCCL."""
    if exchange in _OF_SHARES and index_exchange(contract.base) is None:
        return NO_DELIVERY
    if exchange in _OF_COMMODITIES and contract.strike is not None:
        return NO_DEVOLVEMENT
    return ""


def _settlement(
    options_at: OptionSettlement,
    position: Position,
    contract: ParsedSymbol | None,
    underlying: Px | None,
    mark: Mark | None,
) -> tuple[Px, str]:
    """The price, and a sentence on it. An option whose price nobody knows is worth nothing; a
    future is worth what it was traded at."""
    own = mark.ltp if mark else None
    if contract is not None and contract.strike is not None:
        if options_at == "zero":
            return Px(0), AT_ZERO
        if underlying is not None:
            gain = underlying - px(contract.strike)
            worth = gain if contract.type is InstrumentType.CALL else -gain
            return Px(max(0, worth)), AT_UNDERLYING
        return (own, AT_OWN_PRICE) if own is not None else (Px(0), AT_ZERO)
    if underlying is not None:
        return underlying, AT_UNDERLYING
    return own if own is not None else px(position.average_price), AT_OWN_PRICE
