"""What a conversion raises, and how it leaves nothing half-done behind."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from creative_flow import durable
from creative_flow.errors import CreativeFlowError
from creative_flow.probe import NotMedia

_FULL = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "files may not grow that large here",
}


class ConversionError(CreativeFlowError):
    """A file could not be converted. Nothing of the result is left, the source is untouched.

    ``reason`` is the message without the file's name, to stand beside it in a table.
    """

    def __init__(self, path: Path, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{str(path)!r} can't be converted: {reason}.", hint=hint)
        self.path = path
        self.reason = reason

    def __reduce__(
        self,
    ) -> tuple[Callable[..., ConversionError], tuple[Path, str, str], dict[str, object]]:
        """Let it pass from one process to another."""
        return _made_again, (self.path, self.reason, self.hint), self.__dict__


def _made_again(path: Path, reason: str, hint: str) -> ConversionError:
    return ConversionError(path, reason, hint=hint)


@contextmanager
def whole_or_nothing(source: Path, *results: Path) -> Iterator[None]:
    """Remove the results if anything goes wrong; what is foreseen becomes `ConversionError`."""
    import av

    try:
        yield
    except BaseException as error:
        for result in results:
            result.unlink(missing_ok=True)
        if isinstance(error, NotMedia):
            raise ConversionError(source, error.reason) from error
        if isinstance(error, av.FFmpegError):
            raise ConversionError(source, f"it is damaged ({error.strerror})") from error
        if isinstance(error, OSError):
            raise _of_system(source, error) from error
        if isinstance(error, MemoryError):
            raise ConversionError(source, "there is not enough memory for it") from error
        raise


def _of_system(source: Path, error: OSError) -> ConversionError:
    reason = _FULL.get(error.errno or 0)
    if reason:
        return ConversionError(source, reason, hint="Free some space and run it again.")
    where = f" at {error.filename!r}" if error.filename else ""
    return ConversionError(source, f"{error.strerror or error}{where}")


def write(path: Path, data: bytes | bytearray) -> None:
    """Write a file and make its bytes durable. Raises `OSError`."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        durable.sync(file.fileno())


def with_type(path: Path, file_type: str) -> Path:
    """Return the path with this type's suffix in place of an image's or video's, or behind it."""
    known = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".mp4"}
    name = path.stem if path.suffix.casefold() in known else path.name
    return path.with_name(f"{name}.{file_type}")
