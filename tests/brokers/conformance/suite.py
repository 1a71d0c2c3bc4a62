"""All checks of a broker."""

from functools import cache

from tests.brokers.conformance import cases, damage, faults, streams
from tests.brokers.conformance.checks import Check
from tests.brokers.conformance.desk import desk_of
from tests.brokers.conformance.fixtures import Folder


@cache
def checks_of(folder: Folder) -> tuple[Check, ...]:
    desk = desk_of(folder)
    found = [check for part in (cases, faults, damage, streams) for check in part.checks(desk)]
    ids = [check.id for check in found]
    twice = {id for id in ids if ids.count(id) > 1}
    assert not twice, f"Two cases are called {twice}"
    return tuple(found)
