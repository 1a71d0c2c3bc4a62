"""`python -m benchmarks`: run every comparison, one after the other."""

from benchmarks import authentication, fanout, instruments, orders, simulator

authentication.main()
orders.main()
instruments.main()
simulator.main()
fanout.main()
