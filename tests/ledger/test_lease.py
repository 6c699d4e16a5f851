"""One run per account: who holds the lease, who waits, and what a holder's death leaves behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from creative_flow.errors import AccountBusy, WorkspaceError
from creative_flow.ledger import Ledger
from creative_flow.ledger.lease import Lease

PLACE, LOGIN = "tj https://advertiser.example", "ana@example.com"

HOLD = """
import sys
from pathlib import Path
from creative_flow.ledger import Ledger
from creative_flow.ledger.lease import Lease
url, folder, place, login = sys.argv[1:]
lease = Lease(Path(folder), Ledger.open(url), place, login).take()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name a ledger on this machine alone, and one that machines share."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    return str(request.getfixturevalue("server"))


@pytest.fixture
def elsewhere(url: str, tmp_path: Path) -> Path:
    """Name the other client's state directory: another machine's, where a server is shared."""
    return tmp_path / ("here" if url.startswith("sqlite") else "there")


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger.open(url) as opened:
        yield opened


@pytest.fixture
def holder(url: str, elsewhere: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lease."""
    command = [sys.executable, "-c", HOLD, url, str(elsewhere), PLACE, LOGIN]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with process:
        yield process
        process.kill()


def test_a_second_run_is_told_who_holds_the_account(
    ledger: Ledger, holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    """Two runs on one account would take each other's open intents for interrupted ones."""
    with pytest.raises(AccountBusy) as caught:
        Lease(tmp_path / "here", ledger, PLACE, LOGIN).take()
    assert f"process {holder.pid} on " in caught.value.message
    assert ", since 2" in caught.value.message
    assert caught.value.exit_code == 5


def test_another_login_is_another_account(
    ledger: Ledger, holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    """The lease is keyed by login, so accounts don't wait for each other."""
    with Lease(tmp_path / "here", ledger, PLACE, "ben@example.com").take() as lease:
        lease.check()


def test_the_lease_of_a_killed_holder_is_free(
    ledger: Ledger, holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    """A holder that was killed can't give anything back; kernel and server do it."""
    holder.kill()
    holder.wait()
    lease = Lease(tmp_path / "here", ledger, PLACE, LOGIN)
    for _ in range(1000):  # a server notices the end of a connection a moment later
        try:
            lease.take()
            break
        except AccountBusy:
            continue
    lease.check()
    lease.release()


def test_who_lost_the_lease_stops(ledger: Ledger, url: str, tmp_path: Path) -> None:
    """It is checked before each send: a removed lock file, or a lost connection, ends the right."""
    lease = Lease(tmp_path / "here", ledger, PLACE, LOGIN).take()
    lease.check()
    if url.startswith("sqlite"):
        next((tmp_path / "here").glob("*.lock")).unlink()
    else:
        from sqlalchemy import create_engine, text

        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as connection:
            ended = connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name LIKE 'process %'"
                )
            )
            assert ended.scalar_one() is True
        engine.dispose()
    with pytest.raises(AccountBusy, match="lost its hold"):
        lease.check()
    with pytest.raises(AccountBusy, match="lost its hold"):
        lease.check()


def test_a_state_directory_that_cannot_be_written_is_one_line(
    ledger: Ledger, tmp_path: Path
) -> None:
    """It says which folder, and which setting names another one."""
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="CFU_STATE_DIR"):
        Lease(tmp_path / "file", ledger, PLACE, LOGIN).take()


@pytest.mark.parametrize(
    ("place", "login"), [(f"{PLACE}/", LOGIN), (PLACE.upper(), f" {LOGIN.capitalize()} ")]
)
def test_one_account_is_one_however_it_is_written(
    tmp_path: Path, ledger: Ledger, place: str, login: str
) -> None:
    with Lease(tmp_path, ledger, PLACE, LOGIN).take(), pytest.raises(AccountBusy):
        Lease(tmp_path, ledger, place, login).take()
