"""The accounts that the ledger knows, and the login each is bound to (law 9)."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from creative_flow.errors import LedgerError, WrongAccount
from creative_flow.ledger.tables import accounts


def find(connection: Connection, platform: str, account: str) -> int | None:
    """Return the account's row id, or None if nothing was ever recorded for it."""
    return connection.execute(
        select(accounts.c.id).where(accounts.c.platform == platform, accounts.c.account == account)
    ).scalar_one_or_none()


def login(connection: Connection, platform: str, account: str) -> str:
    """Return the login that the account is bound to, empty if there is none."""
    found = connection.execute(
        select(accounts.c.login).where(
            accounts.c.platform == platform, accounts.c.account == account
        )
    ).scalar_one_or_none()
    return found or ""


def require(connection: Connection, platform: str, account: str) -> int:
    """Return the account's row id; the row is made if it is not there."""
    found = find(connection, platform, account)
    if found is not None:
        return found
    row = {"platform": platform, "account": account, "login": "", "head": 0}
    try:
        with connection.begin_nested():
            connection.execute(insert(accounts).values(row))
    except IntegrityError:
        pass  # another client was quicker; its row serves
    made = find(connection, platform, account)
    if made is None:
        raise LedgerError(f"Account {account!r} on {platform} can't be recorded.")
    return made


def lock(connection: Connection, account_id: int) -> int:
    """Hold off the account's other writers until the transaction ends; return its head."""
    head: int = connection.execute(
        select(accounts.c.head).where(accounts.c.id == account_id).with_for_update()
    ).scalar_one()
    return head


def advance(connection: Connection, account_id: int, head: int) -> None:
    """Set the head of an account whose writers are held off."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(head=head))


def bind(connection: Connection, platform: str, account: str, login: str, *, rebind: bool) -> None:
    """Remember the account's login, or compare it. Raises `WrongAccount`."""
    account_id = require(connection, platform, account)
    lock(connection, account_id)
    known = connection.execute(
        select(accounts.c.login).where(accounts.c.id == account_id)
    ).scalar_one()
    if known == login:
        return
    if known and not rebind:
        raise WrongAccount(
            f"Account {account!r} on {platform} belongs to the login {known!r}, not to {login!r}.",
            hint=f"Use --account NAME for another login, "
            f"or `cfu setup --platform {platform}` to change it.",
        )
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(login=login))
