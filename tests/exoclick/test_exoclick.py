"""The ExoClick plugin registers, describes itself, and never pretends that it can upload."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from creative_flow import registry
from creative_flow.creative import Batch, Creative, Kind, Media
from creative_flow.errors import NotSupported
from creative_flow.platform import Context, Session
from creative_flow.registry import Platform


class Nobody(Session):
    """A session of nobody: it must never be needed."""

    async def alive(self) -> bool:
        raise AssertionError

    async def capture(self, label: str) -> tuple[Path, ...]:
        raise AssertionError

    async def fork(self) -> Session:
        raise AssertionError

    async def close(self) -> None:
        raise AssertionError


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return registry.load("exoclick", tmp_path / "exoclick.toml")


@pytest.fixture
def context(platform: Platform, tmp_path: Path) -> Context:
    return Context(
        platform="exoclick",
        account="default",
        info=platform.info,
        settings={},
        session_file=tmp_path / "session.json",
        overrides_file=tmp_path / "exoclick.toml",
        evidence_dir=tmp_path,
        credentials=None,
        headless=True,
        interactive=False,
        notify=lambda _: None,
    )


def test_it_describes_itself_and_says_that_it_cannot_upload(platform: Platform) -> None:
    assert platform.info.title == "ExoClick"
    assert platform.package == "creative-flow-exoclick"
    assert "not built yet" in platform.info.unsupported
    assert "\n" not in platform.info.unsupported
    assert platform.capabilities == ()
    assert platform.sandbox() is None


async def test_signing_in_is_refused_in_one_line(platform: Platform, context: Context) -> None:
    auth = platform.auth(context)
    with pytest.raises(NotSupported, match="not built yet") as caught:
        await auth.open()
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 6
    assert auth.forget() is False


async def test_sending_is_refused_before_anything_could_leave(
    platform: Platform, context: Context, tmp_path: Path
) -> None:
    async def gate() -> None:
        raise AssertionError("the gate was opened")

    path = tmp_path / "EN_Summer_F_Real_SFW_Generic_Ana_4sec_ID-1A2B3C4D.png"
    batch = Batch(1, "banner", (Creative(path, "banner", 1, "00"),))
    with pytest.raises(NotSupported, match="not built yet"):
        await platform.uploader(context).send(Nobody(), batch, gate, lambda *_: None)


def test_reading_the_library_is_refused(platform: Platform, context: Context) -> None:
    with pytest.raises(NotSupported, match="not built yet"):
        platform.ids(context).pages(Nobody(), platform.info.ad_format("banner"))


@pytest.mark.parametrize(
    ("ad_format", "media", "size", "says"),
    [
        ("banner", Media(Kind.IMAGE, "png", 300, 250), 153_601, "file has 153,601 bytes"),
        ("banner", Media(Kind.IMAGE, "webp", 300, 250), 9, "type is webp"),
        ("in_stream_video", Media(Kind.VIDEO, "mp4", 640, 360, 14.9), 9, "duration is 14.90 s"),
    ],
)
def test_what_is_only_believed_of_the_platform_warns(
    platform: Platform, ad_format: str, media: Media, size: int, says: str
) -> None:
    [finding] = platform.info.ad_format(ad_format).check(media, size)
    assert says in finding.message
    assert not finding.rejects


def test_every_limit_names_its_source(platform: Platform) -> None:
    for ad_format in platform.info.ad_formats:
        limits = (
            ad_format.file_types,
            ad_format.dimensions,
            ad_format.seconds,
            ad_format.max_bytes,
        )
        sources = [limit.source for limit in limits if limit is not None]
        assert sources
        assert all(source.startswith("docs.") for source in sources)


def test_describing_itself_needs_no_heavy_package() -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from creative_flow import registry
        registry.load("exoclick", Path("none.toml"))
        print({"playwright", "sqlalchemy", "av", "PIL", "aiohttp", "rich"} & set(sys.modules))
    """
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
