"""What a process really asked of the disk: its system calls below one folder, through strace."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from attrs import define, field, frozen

from reliability.power import ENVIRONMENT

_CALLS = (
    "open,openat,creat,close,dup,dup2,dup3,lseek,write,pwrite64,writev,pwritev,pwritev2,"
    "truncate,ftruncate,fallocate,copy_file_range,sendfile,fsync,fdatasync,sync_file_range,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,"
    "mkdir,mkdirat,mmap"
)
_WITH_DATA = {"write", "pwrite64"}
_LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+|0x[0-9a-f]+)")
_ARGUMENT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"|([^,"]+)')


@frozen
class Write:
    """Bytes at an offset of a file; ``number`` tells one file from another of the same name."""

    number: int
    offset: int
    data: bytes


@frozen
class Truncate:
    """A file's new size."""

    number: int
    size: int


@frozen
class Sync:
    """A file's bytes are durable from here on."""

    number: int


@frozen
class SyncFolder:
    """The names in a folder are durable from here on."""

    path: str


@frozen
class Name:
    """A name that comes (``number`` of a file, or -1 for a folder) or goes (None), or both."""

    path: str
    number: int | None
    former: str = ""


@frozen
class Printed:
    """A line that the process printed."""

    text: str


Call = Write | Truncate | Sync | SyncFolder | Name | Printed


def record(command: Sequence[str], folder: Path, log: Path, fault: str = "") -> list[Call]:
    """Run a command of one thread; return what it did below ``folder``, in order.

    ``fault`` is a call that is to fail, as strace writes it.
    """
    failing = ["-e", f"inject={fault}"] if fault else []
    subprocess.run(
        ["strace", "-xx", "-s", str(2**20), "-e", f"trace={_CALLS}", *failing, "-o", log, *command],
        env=ENVIRONMENT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    reader = _Reader(str(folder))
    with log.open(encoding="ascii") as lines:
        for line in lines:
            if (found := _LINE.match(line)) and not found[3].startswith("-"):
                reader.read(found[1], _arguments(found[2]), int(found[3], 0))
    return reader.calls


def _arguments(text: str) -> list[str | bytes]:
    return [
        plain.strip() if plain else bytes.fromhex(quoted.replace("\\x", ""))
        for quoted, plain in _ARGUMENT.findall(text)
        if quoted or plain.strip() or not plain
    ]


@define
class _Open:
    path: str
    number: int
    offset: int = 0


@define
class _Reader:
    folder: str
    calls: list[Call] = field(factory=list)
    _open: dict[int, _Open] = field(factory=dict)
    _names: dict[str, int] = field(factory=dict)
    _count: int = 0

    def read(self, call: str, given: list[str | bytes], result: int) -> None:
        """Note one call that succeeded."""
        named = [it for it in given if isinstance(it, bytes) and call not in _WITH_DATA]
        ours = [
            path for it in named if (path := it.decode(errors="replace")) and self._is_ours(path)
        ]
        if call in {"open", "openat", "creat"}:
            if ours:
                self._opened(ours[0], str(given[-2] if "O_CREAT" in str(given[-2]) else given[-1]))
                self._open[result] = _Open(ours[0], self._names.get(ours[0], -1))
        elif call in {"mkdir", "mkdirat", "rename", "renameat", "unlink", "unlinkat", "rmdir"}:
            if ours:
                self._named(call, ours)
        elif call in {"link", "linkat"}:
            if ours:
                former, path = ours
                self._names[path] = self._names[former]
                self.calls.append(Name(path, self._names[path]))
        elif call == "write" and given[0] == "1":
            self.calls.append(
                Printed(bytes(given[1] if isinstance(given[1], bytes) else b"").decode())
            )
        elif call == "mmap":
            file = self._open.get(int(given[4]) if str(given[4]).isdigit() else -1)
            shared = "PROT_WRITE" in str(given[2]) and "MAP_SHARED" in str(given[3])
            assert not (file and shared) or file.path.endswith("-shm"), given
        elif isinstance(given[0], str) and given[0].isdigit() and int(given[0]) in self._open:
            self._done(call, self._open[int(given[0])], int(given[0]), given, result)
        else:
            assert not ours, f"{call} is not understood"

    def _is_ours(self, path: str) -> bool:
        return path == self.folder or path.startswith(f"{self.folder}/")

    def _opened(self, path: str, flags: str) -> None:
        if path not in self._names and "O_CREAT" in flags:
            self._names[path] = self._count
            self.calls.append(Name(path, self._count))
            self._count += 1
        elif "O_TRUNC" in flags:
            self.calls.append(Truncate(self._names[path], 0))
        assert "O_APPEND" not in flags

    def _named(self, call: str, paths: list[str]) -> None:
        if call.startswith("mkdir"):
            self.calls.append(Name(paths[0], -1))
        elif call.startswith("rename"):
            former, path = paths
            self._names[path] = self._names.pop(former)
            self.calls.append(Name(path, self._names[path], former))
        else:
            self._names.pop(paths[0], None)
            self.calls.append(Name(paths[0], None))

    def _done(
        self, call: str, file: _Open, handle: int, given: list[str | bytes], result: int
    ) -> None:
        data = given[1] if len(given) > 1 and isinstance(given[1], bytes) else b""
        if call == "close":
            del self._open[handle]
        elif call == "lseek":
            file.offset = result
        elif call == "write":
            self.calls.append(Write(file.number, file.offset, data[:result]))
            file.offset += result
        elif call == "pwrite64":
            self.calls.append(Write(file.number, int(str(given[3])), data[:result]))
        elif call == "ftruncate":
            self.calls.append(Truncate(file.number, int(str(given[1]))))
        elif call in {"fsync", "fdatasync"}:
            folder = file.number < 0
            self.calls.append(SyncFolder(file.path) if folder else Sync(file.number))
        else:
            raise AssertionError(f"{call} is not understood")
