"""What becomes of files before anything is sent: real files, a real ledger, no network."""

from __future__ import annotations

import shutil
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from creative_flow.creative import Batch, Creative, Snapshot, Status, name_key
from creative_flow.errors import UsageError
from creative_flow.ledger import KnownEntry, Origin
from creative_flow.uploading.files import Candidate, from_paths, from_session

from .conftest import ACCOUNT, PLATFORM, Desk
from .media import BANNER, NATIVE, image, video

NAME = "EN_Summer_F_Real_SFW_Generic_Ana_4sec_ID-1A2B3C4D"
Banner = Callable[[str], Path]


def known(desk: Desk, path: Path, *, content: str | None = None, **facts: object) -> KnownEntry:
    """Let the ledger know an entry of a file's name."""
    values: dict[str, object] = {
        "platform": PLATFORM,
        "account": ACCOUNT,
        "ad_format": "static_banner",
        "creative_id": "1032500011",
        "name": path.name,
        "key": name_key(path.stem),
        "sha256": desk.ledger.sha256(path) if content is None else content,
        "origin": Origin.PROVED,
    }
    entry = KnownEntry(**(values | facts))  # type: ignore[arg-type]
    desk.ledger.add_entries(PLATFORM, entry.account, [entry])
    return entry


# ── Which ad format ──────────────────────────────────────────────────────────────────────────────


def test_the_one_ad_format_whose_rules_fit_is_chosen(desk: Desk, tmp_path: Path) -> None:
    assert desk.ad_format(image(tmp_path / "a.png", BANNER)) == "static_banner"
    assert desk.ad_format(image(tmp_path / "b.png", NATIVE)) == "native_image"
    assert desk.ad_format(video(tmp_path / "c.mp4", seconds=6)) == "in_stream_video"


def test_several_ad_formats_that_fit_are_named_and_none_is_guessed(
    desk: Desk, tmp_path: Path
) -> None:
    outcome = desk.outcome(video(tmp_path / "a.mp4", NATIVE, seconds=6))

    assert outcome.status is Status.REJECTED
    assert "in_stream_video, native_video" in outcome.error
    assert "--ad-format" in outcome.error


def test_the_name_chooses_before_the_rules(desk: Desk, tmp_path: Path) -> None:
    native = video(tmp_path / f"VID_{NAME}-VID.mp4", NATIVE, seconds=6)
    assert desk.ad_format(native) == "native_video"


def test_the_folder_chooses_before_the_name(desk: Desk, tmp_path: Path) -> None:
    path = image(tmp_path / "Native" / "Image" / f"VID_{NAME}-VID.png", NATIVE)
    assert desk.ad_format(path) == "native_image"


def test_the_session_csv_chooses_before_the_folder(desk: Desk, tmp_path: Path) -> None:
    path = video(tmp_path / "Native" / "Video" / "a.mp4", NATIVE, seconds=6)

    plan = desk.planner().plan([Candidate(path, ad_format="In-Stream Video")])

    assert [batch.ad_format for batch in plan.batches] == ["in_stream_video"]


def test_the_option_chooses_before_all(desk: Desk, tmp_path: Path) -> None:
    path = video(tmp_path / "Native" / "Video" / "a.mp4", NATIVE, seconds=6)

    plan = desk.planner(ad_format="in_stream_video").plan([Candidate(path, "native_video")])

    assert [batch.ad_format for batch in plan.batches] == ["in_stream_video"]


def test_an_ad_format_that_does_not_exist_is_refused_before_any_file(desk: Desk) -> None:
    with pytest.raises(UsageError, match=r"no ad format 'static'.*It has: static_banner"):
        desk.planner(ad_format="static")


def test_a_chosen_ad_format_still_has_its_rules(desk: Desk, tmp_path: Path) -> None:
    outcome = desk.outcome(image(tmp_path / "Native" / "Image" / "a.png", BANNER))
    assert "native_image: size is 300x250 pixels, allowed: 640x360" in outcome.error


