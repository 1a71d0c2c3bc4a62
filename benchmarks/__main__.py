"""`python -m benchmarks`: run every comparison, one after the other."""

from benchmarks import instruments, orders, simulator

orders.main()
instruments.main()
simulator.main()
