"""`python -m benchmarks`: run every comparison, one after the other."""

from benchmarks import orders

orders.main()
