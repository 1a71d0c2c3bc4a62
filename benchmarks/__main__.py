"""`python -m benchmarks`: run every comparison, one after the other."""

from benchmarks import fanout, orders

orders.main()
fanout.main()
