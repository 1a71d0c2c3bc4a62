"""What stays the same of a chain is made once, while its contracts are in force."""

from datetime import date

from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange
from openalgo.instruments.contracts import Contracts
from openalgo.instruments.master import Master
from openalgo.options.listing import Listings
from tests.instruments.rows import contract, options

EXPIRY = date(2025, 12, 30)
NIFTY = ("NIFTY", Exchange.NFO, EXPIRY)


def contracts() -> Contracts:
    """Two strikes with both sides, and one with a call only."""
    lone = contract("NIFTY", EXPIRY, "25100", InstrumentType.CALL)
    return Master([*options("NIFTY", EXPIRY, "25000", "25050"), lone]).contracts


def test_options_stand_in_the_order_of_their_strikes_the_call_first() -> None:
    listing = Listings().of(contracts(), *NIFTY)
    assert [symbol[12:] for symbol in listing.symbols] == [
        *("25000CE", "25000PE", "25050CE", "25050PE", "25100CE"),
    ]
    assert listing.starts == [0, 2, 4, 5]
    assert listing.is_call.tolist() == [True, False, True, False, True]
    assert listing.strike.tolist() == [25_000, 25_000, 25_050, 25_050, 25_100]
    assert [key.symbol for key in listing.keys] == list(listing.symbols)


def test_a_part_is_a_listing_of_its_own() -> None:
    listing = Listings().of(contracts(), *NIFTY)
    part = listing.part(1, 3)
    assert [symbol[12:] for symbol in part.symbols] == ["25050CE", "25050PE", "25100CE"]
    assert part.starts == [0, 2, 3]
    assert listing.part(0, 3) is listing


def test_a_listing_lives_as_long_as_its_contracts_are_in_force() -> None:
    listings, today = Listings(), contracts()
    first = listings.of(today, *NIFTY)
    assert listings.of(today, *NIFTY) is first
    tomorrow = contracts()
    assert listings.of(tomorrow, *NIFTY) is not first
    assert listings.of(today, "NOSUCH", Exchange.NFO, EXPIRY).rows == []


def test_only_so_many_are_kept() -> None:
    days = [date(2026, month, day) for month in range(1, 13) for day in range(1, 8)]
    many = Master([row for day in days for row in options("NIFTY", day, "25000")]).contracts
    listings = Listings()
    first = listings.of(many, "NIFTY", Exchange.NFO, days[0])
    last = [listings.of(many, "NIFTY", Exchange.NFO, day) for day in days][-1]
    assert listings.of(many, "NIFTY", Exchange.NFO, days[-1]) is last
    assert listings.of(many, "NIFTY", Exchange.NFO, days[0]) is not first
