"""What follows from an order that is placed."""

from datetime import datetime

from msgspec.structs import replace

from openalgo.domain.errors import (
    IdempotencyConflict,
    InsufficientShares,
    NoPrice,
    OrderRefused,
)
from openalgo.domain.events import OrderAccepted, OrderRejected
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.numbers import Px
from openalgo.domain.orders import Order, OrderStatus, PositionKey, PriceType
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.admission import Admission, admit, check_stop_prices, share_shortage
from openalgo.sandbox.commands import Place
from openalgo.sandbox.fills import fill
from openalgo.sandbox.floor import Decision, Floor
from openalgo.sandbox.intraday import require_open_day
from openalgo.sandbox.matching import Mark


def place(floor: Floor, command: Place) -> Decision:
    """Accept the order and match it, or keep it as rejected when shares are missing."""
    intent, instrument, at, cause = command.intent, command.instrument, command.at, command.cause
    check_stop_prices(intent.price_type, intent.action, intent.price, intent.trigger_price)
    account = yield from floor.account(command.account_id, at, cause)
    if (known := _same_request(account, intent)) is not None:
        return known
    key = PositionKey(intent.exchange, intent.symbol, intent.product)
    require_open_day(floor, account, key, intent.action, intent.quantity, at)
    mark = floor.mark(instrument, command.mark, at)
    require_price(intent, mark)
    order = new_order(floor, account, intent, mark, at, cause)
    shortage = share_shortage(account, order.position_key, order.action, order.quantity)
    if shortage is not None:
        rejected = replace(order, status=OrderStatus.REJECTED, reason=shortage)
        yield OrderRejected(**account.head(at, cause), order=rejected)
        raise InsufficientShares(shortage, order_id=rejected.order_id)
    admission = admit(floor, account, order, instrument, mark, at=at)
    return (yield from enter(floor, account, admission, instrument, at, cause))


def require_price(intent: PlaceOrder, mark: Mark | None) -> None:
    """MARKET cannot do without a price. Raises `NoPrice`."""
    if mark is None and intent.price_type is PriceType.MARKET:
        raise NoPrice(
            f"Cannot place MARKET order for {intent.symbol} - unable to fetch "
            "current price. Try again once its quotes are live."
        )


def new_order(
    floor: Floor,
    account: PaperAccount,
    intent: PlaceOrder,
    mark: Mark | None,
    at: datetime,
    cause: str,
    gtt_id: str | None = None,
) -> Order:
    """The order `intent` asks for, without what its type has no use for."""
    kind = intent.price_type
    price = intent.price if kind.takes_price else Px(0)
    return Order(
        account_id=account.id,
        order_id=floor.state.next_order_id(at),
        client_order_id=intent.client_order_id,
        fingerprint=intent.fingerprint() if intent.client_order_id else None,
        symbol=intent.symbol,
        exchange=intent.exchange,
        action=intent.action,
        product=intent.product,
        price_type=kind,
        quantity=intent.quantity,
        price=mark.ltp if mark and kind is PriceType.MARKET else price,
        trigger_price=intent.trigger_price if kind.takes_trigger else Px(0),
        disclosed_quantity=intent.disclosed_quantity,
        status=OrderStatus.OPEN,
        strategy=intent.strategy,
        created_at=at,
        updated_at=at,
        arrival=floor.state.next_arrival(),
        gtt_id=gtt_id,
        cause=cause,
        run=account.funds.reset_count,
    )


def enter(
    floor: Floor,
    account: PaperAccount,
    admission: Admission,
    instrument: Instrument,
    at: datetime,
    cause: str,
) -> Decision:
    """Let a new order in: it fills, or blocks its margin and waits."""
    order = admission.order
    if admission.price is None:
        order = replace(order, reserved=admission.margin)
        funds, entry = account.block(order.order_id, admission.margin, at)
        yield OrderAccepted(**account.head(at, cause), order=order, funds=funds, entry=entry)
        return order
    yield OrderAccepted(**account.head(at, cause), order=order)
    return (yield from fill(floor, account, order, instrument, admission.price, at=at, cause=cause))


def _same_request(account: PaperAccount, intent: PlaceOrder) -> Order | None:
    """The order an earlier request with this client id made, if it asked for the same."""
    client_id = intent.client_order_id
    known = account.by_client_id.get(client_id) if client_id else None
    return None if known is None else repeated(account.orders[known], intent)


def repeated(order: Order, intent: PlaceOrder) -> Order:
    """The answer to a request that `order` was already made for."""
    if order.fingerprint != intent.fingerprint():
        raise IdempotencyConflict
    if order.refused_on_arrival:
        raise OrderRefused(order.reason, order_id=order.order_id)
    return order
