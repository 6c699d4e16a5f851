"""The settings themselves: documented, grouped, and the same by JSON and by form."""

from __future__ import annotations

import pytest

from creative_flow.errors import SettingsError
from creative_flow_tj.sandbox import TjSandbox
from creative_flow_tj.sandbox.settings import GROUPS, KNOBS, Settings


def test_every_knob_says_what_it_does() -> None:
    assert all(knob.doc.endswith(".") and len(knob.doc) > 20 for knob in KNOBS.values())


def test_the_groups_follow_the_order_of_the_knobs() -> None:
    firsts = [first for _, first in GROUPS]
    assert firsts == [name for name in KNOBS if name in firsts]
    assert firsts[0] == next(iter(KNOBS))


def test_the_defaults_survive_a_form_and_json() -> None:
    settings = Settings()
    form = {name: knob.to_text(getattr(settings, name)) for name, knob in KNOBS.items()}
    assert settings.changed_by_form(form) == settings
    assert settings.changed(settings.as_json()) == settings


def test_a_wrong_setting_is_told_before_anything_starts() -> None:
    with pytest.raises(SettingsError, match="'captcha' takes one of: person, auto, none"):
        TjSandbox(settings={"captcha": "robot"})
