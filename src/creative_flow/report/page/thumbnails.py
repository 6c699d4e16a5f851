"""Small pictures of many creatives, within a bounded time, kept for the next time."""

from __future__ import annotations

import hashlib
import os
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

from creative_flow.creative import Creative, Outcome
from creative_flow.report.page.pictures import MAX_BYTES, MAX_SOURCE_PIXELS, small_picture

SECONDS = 3.0
"""How long the making of one page's small pictures may take. The rest get a placeholder, and a
page that is made again has more of them."""
MOST = 1_000
"""How many small pictures one page holds: at 3 kB at most, that is 4 MB of page."""
KEPT = 5_000
"""How many are kept for the next page."""

_WORKERS = 2
_MAX_HASHED = 64 * 1024 * 1024


class Thumbnails:
    """Makes and remembers small pictures.

    ``cache`` is a folder that keeps them by content, ``archive`` where files may lie that are no
    longer where they were. ``seconds`` is how long the making may take, for one page.
    """

    def __init__(self, cache: Path, archive: Path, *, seconds: float = SECONDS) -> None:
        self._cache = cache
        self._archive = archive
        self._seconds = seconds

    def of(
        self,
        outcomes: Sequence[Outcome],
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> dict[Path, bytes]:
        """Return pictures of those files that there are some of, `MOST` at most.

        ``progress`` is told how many files are through, and of how many.
        """
        until = monotonic() + self._seconds
        wanted = outcomes[:MOST]
        found = {
            outcome.path: picture
            for outcome in wanted
            if outcome.sha256 and (picture := self._cached(outcome.sha256))
        }
        missing = [outcome for outcome in wanted if outcome.path not in found]
        made = self._make(missing, until, lambda done: progress(done, len(missing)))
        for outcome in missing:
            if new := made.get(outcome.path):
                found[outcome.path] = new
                if outcome.sha256:
                    self._keep(outcome.sha256, new)
        if made:
            self._tidy()
        return found

    def prepare(self, creative: Creative) -> None:
        """Make and keep the picture of a file whose content was just looked at, for a page to come.

        One that is large, or that changes meanwhile, is left to the page.
        """
        media = creative.media
        if media is None or media.width * media.height > MAX_SOURCE_PIXELS:
            return
        if self._cached(creative.sha256):
            return
        until = monotonic() + self._seconds
        with suppress(OSError):
            before = creative.path.stat()
            picture = small_picture(creative.path, lambda: monotonic() < until)
            after = creative.path.stat()
            same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
            if picture and same and after.st_size == creative.size:
                self._keep(creative.sha256, picture)

    def _make(
        self, outcomes: Sequence[Outcome], until: float, progress: Callable[[int], None]
    ) -> dict[Path, bytes]:
        """Make pictures in threads that nobody waits for longer than agreed.

        A file on a disk that does not answer can't be waited for, nor its thread be ended: what it
        finds is not looked at any more.
        """
        made: dict[Path, bytes] = {}
        queue = iter(list(_lying(outcomes, self._archive)))
        turn = threading.Lock()
        closed = threading.Event()

        def in_time() -> bool:
            return not closed.is_set() and monotonic() < until

        def work() -> None:
            done = 0
            while in_time():
                with turn:
                    outcome, path = next(queue, (None, None))
                if outcome is None or path is None:
                    return
                picture = small_picture(path, in_time) if _is_it(outcome, path) else b""
                with turn:
                    if closed.is_set():
                        return
                    made[outcome.path] = picture
                    done = len(made)
                progress(done)

        with warnings.catch_warnings():
            # Pillow only warns of a picture that is rather large; here it is left out.
            from PIL import Image

            warnings.simplefilter("error", Image.DecompressionBombWarning)
            workers = [threading.Thread(target=work, daemon=True) for _ in range(_WORKERS)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(max(0.0, until - monotonic()) + 0.1)
            with turn:
                closed.set()
        return made

    def _file(self, sha256: str) -> Path:
        return self._cache / f"{sha256}.webp"

    def _cached(self, sha256: str) -> bytes:
        if not sha256.isalnum():
            return b""
        try:
            with self._file(sha256).open("rb") as file:
                picture = file.read(MAX_BYTES + 1)
        except OSError:
            return b""
        return picture if _is_whole(picture) else b""

    def _keep(self, sha256: str, picture: bytes) -> None:
        """Write a picture down. It is made again if that does not work, or does not last."""
        if not sha256.isalnum():
            return
        with suppress(OSError):
            self._cache.mkdir(parents=True, exist_ok=True)
            temporary = self._file(sha256).with_suffix(f".new-{os.getpid()}")
            temporary.write_bytes(picture)
            temporary.replace(self._file(sha256))

    def _tidy(self) -> None:
        """Remove the oldest beyond `KEPT`."""
        with suppress(OSError):
            files = [(entry.stat().st_mtime_ns, entry.path) for entry in os.scandir(self._cache)]
            for _, path in sorted(files)[:-KEPT]:
                Path(path).unlink(missing_ok=True)


def _is_whole(picture: bytes) -> bool:
    """Say whether a WebP file is as long as it says (RFC 9649), which one cut off is not."""
    return (
        picture[:4] == b"RIFF"
        and picture[8:12] == b"WEBP"
        and len(picture) <= MAX_BYTES
        and len(picture) == 8 + int.from_bytes(picture[4:8], "little")
    )


def _lying(outcomes: Iterable[Outcome], archive: Path) -> Iterator[tuple[Outcome, Path]]:
    """Yield each file with the place where it lies now, perhaps in the archive."""
    gone: list[Outcome] = []
    for outcome in outcomes:
        with suppress(OSError, ValueError):
            if outcome.path.exists():
                yield outcome, outcome.path
            elif outcome.size:
                gone.append(outcome)
    if gone:
        archived = _archived({outcome.name for outcome in gone}, archive)
        for outcome in gone:
            for path in archived.get(outcome.name, ()):
                with suppress(OSError):
                    if path.stat().st_size == outcome.size:
                        yield outcome, path
                        break


def _archived(names: set[str], archive: Path) -> dict[str, list[Path]]:
    """Return where files of these names lie below the archive."""
    found: dict[str, list[Path]] = {}
    for folder, _, files in os.walk(archive):
        for name in names.intersection(files):
            found.setdefault(name, []).append(Path(folder) / name)
    return found


def _is_it(outcome: Outcome, path: Path) -> bool:
    """Say whether a file is still the one that the outcome is about.

    One that was changed later is read as a whole, to compare its content.
    """
    try:
        found = path.stat()
        if outcome.size and found.st_size != outcome.size:
            return False
        if not outcome.sha256:
            return True
        if outcome.at is not None and found.st_mtime <= outcome.at.timestamp():
            return True
        if found.st_size > _MAX_HASHED:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == outcome.sha256
    except OSError:
        return False
