"""What is known of each broker, and what of it is proven: the pages of `docs/brokers`.

`python -m tests.brokers.report` plays the conformance suite and writes them anew. It needs the
shared files of real replies; without them a page would say less than is known.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from structlog.testing import capture_logs

from openalgo.brokers.adapter import Broker
from openalgo.brokers.base import BrokerInfo
from openalgo.brokers.limits import RateLimit
from openalgo.domain.market import Exchange, Mode
from tests.brokers.conformance.checks import Check, Group, outcome
from tests.brokers.conformance.fixtures import Folder, folders
from tests.brokers.conformance.protocol import calls_of
from tests.brokers.conformance.suite import checks_of

PAGES = Path(__file__).parents[2] / "docs" / "brokers"

_WITHOUT_REFUSAL = ("auth.logout", "instruments.download")
"""Nobody reads the answer of the first; the second is a file."""

_READS = (
    *("orders.orders", "orders.trades", "portfolio.positions", "portfolio.holdings"),
    *("portfolio.funds", "market_data.quotes", "market_data.candles", "instruments.download"),
    *("margin.margin", "gtt.gtts"),
)
"""What should have been tried with replies of the broker's own."""

_CASES = (Group.REQUESTS, Group.REPLIES, Group.REFUSALS)


@dataclass(frozen=True, slots=True)
class Level:
    """How far an adapter is proven. Each takes what those before it do."""

    name: str
    takes: str


LEVELS = (
    Level("Unproven", "A check fails, or a call has no case."),
    Level(
        "Bronze",
        "Every check holds. Every call has a case of what is sent or what comes back, the list of "
        "instruments is read, and every call survives what a network and a broker can do to it.",
    ),
    Level(
        "Silver",
        "Of every call it is proven what is sent, how an answer is read, and how a refusal in the "
        "broker's own words is told; so are every order status, the way of an order into the book "
        "and back and, where there is a feed, its subscriptions and frames of every kind.",
    ),
    Level(
        "Gold",
        "Every book, quotes, candles, instruments and frames are read from what the broker itself "
        "wrote, not only from what we wrote after its documentation.",
    ),
)


class Proof:
    """What came of the checks of a broker."""

    def __init__(self, folder: Folder) -> None:
        self.broker: Broker = folder.broker
        self.calls = calls_of(self.broker)
        checks = checks_of(folder)
        self.passed: list[Check] = [each for each in checks if outcome(each).passed]
        self.failed: list[Check] = [each for each in checks if outcome(each).problem is not None]
        self.absent = any(outcome(each).absent is not None for each in checks)

    def count(self, *groups: Group, call: str = "", real: bool = False) -> int:
        return sum(
            each.group in groups and (not call or each.call == call) and (each.real or not real)
            for each in self.passed
        )

    @property
    def missing(self) -> tuple[list[str], ...]:
        """What each level above the first still takes."""
        return list(self._bronze()), list(self._silver()), list(self._gold())

    @property
    def level(self) -> Level:
        """The highest whose demands, and those of all below, are met."""
        reached = 0
        for missing in self.missing:
            if missing:
                break
            reached += 1
        return LEVELS[reached]

    def _bronze(self) -> Iterator[str]:
        yield from (f"`{each.call}`: {each.group}: {each.name}" for each in self.failed)
        for call in self.calls:
            if not self.count(*_CASES, call=call):
                yield f"a case of `{call}`"
        if not self.count(Group.INSTRUMENTS):
            yield "rows of the list of instruments"

    def _silver(self) -> Iterator[str]:
        for call in self.calls:
            listing = call == "instruments.download"
            if not self.count(Group.REQUESTS, call=call):
                yield f"a request of `{call}`"
            if not self.count(Group.INSTRUMENTS if listing else Group.REPLIES, call=call):
                yield f"an answer to `{call}`"
            if call not in _WITHOUT_REFUSAL and not self.count(Group.REFUSALS, call=call):
                yield f"a refusal of `{call}`"
        if not self.count(Group.STATUSES):
            yield "the words for the status of an order"
        if not self.count(Group.ROUND_TRIPS):
            yield "the way of an order into the book and back"
        if self.broker.stream is not None:
            for call in ("stream.address", "stream.subscribe", "stream.unsubscribe"):
                if not self.count(Group.SUBSCRIPTIONS, call=call):
                    yield f"a case of `{call}`"
            shown = [mode.name for mode in Mode]
            for kind in (*shown, "orders") if self.broker.info.order_updates else shown:
                if not self.count(Group.FRAMES, call=kind):
                    yield f"frames of {kind}"

    def _gold(self) -> Iterator[str]:
        for call in _READS:
            group = Group.INSTRUMENTS if call == "instruments.download" else Group.REPLIES
            if call in self.calls and not self.count(group, call=call, real=True):
                yield f"a real answer to `{call}`"
        if self.broker.stream is not None and not self.count(Group.FRAMES, real=True):
            yield "a real frame of the feed"


