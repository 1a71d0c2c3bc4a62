"""`python -m benchmarks`: run every comparison, one after the other."""

from benchmarks import (
    authentication,
    exchange,
    fanout,
    feed_load,
    feeds,
    instruments,
    live,
    matching,
    options,
    orders,
    simulator,
    zerodha_frames,
)

authentication.main()
orders.main()
matching.main()
exchange.main()
instruments.main()
options.main()
simulator.main()
fanout.main()
feed_load.main(["--quick"])
zerodha_frames.main()
feeds.main()
live.main()
