"""Workspaces with a ledger of many known creatives, made quickly; run as a program of its own.

    python -m benchmarks.shelves FOLDER 1000000 FILES

The ledger is a real one, in the form that the product writes; only the way it is filled is another:
SQLite makes the rows itself, and the indexes afterwards. Every second file in the folder FILES is
known to it, by name and content. The library CSV is written by the product.
"""

from __future__ import annotations

import platform
import sqlite3
import sys
from hashlib import sha256
from pathlib import Path
from random import Random

from creative_flow.ledger.looks import ROOM, WIDTHS

PLATFORM, ACCOUNT, AD_FORMAT = "tj", "default", "static_banner"
RUN = "20260101-000000-bench"
PREFIX = "EN_Summer_F_Real_SFW_Generic_Ana_4sec_ID-"

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
_NAME = f"printf('{PREFIX}%08X', i)"
_DIGEST = "lower(hex(randomblob(32)))"
_ID = "printf('%d', 1000000001 + i * 10)"
_FILL = (
    f"""{_NUMBERS} INSERT INTO library (account_id, ad_format, creative_id, name, name_key, sha256,
    size, upload_date, dimensions, file_type, review_status, origin, forgotten, extra, position,
    revision) SELECT :account, '{AD_FORMAT}', {_ID}, {_NAME} || '.png', {_NAME}, {_DIGEST}, 20000,
    '2026-01-01', '300x250', 'png', 'approved', 'proved', 0, '{{}}', i, i FROM n""",
    f"""INSERT INTO runs (run, account_id, login, campaign, total, started_at, finished_at, error)
    VALUES ('{RUN}', :account, 'bench', '', :count, '2026-01-01T00:00:00.000000+00:00',
    '2026-01-01T01:00:00.000000+00:00', '')""",
    f"""INSERT INTO batches (id, run, number, ad_format, campaign, snapshot, intended_at,
    sending_began_at, closed_at) VALUES (1, '{RUN}', 1, '{AD_FORMAT}', '', '{{}}',
    '2026-01-01T00:00:00.000000+00:00', '2026-01-01T00:00:00.000000+00:00',
    '2026-01-01T00:30:00.000000+00:00')""",
    f"""{_NUMBERS} INSERT INTO uploads (account_id, run, batch_id, batch_number, path, ad_format,
    name_key, size, sha256, unique_id, native_pair_id, status, creative_id, error, evidence,
    retries, note, at, fate_open) SELECT :account, '{RUN}', 1, 1, '/somewhere/' || {_NAME} ||
    '.png', '{AD_FORMAT}', {_NAME}, 20000, {_DIGEST}, printf('ID-%08X', i), '', 'success', {_ID},
    '', '[]', 0, '', '2026-01-01T00:30:00.000000+00:00', 0 FROM n""",
    f"""{_NUMBERS} INSERT INTO looks (id, sha256, moment, hash)
    SELECT i, {_DIGEST}, 0, {_DIGEST} FROM n""",
    *(
        f"""{_NUMBERS} INSERT INTO look_bands (band, look_id, sketch)
        SELECT {(band << ROOM) + (1 << width) - 1} - (random() & {(1 << width) - 1}), i,
        random() & {2**63 - 1} FROM n ORDER BY 1"""
        for band, width in enumerate(WIDTHS)
    ),
    f"""{_NUMBERS} INSERT INTO files (host, path, size, mtime_ns, inode, sha256) SELECT :host,
    '/somewhere/' || {_NAME} || '.png', 20000, 1767225600000000000 + i, i, {_DIGEST} FROM n""",
)


def make_files(folder: Path, count: int, edition: int = 0) -> None:
    """Make banners of different content, named so that every second one is a known name.

    Those that are not known show something else in each ``edition``.
    """
    from PIL import Image

    folder.mkdir(parents=True)
    for number in range(count):
        # The known ones are among the first thousand, which the smallest shelf has as well.
        name = f"{PREFIX}{number + 1 if number % 2 else 0x10000000 + number:08X}"
        seed = number if number % 2 else number + edition * count
        small = Image.frombytes("L", (20, 16), Random(seed).randbytes(20 * 16))
        small.resize((300, 250), Image.Resampling.NEAREST).save(folder / f"{name}.png")


def fill(root: Path, count: int, files: Path) -> None:
    """Make a workspace whose account has ``count`` known creatives, and its library mirror."""
    from creative_flow import registry
    from creative_flow.ledger import Ledger, LibraryMirror
    from creative_flow.workspace import Workspace

    place = Workspace(root, environ={})
    place.prepare()
    with Ledger.open(place.ledger_url) as ledger:
        ledger.bind_account(PLATFORM, ACCOUNT, "bench")
    _insert(place.own_ledger_file, count, files)
    info = registry.load(PLATFORM, place.overrides_file(PLATFORM)).info
    with Ledger.open(place.ledger_url) as ledger:
        mirror = LibraryMirror(
            ledger,
            place.library_mirror(info, ACCOUNT),
            platform=PLATFORM,
            account=ACCOUNT,
            ad_formats=info.ad_formats,
            kept_aside=place.kept_aside,
        )
        mirror.follow()


def _insert(file: Path, count: int, files: Path) -> None:
    database = sqlite3.connect(file)
    with database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -400000")
        indexes = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
            "AND tbl_name IN ('library', 'uploads', 'files')"
        ).fetchall()
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        (account,) = database.execute("SELECT id FROM accounts").fetchone()
        known = {"account": account, "count": count, "host": platform.node()}
        for statement in _FILL:
            database.execute(statement, known)
        database.execute("UPDATE accounts SET head = ?", (count,))
        for _, sql in indexes:
            database.execute(sql)
        for path in sorted(files.iterdir()):
            digest = sha256(path.read_bytes()).hexdigest()
            database.execute(
                "UPDATE library SET sha256 = ? WHERE account_id = ? AND ad_format = ? "
                "AND name_key = ?",
                (digest, account, AD_FORMAT, path.stem),
            )
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def main() -> None:
    """Make the workspace that the command line asks for."""
    fill(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))


if __name__ == "__main__":
    main()
