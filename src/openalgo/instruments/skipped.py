"""The rows of a contract file that could not be used."""

from collections import Counter
from typing import NamedTuple

_EXAMPLES = 20


class SkippedRow(NamedTuple):
    """`line` counts from 1, the header included."""

    line: int
    reason: str


class SkippedRows:
    """Counts them by reason and keeps the first few, for the log and the operator."""

    def __init__(self) -> None:
        self._reasons: Counter[str] = Counter()
        self._examples: list[SkippedRow] = []

    def add(self, line: int, reason: str, detail: str = "") -> None:
        """`reason` is one of a few phrases; `detail` is what this row has of its own."""
        self._reasons[reason] += 1
        if len(self._examples) < _EXAMPLES:
            self._examples.append(SkippedRow(line, f"{reason}: {detail}" if detail else reason))

    @property
    def total(self) -> int:
        return self._reasons.total()

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows were skipped for each reason, the most frequent first."""
        return dict(self._reasons.most_common())

    @property
    def examples(self) -> tuple[SkippedRow, ...]:
        """The first ones."""
        return tuple(self._examples)
