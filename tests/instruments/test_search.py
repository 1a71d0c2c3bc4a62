"""What a trader types, and what should come first."""

import asyncio
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.instruments import scan
from openalgo.instruments import search as searching
from openalgo.instruments.master import Draft, Master
from openalgo.instruments.ranking import Ranking
from openalgo.instruments.slices import run_through
from openalgo.instruments.spelling import one_edit_apart
from tests.instruments.effort import efforts
from tests.instruments.rows import contract, index, options, share

AUGUST, SEPTEMBER, DECEMBER = date(2026, 8, 25), date(2026, 9, 29), date(2026, 12, 29)
WEEKLY = date(2026, 8, 18)
NIFTY_STRIKES = ("24250", "24500", "24950", "25000", "25050", "25100")

ROWS = [
    index("NIFTY", "NIFTY 50"),
    index("BANKNIFTY", "NIFTY BANK"),
    index("NIFTYNXT50", "NIFTY NEXT 50"),
    index("NIFTYIT", "NIFTY IT"),
    index("BANKEX", exchange=Exchange.BSE_INDEX),
    share("RELTD", "Ravindra Energy"),
    share("RELAXO", "Relaxo Footwears"),
    share("RELIGARE", "Religare Enterprises"),
    share("RELIANCE", "RELIANCE INDUSTRIES", token="738561"),
    share("RELIANCE", "RELIANCE INDUSTRIES", Exchange.BSE, token="500325"),
    share("INFY", "INFOSYS"),
    share("M&M", "MAHINDRA & MAHINDRA"),
    share("M&MFIN", "M&M FIN. SERVICES"),
    share("BAJAJ-AUTO", "BAJAJ AUTO"),
    share("BAJFINANCE", "BAJAJ FINANCE"),
    share("NIFTYBEES", "NIPPON INDIA ETF NIFTY 50 BEES"),
    share("BANKBEES", "NIPPON INDIA ETF NIFTY BANK BEES"),
    share("HDFCBANK", "HDFC BANK"),
    share("360ONE", "360 ONE WAM"),
    share("MARUTI", "MARUTI SUZUKI INDIA"),
    *[contract("NIFTY", day) for day in (DECEMBER, AUGUST, SEPTEMBER)],
    *[row for day in (DECEMBER, AUGUST, WEEKLY) for row in options("NIFTY", day, *NIFTY_STRIKES)],
    *[contract("BANKNIFTY", day) for day in (SEPTEMBER, AUGUST)],
    *options("BANKNIFTY", AUGUST, "54900", "55000", "55100"),
    contract("BANKINDIA", AUGUST),
    contract("BANKEX", AUGUST, exchange=Exchange.BFO),
    *[contract("RELIANCE", day) for day in (SEPTEMBER, AUGUST)],
    *options("RELIANCE", AUGUST, "1400", "1420"),
    contract("INFY", AUGUST),
    *options("M&M", AUGUST, "3600"),
    *options("MARUTI", AUGUST, "12000"),
    *options("MARUTI", date(2027, 3, 30), "12000"),
    *options("360ONE", AUGUST, "1160"),
    *options("VEDL", AUGUST, "292.5", "295"),
    *options("IDEA", AUGUST, "24", "25", "26"),
    contract("CRUDEOIL", AUGUST, exchange=Exchange.MCX),
    contract("USDINR", AUGUST, exchange=Exchange.CDS),
]
MASTER = Master(ROWS)


def rows(query: str, ranking: Ranking = Ranking.LENGTH, limit: int = 500) -> list[Instrument]:
    return asyncio.run(MASTER.search(query, limit=limit, ranking=ranking))


