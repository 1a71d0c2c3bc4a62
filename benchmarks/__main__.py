"""`python -m benchmarks`: run every comparison, one after the other."""

<<<<<<< HEAD
from benchmarks import instruments, orders

orders.main()
instruments.main()
=======
from benchmarks import fanout, orders

orders.main()
fanout.main()
>>>>>>> b-feed
