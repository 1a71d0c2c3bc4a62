"""Runs in the environment of the official `kiteconnect`: one binary frame (hex) per line in, its
ticks out.

With a number as its argument, it reads all frames first and then says how many packets a second it
decodes, the best of that many rounds.
"""

import json
import sys
import time

from kiteconnect import KiteTicker

parse = KiteTicker("key", "token")._parse_binary


def plain(value):
    return value.timestamp() if hasattr(value, "timestamp") else str(value)


def speed(frames, rounds):
    packets = sum(len(parse(frame)) for frame in frames)
    best = 0.0
    for _ in range(rounds):
        began = time.process_time()
        for frame in frames:
            parse(frame)
        best = max(best, packets / (time.process_time() - began))
    return best


read = (bytes.fromhex(line) for line in sys.stdin)
if len(sys.argv) > 1:
    sys.stdout.write(f"{speed(list(read), int(sys.argv[1]))}\n")
else:
    for frame in read:
        sys.stdout.write(json.dumps(parse(frame), default=plain) + "\n")
