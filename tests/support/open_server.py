"""The server, except that for accounts at brokers exchanges are open at any hour, as at the twin.

`python tests/support/open_server.py serve ...`
"""

import sys

from openalgo.cli import main
from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.marketplace import live_accounts

live_accounts.ExchangeCalendar = AlwaysOpenCalendar  # type: ignore[assignment, attr-defined]
sys.exit(main(sys.argv[1:]))
