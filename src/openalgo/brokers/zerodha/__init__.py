"""Zerodha, over Kite Connect v3."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openalgo.brokers.adapter import Broker

    BROKER: Broker

__all__ = ["BROKER"]


def __getattr__(name: str) -> object:
    """`BROKER`, made when it is asked for: lists of brokers need its `info` alone."""
    if name == "BROKER":
        from openalgo.brokers.zerodha.broker import BROKER

        return BROKER
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
