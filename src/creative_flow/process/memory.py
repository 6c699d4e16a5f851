"""A file in memory that a muxer can write, and read again while it is still being written."""

from __future__ import annotations

from io import SEEK_CUR, SEEK_SET, RawIOBase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class MemoryFile(RawIOBase):
    """One place in bytes that several of these may share, each with a position of its own."""

    def __init__(self, data: bytearray) -> None:
        super().__init__()
        self.data = data
        self._at = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def writable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes from here."""
        end = len(self.data) if size < 0 else self._at + size
        found = bytes(self.data[self._at : end])
        self._at += len(found)
        return found

    def write(self, data: ReadableBuffer) -> int:
        """Put bytes here, over what was there."""
        view = memoryview(data)
        self.data[self._at : self._at + view.nbytes] = view
        self._at += view.nbytes
        return view.nbytes

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Go to a place."""
        base = {SEEK_SET: 0, SEEK_CUR: self._at}.get(whence, len(self.data))
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Say where it is."""
        return self._at
