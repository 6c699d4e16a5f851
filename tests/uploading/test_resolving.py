"""A person's word, held against what is known before it counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from creative_flow import registry
from creative_flow.creative import Batch, Creative, LibraryEntry, Snapshot, Status
from creative_flow.errors import AccountBusy, PluginBroken, UsageError
from creative_flow.ledger import Intent, KnownEntry, Origin
from creative_flow.ledger.lease import Lease
from creative_flow.uploading.resolving import Resolver, resolver
from creative_flow.workspace import Workspace
from registry.packages import GOOD, Site

PLACE = ("tj", "default")
BANNER = "static_banner"
OLD, NEW, OTHER = "1032530001", "1032530011", "1032530021"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Resolver]:
    place = Workspace(tmp_path / "place", overrides={"CFU_STATE_DIR": str(tmp_path / "state")})
    used = registry.load("tj", place.overrides_file("tj"))
    with resolver(place, used, "default", interactive=False, notify=print) as made:
        yield made


def leave_open(desk: Resolver, name: str, *before: tuple[str, str]) -> Intent:
    """Leave a file open that was sent while these (id, name) stood in the library."""
    path = desk.place.uploaded / f"{name}.png"
    creative = Creative(path, BANNER, 7, "ab" * 32)
    entries = tuple(LibraryEntry(BANNER, creative_id, shown) for creative_id, shown in before)
    snapshot = Snapshot(BANNER, entries, complete=True, taken_at=datetime.now(UTC))
    run = desk.ledger.start_run(*PLACE, login="ana", campaign="", total=1)
    batch = desk.ledger.write_intent(run, Batch(1, BANNER, (creative,)), snapshot, "")
    desk.ledger.mark_sending(batch)
    return desk.open()[-1]


def entries(desk: Resolver) -> list[KnownEntry]:
    return list(desk.ledger.entries(*PLACE))


def test_what_is_settled_by_word_is_known_with_its_content_but_not_as_proved(
    desk: Resolver,
) -> None:
    intent = leave_open(desk, "summer")
    desk.known_as(intent, NEW)
    [entry] = entries(desk)
    assert (entry.creative_id, entry.name, entry.sha256) == (NEW, "summer.png", intent.sha256)
    assert entry.origin is Origin.USER
    [outcome] = desk.ledger.outcomes(intent.run)
    assert (outcome.status, outcome.creative_id) == (Status.SUCCESS, NEW)
    assert "word" in outcome.note
    assert NEW in desk.place.library_mirror(desk.context.info, "default").read_text()


def test_an_id_that_stood_there_before_is_no_new_upload(desk: Resolver) -> None:
    """Its content is not this file's for all that is known."""
    intent = leave_open(desk, "summer", (OLD, "summer"))
    desk.known_as(intent, OLD)
    [entry] = entries(desk)
    assert (entry.creative_id, entry.sha256, entry.size) == (OLD, "", None)
    [outcome] = desk.ledger.outcomes(intent.run)
    assert (outcome.status, outcome.creative_id) == (Status.DUPLICATE, OLD)


def test_an_id_that_bore_another_name_before_is_refused(desk: Resolver) -> None:
    intent = leave_open(desk, "summer", (OLD, "winter"))
    with pytest.raises(UsageError, match="is taken: it is 'winter'"):
        desk.known_as(intent, OLD)
    assert desk.open() == (intent,)
    assert entries(desk) == []


def test_a_name_may_stand_twice_if_the_first_was_there_before(desk: Resolver) -> None:
    """A file that was sent with --force beside an older one of its name."""
    banner = desk.context.info.ad_format(BANNER)
    desk.add(banner, "summer.png", OLD)
    intent = leave_open(desk, "summer", (OLD, "summer"))
    desk.known_as(intent, NEW)
    assert {entry.creative_id for entry in entries(desk)} == {OLD, NEW}


def test_a_name_that_was_taken_only_since_is_refused(desk: Resolver) -> None:
    intent = leave_open(desk, "summer")
    place = desk.place.library_mirror(desk.context.info, "default")
    desk.mirror.follow()
    rows = f"{OTHER},summer.png,,,png,{BANNER},\n"
    header = "creative_id,filename,upload_date,dimensions,file_type,creative_type,review_status\n"
    place.write_text(header + rows)
    desk.mirror.follow()
    with pytest.raises(UsageError, match=f"taken in {BANNER} by Creative ID {OTHER}"):
        desk.known_as(intent, NEW)
    desk.known_as(intent, OTHER)
    assert desk.open() == ()


def test_a_forgotten_name_can_be_given_again_and_a_forgotten_id_not_to_another(
    desk: Resolver,
) -> None:
    banner = desk.context.info.ad_format(BANNER)
    desk.add(banner, "summer.png", OLD)
    desk.ledger.forget(*PLACE, [(BANNER, OLD)])
    with pytest.raises(UsageError, match="is taken"):
        desk.add(banner, "winter.png", OLD)
    desk.add(banner, "summer.png", OLD)
    assert [entry.forgotten for entry in entries(desk)] == [False]


def test_another_ad_format_is_another_place_for_a_name_but_not_for_an_id(desk: Resolver) -> None:
    info = desk.context.info
    desk.add(info.ad_format("native_image"), "summer.png", OLD)
    desk.add(info.ad_format("native_video"), "summer.mp4", NEW)
    with pytest.raises(UsageError, match="is taken"):
        desk.add(info.ad_format(BANNER), "summer.png", NEW)


def test_what_is_not_there_is_free_to_be_sent_and_says_on_whose_word(desk: Resolver) -> None:
    intent = leave_open(desk, "summer")
    desk.not_there(intent)
    assert desk.open() == ()
    [outcome] = desk.ledger.outcomes(intent.run)
    assert outcome.status is Status.PENDING
    assert "The user looked" in outcome.error


def test_what_was_settled_meanwhile_is_not_settled_again(desk: Resolver) -> None:
    intent = leave_open(desk, "summer")
    desk.not_there(intent)
    with pytest.raises(UsageError, match="settled meanwhile"):
        desk.known_as(intent, NEW)
    assert entries(desk) == []


def test_while_a_run_holds_the_account_nothing_is_settled(desk: Resolver) -> None:
    intent = leave_open(desk, "summer")
    desk.ledger.bind_account(*PLACE, "ana")
    with (
        Lease(desk.place.state_dir, desk.ledger, desk.context.place, "ana").take(),
        pytest.raises(AccountBusy),
    ):
        desk.known_as(intent, NEW)
    assert desk.open() == (intent,)
    desk.known_as(intent, NEW)


def test_an_id_pattern_that_is_none_is_told_of_the_plugin(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.install("acme", GOOD.replace("poll_seconds=1,", 'poll_seconds=1, id_pattern="[0-9",'))
    answer = site.load("acme")
    assert answer.startswith(f"{PluginBroken.__name__} {PluginBroken.exit_code}: ")
    assert "its id pattern is no regular expression" in answer
