"""What a plan asks the ledger: look-ups by index, whose cost does not grow with the library."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from creative_flow.ledger.files import Read
from creative_flow.ledger.records import Attempt, Intent, KnownEntry


class Lookups(Protocol):
    """What can be looked up. `Ledger` has it, and for dry runs `Glance`."""

    def sha256(self, path: Path) -> str:
        """Return a file's SHA-256 in lower-case hex. Raises `OSError` as the file system does."""

    def known_sha256(self, path: Path) -> str | None:
        """Return a file's SHA-256 if that is known without reading it. Raises `OSError`."""

    def keep_hash(self, read: Read) -> None:
        """Remember what `creative_flow.ledger.files.read_hash` has read."""

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

    def looks(self, contents: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return what contents, given by SHA-256, look like, as far as they were looked at."""

    def add_looks(self, found: Mapping[str, Sequence[str]]) -> None:
        """Write down what contents look like; what is known stays."""

    def near(
        self, found: Mapping[str, Sequence[str]], *, most: int, moments: int
    ) -> dict[str, dict[str, int]]:
        """Return of each of these looks the contents that look alike, and in how many bits."""

    def open_intents(self, platform: str, account: str) -> tuple[Intent, ...]:
        """Return every creative, of any run, whose fate is open, oldest first."""
