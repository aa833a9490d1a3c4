"""Settings: the environment, .env, and every misspelling named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.core.errors import BadConfigurationError
from tasks.core.settings import PREFIX, Settings, load_settings

ROOT = Path(__file__).parents[3]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LUSHA_CONNECT_LOCATION_ID=file\nLUSHA_CONNECT_HTTP_TIMEOUT=7\n")
    monkeypatch.setenv("LUSHA_CONNECT_LOCATION_ID", " environment ")
    found = load_settings()
    assert (found.location_id, found.http_timeout) == ("environment", 7)


def test_a_misspelt_setting_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LUSHA_CONNECT_LOCATON_ID=x\n")
    with pytest.raises(BadConfigurationError, match="LUSHA_CONNECT_LOCATION_ID"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_TIMEOUT", "soon"),
        ("HTTP_TIMEOUT", "0"),
        ("HIGHLEVEL_VERSION", "v9"),
        ("KEEP_DAYS", "-1"),
        ("KEEP_DAYS", "a year"),
        ("KEEP_DAYS", "99999999"),
    ],
)
def test_a_value_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(BadConfigurationError, match=PREFIX + name):
        load_settings()


def test_a_wrong_value_of_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUSHA_CONNECT_HIGHLEVEL_TOKEN", "pit-hush")
    monkeypatch.setenv("LUSHA_CONNECT_HTTP_TIMEOUT", "soon")
    with pytest.raises(BadConfigurationError) as caught:
        load_settings()
    assert "hush" not in str(caught.value)


def test_what_is_missing_is_named_with_the_scope() -> None:
    with pytest.raises(BadConfigurationError, match="LUSHA_CONNECT_LOCATION_ID"):
        Settings().location()
    with pytest.raises(BadConfigurationError, match=r"contacts\.readonly"):
        Settings().token()


def test_the_example_holds_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line.startswith(PREFIX))
    assert set(example) == {PREFIX + name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = field.default
        assert example[PREFIX + name.upper()] == (
            "" if default is None else f"{default:g}" if isinstance(default, int | float) else default
        )
