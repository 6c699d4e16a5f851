"""How a doctor's report is printed, and what of it can be copied into a settings file."""

from __future__ import annotations

import io
import re
import tomllib
from pathlib import Path

from creative_flow.checks import Check, CheckState, Tried
from creative_flow.report.findings import settings_block, show, totals
from creative_flow_tj.look import short_form, toml_line

WAYS = (Tried("#first", "L"), Tried("#second", "I"))
OPEN = "selectors.upload.open"
FOUND = Check("selectors.upload.input", "Upload panel", CheckState.FOUND, tried=WAYS)
FALLBACK = Check("css.list.card", "List", CheckState.FALLBACK, tried=WAYS, rank=1)
MISSING = Check(OPEN, "Library", CheckState.MISSING, tried=WAYS, suggestion="open = '#add'")
OPTIONAL = Check("css.list.info", "List", CheckState.MISSING, needed=False, tried=WAYS)
UNSEEN = Check("texts.refused", "Sending", CheckState.NOT_CHECKED, why="nobody was refused")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(*checks: Check, width: int | None = None) -> str:
    out = io.StringIO() if width is None else Terminal()
    show(checks, out, title="Acme", settings=Path("config/acme.toml"), width=width)
    return out.getvalue()


def test_each_thing_is_a_line_with_what_became_of_it() -> None:
    lines = [
        " ".join(line.split()) for line in printed(FOUND, FALLBACK, MISSING, UNSEEN).split("\n")
    ]
    assert "selectors.upload.input found #first" in lines
    assert "css.list.card found by fallback 1 #second" in lines
    assert f"{OPEN} missing 2 ways tried" in lines
    assert "texts.refused not checked nobody was refused" in lines


def test_what_is_missing_and_not_needed_is_told_apart() -> None:
    assert "missing, not needed" in printed(OPTIONAL)
    assert totals([MISSING, OPTIONAL]) == "2 missing (1 of them needed)"
    assert (MISSING.is_trouble, OPTIONAL.is_trouble) == (True, False)
    assert short_form([FOUND, FALLBACK, MISSING, OPTIONAL]) == (
        f"missing: {OPEN}; by a fallback: css.list.card"
    )


def test_in_a_narrow_terminal_no_line_is_broken_within_a_column() -> None:
    shown = printed(FOUND, FALLBACK, MISSING, UNSEEN, width=60)
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    rows = [line for line in plain.splitlines() if line.startswith("  ")]
    assert "      ↳ nobody was refused" in rows
    assert max(map(len, rows)) <= 60


def test_the_block_is_toml_with_each_line_in_the_table_of_its_key() -> None:
    browse = Check(
        "selectors.upload.browse", "Panel", CheckState.MISSING, suggestion="browse = '#b'"
    )
    block = settings_block([FOUND, MISSING, FALLBACK, browse, MISSING])
    assert block == "[selectors.upload]\nopen = '#add'\nbrowse = '#b'"
    assert settings_block([FOUND, UNSEEN]) == ""
    assert block in printed(MISSING, browse)
    assert "To be put into" not in printed(FOUND)


def test_whatever_a_page_is_called_its_name_stays_one_value() -> None:
    for text in ("#a", "a'b", 'a"b', "a\\b", "a\nb = 'c'\n[waits]", "\x1b[31mred", "\u202e"):
        line = toml_line("selectors.upload.open", [text])
        assert tomllib.loads(line) == {"open": text}
        assert line.isprintable()


def test_a_text_is_always_a_list() -> None:
    assert tomllib.loads(toml_line("texts.heading", ["A", "B"])) == {"heading": ["A", "B"]}
    assert tomllib.loads(toml_line("texts.heading", ["A"])) == {"heading": ["A"]}


def test_nothing_that_a_page_says_steers_the_terminal() -> None:
    hostile = Check("a.b", "\x1b[2J", CheckState.NOT_CHECKED, why="\x1b]0;title\x07")
    assert "\x1b" not in printed(hostile)
