"""The WebSocket: one protocol on `/ws` of the main port and on `/` of port 8765."""
