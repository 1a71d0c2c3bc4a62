"""Requests made up from a document, by somebody who may make them, until the time is over."""

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

Members = Mapping[str, Any]

_NOTHING: Members = MappingProxyType({})

_EXAMPLES = 5
"""So many requests of an operation before it is the next one's turn."""
_PREPARED = 5
"""Rounds after which what the requests refer to is made anew."""
_CHANGED = 3
"""Members of a request that are made up, at most, in three of four requests."""

_CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class Known(NamedTuple):
    """A request that is carried out. Where `is_whole`, its members mean something together only."""

    body: Members = _NOTHING
    query: Members = _NOTHING
    path: Members = _NOTHING
    is_whole: bool = False


class Asker(Protocol):
    """Who makes the requests of one document."""

    def known(self, operation: str) -> Known:
        """A request for `operation` that has not been made yet."""
        ...

    def send(self, case: Case[Any], operation: str) -> Response:
        """Send `case`, with what lets it be carried out."""
        ...

    def hidden(self, text: str) -> str:
        """`text` without secrets."""
        ...


@dataclass
class Findings:
    """`problems` holds one request for each kind of problem of an operation; `statuses` counts
    the replies by operation and status."""

    problems: dict[tuple[str, str], str] = field(default_factory=dict)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return sum(counted.total() for counted in self.statuses.values())

    @property
    def unreached(self) -> set[str]:
        """The operations that never carried anything out."""
        return {name for name, counted in self.statuses.items() if 200 not in counted}

    def __str__(self) -> str:
        told = [f"{name}: {kind}\n{text}" for (name, kind), text in sorted(self.problems.items())]
        return "\n\n".join(told)


class Fuzzer:
    """Makes up what `asker` asks."""

    def __init__(self, document: dict[str, Any], asker: Asker) -> None:
        schema = schemathesis.openapi.from_dict(document)
        self._operations: dict[str, APIOperation[Any, Any, Any, Any]] = {}
        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            self._operations[operation.definition.raw["operationId"]] = operation
        self._asker = asker
        self._known: dict[str, Known] = {}
        self.findings = Findings()

    def run(self, seconds: float) -> Findings:
        """Ask for so long, but every operation at least once.

        Half of the requests are valid by the document. In most, some members are those of a
        request that is carried out, so that the others reach the code behind the validation.
        """
        end = time.monotonic() + seconds
        for number in count():
            if number % _PREPARED == 0:
                self._known.clear()
            for name in self._operations:
                if number and time.monotonic() > end:
                    return self.findings
                self._ask(name, number)
        raise AssertionError

    def _ask(self, name: str, number: int) -> None:
        if name not in self._known:
            self._known[name] = self._asker.known(name)
        mode = GenerationMode.NEGATIVE if number % 2 else GenerationMode.POSITIVE
        made_up = self._operations[name].as_strategy(generation_mode=mode)
        as_known = st.just(True) if number % _PREPARED == 0 else st.just(False)

        @seed(number)
        @settings(
            max_examples=_EXAMPLES,
            database=None,
            derandomize=False,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data(), as_known=as_known)
        def ask(data: st.DataObject, as_known: bool) -> None:
            case = data.draw(made_up)
            if as_known and name not in self.findings.statuses:
                known = self._known[name]
                case.query = dict(known.query)
                case.path_parameters.update(known.path)
                case.body = deepcopy(dict(known.body)) if case.operation.body else case.body
            else:
                self._mix(case, name, data)
            self._send(case, name)

        with suppress(Unsatisfiable):  # where nothing can be sent that is not valid
            ask()

    def _mix(self, case: Case[Any], name: str, data: st.DataObject) -> None:
        """Put members of a known request in the place of most that were made up."""
        if not data.draw(st.integers(0, 3)):
            return
        known = self._known[name]
        case.path_parameters.update(known.path)
        if known.is_whole:
            return
        pairs: list[tuple[Members, Any]] = [(known.body, case.body), (known.query, case.query)]
        for members, made_up in pairs:
            if members and isinstance(made_up, dict):
                changed = data.draw(st.sets(st.sampled_from(sorted(members)), max_size=_CHANGED))
                made_up.update((key, members[key]) for key in members.keys() - changed)

    def _send(self, case: Case[Any], name: str) -> None:
        response = self._asker.send(case, name)
        counted = self.findings.statuses.setdefault(name, Counter())
        counted[response.status_code] += 1
        problems: list[tuple[str, str]] = []
        if response.status_code >= 500:
            problems.append((f"HTTP {response.status_code}", response.text))
        try:
            case.validate_response(response, checks=_CHECKS)
        except FailureGroup as group:
            problems.extend((each.title, str(each)) for each in group.exceptions)
        for kind, text in problems:
            shown = self._asker.hidden(f"{text}\n{case.as_curl_command()}")
            self.findings.problems.setdefault((name, kind), shown)
