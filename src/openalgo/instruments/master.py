"""The symbol master of one broker, in memory."""

from collections.abc import Iterable, Iterator

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey


class Master:
    """An unchanging snapshot; a new download makes a new master.

    Of two rows with the same key or token the first counts, so that a later oddity of a contract
    file cannot displace the plain instrument.
    """

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._by_key: dict[InstrumentKey, Instrument] = {}
        self._by_token: dict[str, Instrument] = {}
        for instrument in instruments:
            self._by_key.setdefault(instrument.key, instrument)
            self._by_token.setdefault(instrument.token, instrument)

    def find(self, key: InstrumentKey) -> Instrument | None:
        return self._by_key.get(key)

    def by_token(self, token: str) -> Instrument | None:
        """The instrument the broker calls `token`."""
        return self._by_token.get(token)

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._by_key.values())
