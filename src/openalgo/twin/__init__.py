"""Twins of brokers: their own wire format on loopback, with a little exchange behind it.

For trying out live trading without a broker, and for tests of it. Nothing of the server uses them.
"""