def test_a_rule_that_is_only_likely_names_the_key_that_lifts_it(desk: Desk, tmp_path: Path) -> None:
    path = image(tmp_path / "a.png", (301, 250))
    assert "formats.static_banner.dimensions in config/tj.toml" in desk.outcome(path).error

    desk.workspace.overrides_file("tj").write_text("formats.static_banner.dimensions = false")

    assert desk.ad_format(path, ad_format="static_banner") == "static_banner"


# ── Bad input ────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_file_is_told_and_the_rest_goes_on(desk: Desk, banner: Banner) -> None:
    there, missing = banner("a.png"), banner("b.png").with_name("missing.png")

    plan = desk.plan(missing, there)

    assert [item.outcome and item.outcome.status for item in plan.items] == [
        Status.FILE_NOT_FOUND,
        None,
    ]
    assert plan.files == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "the file is empty"), (b"hello there", "neither an image nor a video")],
)
def test_what_is_no_media_is_rejected(
    desk: Desk, tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)

    outcome = desk.outcome(path)

    assert outcome.status is Status.REJECTED
    assert says in outcome.error


def test_a_cut_file_is_rejected(desk: Desk, banner: Banner) -> None:
    path = banner("a.png")
    path.write_bytes(path.read_bytes()[:-20])
    assert "cut short" in desk.outcome(path).error


def test_a_png_named_mp4_is_rejected_by_what_it_is(desk: Desk, banner: Banner) -> None:
    path = banner("a.png").rename(banner("b.png").with_name("a.mp4"))

    outcome = desk.outcome(path)

    assert outcome.status is Status.REJECTED
    assert "is a png by content but named .mp4" in outcome.error


def test_a_wrong_size_is_rejected_with_what_is_allowed(desk: Desk, tmp_path: Path) -> None:
    outcome = desk.outcome(image(tmp_path / "a.png", (123, 45)))

    assert outcome.status is Status.REJECTED
    assert "123x45" in outcome.error
    assert "300x250" in outcome.error


