"""The site's facts as data, and what a user's ``config/tj.toml`` makes of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

import pytest

from creative_flow.creative import Certainty, Kind, Media
from creative_flow.errors import SettingsError
from creative_flow_tj.info import platform_info
from creative_flow_tj.site import Site, load

BUILT_IN = tomllib.loads(files("creative_flow_tj").joinpath("site.toml").read_text("utf-8"))
SOURCES = {"C", "L", "I", "?"}


@pytest.fixture
def overrides(tmp_path: Path) -> Path:
    return tmp_path / "tj.toml"


def with_overrides(overrides: Path, text: str) -> Site:
    overrides.write_text(text, encoding="utf-8")
    return load(overrides)


def leaves(node: object, path: str = "") -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield every entry that is one way to find something, or one limit."""
    if isinstance(node, list):
        for item in node:
            if isinstance(item, Mapping):
                yield path, item
    elif isinstance(node, Mapping):
        if "value" in node:
            yield path, node
        else:
            for key, value in node.items():
                yield from leaves(value, f"{path}.{key}".strip("."))


def test_every_fact_has_its_source() -> None:
    found = list(leaves(BUILT_IN))

    assert len(found) > 80
    for path, entry in found:
        if "try" in entry:
            assert entry["source"] in SOURCES, path
        else:
            assert entry["certainty"] in SOURCES, path
            assert entry["source"], path


def test_every_number_and_text_says_where_it_comes_from() -> None:
    lines = files("creative_flow_tj").joinpath("site.toml").read_text("utf-8").splitlines()
    table, silent = "", []
    for line in lines:
        table = line if line.startswith("[") else table
        plain = table.startswith(("[limits]", "[waits]", "[addresses]", "[texts]"))
        if plain and "=" in line.split("#")[0] and "#" not in line.split("=", 1)[1]:
            silent.append(line)
    assert silent == []


def test_the_ad_formats_are_those_of_the_site() -> None:
    formats = {it.name: it for it in platform_info(None).ad_formats}

    assert list(formats) == [
        "static_banner",
        "video_banner",
        "in_stream_video",
        "native_image",
        "native_video",
    ]
    native = formats["native_image"]
    assert native.dimensions is not None
    assert native.dimensions.value == {(640, 360)}
    assert native.dimensions.certainty is Certainty.KNOWN
    assert native.max_bytes is not None
    assert native.max_bytes.value == 300_000
    in_stream = formats["in_stream_video"]
    assert in_stream.seconds is not None
    assert in_stream.seconds.value == (5.0, 31.0)
    assert in_stream.seconds.setting == "formats.in_stream_video.seconds in config/tj.toml"


def test_without_a_file_of_the_users_the_built_in_facts_stand(overrides: Path) -> None:
    assert load(overrides).data == load(None).data == BUILT_IN


def test_a_users_selector_is_tried_first_and_the_built_in_ones_after_it(overrides: Path) -> None:
    before = [it.selector for it in load().ranked("selectors.upload.open")]

    site = with_overrides(overrides, 'selectors.upload.open = "button#mine"')

    assert [it.selector for it in site.ranked("selectors.upload.open")] == ["button#mine", *before]
    assert site.ranked("selectors.upload.open")[0].source == str(overrides)


def test_several_selectors_keep_their_order(overrides: Path) -> None:
    site = with_overrides(overrides, 'css.list.card = [".a", { try = ".b" }]')
    assert site.css("list")["card"][:3] == [".a", ".b", "div.creativeContainer[data-id]"]


def test_numbers_and_texts_take_the_place_of_the_built_in_ones(overrides: Path) -> None:
    site = with_overrides(
        overrides,
        '[waits]\nappear = 5\n[addresses]\nlibrary = "/library"\n[texts]\nexpired = ["Gone"]\n',
    )
    assert site.seconds("appear") == 5.0
    assert site.text("addresses.library") == "/library"
    assert site.words("texts.expired") == ("Gone",)
    assert site.seconds("settle") == load().seconds("settle")


