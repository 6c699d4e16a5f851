"""``python -m creative_flow.cli`` is ``cfu``."""

import sys

from creative_flow.cli import main

sys.exit(main())
