"""A doctor is a part that a plugin may have or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import HERE, Terminal
from registry.packages import GOOD, Site

DOCTOR = """
from creative_flow.checks import Check, CheckState
from creative_flow.platform import Doctor

class AcmeDoctor(Doctor[AcmeSession]):
    async def examine(self, session):
        yield Check("shelf.door", "Shelf", CheckState.FOUND)
        yield Check("shelf.key", "Shelf", CheckState.{state}, suggestion="key = 'brass'")

@hookimpl
def creative_flow_doctor():
    return AcmeDoctor
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_platform_without_one_says_so(terminal: Terminal) -> None:
    terminal.sign_up()
    done = terminal.cfu("doctor", "--platform", "acme")
    assert done.code == 6
    assert "has no doctor" in done.err


@pytest.mark.parametrize(("state", "code"), [("FALLBACK", 0), ("MISSING", 4)])
def test_it_needs_no_browser(terminal: Terminal, state: str, code: int) -> None:
    plugin = terminal.site.folder / "creative_flow_acme.py"
    acme = (HERE / "acme.py").read_text(encoding="utf-8")
    plugin.write_text(acme + DOCTOR.replace("{state}", state))
    terminal.sign_up()
    done = terminal.cfu("doctor", "--platform", "acme", "--json")
    document = json.loads(done.out)
    assert done.code == code
    assert document["toml"] == "[shelf]\nkey = 'brass'"
    assert [check["key"] for check in document["checks"]] == ["shelf.door", "shelf.key"]
    assert "shelf.key" in done.err


def test_a_failure_before_it_could_look_is_in_the_document(terminal: Terminal) -> None:
    done = terminal.cfu("doctor", "--platform", "acme", "--json")
    document = json.loads(done.out)
    assert done.code == 6
    assert document["checks"] == []
    assert document["error"] in done.err
    wrong = terminal.cfu("doctor", "--platform", "acem", "--json")
    assert wrong.code == 6
    assert "Try 'acme'" in json.loads(wrong.out)["error"]


def test_a_class_that_is_no_doctor_breaks_the_plugin(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.install("acme", GOOD + "\n    @hookimpl\n    def creative_flow_doctor(): return AcmeIds\n")
    assert (
        site.python("""
            from pathlib import Path
            from creative_flow import registry
            from creative_flow.errors import PluginBroken
            try:
                registry.load("acme", Path("none.toml")).doctor(None)
            except PluginBroken as error:
                print("subclass of Doctor" in str(error))
        """)
        == "True"
    )
