"""What a plan asks the ledger: look-ups by index, whose cost does not grow with the library."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from creative_flow.ledger.records import Attempt, Intent, KnownEntry


class Lookups(Protocol):
    """What can be looked up. `Ledger` has it, and for dry runs `Glance`."""

    def sha256(self, path: Path) -> str:
        """Return a file's SHA-256 in lower-case hex. Raises `OSError` as the file system does."""

    def by_name(
        self, platform: str, account: str, ad_format: str, keys: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of an ad format by name key; a key that none has is left out."""

    def by_content(
        self, platform: str, account: str, hashes: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of all ad formats by SHA-256."""

    def elsewhere(
        self, platform: str, account: str, hashes: Collection[str]
    ) -> dict[str, tuple[KnownEntry, ...]]:
        """Return the entries of the platform's other accounts by SHA-256."""

    def last_attempts(
        self, platform: str, account: str, ad_format: str, keys: Collection[str]
    ) -> dict[str, Attempt]:
        """Return how the newest sending of each name of an ad format ended."""

    def open_intents(self, platform: str, account: str) -> tuple[Intent, ...]:
        """Return every creative, of any run, whose fate is open, oldest first."""
