from __future__ import annotations

import os
import tempfile

from hypothesis import settings

# Each worker of the tests holds its accounts for itself.
os.environ["CFU_STATE_DIR"] = tempfile.mkdtemp(prefix="cfu-state-")

# Comparing looks loads large packages, in each of many processes; its own tests turn it on.
os.environ["FIND_SIMILAR"] = "False"

settings.register_profile("here", deadline=None)  # a busy machine is no slower code
settings.load_profile("here")
