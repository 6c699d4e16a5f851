from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from creative_flow.creative import name_key
from creative_flow.ledger import Ledger, Origin
from creative_flow.ledger.library import (
    by_content_query,
    by_id_query,
    by_name_query,
    elsewhere_query,
)
from ledger.samples import A, P, entry


def test_entries_come_back_as_they_went_in(ledger: Ledger) -> None:
    whole = evolve(
        entry("1032530511", 'Ümlaut "q" #%.png', sha256="cd" * 32, notes="mine"), size=2**40
    )
    assert ledger.add_entries(P, A, [whole]) == 1
    assert list(ledger.entries(P, A)) == [whole]
    assert ledger.by_content(P, A, {"cd" * 32, "", "ef" * 32}) == {"cd" * 32: (whole,)}
    assert ledger.by_id(P, A, ["1032530511"]) == {"1032530511": (whole,)}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(names=st.lists(st.text(st.characters(codec=None)), min_size=1, max_size=5, unique=True))
def test_any_text_can_be_a_name(ledger: Ledger, names: list[str]) -> None:
    account = repr(names).encode("unicode_escape").decode()
    entries = [
        evolve(entry(str(number + 1)), account=account, name=name, key=name_key(name))
        for number, name in enumerate(names)
    ]
    ledger.add_entries(P, account, entries)
    assert list(ledger.entries(P, account)) == entries
    found = ledger.by_name(P, account, "static_banner", [e.key for e in entries])
    assert {e.name for known in found.values() for e in known} == set(names)


def test_a_name_that_is_not_there_is_left_out(ledger: Ledger) -> None:
    ledger.add_entries(P, A, [entry("1", "a.png"), entry("2", "a.png")])
    found = ledger.by_name(P, A, "static_banner", {"a", "b"})
    assert {key: [e.creative_id for e in known] for key, known in found.items()} == {
        "a": ["1", "2"]
    }
    assert ledger.by_name(P, A, "native_image", {"a"}) == {}
    assert ledger.by_name(P, "other", "static_banner", {"a"}) == {}


@pytest.mark.slow
def test_more_names_than_fit_one_statement(ledger: Ledger) -> None:
    entries = [entry(str(number), f"n{number}.png") for number in range(1, 8_001)]
    assert ledger.add_entries(P, A, entries) == 8_000
    found = ledger.by_name(P, A, "static_banner", [e.key for e in entries])
    assert len(found) == 8_000
    assert [e.creative_id for e in ledger.entries(P, A)] == [e.creative_id for e in entries]


def test_a_proof_is_never_weakened(ledger: Ledger) -> None:
    proved = entry("1", "a.png", sha256="cd" * 32)
    ledger.add_entries(P, A, [proved])
    shown = evolve(entry("1", "a", origin=Origin.PLATFORM, upload_date="", review_status="ok"))
    user = entry("1", "b.png", origin=Origin.USER, upload_date="2020-01-01", review_status="no")
    assert ledger.add_entries(P, A, [shown, user]) == 0
    assert list(ledger.entries(P, A)) == [evolve(proved, review_status="ok")]


def test_a_stronger_word_replaces_a_weaker_one(ledger: Ledger) -> None:
    ledger.add_entries(P, A, [entry("1", "mine.png", origin=Origin.USER, notes="keep")])
    ledger.add_entries(P, A, [entry("1", "shown", origin=Origin.PLATFORM)])
    (known,) = ledger.entries(P, A)
    assert (known.name, known.origin, known.extra) == ("shown", Origin.PLATFORM, {"notes": "keep"})
    ledger.add_entries(P, A, [entry("1", "shown.png", sha256="cd" * 32)])
    (known,) = ledger.entries(P, A)
    assert (known.name, known.origin, known.sha256) == ("shown.png", Origin.PROVED, "cd" * 32)


def test_the_platform_s_bare_form_of_a_name_does_not_drop_its_extension(ledger: Ledger) -> None:
    ledger.add_entries(P, A, [entry("1", "mine.png", origin=Origin.USER)])
    ledger.add_entries(P, A, [entry("1", "mine", origin=Origin.PLATFORM)])
    (known,) = ledger.entries(P, A)
    assert (known.name, known.origin) == ("mine.png", Origin.PLATFORM)


def test_review_statuses_follow_the_platform(ledger: Ledger) -> None:
    ledger.add_entries(P, A, [entry("1", review_status="pending")])
    for status in ("approved", "removed"):
        ledger.add_entries(P, A, [entry("1", origin=Origin.PLATFORM, review_status=status)])
        assert [e.review_status for e in ledger.entries(P, A)] == [status]


def test_what_is_forgotten_is_kept_until_it_is_seen_again(ledger: Ledger) -> None:
    ledger.add_entries(P, A, [entry("1", "a.png"), entry("2", "b.png")])
    ledger.forget(P, A, [("static_banner", "1"), ("static_banner", "99")])
    assert [e.forgotten for e in ledger.entries(P, A)] == [True, False]
    assert ledger.by_name(P, A, "static_banner", ["a"])["a"][0].forgotten
    ledger.add_entries(P, A, [entry("1", "a", origin=Origin.PLATFORM)])
    assert [e.forgotten for e in ledger.entries(P, A)] == [False, False]


def test_one_entry_twice_in_one_call_is_one_entry(ledger: Ledger) -> None:
    shown = entry("1", "a", origin=Origin.PLATFORM, review_status="ok")
    assert ledger.add_entries(P, A, [shown, entry("1", "a.png")]) == 1
    (known,) = ledger.entries(P, A)
    assert (known.name, known.origin, known.review_status) == ("a.png", Origin.PROVED, "ok")


def test_only_what_changes_gets_a_new_revision(ledger: Ledger) -> None:
    ledger.add_entries(P, A, [entry("1"), entry("2")])
    head = ledger.head(P, A)
    ledger.add_entries(P, A, [entry("1")])
    assert ledger.head(P, A) == head
    assert ledger.changed(P, A, since=head, upto=head) == 0
    ledger.add_entries(P, A, [entry("2", origin=Origin.PLATFORM, review_status="ok"), entry("3")])
    assert ledger.changed(P, A, since=head, upto=head) == 1
    assert [e.creative_id for e in ledger.entries(P, A, after=head)] == ["3"]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (by_name_query(P, A, "static_banner", ["a", "b"]), "library_by_name"),
        (by_content_query(P, A, ["cd" * 32]), "library_by_content"),
        (by_id_query(P, A, ["1"]), "autoindex_library"),
        (elsewhere_query(P, "second", ["cd" * 32]), "library_by_content"),
    ],
)
def test_look_ups_use_an_index(
    ledger: Ledger, tmp_path: Path, query: Select[Any], index: str
) -> None:
    ledger.add_entries(P, A, [entry(str(n), f"{n}.png") for n in range(1, 2_000)])
    compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with sqlite3.connect(tmp_path / "data" / "ledger.db") as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {compiled}")]
    connection.close()
    assert any(step.startswith("SEARCH library") and index in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
