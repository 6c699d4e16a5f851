from __future__ import annotations

from hypothesis import settings

settings.register_profile("here", deadline=None)  # a busy machine is no slower code
settings.load_profile("here")
