"""Starting, stopping, and starting again with the same library."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from creative_flow.errors import UsageError
from creative_flow.platform import Sandbox
from creative_flow_tj.sandbox import TjSandbox

from .support import Connect, Start

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_it_tells_how_to_aim_the_plugin_at_it(start: Start) -> None:
    sandbox = await start(accounts={"ana": "first", "ben": "second"})
    assert isinstance(sandbox, Sandbox)
    assert sandbox.environment() == {
        "TJ_BASE_URL": sandbox.url,
        "TJ_LOGIN_URL": f"{sandbox.url}/sign-in",
        "TJ_USERNAME": "ana",
        "TJ_PASSWORD": "first",
    }
    assert sandbox.url.startswith("http://127.0.0.1:")


async def test_a_restart_finds_the_same_library_arrivals_and_sessions(
    start: Start, program: Connect, samples: list[Path], tmp_path: Path
) -> None:
    first = await start(state_dir=tmp_path)
    client = program(first)
    await client.sign_in()
    content = samples[0].read_bytes()
    await client.upload(content, ad_format="static_banner", name="a.png")
    before = (await client.call("GET", "state")).body
    await first.stop()

    second = await start(state_dir=tmp_path)
    client.sandbox = second
    assert (await client.call("GET", "state")).body == before
    assert (await client.list("static_banner")).status == 200
    path = second.state.file(before["arrivals"][0]["sha256"])
    assert path is not None
    assert path.parent == tmp_path / "arrivals"
    assert path.read_bytes() == content
    await client.upload(content, ad_format="static_banner", name="a.png")
    assert [arrival.result for arrival in second.state.arrivals()] == ["created", "duplicate"]
    await client.upload(content, ad_format="static_banner", name="b.png")
    ids = [int(creative.id) for creative in second.state.creatives()]
    assert ids == sorted(set(ids))


async def test_what_was_in_progress_when_it_ended_is_told_honestly(
    start: Start, tmp_path: Path
) -> None:
    first = await start(state_dir=tmp_path)
    first.state.record_arrival(
        account="sandbox",
        ad_format="native_image",
        name="a.png",
        size=1,
        sha256="0" * 64,
        result="processing",
    )
    (tmp_path / "arrivals" / "half.part").touch()
    await first.stop()
    second = await start(state_dir=tmp_path)
    assert [arrival.result for arrival in second.state.arrivals()] == ["interrupted"]
    assert list((tmp_path / "arrivals").iterdir()) == []


async def test_without_a_folder_nothing_stays(start: Start) -> None:
    sandbox = await start()
    folder = sandbox.state.folder
    assert folder.is_dir()
    await sandbox.stop()
    assert not folder.exists()
    with pytest.raises(UsageError, match="not serving"):
        _ = sandbox.state


async def test_two_sandboxes_do_not_share_a_folder(start: Start, tmp_path: Path) -> None:
    await start(state_dir=tmp_path)
    with pytest.raises(UsageError, match="another sandbox"):
        await start(state_dir=tmp_path)


async def test_a_file_in_place_of_the_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(UsageError, match="can't be opened") as caught:
        await TjSandbox(state_dir=tmp_path / "taken").start()
    assert "\n" not in str(caught.value)


async def test_a_taken_port_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} on 127.0.0.1 is taken"):
            await TjSandbox().start(port=port)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org", ""])
async def test_only_this_machine_is_served(host: str) -> None:
    with pytest.raises(UsageError, match="this machine only"):
        await TjSandbox().start(host)


async def test_it_does_not_start_twice(start: Start) -> None:
    sandbox = await start()
    with pytest.raises(UsageError, match="serving already"):
        await sandbox.start()


async def test_stopping_twice_is_fine(start: Start) -> None:
    sandbox = await start()
    await sandbox.stop()
    await sandbox.stop()