def page(proof: Proof) -> str:
    """The page of one broker, in Markdown."""
    info = proof.broker.info
    lines = [
        f"# {info.name}",
        "",
        "Written by `make broker-report` from the adapter and the results of its conformance "
        "suite; do not edit.",
        "",
        f"Quality level: **{proof.level.name}**. {proof.level.takes}",
        "",
        "## What it can do",
        "",
        *_table(("", ""), _capabilities(proof.broker)),
    ]
    if info.notes:
        lines += ["", "Before you connect:", "", *(f"* {note}" for note in info.notes)]
    lines += [
        "",
        "## Limits",
        "",
        *_table(("Calls", "At most"), (_limit(each) for each in proof.broker.api.limits)),
        "",
        "## What is proven",
        "",
        "Numbers of cases that hold; in brackets those with replies or frames the broker itself "
        "wrote. *Faults* are broken connections, timeouts, error pages, refusals and answers of "
        "the wrong shape; *damage* are good answers with a member missing or of another kind.",
        "",
        *_table(("Call", "Requests", "Answers", "Refusals", "Faults", "Damage"), _proven(proof)),
        "",
        *_table(
            ("Beyond single calls", "Cases"),
            (
                *(
                    (f"Frames of the feed: {kind}", _cell(proof, Group.FRAMES, call=kind))
                    for kind in _FRAMES
                    if proof.count(Group.FRAMES, call=kind)
                ),
                *((name, _cell(proof, each)) for name, each in _BEYOND if proof.count(each)),
            ),
        ),
    ]
    for level, missing in zip(LEVELS[1:], proof.missing, strict=True):
        if missing:
            lines += ["", f"{level.name} still takes:", "", *(f"* {each}" for each in missing)]
    return "\n".join(lines) + "\n"


def index(proofs: Iterable[Proof]) -> str:
    """The page that lists all brokers."""
    lines = [
        "# Brokers",
        "",
        "Written by `make broker-report`; do not edit. [How to add a broker](adding.md) says how a "
        "line gets here.",
        "",
        *_table(
            ("Broker", "Level", "Exchanges", "GTT", "Margin", "Feed"),
            (
                (
                    f"[{proof.broker.info.name}]({proof.broker.info.id}.md)",
                    proof.level.name,
                    _exchanges(proof.broker.info),
                    _yes(proof.broker.gtt is not None),
                    _yes(proof.broker.margin is not None),
                    _yes(proof.broker.stream is not None),
                )
                for proof in proofs
            ),
        ),
        "",
        "The levels are computed from what the conformance suite proves, each with those before:",
        "",
        *(f"* **{level.name}**: {level.takes}" for level in LEVELS),
    ]
    return "\n".join(lines) + "\n"


def proofs() -> list[Proof]:
    """Of the brokers of the product: those of the tests are examples."""
    mine = [each for each in folders() if not each.account["adapter"].startswith("tests.")]
    return [Proof(each) for each in mine]


