"""Look-alikes are told in the plan, and left out only if that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import av
import pytest
from attrs import evolve
from PIL import Image
from sqlalchemy import text

from creative_flow import registry, upload
from creative_flow.creative import Status
from creative_flow.errors import SettingsError, UsageError
from creative_flow.ledger import KnownEntry, Ledger, Origin
from creative_flow.ledger.looks import MOST_DISTANCE, distance, keys_near, keys_of
from creative_flow.probe import probe
from creative_flow.probe.looks import look
from creative_flow.uploading.alike import Thresholds, thresholds
from creative_flow.uploading.files import from_paths
from creative_flow.uploading.items import Options, Plan
from creative_flow.uploading.plan import Planner
from creative_flow.workspace import Workspace

from .conftest import ACCOUNT, PLATFORM, Desk
from .media import BANNER, scene
from .test_plan import known

AS_SET = Thresholds(bits=20, moments=2)


def clip(path: Path, seed: int, *, size: tuple[int, int] = (320, 180), quality: int = 20) -> Path:
    """Write a clip whose scene changes every second, as it may be encoded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("h264", rate=8, options={"crf": str(quality)})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(48):
            picture = scene(seed + number // 8, size)
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_a_look_is_the_libraries_own_hash(tmp_path: Path) -> None:
    import imagehash

    for seed in range(20):
        path = tmp_path / f"{seed}.png"
        scene(seed).save(path)
        with Image.open(path) as picture:
            assert look(path, probe(path)) == (str(imagehash.phash(picture, hash_size=16)),)


@pytest.fixture
def plan(desk: Desk) -> Callable[..., Plan]:
    """Plan with an eye on looks."""

    def make(*paths: Path, limits: Thresholds = AS_SET, **options: object) -> Plan:
        used = registry.load(PLATFORM, desk.workspace.overrides_file(PLATFORM))
        planner = Planner(
            desk.context,
            used.uploader(desk.context),
            desk.ledger,
            Options(**options),  # type: ignore[arg-type]
            similar=limits,
        )
        return planner.plan(from_paths(paths, desk.workspace)[0])

    return make


def notes(plan: Plan) -> list[str]:
    return [it.note for batch in plan.batches for it in batch.creatives]


@pytest.fixture
def up(desk: Desk, plan: Callable[..., Plan], tmp_path: Path) -> Path:
    """Return a banner that went through a plan and is up."""
    path = tmp_path / "up.png"
    scene(1).save(path)
    plan(path)
    known(desk, path, name="up.png", key="up")
    return path


@pytest.mark.parametrize("how", ["re-encoded", "resized", "as a gif"])
def test_a_picture_like_one_that_is_up_is_told_and_goes(
    plan: Callable[..., Plan], up: Path, tmp_path: Path, how: str
) -> None:
    picture = Image.open(up).convert("RGB")
    path = tmp_path / {"re-encoded": "a.jpg", "resized": "a.png", "as a gif": "a.gif"}[how]
    (picture.resize((950, 250)) if how == "resized" else picture).save(path, quality=60)
    other = tmp_path / "other.png"
    scene(2).save(other)

    assert notes(plan(path, other)) == ["looks like up.png, Creative ID 1032500011", ""]


def test_a_look_alike_is_left_out_if_that_is_asked_for(
    plan: Callable[..., Plan], up: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    Image.open(up).convert("RGB").save(path, quality=60)

    (item,) = plan(path, skip_similar=True).items

    assert item.outcome is not None
    # The id is another file's: it is named, never recorded for this one.
    assert (item.outcome.status, item.outcome.creative_id) == (Status.SKIPPED, "")
    assert "looks like up.png, Creative ID 1032500011" in item.outcome.error


def test_of_two_look_alikes_of_one_run_the_second_is_told(
    plan: Callable[..., Plan], tmp_path: Path
) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.jpg"
    scene(5).save(first)
    scene(5).save(second, quality=50)

    assert notes(plan(first, second)) == ["", f"looks like {first} of this run"]
    kept = plan(first, second, skip_similar=True)
    assert [it.path for batch in kept.batches for it in batch.creatives] == [first]


def test_what_was_removed_or_forgotten_there_is_like_nothing(
    desk: Desk, plan: Callable[..., Plan], up: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    Image.open(up).convert("RGB").save(path, quality=60)
    desk.ledger.forget(PLATFORM, ACCOUNT, [("static_banner", "1032500011")])

    assert notes(plan(path)) == [""]


def test_pictures_that_show_nothing_are_not_alike(
    plan: Callable[..., Plan], tmp_path: Path
) -> None:
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for number, path in enumerate(paths):
        Image.new("RGB", BANNER, (90 * number, 20, 20)).save(path)

    assert notes(plan(*paths)) == ["", ""]


@pytest.mark.slow
@pytest.mark.slow
def test_a_clip_encoded_anew_and_smaller_is_alike_and_another_one_is_not(
    plan: Callable[..., Plan], tmp_path: Path
) -> None:
    first = clip(tmp_path / "a.mp4", 10, size=(640, 360))
    again = clip(tmp_path / "b.mp4", 10, size=(1280, 720), quality=35)
    other = clip(tmp_path / "c.mp4", 60, size=(640, 360))

    planned = plan(first, again, other, ad_format="in_stream_video")

    assert notes(planned) == ["", f"looks like {first} of this run", ""]


def test_a_look_is_computed_once_for_a_content(
    desk: Desk, plan: Callable[..., Plan], up: Path, tmp_path: Path
) -> None:
    digest = desk.ledger.sha256(up)
    assert desk.ledger.looks([digest]) == {digest: look(up, probe(up))}
    # Whoever looked again would not find what is written here.
    changed = "0" * 64
    with desk.ledger._database.transaction() as connection:
        connection.execute(text("UPDATE looks SET hash = :hash"), {"hash": changed})
    again = tmp_path / "again.png"
    again.write_bytes(up.read_bytes())
    plan(again, force=True)
    assert desk.ledger.looks([digest]) == {digest: (changed,)}


def test_hashes_are_found_up_to_the_distance_and_by_index_alone(ledger_file: Path) -> None:
    pick = Random(4)
    mine = f"{pick.getrandbits(256):064x}"
    others = {f"{pick.getrandbits(256):064x}": f"far-{number}" for number in range(300)}
    for bits in range(MOST_DISTANCE + 4):
        turned = sum(1 << bit for bit in pick.sample(range(256), bits))
        others[f"{int(mine, 16) ^ turned:064x}"] = f"near-{bits}"
    with Ledger.open(f"sqlite:///{ledger_file}") as ledger:
        ledger.add_looks({name: (hash_,) for hash_, name in others.items()})
        ledger.add_entries("tj", "default", [entry(sha256=name) for name in others.values()])
        for most in (0, 7, MOST_DISTANCE, MOST_DISTANCE + 3):
            found = ledger.near({"mine": (mine,)}, most=most, moments=1)["mine"]
            limit = min(most, MOST_DISTANCE)
            assert found == {f"near-{bits}": bits for bits in range(limit + 1)}


def entry(sha256: str) -> KnownEntry:
    return KnownEntry(
        *("tj", "default", "static_banner", sha256, sha256, sha256, sha256), origin=Origin.PROVED
    )


@pytest.mark.parametrize("order", ["looked at first", "up first"])
def test_what_is_up_is_found_and_what_was_only_looked_at_is_not(
    ledger_file: Path, order: str
) -> None:
    hash_ = f"{Random(4).getrandbits(256):064x}"
    with Ledger.open(f"sqlite:///{ledger_file}") as ledger:
        steps: list[Callable[[], object]] = [
            lambda: ledger.add_looks({"up": (hash_,), "planned": (hash_,)}),
            lambda: ledger.add_entries("tj", "default", [entry("up"), entry("other")]),
        ]
        for step in steps if order == "looked at first" else steps[::-1]:
            step()
        for _ in range(2):
            assert ledger.near({"it": (hash_,)}, most=0, moments=1) == {"it": {"up": 0}}
        ledger.add_entries("tj", "second", [evolve(entry("planned"), account="second")])
        found = {"it": {"up": 0, "planned": 0}}
        assert ledger.near({"it": (hash_,)}, most=0, moments=1) == found
        ledger.add_looks({"other": (f"{int(hash_, 16) ^ 1:064x}",)})
        assert ledger.near({"it": (hash_,)}, most=0, moments=1) == found
        found["it"]["other"] = 1
        assert ledger.near({"it": (hash_,)}, most=1, moments=1) == found
        assert set(ledger.looks(["up", "planned"])) == {"up", "planned"}


def test_any_two_hashes_within_reach_share_a_key() -> None:
    pick = Random(7)
    for _ in range(300):
        one = pick.getrandbits(256)
        turned = sum(1 << bit for bit in pick.sample(range(256), MOST_DISTANCE))
        first, second = f"{one:064x}", f"{one ^ turned:064x}"
        assert distance(first, second) == MOST_DISTANCE
        assert set(keys_near(first)) & set(keys_of(second))


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    return tmp_path / "looks.db"


@pytest.mark.parametrize(
    ("setting", "value"),
    [("SIMILAR_BITS", "24"), ("SIMILAR_BITS", "2.5"), ("SIMILAR_MOMENTS", "0")],
)
def test_a_threshold_that_can_not_be_is_told(tmp_path: Path, setting: str, value: str) -> None:
    place = Workspace(tmp_path, environ={setting: value})
    with pytest.raises(SettingsError, match=f"{setting} must be a whole number"):
        thresholds(place, skip=False)


def test_the_setting_turns_it_off_and_the_option_on(tmp_path: Path) -> None:
    off = Workspace(tmp_path, environ={"FIND_SIMILAR": "False"})
    assert thresholds(off, skip=False) is None
    assert thresholds(off, skip=True) == AS_SET
    assert thresholds(Workspace(tmp_path, environ={}), skip=False) == AS_SET


def test_without_the_extra_the_option_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    # A module that is None can't be imported: as if the package were not there.
    monkeypatch.setitem(sys.modules, "imagehash", None)
    path = tmp_path / "a.png"
    scene(1).save(path)
    assert [it.status for it in upload("tj", [path], workspace=tmp_path / "w").outcomes] == [
        Status.DRY_RUN
    ]
    with pytest.raises(UsageError) as caught:
        upload("tj", [path], workspace=tmp_path / "w", skip_similar=True)
    assert "creative-flow[similar]" in caught.value.hint