def search(query: str, exchange: Exchange | None = None, limit: int = 500) -> list[str]:
    found = MASTER.search(query, exchange, limit=limit, ranking=Ranking.RELEVANCE)
    return [str(row.key) for row in asyncio.run(found)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("rel", ["NSE:RELIANCE"]),
        ("reliance", ["NSE:RELIANCE", "BSE:RELIANCE", "NFO:RELIANCE25AUG26FUT"]),
        ("Reliance ", ["NSE:RELIANCE", "BSE:RELIANCE"]),
        ("bank fut", ["NFO:BANKNIFTY25AUG26FUT", "NFO:BANKNIFTY29SEP26FUT"]),
        ("nifty 25000 ce dec", ["NFO:NIFTY29DEC2625000CE"]),
        ("ce dec 25000 nifty", ["NFO:NIFTY29DEC2625000CE"]),
        ("nifty 25000 call december", ["NFO:NIFTY29DEC2625000CE"]),
        ("nifty dec 2026 25000 put", ["NFO:NIFTY29DEC2625000PE"]),
        ("nifty 25000 ce", ["NFO:NIFTY18AUG2625000CE", "NFO:NIFTY25AUG2625000CE"]),
        ("nifty 25 aug 24250 ce", ["NFO:NIFTY25AUG2624250CE"]),
        ("nifty aug 25 ce", ["NFO:NIFTY25AUG2624250CE"]),
        ("nifty", ["NSE_INDEX:NIFTY", "NFO:NIFTY25AUG26FUT"]),
        ("nifty 50", ["NSE_INDEX:NIFTY"]),
        ("nifty bank", ["NSE_INDEX:BANKNIFTY"]),
        ("nifty fut", ["NFO:NIFTY25AUG26FUT", "NFO:NIFTY29SEP26FUT", "NFO:NIFTY29DEC26FUT"]),
        ("nifty futures", ["NFO:NIFTY25AUG26FUT", "NFO:NIFTY29SEP26FUT"]),
        ("nifty25aug26", ["NFO:NIFTY25AUG26FUT", "NFO:NIFTY25AUG2624250CE"]),
        ("niftybees", ["NSE:NIFTYBEES"]),
        ("infosys", ["NSE:INFY"]),
        ("mahindra", ["NSE:M&M"]),
        ("m&m", ["NSE:M&M"]),
        ("m&m 3600 pe", ["NFO:M&M25AUG263600PE"]),
        ("bajaj auto", ["NSE:BAJAJ-AUTO"]),
        ("bajaj-auto", ["NSE:BAJAJ-AUTO"]),
        ("360one", ["NSE:360ONE"]),
        ("360one ce", ["NFO:360ONE25AUG261160CE"]),
        ("vedl 292.5", ["NFO:VEDL25AUG26292.5CE", "NFO:VEDL25AUG26292.5PE"]),
        ("500325", ["BSE:RELIANCE"]),
        ("crude fut", ["MCX:CRUDEOIL25AUG26FUT"]),
        ("usdinr", ["CDS:USDINR25AUG26FUT"]),
        # 26 is the year of all of them, and the strike of one.
        ("idea 26 ce", ["NFO:IDEA25AUG2626CE", "NFO:IDEA25AUG2624CE"]),
        # CE occurs in RELIANCE and MAR in MARUTI; what the words mean comes first.
        ("reliance ce", ["NFO:RELIANCE25AUG261400CE", "NFO:RELIANCE25AUG261420CE"]),
        ("maruti mar", ["NFO:MARUTI30MAR2712000CE", "NFO:MARUTI30MAR2712000PE"]),
    ],
)
def test_a_trader_finds_what_was_meant(query: str, first: list[str]) -> None:
    assert search(query)[: len(first)] == first


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("relinace", "NSE:RELIANCE"),
        ("relance", "NSE:RELIANCE"),
        ("reliancee", "NSE:RELIANCE"),
        ("infosis", "NSE:INFY"),
        ("niftty", "NSE_INDEX:NIFTY"),
        ("bankniffty fut", "NFO:BANKNIFTY25AUG26FUT"),
        ("hdfc bnak", "NSE:HDFCBANK"),
        ("nifty25000ce", "NFO:NIFTY18AUG2625000CE"),
        ("infosys fut", "NFO:INFY25AUG26FUT"),
        ("mahindra 3600 call", "NFO:M&M25AUG263600CE"),
    ],
)
def test_a_query_that_matches_nothing_is_read_more_freely(query: str, first: str) -> None:
    assert search(query)[0] == first


@pytest.mark.parametrize(
    "query",
    ["", "   ", "...", "zzzz", "rxl", "nifty infosys", "25000 reliance", "inxx", "nfity ce zz"],
)
def test_nothing_is_found_where_nothing_is_meant(query: str) -> None:
    assert search(query) == []


def test_a_word_that_matches_is_not_corrected() -> None:
    master = Master([share("BEES"), share("BEER"), share("BEERS")])
    assert [row.symbol for row in asyncio.run(master.search("beer"))] == ["BEER", "BEERS"]


def test_an_exchange_narrows_the_search() -> None:
    assert search("reliance", exchange=Exchange.BSE) == ["BSE:RELIANCE"]
    assert search("infosys", exchange=Exchange.NFO) == ["NFO:INFY25AUG26FUT"]
    assert search("reliance", exchange=Exchange.MCX) == []


