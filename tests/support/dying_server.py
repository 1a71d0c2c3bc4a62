"""The server, except that it kills itself -9 just before or just after its Nth commit.

`python tests/support/dying_server.py before|after N serve ...`
"""

import os
import signal
import sys

from openalgo.cli import main
from openalgo.persistence.sandbox.books import BatchRows, EngineMark, SandboxBooks

when, number = sys.argv[1], int(sys.argv[2])
store = SandboxBooks.commit
commits = 0


async def commit(self: SandboxBooks, rows: BatchRows, mark: EngineMark) -> None:
    global commits  # noqa: PLW0603 - this program is one process long
    commits += 1
    if commits == number and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    await store(self, rows, mark)
    if commits == number and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)


SandboxBooks.commit = commit  # type: ignore[method-assign]
sys.exit(main(sys.argv[3:]))
