"""The symbol master of one broker, in memory."""

from collections.abc import Iterable, Iterator

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import NO_SPOT_EXCHANGES, Exchange, InstrumentKey
from openalgo.instruments import symbols
from openalgo.instruments.broker_symbols import BrokerSymbols
from openalgo.instruments.contracts import Contracts
from openalgo.instruments.ranking import Ranking
from openalgo.instruments.search import MAX_RESULTS, SearchIndex
from openalgo.instruments.slices import Slices, Steps, run_through
from openalgo.instruments.symbols import ParsedSymbol

_INDEX_EXCHANGES = (
    Exchange.NSE_INDEX,
    Exchange.BSE_INDEX,
    Exchange.MCX_INDEX,
    Exchange.GLOBAL_INDEX,
)
_CASH_OF = {Exchange.NFO: Exchange.NSE, Exchange.BFO: Exchange.BSE}
_INDEX_OF = {Exchange.NFO: Exchange.NSE_INDEX, Exchange.BFO: Exchange.BSE_INDEX}


class Draft:
    """A master in the making.

    Of two rows with the same key or token the first counts, so that a later oddity of a contract
    file cannot displace the plain instrument.
    """

    def __init__(self) -> None:
        self.rows: dict[Exchange, dict[str, Instrument]] = {}
        self.tokens: dict[Exchange, dict[str, Instrument]] = {}
        self.spelled = BrokerSymbols()
        self.contracts = Contracts()
        self.index = SearchIndex()
        self._others: list[Instrument] = []

    def add(self, instrument: Instrument) -> bool:
        """Whether `instrument` was taken: not when its key is there already."""
        exchange = instrument.exchange
        rows = self.rows.get(exchange)
        if rows is None:
            rows = self.rows[exchange] = {}
            self.tokens[exchange] = {}
        if rows.setdefault(instrument.symbol, instrument) is not instrument:
            return False
        self.tokens[exchange].setdefault(instrument.token, instrument)
        self.spelled.add(instrument)
        if not self.contracts.add(instrument):
            self._others.append(instrument)
        return True

    def finish(self) -> Steps[None]:
        """Index what was added; nothing can be added any more."""
        yield from self.contracts.arrange()
        self.index = yield from SearchIndex.build(self.contracts, self._others)


class Master:
    """An unchanging snapshot; a new download makes a new master."""

    def __init__(self, instruments: Iterable[Instrument] = ()) -> None:
        """Indexes at once, which takes a second for a whole contract file; see `loader`."""
        draft = Draft()
        for instrument in instruments:
            draft.add(instrument)
        run_through(draft.finish())
        self._adopt(draft)

    @classmethod
    def of(cls, draft: Draft) -> "Master":
        """What a finished `draft` holds."""
        master = cls()
        master._adopt(draft)
        return master

    def _adopt(self, draft: Draft) -> None:
        self._rows = draft.rows
        self._tokens = draft.tokens
        self._spelled = draft.spelled
        self._contracts = draft.contracts
        self._index = draft.index

    def pieces(self) -> list[object]:
        """What it is made of: who holds that can let it go bit by bit once the master is gone.

        The dictionaries among the pieces are nobody else's by then.
        """
        return [
            *self._rows.values(),
            *self._tokens.values(),
            *self._spelled.pieces(),
            *self._contracts.pieces(),
            *self._index.pieces(),
        ]

    def find(self, key: InstrumentKey) -> Instrument | None:
        rows = self._rows.get(key[0])
        return None if rows is None else rows.get(key[1])

    def by_token(self, token: str) -> Instrument | None:
        """The instrument the broker calls `token`; of several, that of the first exchange."""
        for tokens in self._tokens.values():
            found = tokens.get(token)
            if found is not None:
                return found
        return None

    def by_broker_symbol(self, broker_exchange: str, broker_symbol: str) -> Instrument | None:
        """The instrument the broker spells `broker_symbol` on its exchange `broker_exchange`.

        Of a share and an index with one spelling, the share.
        """
        return self._spelled.find(self._rows, broker_exchange, broker_symbol)

    def on(self, exchange: Exchange) -> Iterator[Instrument]:
        """The instruments of one exchange, in the order they came."""
        yield from self._rows.get(exchange, {}).values()

    def count(self, exchange: Exchange) -> int:
        """How many instruments there are of one exchange."""
        return len(self._rows.get(exchange, ()))

    @property
    def exchanges(self) -> frozenset[Exchange]:
        """Those with at least one instrument."""
        return frozenset(self._rows)

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))

    def __iter__(self) -> Iterator[Instrument]:
        """All instruments, exchange by exchange."""
        for rows in self._rows.values():
            yield from rows.values()

    @property
    def contracts(self) -> Contracts:
        """Futures, expiries, strikes and option chains by underlying."""
        return self._contracts

    def parts(self, key: InstrumentKey) -> ParsedSymbol | None:
        """Base, expiry, type and strike of a dated contract.

        What the record says where there is one; else what the spelling says.
        """
        instrument = self.find(key)
        return symbols.parse(key.symbol) if instrument is None else symbols.parts_of(instrument)

    def index(self, name: str) -> Instrument | None:
        """The index called `name`, whichever exchange publishes it."""
        for exchange in _INDEX_EXCHANGES:
            found = self.find(InstrumentKey(exchange, name))
            if found is not None:
                return found
        return None

    def underlying(self, base: str, exchange: Exchange) -> Instrument | None:
        """What the contracts on `base` at the derivative `exchange` are settled against.

        An index or a share; on CRYPTO the perpetual future in dollars. `None` where nothing is
        listed, and for commodities and currencies: their price is that of the nearest future.
        """
        if exchange in NO_SPOT_EXCHANGES:
            return None
        if exchange is Exchange.CRYPTO:
            return self.find(InstrumentKey(exchange, f"{base}USDFUT"))
        home = _INDEX_OF.get(exchange)
        if home is not None and (found := self.find(InstrumentKey(home, base))) is not None:
            return found
        return self.index(base) or self.find(InstrumentKey(_CASH_OF.get(exchange, exchange), base))

    async def search(
        self,
        query: str,
        exchange: Exchange | None = None,
        *,
        limit: int = MAX_RESULTS,
        ranking: Ranking = Ranking.LENGTH,
    ) -> list[Instrument]:
        """The best matches for `query`, best first; see `search` for what matches and how."""
        return await Slices().run(self._index.search(query, exchange, limit, ranking))
