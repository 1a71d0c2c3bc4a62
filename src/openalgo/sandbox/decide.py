"""What follows from a command: facts, one at a time.

Each decision yields events and sees the state with the earlier ones applied. A refusal raises an
`OpenAlgoError`; whatever was yielded before it stands (a rejected order keeps its row).
"""

from collections.abc import Generator
from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from openalgo.domain.calendar import Calendar, session_date
from openalgo.domain.errors import (
    IdempotencyConflict,
    InsufficientFunds,
    InsufficientShares,
    NoPrice,
    OrderNotFound,
    OrderNotWorking,
    OrderRefused,
    Unsupported,
)
from openalgo.domain.events import (
    AccountEvent,
    AccountOpened,
    OrderAccepted,
    OrderCancelled,
    OrderRejected,
)
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import ZERO, Px, plain_number
from openalgo.domain.orders import Action, Order, OrderStatus, PriceType, Product
from openalgo.domain.portfolio import LedgerKind
from openalgo.sandbox.commands import Cancel, Command, Match, Place
from openalgo.sandbox.fills import Fill, settle_fill
from openalgo.sandbox.ledger import capital_entry, close, closing_part, move, open_funds
from openalgo.sandbox.margin import opening_margin
from openalgo.sandbox.matching import Mark, crosses
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperAccount, PaperExchange

Decision = Generator[AccountEvent, None, Order | None]

_PRICE_TYPES = (PriceType.MARKET, PriceType.LIMIT)


class Decider:
    """The rules of the exchange over one state."""

    def __init__(self, state: PaperExchange, rules: Rules, calendar: Calendar) -> None:
        self._state = state
        self._rules = rules
        self._calendar = calendar

    def decide(self, command: Command) -> Decision:
        match command:
            case Place():
                return self._place(command)
            case Cancel():
                return self._cancel(command)
            case Match():
                return self._match(command)

    def _place(self, command: Place) -> Decision:
        intent = command.intent
        if intent.price_type not in _PRICE_TYPES:
            raise Unsupported(f"The paper exchange does not take {intent.price_type} orders yet")
        account = yield from self._account(command)
        if (known := _same_request(account, command)) is not None:
            return known
        mark = self._usable_mark(command)
        order = self._new_order(command, mark)
        if (shortage := _share_shortage(account, order)) is not None:
            rejected = replace(order, status=OrderStatus.REJECTED, reason=shortage)
            yield OrderRejected(
                account_id=account.id,
                seq=account.seq + 1,
                at=command.at,
                cause=command.cause,
                order=rejected,
            )
            raise InsufficientShares(shortage, order_id=rejected.order_id)
        if (
            mark is not None
            and crosses(order, mark.ltp)
            and self._is_open(intent.exchange, command.at)
        ):
            return (yield from self._take(account, command, order, mark))
        return (yield from self._rest(account, command, order, mark))

    def _cancel(self, command: Cancel) -> Decision:
        account = self._state.accounts.get(command.account_id)
        order = account.orders.get(command.order_id) if account else None
        if account is None or order is None:
            raise OrderNotFound(command.order_id)
        if not order.status.is_working:
            raise OrderNotWorking(f"Cannot cancel order in {order.status} status")
        cancelled = replace(
            order, status=OrderStatus.CANCELLED, reserved=ZERO, updated_at=command.at
        )
        funds, entry = account.release(order, command.at)
        yield OrderCancelled(
            account_id=account.id,
            seq=account.seq + 1,
            at=command.at,
            cause=command.cause,
            order=cancelled,
            funds=funds,
            entry=entry,
        )
        return cancelled

    def _match(self, command: Match) -> Decision:
        """Fill resting orders: a LIMIT at its limit, a waiting MARKET at the far side."""
        book = self._state.books.get(command.key)
        mark = command.mark
        if book is None or not self._is_open(command.key.exchange, mark.at):
            return None
        while (resting := book.next_at(mark.ltp)) is not None:
            account = self._state.accounts[resting.account_id]
            order = account.orders[resting.order_id]
            is_limit = order.price_type is PriceType.LIMIT
            fill = Fill(
                order=order,
                instrument=book.instrument,
                price=order.price if is_limit else mark.taker_price(order.action),
                at=mark.at,
                cause=order.cause,
                trade_id=self._state.next_trade_id(mark.at),
            )
            yield settle_fill(account, fill, self._rules)
        return None

    def _account(self, command: Place) -> Generator[AccountEvent, None, PaperAccount]:
        """The account, opened with its starting capital on first use."""
        if command.account_id not in self._state.accounts:
            funds = open_funds(
                command.account_id,
                self._rules.starting_capital,
                command.at,
                session_date(command.at),
            )
            yield AccountOpened(
                account_id=command.account_id,
                seq=1,
                at=command.at,
                cause=command.cause,
                funds=funds,
                entry=capital_entry(funds),
            )
        return self._state.accounts[command.account_id]

    def _usable_mark(self, command: Place) -> Mark | None:
        """The newest price fresh enough to trade on; MARKET cannot do without one."""
        seen = self._state.book(command.instrument).mark
        newest = max(
            (mark for mark in (command.mark, seen) if mark), key=lambda mark: mark.at, default=None
        )
        if newest is not None:
            age = newest.age(command.at)
            if age <= self._rules.book_max_age:
                return newest
            if age <= self._rules.price_max_age:
                return replace(newest, bid=Px(0), ask=Px(0))
        if command.intent.price_type is PriceType.MARKET:
            raise NoPrice(
                f"Cannot place MARKET order for {command.intent.symbol} - unable to fetch "
                "current price. Try again once its quotes are live."
            )
        return None

    def _new_order(self, command: Place, mark: Mark | None) -> Order:
        intent = command.intent
        is_market = intent.price_type is PriceType.MARKET
        return Order(
            account_id=command.account_id,
            order_id=self._state.next_order_id(command.at),
            client_order_id=intent.client_order_id,
            fingerprint=intent.fingerprint() if intent.client_order_id else None,
            symbol=intent.symbol,
            exchange=intent.exchange,
            action=intent.action,
            product=intent.product,
            price_type=intent.price_type,
            quantity=intent.quantity,
            price=mark.ltp if is_market and mark else intent.price,
            disclosed_quantity=intent.disclosed_quantity,
            status=OrderStatus.OPEN,
            strategy=intent.strategy,
            created_at=command.at,
            updated_at=command.at,
            cause=command.cause,
        )

    def _is_open(self, exchange: Exchange, at: datetime) -> bool:
        return not self._rules.enforce_market_hours or self._calendar.is_open(exchange, at)

    def _take(self, account: PaperAccount, command: Place, order: Order, mark: Mark) -> Decision:
        """Fill on arrival: MARKET at the far side of the book, a marketable LIMIT at the ltp."""
        is_market = order.price_type is PriceType.MARKET
        price = mark.taker_price(order.action) if is_market else mark.ltp
        position = account.positions.get(order.position_key)
        closing = closing_part(position, order.action, order.quantity)
        closed = close(position, closing, price, command.instrument.contract_value)
        self._needed(account, command, order, price, freed=closed.released + closed.realised)
        yield OrderAccepted(
            account_id=account.id,
            seq=account.seq + 1,
            at=command.at,
            cause=command.cause,
            order=order,
        )
        fill = Fill(
            order=order,
            instrument=command.instrument,
            price=price,
            at=command.at,
            cause=command.cause,
            trade_id=self._state.next_trade_id(command.at),
        )
        filled = settle_fill(account, fill, self._rules)
        yield filled
        return filled.order

    def _rest(
        self, account: PaperAccount, command: Place, order: Order, mark: Mark | None
    ) -> Decision:
        """Join the book and block what a fill at the limit would need."""
        is_market = order.price_type is PriceType.MARKET
        price = mark.taker_price(order.action) if is_market and mark else order.price
        needed = self._needed(account, command, order, price, freed=ZERO)
        order = replace(order, reserved=needed)
        funds, entry = None, None
        if needed:
            funds, entry = move(
                account.funds,
                LedgerKind.RESERVE,
                order.order_id,
                command.at,
                session_date(command.at),
                blocked=needed,
            )
        yield OrderAccepted(
            account_id=account.id,
            seq=account.seq + 1,
            at=command.at,
            cause=command.cause,
            order=order,
            funds=funds,
            entry=entry,
        )
        return order

    def _needed(
        self, account: PaperAccount, command: Place, order: Order, price: Px, *, freed: Decimal
    ) -> Decimal:
        """Margin for what would newly open: quantity beyond the position that no other working
        order is already going to close. `InsufficientFunds` when it is not there."""
        closing = closing_part(
            account.positions.get(order.position_key), order.action, order.quantity
        )
        if closing:
            free = account.closable(order.position_key, order.action)
            closing = max(ZERO, min(closing, free))
        needed = opening_margin(
            command.instrument,
            order.product,
            order.action,
            price,
            order.quantity - closing,
            self._rules,
        )
        affordable = account.funds.available + freed
        if needed > affordable:
            raise InsufficientFunds(
                f"Insufficient funds. Required: ₹{needed:,.2f}, Available: ₹{affordable:,.2f}, "
                f"Shortage: ₹{needed - affordable:,.2f}"
            )
        return needed


