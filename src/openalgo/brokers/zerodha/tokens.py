"""The two tokens that stand in one of ours: `{instrument_token}::::{exchange_token}`."""

from openalgo.domain.instruments import Instrument

SEPARATOR = "::::"


def instrument_token(instrument: Instrument) -> int:
    """What history and the feed call it; its last byte is the segment."""
    return int(instrument.token.partition(SEPARATOR)[0])
