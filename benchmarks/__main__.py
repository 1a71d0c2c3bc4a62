"""`python -m benchmarks`: run every comparison, one after the other."""

from benchmarks import instruments, orders

orders.main()
instruments.main()