def test_no_results_when_none_are_wanted() -> None:
    assert search("nifty", limit=0) == []


def test_never_more_than_five_hundred() -> None:
    many = Master(options("NIFTY", AUGUST, *(str(strike) for strike in range(20_000, 20_400))))
    for ranking in Ranking:
        assert len(asyncio.run(many.search("nifty", limit=9_999, ranking=ranking))) == 500


def test_by_length_exact_precedes_prefix_precedes_substring_precedes_other() -> None:
    banks = [
        share("ABANK", "a"),
        share("BANKA", "b"),
        share("BANK", "c"),
        share("BANKAB", "d"),
        share("ZZ", "some bank"),
        share("XBANKX", "e"),
    ]
    found = asyncio.run(Master(banks).search("bank"))
    assert [row.symbol for row in found] == ["BANK", "BANKA", "BANKAB", "ABANK", "XBANKX", "ZZ"]


def naive(query: str) -> set[str]:
    """All rows in which every word occurs, by the letter of the contract."""
    words = query.upper().split()
    return {
        str(row.key)
        for row in ROWS
        if all(
            any(
                word in text.upper()
                for text in (
                    row.symbol,
                    row.broker_symbol,
                    row.name,
                    row.token,
                    str(row.strike or ""),
                )
            )
            for word in words
        )
    }


@st.composite
def pieces(draw: st.DrawFn) -> str:
    """A piece of some text of some row, as one word."""
    row = draw(st.sampled_from(ROWS))
    text = draw(st.sampled_from([row.symbol, row.broker_symbol, row.name, row.token]))
    word = draw(st.sampled_from(text.split()))
    start = draw(st.integers(0, len(word) - 1))
    return word[start : draw(st.integers(start + 1, len(word)))]


def quality(symbol: str, query: str) -> int:
    if symbol == query:
        return 0
    return 1 if symbol.startswith(query) else 2 if query in symbol else 3


@given(word=pieces())
def test_one_word_finds_exactly_the_rows_that_contain_it_in_the_order_of_the_contract(
    word: str,
) -> None:
    found = rows(word)
    assert {str(row.key) for row in found} == naive(word)
    order = [(quality(row.symbol, word.upper()), len(row.symbol)) for row in found]
    assert order == sorted(order)


@given(words=st.lists(pieces(), min_size=2, max_size=3))
def test_several_words_find_at_least_the_rows_that_contain_all(words: list[str]) -> None:
    for ranking in Ranking:
        found = rows(" ".join(words), ranking)
        assert naive(" ".join(words)) <= {str(row.key) for row in found}
        assert len(found) == len({row.key for row in found})


@given(
    words=st.lists(pieces(), min_size=1, max_size=3),
    ranking=st.sampled_from(Ranking),
    limit=st.integers(1, 40),
)
@example(words=["N", "E"], ranking=Ranking.LENGTH, limit=1)
def test_a_limit_keeps_the_best(words: list[str], ranking: Ranking, limit: int) -> None:
    query = " ".join(words)
    assert rows(query, ranking, limit) == rows(query, ranking)[:limit]


STRIKES = (*map(str, range(150, 2_600, 25)), "27.5", "272.5", "72")
CROWD = Master(
    [
        *(
            share(f"{letter * length}{number}", f"{letter} LIMITED {number}", token=f"{number}7")
            for letter in "AEN"
            for length in range(1, 9)
            for number in range(20)
        ),
        *map(share, ("N", "SE", "SEP25AUG26", "SEPARATE", "EPIC", "ZN", "NZ")),
        *(
            row
            for base in ("NN", "ENN", "A7", "72A", "SEP", "PEN")
            for day in (AUGUST, SEPTEMBER, DECEMBER)
            for row in (contract(base, day), *options(base, day, *STRIKES))
        ),
    ]
)
"""Many more rows than results, in some 180 blocks."""


