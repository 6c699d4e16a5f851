"""Finding plugins: what works is handed out, what does not is told by name in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registry.packages import GOOD, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_an_installed_plugin_is_loaded_with_its_package_and_version(site: Site) -> None:
    site.install("acme")
    shown = site.python("""
        from pathlib import Path
        from creative_flow import registry
        found = registry.load("acme", Path("none.toml"))
        print(found.name, found.package, found.version, found.capabilities, found.sandbox())
    """)
    assert shown == "acme creative-flow-acme 1.2.3 ('upload', 'library') None"


def test_a_plugin_that_says_it_cannot_upload_claims_no_capability(site: Site) -> None:
    site.install("acme", GOOD.replace('title="Acme"', 'title="Acme", unsupported="Not yet."'))
    shown = site.python("""
        from creative_flow import registry
        [found] = [each for each in registry.survey() if each.name == "acme"]
        print(found.capabilities, found.note)
    """)
    assert shown == "() Not yet."


def test_only_the_plugin_in_use_is_imported(site: Site) -> None:
    site.install("acme")
    site.install("noisy", "print('imported!')")
    assert site.load("acme") == "Acme"


def test_an_unknown_platform_names_the_installed_ones_and_the_nearest(site: Site) -> None:
    site.install("acme")
    line = site.load("acne")
    assert line.startswith("PluginMissing 6: There is no platform 'acne'. Installed: acme, ")
    assert line.endswith("Try 'acme'.")


def test_an_unknown_platform_says_how_to_install_one(site: Site) -> None:
    assert "pip install creative-flow-zzzzzz" in site.load("zzzzzz")


BROKEN = {
    "import": (
        "import not_there_at_all",
        "ModuleNotFoundError: No module named 'not_there_at_all'",
    ),
    "syntax": ("def broken(:", "SyntaxError"),
    "exit": ("import sys; sys.exit('no licence')", "SystemExit: no licence"),
    "many lines": ("raise ValueError('one\\n  two\\n')", "ValueError: one two"),
    "no hooks": ("", "it has no hook creative_flow_platform_info"),
    "hook left out": (
        GOOD.replace("@hookimpl\n    def creative_flow_auth()", "def other()"),
        "it has no hook creative_flow_auth",
    ),
    "hook misspelt": (
        GOOD.replace("creative_flow_uploader", "creative_flow_uplaoder"),
        "there is no hook creative_flow_uplaoder; did it mean creative_flow_uploader?",
    ),
    "first hook misspelt": (
        GOOD.replace("creative_flow_platform_info", "creative_flow_platfrom_info"),
        "there is no hook creative_flow_platfrom_info; did it mean creative_flow_platform_info?",
    ),
    "decorator forgotten": (
        GOOD.replace("@hookimpl\n    def creative_flow_auth", "def creative_flow_auth"),
        "its hook creative_flow_auth lacks the decorator @hookimpl",
    ),
    "no class": (
        GOOD.replace("return AcmeAuth", "return None"),
        "creative_flow_auth must return a subclass of Auth, not NoneType",
    ),
    "wrong class": (
        GOOD.replace("return AcmeAuth", "return AcmeIds"),
        "creative_flow_auth must return a subclass of Auth, not AcmeIds",
    ),
    "abstract class": (
        GOOD.replace("async def send", "async def transmit"),
        "its AcmeUploader lacks send",
    ),
    "no info": (
        GOOD.replace("return PlatformInfo(**INFO)", "return INFO"),
        "creative_flow_platform_info must return a PlatformInfo, not dict",
    ),
    "other version": (
        GOOD.replace("api_version=API_VERSION", "api_version=99").replace("_auth()", "_oauth()"),
        "it was written for version 99 of the plugin contract, this is version 1",
    ),
    "field unknown": (
        GOOD.replace('title="Acme"', 'title="Acme", colour="red"'),
        "unexpected keyword argument 'colour'",
    ),
    "mirror is a path": (
        GOOD.replace("Acme.csv", "../../Acme.csv"),
        "its library mirror is no plain file name: '../../Acme.csv'",
    ),
    "info is nonsense": (GOOD.replace("ad_formats=()", "ad_formats=None"), "TypeError"),
    "hook raises": (
        GOOD.replace("return AcmeIds", "return 1 / 0"),
        "ZeroDivisionError: division by zero",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_told_in_one_line_with_the_reason(site: Site, case: str) -> None:
    source, reason = BROKEN[case]
    site.install("acme", source)
    line = site.load("acme")
    assert line.startswith("PluginBroken 6: The plugin 'acme' (creative-flow-acme) can't be used: ")
    assert reason in line
    assert "\n" not in line


def test_two_packages_of_one_platform_are_both_named(site: Site) -> None:
    site.install("acme")
    site.install("acme", package="other-acme", version="7.0")
    line = site.load("acme")
    assert "Two packages provide the platform 'acme'" in line
    assert "creative-flow-acme 1.2.3 and other-acme 7.0" in line


def test_one_broken_plugin_does_not_hide_the_others(site: Site) -> None:
    site.install("acme")
    site.install("broken", "raise RuntimeError('out of order')")
    site.install("twice", package="one-twice")
    site.install("twice", package="two-twice")
    shown = json.loads(
        site.python("""
            import json
            from creative_flow import registry
            print(json.dumps([[each.name, each.title, each.problem] for each in registry.survey()]))
        """)
    )
    titles = {name: (title, problem) for name, title, problem in shown}
    assert titles["acme"] == ("Acme", "")
    assert "RuntimeError: out of order" in titles["broken"][1]
    assert [name for name, _, _ in shown].count("twice") == 2
    assert "one-twice 1.2.3 and two-twice 1.2.3" in titles["twice"][1]


@pytest.mark.parametrize("source", [GOOD, "raise RuntimeError('out of order')"])
def test_a_package_that_says_nothing_of_itself_stops_no_other(site: Site, source: str) -> None:
    site.install("acme", source)
    (metadata,) = site.folder.glob("*.dist-info/METADATA")
    metadata.unlink()
    said = site.python("""
        from pathlib import Path
        from creative_flow import registry
        print(*registry.infos(lambda name: Path("none.toml")))
        for it in registry.survey():
            print(it.name, it.package, it.version, it.problem)
    """).splitlines()
    works = source == GOOD
    assert said[0].split() == (["acme"] if works else []) + ["exoclick", "tj"]
    broken = "" if works else "The plugin 'acme' (unknown package) can't be used"
    assert said[1].startswith(f"acme unknown package ? {broken}")
    assert [line.split()[0] for line in said[1:]] == ["acme", "exoclick", "tj"]


def test_a_platform_says_what_it_is_though_its_classes_can_t_be_had(site: Site) -> None:
    site.install("acme", GOOD.replace("return AcmeAuth", "import no_such_module"))
    found = site.python("""
        from pathlib import Path
        from creative_flow import registry
        print(registry.infos(lambda name: Path("none.toml"))["acme"].column_prefix)
    """)
    assert found == "acme"
    assert "no_such_module" in site.load("acme")


def test_a_plugin_class_that_cannot_be_made_is_the_plugins_fault(site: Site) -> None:
    broken = "class AcmeAuth(Auth):\n        def __init__(self, context): raise OSError('no')"
    site.install("acme", GOOD.replace("class AcmeAuth(Auth):", broken))
    shown = site.python("""
        from pathlib import Path
        from creative_flow import registry
        from creative_flow.errors import PluginBroken
        from creative_flow.workspace import Workspace
        acme = registry.load("acme", Path("none.toml"))
        context = Workspace("here").context(
            "acme", acme.info, "default", headless=True, interactive=False, notify=print
        )
        try:
            acme.auth(context)
        except PluginBroken as error:
            print(error)
    """)
    assert shown == "The plugin 'acme' (creative-flow-acme) can't be used: OSError: no."


def test_a_sandbox_is_imported_only_when_it_is_asked_for(site: Site) -> None:
    hook = "\n    @hookimpl\n    def creative_flow_sandbox(): import not_there_at_all\n"
    site.install("acme", GOOD + hook)
    assert site.load("acme") == "Acme"
    shown = site.python("""
        from pathlib import Path
        from creative_flow import registry
        from creative_flow.errors import PluginBroken
        try:
            registry.load("acme", Path("none.toml")).sandbox()
        except PluginBroken as error:
            print(error)
    """)
    assert "ModuleNotFoundError: No module named 'not_there_at_all'" in shown
