"""What creatives look like is found out while the platform works on them, so that nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from creative_flow.creative import Batch, Creative
from creative_flow.errors import LedgerError
from creative_flow.uploading.alike import Alike, look_of
from creative_flow.uploading.books import Books


class Looking:
    """Tells which creatives of a batch look like others. Without ``alike`` none does."""

    def __init__(self, alike: Alike | None, books: Books) -> None:
        self._alike = alike
        self._books = books
        self._under_way: dict[int, asyncio.Task[Mapping[Path, str]]] = {}

    def begin(self, batch: Batch) -> None:
        """Begin to look at a batch's files."""
        if self._alike is not None:
            looking = self._look(self._alike, batch.creatives)
            self._under_way[batch.number] = asyncio.create_task(looking)

    async def notes(self, batch: Batch) -> Mapping[Path, str]:
        """Return a note for each file of a batch, once begun, that looks like another."""
        looking = self._under_way.get(batch.number)
        try:
            return await looking if looking else {}
        except LedgerError:
            return {}  # whoever writes down what became of the files tells that it fails

    async def stop(self) -> None:
        """Leave what is under way."""
        for looking in self._under_way.values():
            looking.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _look(self, alike: Alike, creatives: Sequence[Creative]) -> Mapping[Path, str]:
        looks = await self._books.ask(lambda: alike.known(creatives))
        missing = {it.sha256: it for it in creatives if it.sha256 not in looks}
        fresh = {
            content: await asyncio.to_thread(look_of, creative)
            for content, creative in missing.items()
        }
        looks.update(fresh)
        return await self._books.ask(lambda: alike.tell(creatives, looks, fresh))
