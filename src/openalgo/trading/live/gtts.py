"""The GTTs of one account at its broker."""

from collections.abc import Callable

from msgspec.structs import replace

from openalgo.brokers.adapter import Broker, Connection, Gtts
from openalgo.brokers.rows import GttRow
from openalgo.domain.errors import BrokerUnavailable, GttNotFound, InvalidOrder, Unsupported
from openalgo.domain.gtt import Gtt, GttStatus
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyGtt, PlaceGtt
from openalgo.domain.numbers import px
from openalgo.trading.live import shown
from openalgo.trading.live.carried import Carried
from openalgo.trading.live.journal import Journal
from openalgo.trading.live.shown import shown_each


class BrokerGtts:
    """Every method raises `Unsupported` where the broker has none, what `connect` raises, and what
    the broker's calls do."""

    def __init__(
        self,
        account_id: int,
        broker: Broker,
        connect: Callable[[], Connection],
        journal: Journal,
        carried: Carried,
    ) -> None:
        self._account_id = account_id
        self._broker = broker
        self._connect = connect
        self._journal = journal
        self._carried = carried

    async def place(self, gtt: PlaceGtt, instrument: Instrument, *, cause: str) -> Gtt:
        gtts = self._calls()

        async def place(connection: Connection, _: str) -> str:
            last = await self._last_price(connection, instrument)
            return await gtts.place(connection, gtt, instrument, last)

        sent = await self._carried.send(gtt, place, cause=cause)
        return shown.placed_gtt(sent, gtt, sent.order_id or "")

    async def modify(self, change: ModifyGtt, instrument: Instrument) -> Gtt:
        gtts, connection = self._calls(), self._connect()
        gtt = self._gtt(await self._active(gtts, connection, change.trigger_id))
        for name in ("action", "symbol", "exchange", "trigger_type"):
            if getattr(gtt, name) != getattr(change, name):
                raise InvalidOrder(
                    name, f"{name} cannot be changed on an existing GTT. Cancel and re-place."
                )
        last = await self._last_price(connection, instrument)
        await self._carried.change(
            gtts.modify(connection, change, instrument, last), change.trigger_id, "modified"
        )
        return replace(
            gtt,
            product=change.product,
            quantity=change.quantity,
            price_type=change.price_type,
            triggers=change.triggers,
            own_legs=(),
            last_price=px(last),
        )

    async def cancel(self, trigger_id: str) -> Gtt:
        gtts, connection = self._calls(), self._connect()
        gtt = self._gtt(await self._active(gtts, connection, trigger_id))
        await self._carried.change(gtts.cancel(connection, trigger_id), trigger_id, "cancelled")
        return replace(gtt, status=GttStatus.CANCELLED)

    async def all(self, *, active_only: bool) -> list[Gtt]:
        """Newest first."""
        rows = await self._calls().gtts(self._connect())
        wanted = [row for row in rows if not active_only or row.status is GttStatus.ACTIVE]
        wanted.sort(key=lambda row: row.created_at, reverse=True)
        return await shown_each(wanted, self._gtt)

    def _calls(self) -> Gtts:
        if self._broker.gtt is None:
            raise Unsupported(
                f"GTT orders are not supported for broker '{self._broker.info.id}' yet"
            )
        return self._broker.gtt

    async def _active(self, gtts: Gtts, connection: Connection, trigger_id: str) -> GttRow:
        for row in await gtts.gtts(connection):
            if row.trigger_id == trigger_id and row.status is GttStatus.ACTIVE:
                return row
        raise GttNotFound(trigger_id)

    async def _last_price(self, connection: Connection, instrument: Instrument) -> float:
        """What the broker compares triggers with. Raises `BrokerUnavailable`."""
        quotes = await self._broker.market_data.quotes(connection, [instrument])
        quote = quotes.get(instrument.key)
        if quote is None or not quote.ltp > 0:
            raise BrokerUnavailable(
                f"Failed to fetch last_price from {self._broker.info.name} quotes"
            )
        return quote.ltp

    def _gtt(self, row: GttRow) -> Gtt:
        sent = self._journal.named(self._account_id, order_id=row.trigger_id)
        return shown.gtt_of(row, self._account_id, sent)
