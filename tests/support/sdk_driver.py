"""Runs inside the environment of the published SDK: one call per line in, one answer per line out.

The SDK and this server share their import name, so they never live in one environment.
"""

import contextlib
import json
import sys
import time

with contextlib.redirect_stdout(sys.stderr):
    from openalgo import api

client = api(api_key=sys.argv[1], host=sys.argv[2], timeout=20.0, ws_port=int(sys.argv[3]))


def until_heard(method, path):
    """What the getter `method` holds under `path`, once the feed has brought it."""
    while True:
        found = getattr(client, method)()
        for name in path:
            found = (found or {}).get(name)
        if found:
            return found
        time.sleep(0.01)


for line in sys.stdin:
    call = json.loads(line)
    with contextlib.redirect_stdout(sys.stderr):
        method = until_heard if call["method"] == "until_heard" else getattr(client, call["method"])
        answer = method(**call["arguments"])
        if hasattr(answer, "reset_index"):
            answer = json.loads(answer.reset_index().to_json(orient="records"))
    print(json.dumps(answer), flush=True)  # noqa: T201 - the protocol of this program
