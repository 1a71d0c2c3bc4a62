"""`python -m benchmarks`: run every comparison, one after the other."""

from benchmarks import authentication, fanout, instruments, matching, orders, simulator

authentication.main()
orders.main()
matching.main()
instruments.main()
simulator.main()
fanout.main()
