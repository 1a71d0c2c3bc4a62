"""The vocabulary everything else is written in: pure values, no I/O."""
