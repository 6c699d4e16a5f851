"""Settings: what is read from ``config/.env``, and that writing to it harms no other line."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creative_flow.errors import SettingsError
from creative_flow.settings import Settings


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def opened(env_file: Path, **environ: str) -> Settings:
    return Settings(env_file, environ, {})


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_missing_file_leaves_the_defaults(env_file: Path) -> None:
    assert opened(env_file).text("LOG_LEVEL") == "INFO"
    assert opened(env_file).find("LOG_LEVEL") is None


def test_a_default_given_with_the_question_counts_before_the_tables(env_file: Path) -> None:
    assert opened(env_file).text("LOG_LEVEL", "DEBUG") == "DEBUG"


def test_an_empty_value_counts_as_not_set(env_file: Path) -> None:
    env_file.write_text("LOG_LEVEL=DEBUG\n")
    assert opened(env_file, LOG_LEVEL="").text("LOG_LEVEL") == "DEBUG"
    env_file.write_text("LOG_LEVEL=\n")
    assert opened(env_file).text("LOG_LEVEL") == "INFO"


def test_quotes_comments_exports_and_a_byte_order_mark_are_read(env_file: Path) -> None:
    env_file.write_bytes(
        b"\xef\xbb\xbfTIMEOUT=1 # a comment\r\nexport SLOW_MO='2'\r\n\r\nLOG_LEVEL=\"A # B\"\r\n"
    )
    found = opened(env_file)
    assert [found.text(name) for name in ("TIMEOUT", "SLOW_MO", "LOG_LEVEL")] == ["1", "2", "A # B"]


def test_a_dollar_sign_in_a_password_means_itself(env_file: Path) -> None:
    env_file.write_text("A_PASSWORD=pa${HOME}ss$x\n")
    assert opened(env_file, HOME="/home/ann").text("A_PASSWORD") == "pa${HOME}ss$x"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"TIMEOUT=1\n\n# fine\nthis is no setting\n", 4),
        (b"TIMEOUT=1\nPASSWORD='open\n", 2),
        (b"TIMEOUT=1\nNAME=\xff\xfe\n", 2),
    ],
)
def test_a_line_that_cannot_be_read_is_named(env_file: Path, content: bytes, line: int) -> None:
    env_file.write_bytes(content)
    with pytest.raises(SettingsError, match=rf"\.env, line {line}\b") as caught:
        opened(env_file).text("TIMEOUT")
    assert "open" not in str(caught.value).replace(str(env_file), "")


def test_a_wrong_value_is_named_with_the_line_it_stands_on(env_file: Path) -> None:
    env_file.write_text("# settings\n\nHEADLESS_MODE=perhaps\n")
    with pytest.raises(SettingsError, match=r"not 'perhaps'.*\.env, line 3"):
        opened(env_file).flag("HEADLESS_MODE")
    with pytest.raises(SettingsError, match=r"not .maybe..*the environment"):
        opened(env_file, HEADLESS_MODE="maybe").flag("HEADLESS_MODE")


@pytest.mark.parametrize("word", ["nan", "inf", "-1", "1e999", "ten", "1,5"])
def test_only_numbers_from_nought_up_are_numbers(env_file: Path, word: str) -> None:
    with pytest.raises(SettingsError, match="TIMEOUT must be a number"):
        opened(env_file, TIMEOUT=word).number("TIMEOUT")


@pytest.mark.parametrize(("word", "expected"), [("TRUE", True), ("on", True), ("0", False)])
def test_the_usual_words_for_on_and_off_are_taken(
    env_file: Path, word: str, expected: bool
) -> None:
    assert opened(env_file, MASK_IDS=word).flag("MASK_IDS") is expected


def test_a_file_that_others_can_read_is_closed_to_them_and_that_is_said(env_file: Path) -> None:
    env_file.write_text("TIMEOUT=1\n")
    env_file.chmod(0o644)
    found = opened(env_file)
    assert found.text("TIMEOUT") == "1"
    assert mode(env_file) == 0o600
    assert found.take_notices() == (f"{env_file} could be read by others; now only its owner can.",)
    assert found.take_notices() == ()


def test_storing_keeps_every_other_line_as_it_was(env_file: Path) -> None:
    before = "# mine\nTIMEOUT = 1   # why\n\nexport A_USERNAME=old\n  B='x y'\nLAST=1"
    env_file.write_text(before)
    opened(env_file).store({"A_USERNAME": "new", "A_PASSWORD": "p q"})
    assert env_file.read_text() == (
        "# mine\nTIMEOUT = 1   # why\n\nA_USERNAME=new\n  B='x y'\nLAST=1\nA_PASSWORD='p q'\n"
    )


def test_storing_makes_a_file_that_only_its_owner_can_read(env_file: Path) -> None:
    found = opened(env_file)
    found.store({"A_PASSWORD": "first"})
    assert mode(env_file) == 0o600
    assert found.text("A_PASSWORD") == "first"
    found.store({"A_PASSWORD": "second"})
    assert found.text("A_PASSWORD") == "second"
    assert env_file.read_text().count("A_PASSWORD") == 1
    assert list(env_file.parent.iterdir()) == [env_file]


def test_storing_into_a_file_that_cannot_be_read_changes_nothing(env_file: Path) -> None:
    env_file.write_text("no setting at all\n")
    with pytest.raises(SettingsError, match="line 1"):
        opened(env_file).store({"A_PASSWORD": "x"})
    assert env_file.read_text() == "no setting at all\n"


def test_storing_through_a_link_keeps_the_link(env_file: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("TIMEOUT=1\n")
    env_file.symlink_to(real)
    opened(env_file).store({"A_PASSWORD": "x"})
    assert env_file.is_symlink()
    assert "A_PASSWORD=x" in real.read_text()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
AWKWARD = st.text("ab'\"\\ #$\n=", min_size=1, max_size=8)


@settings(deadline=None, max_examples=60)
@given(first=TEXTS | AWKWARD, second=TEXTS | AWKWARD)
def test_what_is_stored_reads_back_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, first: str, second: str
) -> None:
    env_file = tmp_path_factory.mktemp("settings") / ".env"
    stored: dict[str, str] = {}
    for name, text in {"ONE_PASSWORD": first, "TWO_PASSWORD": second}.items():
        try:
            opened(env_file).store({name: text})
        except SettingsError:
            continue
        stored[name] = text
    found = opened(env_file)
    assert {name: found.text(name, "") for name in stored} == stored


def test_passwords_are_secrets_wherever_they_stand(env_file: Path) -> None:
    env_file.write_text("A_PASSWORD=in-file\nA_USERNAME=ann\n")
    found = Settings(
        env_file,
        {"B_PASSWORD": "in-env", "CFU_DATABASE_URL": "postgresql://u:in-url@host/db"},
        {"C_PASSWORD": "given"},
    )
    assert found.secrets() == {"in-file", "in-env", "in-url", "given"}