def _same_request(account: PaperAccount, command: Place) -> Order | None:
    """The order an earlier request with this client id made, if it asked for the same."""
    client_id = command.intent.client_order_id
    known = account.by_client_id.get(client_id) if client_id else None
    if known is None:
        return None
    order = account.orders[known]
    return repeated(order, command.intent)


def repeated(order: Order, intent: PlaceOrder) -> Order:
    """The answer to a request that `order` was already made for."""
    if order.fingerprint != intent.fingerprint():
        raise IdempotencyConflict
    if order.refused_on_arrival:
        raise OrderRefused(order.reason, order_id=order.order_id)
    return order


def _share_shortage(account: PaperAccount, order: Order) -> str | None:
    """Why a delivery sale is not covered by shares, or None when it is."""
    if order.product is not Product.CNC or order.action is not Action.SELL:
        return None
    position = account.positions.get(order.position_key)
    held = position.quantity if position else ZERO
    sellable = held - account.pending(order.position_key, Action.SELL)
    if order.quantity <= sellable:
        return None
    if held <= 0:
        return (
            f"Cannot sell {order.symbol} in CNC. No positions or holdings available. "
            "CNC (delivery) requires existing shares. Use MIS for intraday short selling."
        )
    quantity, free, held_ = (plain_number(n) for n in (order.quantity, sellable, held))
    return (
        f"Cannot sell {quantity} shares of {order.symbol} in CNC. Only {free} shares available "
        f"(Position: {held_}, Holdings: 0)"
    )