def test_an_original_is_skipped_unread(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / f"ORG_{NAME}.mp4"
    path.write_bytes(b"")
    assert desk.outcome(path).status is Status.SKIPPED


def test_a_folder_without_creatives_is_wrong_usage(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("x")
    with pytest.raises(UsageError, match=r"There is no creative in .*empty"):
        from_paths([tmp_path / "empty"], desk.workspace)


def test_what_is_passed_over_in_a_folder_is_told(desk: Desk, banner: Banner) -> None:
    folder = banner("a.png").parent
    (folder / "notes.txt").write_text("x")
    (folder / ".hidden").write_text("x")

    found, passed_over = from_paths([folder], desk.workspace)

    assert [it.path.name for it in found] == ["a.png"]
    assert [path.name for path in passed_over] == ["notes.txt"]


@pytest.mark.parametrize(
    "stem",
    [
        "Bänner für Größe",
        unicodedata.normalize("NFD", "Bänner"),
        "a  b ",
        "\"quoted\" and 'so'",
        "50% #1 & <b>",
        "x" * 200,
        "=cmd|' /C calc'!A0",
        "new\nline",
        "日本語",
        "a.b.c",
        "-rf",
    ],
)
def test_odd_names_are_planned_like_others(desk: Desk, banner: Banner, stem: str) -> None:
    assert desk.ad_format(banner(f"{stem}.png")) == "static_banner"


def test_a_name_that_is_no_text_is_rejected_not_sent(desk: Desk, banner: Banner) -> None:
    good = banner("a.png")
    bad = good.parent / b"b\xff.png".decode("utf-8", "surrogateescape")
    shutil.copy(good, bad)

    outcome = desk.outcome(bad)

    assert outcome.status is Status.REJECTED
    assert "UTF-8" in outcome.error


def test_of_two_files_with_one_name_the_second_is_rejected_naming_the_first(
    desk: Desk, banner: Banner
) -> None:
    first, second = banner("one/a.png"), banner("two/a.png")

    plan = desk.plan(first, second)

    assert plan.files == 1
    outcome = plan.items[1].outcome
    assert outcome is not None
    assert outcome.status is Status.REJECTED
    assert str(first) in outcome.error


def test_names_that_a_page_shows_alike_are_one_name(desk: Desk, banner: Banner) -> None:
    nfc, nfd = (unicodedata.normalize(form, "Bänner  1") for form in ("NFC", "NFD"))
    plan = desk.plan(banner(f"{nfc}.png"), banner(f"two/{nfd}.jpg"))
    assert plan.files == 1


def test_one_stem_in_two_ad_formats_is_fine(desk: Desk, tmp_path: Path) -> None:
    plan = desk.plan(image(tmp_path / "a.png"), video(tmp_path / "a.mp4"))
    assert [batch.ad_format for batch in plan.batches] == ["static_banner", "in_stream_video"]


def test_one_content_under_two_names_is_sent_once(desk: Desk, banner: Banner) -> None:
    first = banner("a.png")
    second = Path(shutil.copy(first, first.with_name("b.png")))

    plan = desk.plan(first, second)

    assert plan.files == 1
    outcome = plan.items[1].outcome
    assert outcome is not None
    assert (outcome.status, str(first) in outcome.error) == (Status.SKIPPED, True)


def test_a_file_that_is_not_sent_keeps_no_other_from_being_sent(desk: Desk, banner: Banner) -> None:
    taken = banner("a.png")
    same = Path(shutil.copy(taken, taken.with_name("b.png")))
    known(desk, taken, content="f" * 64)

    plan = desk.plan(taken, same)

    assert [it.path for batch in plan.batches for it in batch.creatives] == [same]


# ── Against the ledger ───────────────────────────────────────────────────────────────────────────


def test_what_is_there_already_is_skipped_with_its_id(desk: Desk, banner: Banner) -> None:
    path = banner("a.png")
    known(desk, path)

    outcome = desk.outcome(path)

    assert (outcome.status, outcome.creative_id) == (Status.SKIPPED, "1032500011")


def test_a_name_taken_by_other_content_is_rejected_with_its_id(desk: Desk, banner: Banner) -> None:
    path = banner("a.png")
    known(desk, path, content="f" * 64)

    outcome = desk.outcome(path)

    assert outcome.status is Status.REJECTED
    assert "taken by Creative ID 1032500011" in outcome.error


def test_content_that_is_there_under_another_name_is_skipped_naming_it(
    desk: Desk, banner: Banner
) -> None:
    path = banner("a.png")
    known(desk, path, name="b.png", key="b")

    outcome = desk.outcome(path)

    assert (outcome.status, outcome.creative_id) == (Status.SKIPPED, "1032500011")
    assert "b.png" in outcome.error


def test_content_that_another_account_has_is_told_and_sent(desk: Desk, banner: Banner) -> None:
    path, gone, own = banner("a.png"), banner("b.png"), banner("c.png")
    known(desk, path, account="second", name="other.png", key="other", creative_id="1032500021")
    known(desk, gone, account="second", review_status="removed", creative_id="1032500031")
    known(desk, own, account="second", creative_id="1032500041")
    known(desk, own, creative_id="1032500051")

    plan = desk.plan(path, gone, own)

    (batch,) = plan.batches
    notes = {it.path: it.note for it in batch.creatives}
    told = "the same content is up on account 'second' as other.png, Creative ID 1032500021"
    assert notes == {path: told, gone: ""}
    assert desk.outcome(own).creative_id == "1032500051"


def test_one_name_and_content_in_another_ad_format_is_another_creative(
    desk: Desk, tmp_path: Path
) -> None:
    path = image(tmp_path / "a.png", NATIVE)
    known(desk, path, ad_format="static_banner")
    assert desk.ad_format(path) == "native_image"


def test_a_row_of_the_users_without_content_counts_by_its_name(desk: Desk, banner: Banner) -> None:
    path = banner("a.png")
    known(desk, path, content="", origin=Origin.USER)

    outcome = desk.outcome(path)

    assert (outcome.status, outcome.creative_id) == (Status.SKIPPED, "1032500011")
    assert "row of yours" in outcome.error


def test_a_name_that_stands_twice_is_skipped_without_choosing_an_id(
    desk: Desk, banner: Banner
) -> None:
    path = banner("a.png")
    for creative_id in ("1032500011", "1032500021"):
        known(desk, path, content="", origin=Origin.PLATFORM, creative_id=creative_id)

    outcome = desk.outcome(path)

    assert (outcome.status, outcome.creative_id) == (Status.SKIPPED, "")
    assert "1032500011, 1032500021" in outcome.error


def test_a_forgotten_name_is_to_be_asked_for_first(desk: Desk, banner: Banner) -> None:
    path = banner("a.png")
    known(desk, path)
    desk.ledger.forget(PLATFORM, ACCOUNT, [("static_banner", "1032500011")])

    plan = desk.plan(path)

    assert [it.path for it in plan.to_look_up] == [path]


def test_what_the_platform_removed_can_go_up_again(desk: Desk, banner: Banner) -> None:
    path = banner("a.png")
    known(desk, path, review_status="removed")
    assert desk.ad_format(path) == "static_banner"


def test_force_overrides_what_the_ledger_says(desk: Desk, banner: Banner) -> None:
    path = banner("a.png")
    known(desk, path)
    assert desk.ad_format(path, force=True) == "static_banner"


@pytest.mark.parametrize("changed", [False, True], ids=["same content", "same name"])
def test_what_may_have_been_sent_is_settled_first(
    desk: Desk, banner: Banner, changed: bool
) -> None:
    path = banner("a.png")
    creative = Creative(path, "static_banner", path.stat().st_size, desk.ledger.sha256(path))
    run = desk.ledger.start_run(PLATFORM, ACCOUNT, login="ana", campaign="", total=1)
    before = Snapshot("static_banner", (), True, datetime.now(UTC))
    batch = desk.ledger.write_intent(run, Batch(1, "static_banner", (creative,)), before, "")
    desk.ledger.mark_sending(batch)
    again = image(path) if changed else path.rename(path.with_name("renamed.png"))

    plan = desk.plan(again)

    assert [item.path for item in plan.to_settle] == [again]
    assert plan.files == 0


def test_an_intent_of_which_nothing_was_sent_keeps_nothing_back(desk: Desk, banner: Banner) -> None:
    path = banner("a.png")
    creative = Creative(path, "static_banner", path.stat().st_size, desk.ledger.sha256(path))
    run = desk.ledger.start_run(PLATFORM, ACCOUNT, login="ana", campaign="", total=1)
    before = Snapshot("static_banner", (), True, datetime.now(UTC))
    desk.ledger.write_intent(run, Batch(1, "static_banner", (creative,)), before, "")

    assert desk.plan(path).files == 1


# ── Batches and limits ───────────────────────────────────────────────────────────────────────────


def test_batches_hold_ten_files_of_one_ad_format_in_the_order_given(
    desk: Desk, banner: Banner, tmp_path: Path
) -> None:
    banners = [banner(f"{number:02}.png") for number in range(23)]
    native = image(tmp_path / "native.png", NATIVE)

    plan = desk.plan(*banners[:12], native, *banners[12:])

    assert [(it.number, it.ad_format, len(it.creatives)) for it in plan.batches] == [
        (1, "static_banner", 10),
        (2, "static_banner", 10),
        (3, "static_banner", 3),
        (4, "native_image", 1),
    ]
    sent = [it.path for batch in plan.batches[:3] for it in batch.creatives]
    assert sent == banners


def native_pair(folder: Path, base: str) -> list[Path]:
    return [
        video(folder / f"VID_{base}-VID.mp4", NATIVE, seconds=1),
        image(folder / f"IMG_{base}-IMG.png", NATIVE),
    ]


@pytest.mark.parametrize(
    ("limit", "sent"), [(1, [0]), (2, [0, 3]), (3, [0, 1, 2]), (9, [0, 1, 2, 3])]
)
def test_a_limit_keeps_native_pairs_whole(
    desk: Desk, banner: Banner, tmp_path: Path, limit: int, sent: list[int]
) -> None:
    paths = [banner("a.png"), *native_pair(tmp_path, "EN_Ana_ID-1A2B3C4D"), banner("b.png")]

    plan = desk.plan(*paths, limit=limit)

    kept = {it.path for batch in plan.batches for it in batch.creatives}
    assert kept == {paths[number] for number in sent}
    put_off = [item.outcome for item in plan.items if item.outcome]
    assert {it.status for it in put_off} <= {Status.PENDING}
    assert all("--limit" in it.error for it in put_off)


def test_a_half_whose_other_half_is_there_counts_as_one(desk: Desk, tmp_path: Path) -> None:
    half, other = native_pair(tmp_path, "EN_Ana_ID-1A2B3C4D")
    known(desk, other, ad_format="native_image")
    assert desk.plan(half, other, limit=1).files == 1


# ── The session CSV ──────────────────────────────────────────────────────────────────────────────


def session(desk: Desk, *rows: str) -> list[Candidate]:
    head = "new_filename,unique_id,creative_type,native_pair_id"
    desk.workspace.session_csv.write_text("\n".join([head, *rows]) + "\n")
    return from_session(desk.workspace)


def test_the_session_csv_names_files_wherever_they_lie_below_uploaded(desk: Desk) -> None:
    path = image(desk.inbox / "Summer" / "a.png")

    (found,) = session(desk, "a.png,ID-1A2B3C4D,static_banner,")

    assert found == Candidate(path, "static_banner", "ID-1A2B3C4D")


def test_a_file_that_the_session_csv_lists_twice_is_one_file(desk: Desk) -> None:
    image(desk.inbox / "a.png")
    found = session(desk, "a.png,ID-1A2B3C4D,,", "a.png,ID-1A2B3C4D,,", "x/a.png,,,")
    assert desk.planner().plan(found).files == len(found) == 1


def test_a_file_of_the_session_csv_that_is_gone_is_told(desk: Desk) -> None:
    found = session(desk, "a.png,ID-1A2B3C4D,,")
    (item,) = desk.planner().plan(found).items
    assert item.outcome is not None
    assert item.outcome.status is Status.FILE_NOT_FOUND


def test_a_session_csv_can_not_reach_out_of_the_workspace(desk: Desk, tmp_path: Path) -> None:
    image(tmp_path / "outside.png")
    (found,) = session(desk, "../../outside.png,,,")
    assert found.path.parent == desk.inbox


@pytest.mark.parametrize("content", ["", "new_filename\n", "other\nx\n", "\0\1\2"])
def test_a_session_csv_that_says_nothing_is_wrong_usage(desk: Desk, content: str) -> None:
    desk.workspace.session_csv.write_text(content)
    with pytest.raises(UsageError, match=r"creative_inventory_session\.csv"):
        from_session(desk.workspace)


def test_without_files_and_without_a_session_csv_the_user_is_told_what_to_do(desk: Desk) -> None:
    with pytest.raises(UsageError, match="Name files or folders"):
        from_session(desk.workspace)


# ── Size ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_three_thousand_files_are_planned_in_seconds(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    pattern = image(tmp_path / "pattern.gif").read_bytes()
    folder.mkdir()
    for number in range(3000):
        comment = b"!\xfe\x04" + number.to_bytes(4, "big") + b"\0"
        (folder / f"{number:04}.gif").write_bytes(pattern[:-1] + comment + b";")
    began = time.monotonic()

    plan = desk.plan(folder)

    assert plan.files == 3000
    assert len(plan.batches) == 300
    assert time.monotonic() - began < 30
