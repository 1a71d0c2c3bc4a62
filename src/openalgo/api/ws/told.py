"""One message to a user about what happened."""

from collections.abc import Mapping
from typing import NamedTuple


class Told(NamedTuple):
    """What is not `kept` tells how something stands for a moment: it has no number, and whoever was
    away is not told afterwards."""

    event: str
    data: Mapping[str, object]
    kept: bool = True
