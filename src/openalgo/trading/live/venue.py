"""A broker as a venue, for one account."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from msgspec.structs import replace

from openalgo.brokers.adapter import Broker, Connection
from openalgo.brokers.rows import OrderRow
from openalgo.domain.clock import Clock
from openalgo.domain.errors import (
    InvalidOrder,
    OrderNotWorking,
    OrderUnresolved,
    Unsupported,
)
from openalgo.domain.events import Event
from openalgo.domain.gtt import Gtt
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyGtt, ModifyOrder, OrderTerms, PlaceGtt, PlaceOrder
from openalgo.domain.live_orders import SentOrder
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import Order, Trade
from openalgo.domain.portfolio import FundsStatement, MarginNeed, MarkedHolding, MarkedPosition
from openalgo.trading.live import shown
from openalgo.trading.live.book import LiveBook
from openalgo.trading.live.carried import Carried
from openalgo.trading.live.ending import ended
from openalgo.trading.live.follower import EVERY, Follower
from openalgo.trading.live.gtts import BrokerGtts
from openalgo.trading.live.journal import Journal
from openalgo.trading.live.sending import Sender
from openalgo.trading.live.shown import shown_each
from openalgo.trading.venues import MarginOrder, VenueMode


class BrokerVenue:
    """The account's broker. `follow` is to be run as long as the account is there.

    What sends is carried to its end though whoever asked be gone: `finish` waits for that. Every
    method raises what `connect` raises, and what the broker's calls do.
    """

    mode = VenueMode.LIVE

    def __init__(
        self,
        account_id: int,
        broker: Broker,
        connect: Callable[[], Connection],
        journal: Journal,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        every: timedelta = EVERY,
        placed_elsewhere: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`connect` raises `BrokerSessionExpired` while nobody is logged in. The order book is
        read `every` so often where that is needed. `placed_elsewhere` hears of the account when an
        order shows up that was not sent from here."""
        self._account_id = account_id
        self._broker = broker
        self._connect = connect
        self._journal = journal
        self._clock = clock
        tag = broker.info.tag
        self._sender = Sender(
            account_id,
            journal,
            clock,
            publish,
            tag_length=None if tag is None else tag.length,
            accepted=self._taken,
        )
        self._book = LiveBook(
            account_id, self._sent, clock, publish, placed_elsewhere=placed_elsewhere
        )
        self._follower = Follower(
            account_id,
            broker,
            connect,
            journal,
            self._book,
            self._sender,
            clock,
            publish,
            every=every,
        )
        self._carried = Carried(self._sender, connect, self._follower.look)
        self._gtts = BrokerGtts(account_id, broker, connect, journal, self._carried)

    async def follow(self) -> None:
        """Keep the books current and find out about orders not answered, until cancelled."""
        await self._follower.run()

    def take(self, row: OrderRow) -> None:
        """The broker's stream told of an order. Returns at once."""
        self._book.heard(row)
        sent = self._sent(row)
        if sent is not None and sent.state.is_open and sent.id not in self._sender.under_way:
            self._follower.look()

    async def refresh(self) -> None:
        """Read the order book now, and find out what can be found out."""
        await self._follower.follow()

    def look(self) -> None:
        """Read the order book soon: after a login, and whenever the stream was away."""
        self._follower.look()

    async def finish(self) -> None:
        """Wait for the answers to what was sent. For shutdown."""
        await self._carried.finished()

    async def submit(
        self,
        account_id: int,  # noqa: ARG002 - the venue's own
        order: PlaceOrder,
        instrument: Instrument,
        *,
        cause: str,
    ) -> Order:
        _check_product(order)

        async def place(connection: Connection, tag: str) -> str:
            return await self._broker.orders.place(connection, order, instrument, tag)

        return self._placed(await self._carried.send(order, place, cause=cause), order)

    async def modify(
        self,
        account_id: int,  # noqa: ARG002 - the venue's own
        change: ModifyOrder,
        instrument: Instrument,
        *,
        cause: str,  # noqa: ARG002 - the broker keeps none
    ) -> Order:
        _check_product(change)
        order_id = change.order_id
        connection = self._connect()
        row = await self._working(connection, order_id, "modify")
        if (row.exchange, row.symbol) != change.key or row.action is not change.action:
            raise InvalidOrder("orderid", f"Order {order_id} is not for {change.key}")
        full = replace(
            change,
            price=change.price or (row.price if change.price_type.takes_price else change.price),
            trigger_price=change.trigger_price
            or (row.trigger_price if change.price_type.takes_trigger else change.trigger_price),
        )
        await self._carried.change(
            self._broker.orders.modify(connection, full, instrument, row), order_id, "modified"
        )
        asked = replace(
            row,
            price_type=full.price_type,
            quantity=full.quantity,
            price=full.price,
            trigger_price=full.trigger_price,
            disclosed_quantity=full.disclosed_quantity,
        )
        return self._order(asked)

    async def cancel(self, account_id: int, order_id: str, *, cause: str) -> Order:  # noqa: ARG002
        """The broker took the cancellation; the book tells when it is done."""
        connection = self._connect()
        row = await self._working(connection, order_id, "cancel")
        await self._carried.change(
            self._broker.orders.cancel(connection, row), order_id, "cancelled"
        )
        return self._order(row)

    async def ended(self, account_id: int, order_id: str) -> Order:  # noqa: ARG002
        """Looks for five seconds at most: at what the stream told, then at what the broker says."""

        async def look() -> OrderRow:
            row = self._book.get(order_id)
            if row is None or row.status.is_working:
                row = await self._broker.orders.order(self._connect(), order_id)
                self._book.heard(row)
            return row

        return self._order(await ended(look, self._clock))

    async def order(self, account_id: int, order_id: str) -> Order:
        """Also by the reference of an order that was not answered: raises `OrderUnresolved` while
        nobody knows what became of it."""
        sent = await self._journal.by_tag(account_id, order_id)
        if sent is not None and isinstance(sent.intent, PlaceOrder):
            if sent.state.is_open:
                raise OrderUnresolved(reference=sent.tag)
            if sent.order_id is None:
                return shown.refused(sent, sent.intent)
            order_id = sent.order_id
        row = await self._broker.orders.order(self._connect(), order_id)
        self._book.heard(row)
        return self._order(row)

    async def orders(self, account_id: int) -> list[Order]:  # noqa: ARG002 - the venue's own
        """What the broker's book holds, wherever it was placed."""
        rows = await self._broker.orders.orders(self._connect())
        await self._book.read(rows)
        return await shown_each(reversed(rows), self._order)

    async def trades(self, account_id: int) -> list[Trade]:
        rows = await self._broker.orders.trades(self._connect())
        return await shown_each(
            reversed(rows),
            lambda row: shown.trade_of(row, account_id, self._strategy(row.order_id)),
        )

    async def positions(self, account_id: int) -> list[MarkedPosition]:
        rows = await self._broker.portfolio.positions(self._connect())
        now = self._clock.now()
        return await shown_each(rows, lambda row: shown.position_of(row, account_id, now))

    async def holdings(self, account_id: int) -> list[MarkedHolding]:
        rows = await self._broker.portfolio.holdings(self._connect())
        return await shown_each(rows, lambda row: shown.holding_of(row, account_id))

    async def funds(self, account_id: int) -> FundsStatement:  # noqa: ARG002 - the venue's own
        """Profit the broker does not tell with the money is that of the positions."""
        connection = self._connect()
        row = await self._broker.portfolio.funds(connection)
        realised, unrealised = row.realised, row.unrealised
        if realised is None or unrealised is None:
            positions = await self._broker.portfolio.positions(connection)
            if realised is None:
                realised = sum((each.realised for each in positions), ZERO)
            if unrealised is None:
                unrealised = sum((each.unrealised for each in positions), ZERO)
        return shown.funds_of(row, realised, unrealised)

    async def margin(self, account_id: int, orders: Sequence[MarginOrder]) -> MarginNeed:  # noqa: ARG002
        if self._broker.margin is None:
            raise Unsupported(
                f"Margin calculation not supported for broker: {self._broker.info.id}"
            )
        return shown.margin_of(await self._broker.margin.margin(self._connect(), orders))

    async def place_gtt(
        self,
        account_id: int,  # noqa: ARG002 - the venue's own
        gtt: PlaceGtt,
        instrument: Instrument,
        *,
        cause: str,
    ) -> Gtt:
        return await self._gtts.place(gtt, instrument, cause=cause)

    async def modify_gtt(
        self,
        account_id: int,  # noqa: ARG002 - the venue's own
        change: ModifyGtt,
        instrument: Instrument,
        *,
        cause: str,  # noqa: ARG002 - the broker keeps none
    ) -> Gtt:
        return await self._gtts.modify(change, instrument)

    async def cancel_gtt(self, account_id: int, trigger_id: str, *, cause: str) -> Gtt:  # noqa: ARG002
        return await self._gtts.cancel(trigger_id)

    async def gtts(self, account_id: int, *, active_only: bool = True) -> list[Gtt]:  # noqa: ARG002
        return await self._gtts.all(active_only=active_only)

    def _taken(self, sent: SentOrder, order_id: str) -> None:
        if isinstance(sent.intent, PlaceOrder):
            self._book.placed(sent, sent.intent, order_id)
            if not self._broker.info.order_updates:
                self._follower.look()

    def _placed(self, sent: SentOrder, order: PlaceOrder) -> Order:
        """The order the broker took, now or before. The stream may have told more of it by now."""
        order_id = sent.order_id or ""
        row = self._book.get(order_id) or shown.row_of(sent, order, order_id)
        return self._order(row)

    async def _working(self, connection: Connection, order_id: str, verb: str) -> OrderRow:
        """The order as the broker sees it, with what changing it takes. Raises `OrderNotFound`,
        and `OrderNotWorking` once it has ended."""
        row = self._book.get(order_id)
        if row is None:
            row = await self._broker.orders.order(connection, order_id)
            self._book.heard(row)
        if not row.status.is_working:
            raise OrderNotWorking(f"Cannot {verb} order in {row.status} status")
        return row

    def _sent(self, row: OrderRow) -> SentOrder | None:
        return self._journal.named(self._account_id, order_id=row.order_id, tag=row.tag)

    def _strategy(self, order_id: str) -> str:
        sent = self._journal.named(self._account_id, order_id=order_id)
        if sent is not None:
            return sent.strategy
        row = self._book.get(order_id)
        return "" if row is None else row.tag

    def _order(self, row: OrderRow) -> Order:
        return shown.order_of(row, self._account_id, self._sent(row))


def _check_product(order: OrderTerms) -> None:
    if not order.product.takes_orders:
        raise InvalidOrder("product", f"Orders of product {order.product} are placed at the broker")
