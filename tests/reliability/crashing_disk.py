"""A disk that keeps what was flushed, and of the rest what it likes.

The promises are POSIX's, no more: a flushed file has its bytes but perhaps no name, a flushed
folder has its names but perhaps files without bytes, a rename happens as a whole or not at all.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from attrs import define, evolve, field, frozen

from reliability.recorded import Call, Name, Sync, SyncFolder, Truncate, Write

_FOLDER = -1


@frozen(hash=False)
class Left:
    """What a power cut has left: the folders, and each file's bytes by its path."""

    folders: frozenset[str]
    files: dict[str, bytes]

    def __hash__(self) -> int:
        return hash((self.folders, frozenset(self.files.items())))

    def restore(self, root: Path) -> None:
        """Make ``root`` be this state."""
        for path in root.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for folder in sorted(self.folders):
            Path(folder).mkdir()
        for name, data in self.files.items():
            Path(name).write_bytes(data)


@define
class CrashingDisk:
    """The state of the disk while calls are done to it, one after the other."""

    root: str
    _bytes: dict[int, bytes] = field(factory=dict)
    _names: dict[str, int] = field(factory=dict)
    _waiting: list[Write | Truncate] = field(factory=list)
    _waiting_names: list[Name] = field(factory=list)

    def do(self, call: Call) -> None:
        """Do one call."""
        match call:
            case Write() | Truncate():
                self._waiting.append(call)
            case Name():
                self._waiting_names.append(call)
            case Sync(number):
                mine = [it for it in self._waiting if it.number == number]
                self._waiting = [it for it in self._waiting if it.number != number]
                _apply(mine, self._bytes)
            case SyncFolder(path):
                here = [it for it in self._waiting_names if _folder(it) == path]
                self._waiting_names = [it for it in self._waiting_names if _folder(it) != path]
                _apply_names(here, self._names)

    def after_a_power_cut(self) -> Iterator[tuple[str, Left]]:
        """Yield the states in which a power cut may leave the disk now, in words and as such."""
        data, names = self._waiting, self._waiting_names
        yield "nothing that was not flushed", self._left([], [])
        yield "everything", self._left(data, names)
        yield "names without bytes", self._left([], names)
        yield "bytes without names", self._left(data, [])
        yield "sizes without bytes", self._left(list(map(_zeroed, data)), names)
        yield "what came last", self._left(_last_per_file(data), _last_per_folder(names))
        yield "what came first", self._left(data[:1], names[:1])
        if data and isinstance(data[-1], Write):
            torn = evolve(data[-1], data=data[-1].data[: len(data[-1].data) // 2])
            yield "a torn last write", self._left([*data[:-1], torn], names)

    def _left(self, data: Sequence[Write | Truncate], names: Sequence[Name]) -> Left:
        content, named = dict(self._bytes), dict(self._names)
        _apply(data, content)
        _apply_names(names, named)
        folders = {path for path, number in named.items() if number == _FOLDER}
        reached = {path for path in folders if self._is_reached(path, folders)}
        return Left(
            frozenset(reached),
            {
                path: content.get(number, b"")
                for path, number in named.items()
                if number != _FOLDER
                and not path.endswith("-shm")  # memory that processes share; never read again
                and self._is_reached(path, folders)
            },
        )

    def _is_reached(self, path: str, folders: set[str]) -> bool:
        parents = [str(it) for it in Path(path).parents]
        return all(it in folders for it in parents[: parents.index(self.root)])


def _folder(name: Name) -> str:
    return str(Path(name.path).parent)


def _apply(changes: Iterable[Write | Truncate], content: dict[int, bytes]) -> None:
    for change in changes:
        old = content.get(change.number, b"")
        if isinstance(change, Truncate):
            content[change.number] = old[: change.size].ljust(change.size, b"\0")
        else:
            end = change.offset + len(change.data)
            old = old.ljust(change.offset, b"\0")
            content[change.number] = old[: change.offset] + change.data + old[end:]


def _apply_names(changes: Iterable[Name], names: dict[str, int]) -> None:
    for change in changes:
        names.pop(change.former, None)
        if change.number is None:
            names.pop(change.path, None)
        else:
            names[change.path] = change.number


def _zeroed(change: Write | Truncate) -> Write | Truncate:
    if isinstance(change, Truncate):
        return change
    return evolve(change, data=bytes(len(change.data)))


def _last_per_file(data: Sequence[Write | Truncate]) -> list[Write | Truncate]:
    return list({it.number: it for it in data}.values())


def _last_per_folder(names: Sequence[Name]) -> list[Name]:
    return list({_folder(it): it for it in names}.values())