def test_limits_can_be_changed_lifted_and_added(overrides: Path) -> None:
    overrides.write_text(
        """\
        [formats.static_banner]
        dimensions = ["728x90"]
        types = { value = ["webp"], certainty = "?" }
        [formats.native_image]
        max_bytes = false
        [formats.video_banner]
        seconds = [1, 30]
        """
    )
    formats = {it.name: it for it in platform_info(overrides).ad_formats}

    banner = formats["static_banner"]
    assert list(banner.check(Media(Kind.IMAGE, "webp", 728, 90), 1)) == []
    (size,) = banner.check(Media(Kind.IMAGE, "webp", 300, 250), 1)
    assert size.rejects
    (kind,) = banner.check(Media(Kind.IMAGE, "png", 728, 90), 1)
    assert not kind.rejects
    assert formats["native_image"].max_bytes is None
    assert formats["video_banner"].seconds is not None
    assert formats["video_banner"].seconds.value == (1.0, 30.0)


def test_a_spreadsheets_mark_at_the_beginning_does_no_harm(overrides: Path) -> None:
    overrides.write_bytes(b"\xef\xbb\xbf[waits]\nappear = 5\n")
    assert load(overrides).seconds("appear") == 5.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("waits = [", "not valid TOML"),
        ("[waits]\napear = 5", "waits.apear is not a key .*Did you mean waits.appear"),
        ("[nonsense]\na = 1", "nonsense is not a key"),
        ('[waits]\nappear = "5"', "waits.appear is '5'"),
        ("[waits]\nappear = -1", "waits.appear is -1"),
        ("[waits]\nappear = nan", "waits.appear is nan"),
        ("waits = 5", "waits must be a table"),
        ("[texts]\nexpired = [5]", r"texts.expired is \[5\]"),
        ('[texts]\nexpired = [" "]', "texts.expired is"),
        ("[selectors.upload]\nopen = 5", "selectors.upload.open holds 5"),
        ('[selectors.upload]\nopen = ""', "selectors.upload.open holds ''"),
        ('[limits]\nid_pattern = "["', "limits.id_pattern is no regular expression"),
        ("[formats]\nnew = 5", "formats.new must be a table"),
        ('[formats.new]\ntitle = "New"', "formats.new.kind is missing"),
        ('[formats.static_banner]\nkind = "paper"', "formats.static_banner can't be read"),
        ('[formats.static_banner]\ndimensions = ["wide"]', "formats.static_banner can't be read"),
        ("[formats.static_banner]\ndimensions = 5", "formats.static_banner can't be read"),
        ("[formats.static_banner]\nseconds = [1]", "formats.static_banner can't be read"),
        ('[formats.static_banner]\nseconds = { certainty = "C" }', "static_banner.seconds"),
        ('[formats.static_banner]\ndimensions = { certainty = "X" }', "static_banner.dimensions"),
        ('[formats.native_video]\nname_pattern = "("', "native_video.name_pattern is no regular"),
    ],
)
def test_what_makes_no_sense_is_told_by_file_and_key(overrides: Path, text: str, says: str) -> None:
    overrides.write_text(text)
    with pytest.raises(SettingsError, match=rf"tj\.toml.*{says}") as caught:
        platform_info(overrides)
    assert "\n" not in str(caught.value)


def test_how_often_batches_are_sent_is_unlimited_until_somebody_says(overrides: Path) -> None:
    built_in = platform_info(None)
    overrides.write_text("[waits]\nbetween_batches = 20\n[limits]\nbatches_per_hour = 30\n")
    wanted = platform_info(overrides)

    assert (built_in.batch_pause_seconds, built_in.batches_per_hour) == (0, 0)
    assert (wanted.batch_pause_seconds, wanted.batches_per_hour) == (20, 30)
