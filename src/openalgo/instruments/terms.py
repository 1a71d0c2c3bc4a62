"""What a search asks for: its words, what they mean, and other ways to read them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openalgo.domain.instruments import InstrumentType
from openalgo.instruments.blocks import MONTH_NAMES, TYPE_NAMES
from openalgo.instruments.symbols import MONTHS

_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_PIECES = re.compile(r"\d+(?:\.\d+)?|[^\d.]+", re.ASCII)
_SHORTEST_MISSPELT = 4


def _types_by_word() -> Mapping[str, frozenset[InstrumentType]]:
    words: dict[str, frozenset[InstrumentType]] = {}
    for type, names in TYPE_NAMES.items():
        for name in (type.value, *names):
            words[name] = words.get(name, frozenset()) | {type}
    return words


_TYPES = _types_by_word()
_MONTHS = {
    name: number for names in (MONTHS, MONTH_NAMES) for number, name in enumerate(names, start=1)
}


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query, in capitals: any of `texts` will do.

    `types`, `month`, `day` and `number` say what kind of contract, expiry or strike the word
    means, if it means one; a row may match the text and still be something else (`CE` in
    RELIANCE).
    """

    texts: tuple[str, ...]
    has_digit: bool
    types: frozenset[InstrumentType] = frozenset()
    month: int = 0
    day: int = 0
    number: Decimal | None = None

    @classmethod
    def literal(cls, *texts: str) -> "Term":
        """Only the texts, without a meaning."""
        return cls(texts, any(c.isdigit() for text in texts for c in text))


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a query: every term must match.

    With several terms, words for types and months count too (`CALL`, `DECEMBER`); `companies`
    lets contracts match by what their underlying is called (`INFOSYS FUT`).
    """

    terms: tuple[Term, ...]
    several: bool
    companies: bool = False


def as_written(words: Sequence[str]) -> Reading:
    """Every word is part of the symbol, the broker's symbol, the name, the token or the strike."""
    if len(words) == 1:
        return Reading((Term.literal(words[0]),), several=False)
    return Reading(_with_meanings(words), several=True)


def taken_apart(words: Sequence[str]) -> list[str]:
    """Letters and numbers that were written together: `nifty25000ce` is `nifty 25000 ce`."""
    return [piece for word in words for piece in _PIECES.findall(word)]


def freely(words: Sequence[str], corrected: Mapping[str, Sequence[str]] | None = None) -> Reading:
    """As written or `corrected`, and by the names of underlyings too."""
    terms = _with_meanings(words)
    if corrected:
        terms = tuple(
            Term.literal(*corrected[term.texts[0]]) if term.texts[0] in corrected else term
            for term in terms
        )
    return Reading(terms, several=True, companies=True)


def _with_meanings(words: Sequence[str]) -> tuple[Term, ...]:
    """A number next to a month is a day (`29 dec`), any other may be a strike."""
    months = [_MONTHS.get(word, 0) for word in words]
    terms = []
    for at, word in enumerate(words):
        is_number = _NUMBER.fullmatch(word) is not None
        is_day = is_number and len(word) <= 2 and any(months[max(at - 1, 0) : at + 2])
        terms.append(
            Term(
                (word,),
                any(c.isdigit() for c in word),
                types=_TYPES.get(word, frozenset()),
                month=months[at],
                day=int(word) if is_day else 0,
                number=Decimal(word) if is_number and not is_day else None,
            )
        )
    return tuple(sorted(terms, key=_has_digit))  # those without are told faster to be absent


def _has_digit(term: Term) -> bool:
    return term.has_digit


def may_be_misspelt(word: str) -> bool:
    return (
        len(word) >= _SHORTEST_MISSPELT
        and not any(c.isdigit() for c in word)
        and word not in _TYPES
        and word not in _MONTHS
    )
