"""Logs, telemetry records and health checks: primitives that every room above may use."""