def pages(found: list[Proof]) -> dict[str, str]:
    """All pages, by the names of their files."""
    return {
        "README.md": index(found),
        **{f"{proof.broker.info.id}.md": page(proof) for proof in found},
    }


def _capabilities(broker: Broker) -> Iterator[tuple[str, str]]:
    info, stream = broker.info, broker.info.stream
    yield "Login", {"oauth": "on the broker's page", "form": "by a form", "none": "none"}[info.auth]
    if info.app_fields:
        yield "Needed once", ", ".join(each.label for each in info.app_fields)
    if info.login_fields:
        yield "Asked at each login", ", ".join(each.label for each in info.login_fields)
    ends = info.session_ends_at
    yield "Session ends", "when the broker says" if ends is None else f"{ends:%H:%M} IST"
    yield "Exchanges", _exchanges(info)
    yield "Orders", "MARKET, LIMIT, SL, SL-M; CNC, NRML, MIS" if info.trading else "none"
    yield "GTT", _yes(broker.gtt is not None)
    yield "Margin of orders", _yes(broker.margin is not None)
    yield "Order tag", _tag(info)
    yield "Quotes in one call", str(info.quotes_a_call)
    yield "Candles", ", ".join(info.intervals) or "none"
    listed = info.listed_at
    yield "New list of instruments", "never" if listed is None else f"daily at {listed:%H:%M} IST"
    if stream is None:
        yield "Feed", "none; prices are asked for"
        return
    yield (
        "Feed",
        (
            f"{stream.instruments_a_connection} instruments on each of {stream.connections} "
            f"connections; dead after {stream.silent_for:g} s of silence"
        ),
    )
    yield "Levels of depth", ", ".join(map(str, info.depth_levels))
    yield "Order updates", "by the feed" if info.order_updates else "the book is asked for"


def _tag(info: BrokerInfo) -> str:
    if info.tag is None:
        return "none"
    told = "comes back with the order book" if info.tag.returned else "does not come back"
    return f"{info.tag.length} characters; it {told}"


def _limit(limit: RateLimit) -> tuple[str, str]:
    windows = " and ".join(f"{calls} in {seconds:g} s" for calls, seconds in limit.windows)
    kept = f", {limit.reserve} of them kept for cancelling" if limit.reserve else ""
    return limit.scope.replace("_", " "), windows + kept


def _proven(proof: Proof) -> Iterator[tuple[str, ...]]:
    answers = (Group.REPLIES, Group.INSTRUMENTS)
    groups = ((Group.REQUESTS,), answers, (Group.REFUSALS,), (Group.FAULTS,), (Group.DAMAGE,))
    for call in proof.calls:
        yield f"`{call}`", *(_cell(proof, *each, call=call) for each in groups)


_FRAMES = (*(mode.name for mode in Mode), "orders", "the rest")
_BEYOND = (
    ("Order statuses", Group.STATUSES),
    ("Orders sent, and read back from the book", Group.ROUND_TRIPS),
    ("Subscriptions to the feed", Group.SUBSCRIPTIONS),
    ("Frames cut off, damaged or invented", Group.GARBAGE),
)


def _cell(proof: Proof, *groups: Group, call: str = "") -> str:
    count = proof.count(*groups, call=call)
    tried = (Group.FAULTS, Group.DAMAGE, Group.GARBAGE)
    real = 0 if groups[0] in tried else proof.count(*groups, call=call, real=True)
    return f"{count} ({real})" if real else str(count or "")


def _exchanges(info: BrokerInfo) -> str:
    return ", ".join(each for each in Exchange if each in info.exchanges)


def _yes(there: bool) -> str:
    return "yes" if there else "no"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def main() -> None:
    with capture_logs():
        found = proofs()
    absent = [proof.broker.info.name for proof in found if proof.absent]
    if absent:
        raise SystemExit(
            f"Real files of {', '.join(absent)} are missing: set OPENALGO_SHARED_DATA to where "
            "they are"
        )
    PAGES.mkdir(parents=True, exist_ok=True)
    for name, text in pages(found).items():
        (PAGES / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
