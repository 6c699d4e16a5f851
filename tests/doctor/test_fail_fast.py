"""An upload that meets a changed page stops at once and says what of it has changed."""

from __future__ import annotations

from time import monotonic

import pytest

from creative_flow import Status
from doctor.conftest import SOON, Clinic

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CARDS = {"creativeContainer": "tile", "globalCreativeContainer": "one", "data-id": "data-ref"}
BUTTON = {"newImage": "addCreatives", "Upload New Creatives": "Add creatives"}
NAME = "EN_Summer_F_Real_SFW_Generic_Ana_ID-1A2B3C4D"


@pytest.mark.parametrize(
    ("clinic", "key"),
    [
        pytest.param(CARDS, "css.list.card", id="cards", marks=pytest.mark.slow),
        pytest.param(BUTTON, "selectors.upload.open", id="button", marks=pytest.mark.reliability),
    ],
    indirect=["clinic"],
)
async def test_what_is_missing_is_named_at_once(clinic: Clinic, key: str) -> None:
    await clinic.sign_in()

    began = monotonic()
    report = await clinic.upload(NAME)

    assert monotonic() - began < SOON
    assert report.exit_code == 4
    assert "\n" not in report.error
    assert f"missing: {key}" in report.error
    assert "cfu doctor --platform tj" in report.error
    assert report.outcomes[0].status is not Status.SUCCESS
    assert clinic.site.site.arrivals() == []


@pytest.mark.reliability
async def test_a_page_that_is_only_slow_is_waited_for(clinic: Clinic) -> None:
    """What was asked for and has not come yet is no rest, however long it takes."""
    clinic.settings.write_text(clinic.settings.read_text() + "at_rest = 0.5\n")
    clinic.site.site.knobs.first_list = "xhr"
    clinic.site.site.knobs.list_latency_s = 1.5

    report = await clinic.upload(NAME)

    assert [outcome.status for outcome in report.outcomes] == [Status.SUCCESS]
