"""Last prices, and telling those who asked about ticks and events."""
