"""Signing in: saved sessions and whose they are, the captcha, pages that are not as expected."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from creative_flow.errors import CredentialsRefused, PageNotUnderstood, WrongAccount
from upload.stage import Stage, WatchedSite

from .conftest import quick
from .plugin import Plugin

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    site = WatchedSite(quick())
    await site.start()
    yield Stage(site, tmp_path)
    await site.stop()


async def sign_in(plugin: Plugin) -> None:
    session = await plugin.auth.open()
    assert await session.alive()
    await session.close()
    await session.close()  # twice is fine


async def test_a_login_is_kept_for_its_owner_only_and_used_again(stage: Stage) -> None:
    plugin = Plugin.at(stage)
    file = plugin.context.session_file

    await sign_in(plugin)
    await sign_in(plugin)

    assert stage.site.sign_ins == 1
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    kept = json.loads(file.read_text())
    assert {"cookies", "origins"} <= kept.keys()
    assert kept["creative_flow"]["login"] == stage.site.username
    assert stage.site.password not in file.read_text()
    half = file.with_suffix(".json.tmp-x1")
    half.write_text("{}")
    assert plugin.auth.forget()
    assert not half.exists()
    assert not plugin.auth.forget()


async def test_a_sign_in_can_be_prepared_and_given_up(stage: Stage) -> None:
    plugin = Plugin.at(stage)
    for _ in range(2):
        plugin.auth.prepare()
        await plugin.auth.discard()
        await plugin.auth.discard()  # twice is fine
    plugin.auth.prepare()
    await sign_in(plugin)
    await plugin.auth.discard()
    await sign_in(plugin)
    assert stage.site.sign_ins == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: json.dumps(kept)[:100],
        lambda kept: json.dumps({**kept, "creative_flow": {"login": "somebody.else"}}),
    ],
    ids=["cut", "somebody else's"],
)
async def test_a_session_file_that_can_not_be_trusted_is_not_used(
    stage: Stage, damage: object
) -> None:
    plugin = Plugin.at(stage)
    file = plugin.context.session_file
    name, value = stage.site.open_session()
    owner = {"login": stage.site.username, "base_url": stage.site.base_url}
    cookie = {"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "expires": -1}
    cookie |= {"httpOnly": True, "secure": False, "sameSite": "Lax"}
    kept = {"cookies": [cookie], "origins": [], "creative_flow": owner}
    assert callable(damage)
    file.write_text(damage(kept))

    await sign_in(plugin)

    assert stage.site.sign_ins == 1
    assert any("signing in" in line for line in plugin.told)


async def test_a_session_that_has_ended_is_told_and_renewed(stage: Stage) -> None:
    await sign_in(Plugin.at(stage))
    stage.site.expire_sessions()
    plugin = Plugin.at(stage)

    await sign_in(plugin)

    assert stage.site.sign_ins == 2
    assert any("has ended" in line for line in plugin.told)


@pytest.mark.slow
async def test_a_page_that_names_another_account_is_refused(stage: Stage) -> None:
    await sign_in(Plugin.at(stage))
    stage.site.rewrite = lambda page: page.replace(stage.site.username, "ben.seller")

    with pytest.raises(WrongAccount, match=r"another account than ana\.buyer's"):
        await Plugin.at(stage).auth.open()


@pytest.mark.slow
async def test_a_page_that_no_longer_names_the_account_is_no_other_account(stage: Stage) -> None:
    await sign_in(Plugin.at(stage))
    stage.site.knobs.show_account = "nowhere"

    await sign_in(Plugin.at(stage))

    assert stage.site.sign_ins == 1


@pytest.mark.slow
async def test_a_cookie_banner_and_a_form_of_the_old_kind_are_no_hindrance(stage: Stage) -> None:
    stage.site.knobs.cookie_banner = "everywhere"
    stage.site.knobs.sign_in_by = "form"
    stage.site.knobs.landing = "home"

    await sign_in(Plugin.at(stage))


@pytest.mark.slow
async def test_wrong_credentials_are_refused_with_evidence_that_hides_them(stage: Stage) -> None:
    plugin = Plugin.at(stage, TJ_PASSWORD="nine-loud-crows")

    with pytest.raises(CredentialsRefused) as error:
        await plugin.auth.open()

    assert stage.site.sign_ins == 1
    assert error.value.evidence
    assert not plugin.context.session_file.exists()
    for path in plugin.context.evidence_dir.iterdir():
        assert b"nine-loud-crows" not in path.read_bytes()


@pytest.mark.slow
async def test_a_sign_in_page_that_changed_is_not_understood_rather_than_tried_again(
    stage: Stage,
) -> None:
    def drift(page: str) -> str:
        page = re.sub(r'name="username"|autocomplete="username"', "", page)
        return page.replace("USERNAME OR EMAIL", "WHO ARE YOU")

    stage.site.rewrite = drift
    plugin = Plugin.at(stage)

    with pytest.raises(PageNotUnderstood, match=r"selectors\.sign_in\.username") as error:
        await plugin.auth.open()

    assert error.value.evidence
    assert stage.site.sign_ins == 0
