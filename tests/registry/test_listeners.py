"""Packages that want to be told what happens in a run."""

from __future__ import annotations

from pathlib import Path

from registry.packages import Site

GROUP = "creative_flow.listeners"


def test_a_registered_listener_is_handed_out_and_a_broken_one_is_reported(tmp_path: Path) -> None:
    """A chat notification that fails to import must not keep anybody from uploading."""
    site = Site(tmp_path)
    site.install(
        "chat",
        "def tell(event): print('chat:', event)",
        package="acme-chat",
        group=GROUP,
        attribute="tell",
    )
    site.install("torn", "import missing_module", package="acme-torn", group=GROUP, attribute="x")
    site.install("number", "x = 7", package="acme-number", group=GROUP, attribute="x")
    shown = site.python("""
        from creative_flow import registry
        for listener in registry.listeners(lambda line: print("warned:", line)):
            listener("an event")
    """)
    assert sorted(shown.splitlines()) == [
        "chat: an event",
        _warned("number", "TypeError: acme_number:x is not a function that takes an event"),
        _warned("torn", "ModuleNotFoundError: No module named 'missing_module'"),
    ]


def _warned(name: str, why: str) -> str:
    return f"warned: The plugin {name!r} (acme-{name}) can't be used: {why}."
