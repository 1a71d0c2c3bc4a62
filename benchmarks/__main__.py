"""`python -m benchmarks`: run every comparison, one after the other."""

from benchmarks import fanout, instruments, matching, orders, simulator

orders.main()
matching.main()
instruments.main()
simulator.main()
fanout.main()
