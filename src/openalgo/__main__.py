"""`python -m openalgo` is `openalgo`."""

import sys

from openalgo.cli import main

sys.exit(main())
