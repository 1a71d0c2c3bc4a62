"""Runs inside the environment of the published SDK: one call per line in, one answer per line out.

The SDK and this server share their import name, so they never live in one environment.
"""

import contextlib
import json
import sys

with contextlib.redirect_stdout(sys.stderr):
    from openalgo import api

client = api(api_key=sys.argv[1], host=sys.argv[2], timeout=20.0)
for line in sys.stdin:
    call = json.loads(line)
    with contextlib.redirect_stdout(sys.stderr):
        answer = getattr(client, call["method"])(**call["arguments"])
        if hasattr(answer, "reset_index"):
            answer = json.loads(answer.reset_index().to_json(orient="records"))
    print(json.dumps(answer), flush=True)  # noqa: T201 - the protocol of this program
