"""``cfu doctor`` against a site whose makers rename things, and what becomes of its advice."""

from __future__ import annotations

import pytest

from creative_flow import Status
from doctor.conftest import SOON, Clinic

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SIGN_IN = {
    "submitBtn": "enterHere",
    "LOG IN": "ENTER",
    "USERNAME OR EMAIL": "WHO ARE YOU",
    'autocomplete="username"': "",
    'name="username"': 'name="username" id="who"',
}
LIBRARY = {
    "creativeContainer": "k7q2z1",
    "globalCreativeContainer": "card-x81ab",
    "data-id": "data-ref",
    "data-review-status": "data-state",
    "bannerId": "b7f3k2",
    "creativeName": "n9x2v4",
    " title=": " data-full=",
    "newImage": "addCreatives",
    "Upload New Creatives": "Add creatives",
    "greyButton": "plainLink",
    "Browse your computer": "Choose files from your device",
    "_tab": "_section",
    "Static Banners": "Image Banners",
    "In-Stream Videos": "Pre-roll",
    'href="#': 'href="#go-',
    "page-link": "leaf",
    ">Next<": ">Older<",
    "native_rollover": "kindMoving",
    "native_static": "kindStill",
    'name="native_type"': 'name="kind"',
    "name=native_type": "name=kind",
}
EVERYTHING = LIBRARY | {"MEDIA LIBRARY": "CREATIVE HUB", "dz-hidden-input": "taker"}


@pytest.mark.slow
async def test_all_is_found_where_nothing_has_changed(clinic: Clinic) -> None:
    told = await clinic.doctor()

    assert told.code == 0, told.err
    assert told.missing == set()
    assert told.document["toml"] == ""
    assert told.states["css.previews.preview"] == "not_checked"
    assert {"selectors.upload.open", "css.list.card", "addresses.library"} <= {
        key for key, state in told.states.items() if state == "found"
    }
    assert clinic.site.site.arrivals() == []


@pytest.mark.slow
async def test_a_campaign_that_is_named_and_not_there_is_told(clinic: Clinic) -> None:
    told = await clinic.doctor("--campaign", "99")

    assert told.code == 2
    assert "Campaign 99 could not be looked at" in told.document["error"]
    assert "Check its id" in told.err
    assert told.states["addresses.library"] == "found"


@pytest.mark.reliability
@pytest.mark.parametrize("clinic", [LIBRARY], indirect=True)
async def test_its_advice_makes_a_renamed_library_work_again(clinic: Clinic) -> None:
    told = await clinic.doctor()
    assert told.code == 4
    assert told.missing >= {
        "css.list.card",
        "css.list.name",
        "selectors.upload.open",
        "formats.static_banner.tab",
        "formats.in_stream_video.tab",
    }
    shown = [name for it in told.document["checks"] for name in it["evidence"]]
    assert any(name.endswith(".png") for name in shown)
    assert told.seconds < SOON

    clinic.apply(told.document["toml"])
    again = await clinic.doctor()
    assert again.missing == set()
    assert (again.code, again.document["toml"]) == (0, "")

    report = await clinic.upload("EN_Summer_F_Real_SFW_Generic_Ana_ID-1A2B3C4D")
    truth = {it.id for it in clinic.site.site.creatives() if "1A2B3C4D" in it.name}
    assert [(it.status, {it.creative_id}) for it in report.outcomes] == [(Status.SUCCESS, truth)]


@pytest.mark.reliability
@pytest.mark.parametrize("clinic", [SIGN_IN], indirect=True)
async def test_a_sign_in_page_that_changed_is_told_though_nobody_gets_in(clinic: Clinic) -> None:
    told = await clinic.doctor()
    assert told.code == 4
    assert told.missing == {"selectors.sign_in.submit"}
    assert told.seconds < SOON

    clinic.apply(told.document["toml"])
    assert (await clinic.doctor()).code == 0


@pytest.mark.slow
@pytest.mark.parametrize("clinic", [EVERYTHING], indirect=True)
async def test_a_library_that_nothing_is_left_of_is_told_soon(clinic: Clinic) -> None:
    told = await clinic.doctor()

    assert told.code == 4
    assert "texts.library_heading" in told.missing
    assert "CREATIVE HUB" in told.document["toml"]
    assert "[css.list]" in told.document["toml"]
    assert told.seconds < SOON
