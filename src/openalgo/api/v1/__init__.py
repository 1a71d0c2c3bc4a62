"""The public API, `/api/v1`."""

PREFIX = "/api/v1"
