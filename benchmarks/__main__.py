"""`python -m benchmarks`: run every comparison, one after the other."""

from benchmarks import fanout, instruments, orders, simulator

orders.main()
instruments.main()
simulator.main()
fanout.main()
