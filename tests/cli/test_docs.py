"""The documentation says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from creative_flow.cli.commands import cfu
from creative_flow.creative import Status
from creative_flow.errors import CreativeFlowError
from creative_flow.settings import DEFAULTS

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONTEXT = click.Context(cfu)


@pytest.mark.parametrize("name", cfu.list_commands(CONTEXT))
def test_the_reference_lists_every_command_with_its_own_words(name: str) -> None:
    command = cfu.get_command(CONTEXT, name)
    assert command is not None
    assert f"| `cfu {name}` | {(command.help or '').splitlines()[0]} |" in REFERENCE


@pytest.mark.parametrize("default", DEFAULTS, ids=lambda default: default.name)
def test_the_reference_lists_every_setting_with_its_default(default: object) -> None:
    [found] = [each for each in DEFAULTS if each is default]
    shown = f"`{found.value}` " if found.value else ""
    assert f"| `{found.name}` | {shown}| {found.help} |" in REFERENCE


def test_the_reference_and_the_help_list_every_exit_code() -> None:
    upload = cfu.get_command(CONTEXT, "upload")
    assert upload is not None
    for code in {0, *(error.exit_code for error in all_errors(CreativeFlowError))}:
        assert f"\n| {code} | " in REFERENCE
        assert re.search(rf"^  {code} +\w", upload.epilog or "", re.MULTILINE)


@pytest.mark.parametrize("status", Status)
def test_the_reference_lists_every_status(status: Status) -> None:
    assert f"\n| `{status.value}` | " in REFERENCE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_in_the_documentation_exists(page: Path) -> None:
    content = page.read_text(encoding="utf-8")
    for line in re.findall(r"(?:^|`)cfu ([a-z]+\b[^`\n#|]*)", content, re.MULTILINE):
        name, *words = line.split()
        command = cfu.get_command(CONTEXT, name)
        assert command is not None, f"cfu {line}"
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            command = command.get_command(CONTEXT, words.pop(0))
            assert command is not None, f"cfu {line}"
        known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
        used = {word.rstrip(".,;:)") for word in words if word.startswith("--")}
        assert used <= known | {"--help"}, f"cfu {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def all_errors(base: type[CreativeFlowError]) -> list[type[CreativeFlowError]]:
    """Return an error and all that descend from it."""
    return [base, *(error for child in base.__subclasses__() for error in all_errors(child))]
