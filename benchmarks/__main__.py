"""`python -m benchmarks`: run every comparison, one after the other."""

from benchmarks import fanout, instruments, orders

orders.main()
instruments.main()
fanout.main()
