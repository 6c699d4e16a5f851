"""The command line: thin commands over the rooms below, each imported when it is used."""

from creative_flow.cli.top import main

__all__ = ["main"]
