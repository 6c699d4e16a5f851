"""``python -m creative_flow.cli`` is ``cfu``."""

from creative_flow.cli import program

program()
