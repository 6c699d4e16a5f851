"""``cfu setup``, ``login``, ``logout``: credentials and the saved login."""

from __future__ import annotations

import os
import pty
import select
import stat
import subprocess
import time

import pytest

from cli.conftest import CFU, Terminal

GOOD = "ann\nright ${password}\n"


def test_setup_keeps_the_credentials_private_and_saves_the_session(terminal: Terminal) -> None:
    done = terminal.cfu("setup", "--platform", "acme", "--headless", feed=GOOD)
    assert done.code == 0, done.err
    env_file = terminal.workspace / "config" / ".env"
    session = terminal.workspace / "data" / "session" / "acme_session.json"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert "ACME_USERNAME=ann" in env_file.read_text()
    assert session.exists()
    assert "Signed in to Acme as ann" in done.out
    assert "right ${password}" not in done.out + done.err


@pytest.mark.slow
def test_a_notice_of_the_plugin_is_shown_harmless(terminal: Terminal) -> None:
    done = terminal.cfu("setup", "--platform", "acme", "--headless", feed=GOOD)
    assert r"Please solve the captcha \x1b[31mnow" in done.err
    assert "\x1b" not in done.err
    assert "\a" not in done.err


def test_refused_credentials_are_not_stored(terminal: Terminal) -> None:
    done = terminal.cfu("setup", "--platform", "acme", "--headless", feed="ann\nwrong\n")
    assert done.code == 3
    assert "Nothing was stored" in done.err
    assert not (terminal.workspace / "config" / ".env").exists()


def test_credentials_are_kept_when_the_platform_is_down(terminal: Terminal) -> None:
    done = terminal.cfu(
        *("setup", "--platform", "acme", "--headless"), feed=GOOD, environ={"ACME_FAULT": "down"}
    )
    assert done.code == 7
    assert "ACME_USERNAME=ann" in (terminal.workspace / "config" / ".env").read_text()


def test_setup_without_credentials_says_how_to_give_them(terminal: Terminal) -> None:
    done = terminal.cfu("setup", "--platform", "acme", feed="")
    assert done.code == 3
    assert "standard input" in done.err


def test_no_command_takes_a_password_as_an_argument(terminal: Terminal) -> None:
    for command in ("setup", "login", "upload"):
        assert "password" not in "".join(
            line for line in terminal.cfu(command, "--help").out.lower().split() if "--" in line
        )


@pytest.mark.slow
def test_a_second_account_has_credentials_and_session_of_its_own(terminal: Terminal) -> None:
    terminal.sign_up()
    done = terminal.cfu(
        *("setup", "--platform", "acme", "--account", "two", "--headless"),
        feed="bob\nright ${password}\n",
    )
    assert done.code == 0, done.err
    content = (terminal.workspace / "config" / ".env").read_text()
    assert "ACME_USERNAME=ann" in content
    assert "ACME_TWO_USERNAME=bob" in content
    assert (terminal.workspace / "data" / "session" / "acme_two_session.json").exists()


@pytest.mark.slow
def test_an_account_does_not_change_hands_unnoticed(terminal: Terminal) -> None:
    first = terminal.cfu("setup", "--platform", "acme", "--headless", feed=GOOD)
    assert first.code == 0
    done = terminal.cfu(
        "setup", "--platform", "acme", "--headless", feed="eve\nright ${password}\n"
    )
    assert done.code == 3
    assert "ACME_USERNAME=ann" in (terminal.workspace / "config" / ".env").read_text()
    assert not (terminal.workspace / "data" / "session" / "acme_session.json").exists()


def test_login_needs_credentials_and_says_whose_session_it_saved(terminal: Terminal) -> None:
    done = terminal.cfu("login", "--platform", "acme", "--headless")
    assert done.code == 3
    assert "cfu setup --platform acme" in done.err
    terminal.sign_up()
    done = terminal.cfu("login", "--platform", "acme", "--headless")
    assert done.code == 0, done.err
    assert "as ann, account default" in done.out


@pytest.mark.slow
def test_logout_forgets_the_session_and_keeps_the_credentials(terminal: Terminal) -> None:
    terminal.cfu("setup", "--platform", "acme", "--headless", feed=GOOD)
    done = terminal.cfu("logout", "--platform", "acme")
    assert done.code == 0
    assert "is forgotten" in done.out
    assert not (terminal.workspace / "data" / "session" / "acme_session.json").exists()
    assert "ACME_USERNAME=ann" in (terminal.workspace / "config" / ".env").read_text()
    assert "There was no saved session" in terminal.cfu("logout", "--platform", "acme").out


def test_a_platform_that_cannot_upload_says_so_before_it_asks(terminal: Terminal) -> None:
    done = terminal.cfu("setup", "--platform", "exoclick", feed=GOOD)
    assert done.code == 6
    assert done.err.startswith("cfu: ")
    assert done.err.count("\n") == 1


def test_an_environment_that_is_stronger_than_what_was_stored_is_told(terminal: Terminal) -> None:
    done = terminal.cfu(
        *("setup", "--platform", "acme", "--no-login"),
        feed=GOOD,
        environ={"ACME_PASSWORD": "other"},
    )
    assert "ACME_PASSWORD is also set in the environment" in done.err
    assert "other" not in done.err


def test_a_typed_password_is_not_shown(terminal: Terminal) -> None:
    """Type into a real terminal, and look at all that it shows."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [CFU, "setup", "--platform", "acme", "--no-login", "--workspace", terminal.workspace],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=terminal.environ,
        cwd=terminal.folder,
        start_new_session=True,
    )
    os.close(theirs)
    shown = ""
    for prompt, answer in (("user name", "ann\n"), ("Password", "hush-hush\n")):
        shown += read_until(ours, prompt)
        os.write(ours, answer.encode())
    shown += read_until(ours, "readable by you only")
    assert process.wait(30) == 0
    os.close(ours)
    assert "hush-hush" not in shown
    assert "hush-hush" in (terminal.workspace / "config" / ".env").read_text()


def read_until(terminal: int, text: str, shown: str = "") -> str:
    """Return what a terminal shows up to a text, and perhaps beyond, after what was read before."""
    deadline = time.monotonic() + 30
    while text not in shown:
        left = deadline - time.monotonic()
        assert left > 0, f"never saw {text!r} in {shown!r}"
        if select.select([terminal], [], [], left)[0]:
            try:
                shown += os.read(terminal, 4096).decode()
            except OSError:
                pytest.fail(f"it ended without {text!r}: {shown!r}")
    return shown
