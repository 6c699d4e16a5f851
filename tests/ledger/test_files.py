from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from creative_flow.ledger import Ledger

OLD_NS = 1_700_000_000_000_000_000


def write(path: Path, content: bytes, *, at_ns: int = OLD_NS) -> Path:
    path.write_bytes(content)
    os.utime(path, ns=(at_ns, at_ns))
    return path


def hashed(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_hash_is_remembered_beyond_the_program(database: str, tmp_path: Path) -> None:
    file = write(tmp_path / "a.png", b"one")
    with Ledger.open(database) as ledger:
        assert ledger.sha256(file) == hashed(b"one")
    # Other bytes under the same size, time and inode: only a remembered hash can miss them.
    with file.open("r+b") as stream:
        stream.write(b"two")
    os.utime(file, ns=(OLD_NS, OLD_NS))
    with Ledger.open(database) as ledger:
        assert ledger.sha256(file) == hashed(b"one")


@pytest.mark.parametrize("reopen", [False, True])
def test_a_change_of_size_time_or_inode_is_noticed(
    database: str, tmp_path: Path, *, reopen: bool
) -> None:
    file = tmp_path / "a.png"
    ledger = Ledger.open(database)

    def check(content: bytes) -> None:
        nonlocal ledger
        if reopen:
            ledger.close()
            ledger = Ledger.open(database)
        assert ledger.sha256(file) == hashed(content)

    write(file, b"one")
    check(b"one")
    write(file, b"three")
    check(b"three")
    write(file, b"seven", at_ns=OLD_NS + 1)
    check(b"seven")
    write(tmp_path / "b.png", b"eight", at_ns=OLD_NS + 1).replace(file)
    check(b"eight")
    ledger.close()


def test_a_file_changed_just_now_is_read_again(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"one")
    now = file.stat().st_mtime_ns
    assert ledger.sha256(file) == hashed(b"one")
    file.write_bytes(b"two")
    os.utime(file, ns=(now, now))
    assert ledger.sha256(file) == hashed(b"two")


def test_a_time_stamp_of_the_future_is_not_trusted(ledger: Ledger, tmp_path: Path) -> None:
    future = 4_000_000_000_000_000_000
    file = write(tmp_path / "a.png", b"one", at_ns=future)
    ledger.sha256(file)
    with file.open("r+b") as stream:
        stream.write(b"two")
    os.utime(file, ns=(future, future))
    assert ledger.sha256(file) == hashed(b"two")


def test_links_to_one_file_share_its_hash(ledger: Ledger, tmp_path: Path) -> None:
    file = write(tmp_path / "a.png", b"one")
    (tmp_path / "link.png").symlink_to(file)
    assert ledger.sha256(tmp_path / "link.png") == ledger.sha256(file) == hashed(b"one")


def test_a_name_that_is_no_text_has_a_hash(ledger: Ledger, tmp_path: Path) -> None:
    file = write(tmp_path / os.fsdecode(b"caf\xe9.png"), b"one")
    assert ledger.sha256(file) == hashed(b"one")
    ledger.close()


def test_more_hashes_than_wait_at_once(database: str, tmp_path: Path) -> None:
    files = [write(tmp_path / f"{n}.png", b"%d" % n) for n in range(300)]
    with Ledger.open(database) as ledger:
        assert [ledger.sha256(file) for file in files] == [hashed(b"%d" % n) for n in range(300)]
    with Ledger.open(database) as ledger:
        assert [ledger.sha256(file) for file in files] == [hashed(b"%d" % n) for n in range(300)]


def test_a_missing_file_is_the_file_system_s_error(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ledger.sha256(tmp_path / "none.png")