def all_rows(query: str, ranking: Ranking) -> list[Instrument]:
    """What is found when there is never enough."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "MAX_RESULTS", len(CROWD) + 1)
        return asyncio.run(CROWD.search(query, limit=len(CROWD) + 1, ranking=ranking))


WORDS = (
    *(
        "N",
        "E",
        "A",
        "7",
        "2",
        "72",
        "25",
        "P",
        "CE",
        "SE",
        "EP",
        "SEP",
        "PEN",
        "-B",
        "25AUG",
        "ANN",
    ),
    *("NN", "NN25AUG26250", "SEP25AUG26", "NN25AUG26250CE", "ENN29SEP26FUT", "1000", "LIMITED"),
)


@given(
    words=st.lists(
        st.sampled_from(WORDS) | st.text("AENCP2570.|", min_size=1, max_size=3),
        min_size=1,
        max_size=3,
    ),
    ranking=st.sampled_from(Ranking),
    limit=st.integers(1, 20) | st.integers(1, 500),
    sifted=st.sampled_from([1, 64]),
)
@example(words=["7"], ranking=Ranking.LENGTH, limit=500, sifted=64)
@example(words=["PE", "72"], ranking=Ranking.LENGTH, limit=3, sifted=1)
@example(words=["2", "1000", "N"], ranking=Ranking.RELEVANCE, limit=30, sifted=1)
@example(words=["SE"], ranking=Ranking.RELEVANCE, limit=2, sifted=1)
@example(words=["SEP25AUG26"], ranking=Ranking.RELEVANCE, limit=2, sifted=1)
@example(words=["EP"], ranking=Ranking.RELEVANCE, limit=2, sifted=1)
@example(words=["N"], ranking=Ranking.RELEVANCE, limit=3, sifted=1)
@example(words=["NN", "2"], ranking=Ranking.RELEVANCE, limit=3, sifted=1)
@example(words=["NN25AUG26250"], ranking=Ranking.LENGTH, limit=3, sifted=1)
def test_stopping_when_there_is_enough_changes_nothing(
    words: list[str], ranking: Ranking, limit: int, sifted: int
) -> None:
    query = " ".join(words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_SIFTED_A_STEP", sifted)
        found = asyncio.run(CROWD.search(query, limit=limit, ranking=ranking))
    assert found == all_rows(query, ranking)[:limit]


def test_contracts_with_names_of_their_own_are_found_too() -> None:
    perpetual = Instrument(
        exchange=Exchange.CRYPTO,
        symbol="BTCUSDFUT",
        name="BTC",
        type=InstrumentType.PERPETUAL,
        broker_symbol="BTCUSD",
        broker_exchange="DELTA",
        token="27",
        tick_size=px("0.5"),
    )
    turbo = replace(
        contract("BTC", AUGUST, "62000", InstrumentType.CALL, Exchange.CRYPTO),
        symbol="TC-BTC-62000",
    )
    master = Master([perpetual, turbo])
    assert asyncio.run(master.search("btcusd")) == [perpetual]
    assert asyncio.run(master.search("62000")) == [turbo]


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("RELIANCE", "RELINACE", True),
        ("RELIANCE", "RELIANC", True),
        ("RELIANCE", "RELIANXE", True),
        ("RELIANCE", "ERLIANCE", True),
        ("RELIANCE", "RELIANCE", False),
        ("RELIANCE", "RELNIACE", False),
        ("ABCD", "BADC", False),
        ("ABCD", "ABCDEF", False),
    ],
)
def test_one_edit(one: str, other: str, near: bool) -> None:
    assert one_edit_apart(one, other) is near
    assert one_edit_apart(other, one) is near


@pytest.fixture(scope="module")
def market() -> Draft:
    """27,000 rows."""
    days = [date(2026, 8, day) for day in range(1, 5)]
    strikes = [str(strike) for strike in range(20_000, 80_000, 20)]
    draft = Draft()
    for row in (
        *(share(f"SHARE{number}", f"NAME {number} LIMITED") for number in range(3_000)),
        *(row for day in days for row in options("NIFTY", day, *strikes)),
    ):
        draft.add(row)
    run_through(draft.finish())
    return draft


@pytest.mark.parametrize(
    "query", ["n", "5", "72", "7 2", "nifty", "25000", "nifty 25000 ce dec", "relinace ce"]
)
def test_no_step_of_a_search_is_long(market: Draft, query: str) -> None:
    for ranking in Ranking:
        assert max(efforts(market.index.search(query, ranking=ranking))) < 12_000


@pytest.mark.parametrize("query", ["n", "5", "e", "n 2"])
def test_what_matches_most_rows_is_found_without_a_look_at_most(
    market: Draft, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [sum(efforts(market.index.search(query, ranking=ranking))) for ranking in Ranking]
    monkeypatch.setattr(searching, "MAX_RESULTS", 100_000)
    everything = [
        sum(efforts(market.index.search(query, limit=100_000, ranking=ranking)))
        for ranking in Ranking
    ]
    assert max(few) * 4 < min(everything)
