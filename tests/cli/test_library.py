"""``cfu library add``: what is recorded on a person's word, and what is refused."""

from __future__ import annotations

import csv
import json

import pytest

from cli.conftest import Terminal
from cli.test_resolve import interrupt, still_open
from warm import Done

ID = "2000000001"


def add(terminal: Terminal, name: str, creative_id: str = ID, *more: str) -> Done:
    return terminal.cfu(
        *("library", "add", "--platform", "acme", "--ad-format", "banner"),
        *("--name", name, "--id", creative_id, *more),
    )


def rows(terminal: Terminal) -> list[dict[str, str]]:
    with (terminal.workspace / "tracking" / "Acme_Library.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_hand_made_entry_is_recorded_and_its_file_is_not_sent(terminal: Terminal) -> None:
    terminal.sign_up()
    terminal.banner("summer.png")
    done = add(terminal, "summer.png", ID, "--status", "approved")
    assert done.code == 0, done.err
    assert "on your word" in done.out
    [row] = rows(terminal)
    assert (row["creative_id"], row["filename"]) == (ID, "summer.png")
    assert (row["creative_type"], row["review_status"]) == ("banner", "approved")

    done = terminal.cfu("upload", "banners", "--platform", "acme", "--live", "--headless")
    assert done.code == 0, done.err
    assert ID in done.out
    assert "by a row of yours" in done.out
    assert terminal.store.read_text() == ""


def test_a_name_may_be_given_as_the_platform_shows_it(terminal: Terminal) -> None:
    terminal.banner("summer.v2.png")
    assert add(terminal, "summer.v2").code == 0
    assert "by a row of yours" in terminal.cfu("upload", "banners", "--platform", "acme").out


@pytest.mark.slow
@pytest.mark.slow
def test_what_was_added_keeps_rows_that_were_appended_by_hand(terminal: Terminal) -> None:
    assert add(terminal, "one.png").code == 0
    with (terminal.workspace / "tracking" / "Acme_Library.csv").open("a") as file:
        file.write("2000000011,two.png,,,png,banner,\n")
    assert add(terminal, "three.png", "2000000021").code == 0
    assert [row["filename"] for row in rows(terminal)] == ["one.png", "two.png", "three.png"]
    done = add(terminal, "two.png", "2000000031")
    assert done.code == 2
    assert "2000000011" in done.err


@pytest.mark.slow
def test_an_id_or_a_name_that_is_none_or_taken_is_refused(terminal: Terminal) -> None:
    assert add(terminal, "a.png").code == 0
    for name, creative_id, complaint in (
        ("b.png", "12x", "no Creative ID of Acme"),
        ("b.png", "\u0661\u0662", "no Creative ID of Acme"),  # digits, but of another script
        ("b.png", "1.03E+09", "no Creative ID of Acme"),
        ("  ", "2000000011", "needs a name"),
        ("b.png", ID, f"Creative ID {ID} is taken: it is 'a.png' in banner"),
        ("a.png", "2000000011", f"is taken in banner by Creative ID {ID}"),
        ("a.png", ID, "is in the library already"),
    ):
        done = add(terminal, name, creative_id)
        assert done.code == 2
        assert complaint in done.err
        assert done.err.count("\n") == 1
    assert [row["filename"] for row in rows(terminal)] == ["a.png"]


def test_an_unknown_ad_format_names_those_there_are(terminal: Terminal) -> None:
    done = terminal.cfu(
        *("library", "add", "--platform", "acme", "--ad-format", "poster"),
        *("--name", "a.png", "--id", ID),
    )
    assert done.code == 2
    assert "It has: banner." in done.err


def test_a_platform_says_how_many_digits_its_ids_have(terminal: Terminal) -> None:
    arguments = ("library", "add", "--platform", "tj", "--ad-format", "static_banner")
    done = terminal.cfu(*arguments, "--name", "a.png", "--id", "123456789")
    assert done.code == 2
    assert "123456789" in done.err
    assert terminal.cfu(*arguments, "--name", "a.png", "--id", "1032530511").code == 0


@pytest.mark.slow
@pytest.mark.slow
def test_what_was_open_is_settled_and_the_message_says_so(terminal: Terminal) -> None:
    [path] = interrupt(terminal, "summer")
    done = add(terminal, "summer.png")
    assert done.code == 0, done.err
    assert "This settles what became of" in done.out
    assert path.name in done.out
    assert still_open(terminal) == []
    assert [row["creative_id"] for row in rows(terminal)] == [ID]

    done = terminal.cfu("upload", "banners", "--platform", "acme", "--live", "--headless", "--json")
    [outcome] = json.loads(done.out)["runs"][0]["outcomes"]
    assert (outcome["status"], outcome["creative_id"]) == ("skipped", ID)
    assert terminal.store.read_text() == ""
