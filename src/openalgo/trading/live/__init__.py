"""Trading at a broker: at most once, and known afterwards.

`BrokerVenue` takes the orders of one account. What is sent is written down first (`journal`), its
answer after (`sending`). `book` keeps how the orders of the day stand and tells of every change;
`follower` feeds it and finds out what became of orders that were not answered (`matching`).
"""
