"""What a person sets: environment variables ``LUSHA_CONNECT_*`` or the same names in ``.env``.

A Prefect block of the same content (``tasks/edge/blocks.py``) takes their place in a run that names one.
A misspelt variable is an error, not a silently ignored wish.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tasks.core.errors import BadConfigurationError
from tasks.core.words import ANY, did_you_mean, sentence

PREFIX = "LUSHA_CONNECT_"
ENV_FILE = ".env"
HIGHLEVEL_URL = "https://services.leadconnectorhq.com"
APP_URL = "https://app.gohighlevel.com"
LUSHA_URL = "https://api.lusha.com"
CONSENT_URL = "https://marketplace.gohighlevel.com/v2/oauth/chooselocation"


HUB_URL = "sqlite:///.lusha-connect/hub.db"
"""The hub where nothing else is said; there alone is one made by whatever needs it."""


class Settings(BaseSettings):
    """Everything a run needs to know about its two ends."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", hide_input_in_errors=True
    )

    hub_url: str = Field(
        default=HUB_URL,
        repr=False,
        description="The hub database as a SQLAlchemy URL: sqlite:///file.db or postgresql://user:pw@host/db.",
    )
    highlevel_url: str = Field(
        default=HIGHLEVEL_URL,
        description="Base URL of the HighLevel API; the sandbox's is http://127.0.0.1:8701.",
    )
    highlevel_token: SecretStr | None = Field(
        default=None, description="Private integration token (or access token) of the location."
    )
    highlevel_credential: str = Field(
        default="", description="Name of a stored credential, used instead of the token."
    )
    highlevel_client_id: str = Field(default="", description="Client id of the OAuth app.")
    highlevel_client_secret: SecretStr | None = Field(
        default=None, description="Client secret of the OAuth app."
    )
    highlevel_app_url: str = Field(
        default=APP_URL, description="Where people open HighLevel: notices link to its pages."
    )
    highlevel_consent_url: str = Field(
        default=CONSENT_URL,
        description="The OAuth app's consent page; the sandbox's is http://127.0.0.1:8701/oauth/chooselocation.",
    )
    lusha_url: str = Field(
        default=LUSHA_URL, description="Base URL of the Lusha API; the sandbox's is http://127.0.0.1:8702."
    )
    lusha_api_key: SecretStr | None = Field(default=None, description="The Lusha account's API key.")
    lusha_credential: str = Field(
        default="", description="Name of a stored credential with the API key, used instead of it."
    )
    lusha_table_owner: str = Field(
        default="", repr=False, description="E-mail address of the Lusha user whose tables are read."
    )
    lusha_credits_a_run: float = Field(
        default=500, ge=0, description="Lusha credits that one run may spend at most; 0 for no limit."
    )
    lusha_credits_a_day: float = Field(
        default=0, ge=0, description="Lusha credits that all runs of a day (UTC) may spend; 0 for no limit."
    )
    lusha_credits_a_month: float = Field(
        default=0, ge=0, description="Lusha credits that all runs of a month (UTC) may spend; 0 for no limit."
    )
    lusha_ask_again_days: int = Field(
        default=90, ge=0, description="Days after which somebody whom Lusha did not know is looked for again."
    )
    encryption_keys: SecretStr | None = Field(
        default=None,
        description="Keys of the stored credentials, comma separated: the first encrypts, all decrypt.",
    )
    highlevel_version: Literal["2021-07-28", "v3"] = Field(
        default="2021-07-28", description="The API version that requests speak."
    )
    location_id: str = Field(default="", description="The HighLevel location (sub-account) to read.")
    query_url: SecretStr | None = Field(
        default=None,
        description="The hub's PostgreSQL database, by a role for imports' queries; empty for the hub's own.",
    )
    query_seconds: float = Field(
        default=60.0,
        gt=0,
        description="Seconds that a query of an import may take to its first row; ten times as many in all.",
    )
    keep_days: int = Field(
        default=365,
        ge=0,
        le=36_500,
        description="Days that the hub keeps plans that are over, runs and decided reviews; 0 for ever.",
    )
    artifact_values: Literal["on", "off"] = Field(
        default="on",
        description="Whether artifacts in Prefect show values of records; off, only ids, fields and counts.",
    )
    http_timeout: float = Field(
        default=30.0, gt=0, description="Seconds to wait for an answer before the request counts as failed."
    )

    @field_validator(
        *("highlevel_token", "highlevel_client_secret", "lusha_api_key", "encryption_keys", "query_url"),
        mode="before",
    )
    @classmethod
    def _strip_secret(cls, value: object) -> object:
        return (value.strip() or None) if isinstance(value, str) else value

    @field_validator(
        *("location_id", "highlevel_credential", "highlevel_client_id"),
        *("lusha_credential", "lusha_table_owner"),
        mode="before",
    )
    @classmethod
    def _strip_name(cls, value: object) -> object:
        return value.strip() if isinstance(value, str) else value

    def token(self) -> SecretStr:
        """The HighLevel token.

        Raises:
            BadConfigurationError: None is set.
        """
        if self.highlevel_token is None:
            raise BadConfigurationError(
                f"No HighLevel token for location {self.location_id or '(none set)'}.",
                remedy=f"Set {PREFIX}HIGHLEVEL_TOKEN (scope contacts.readonly), or name a stored credential"
                f" in {PREFIX}HIGHLEVEL_CREDENTIAL, or a connection block in the run.",
            )
        return self.highlevel_token

    def location(self) -> str:
        """The location's id.

        Raises:
            BadConfigurationError: None is set.
        """
        if not self.location_id:
            raise BadConfigurationError(
                "No HighLevel location is set.",
                remedy=f"Set {PREFIX}LOCATION_ID (HighLevel: Settings → Business Profile → Location ID).",
            )
        return self.location_id


def load_settings() -> Settings:
    """Read the environment and ``.env``.

    Raises:
        BadConfigurationError: A variable is misspelt or its value does not fit.
    """
    _refuse_unknown([*os.environ, *(dotenv_values(ENV_FILE) if Path(ENV_FILE).is_file() else ())])
    try:
        return Settings()
    except ValidationError as error:
        raise BadConfigurationError(
            "; ".join(
                f"{PREFIX}{'.'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in error.errors()
            ),
            remedy="Correct it in the environment or in .env (.env.example explains every setting).",
        ) from None


def _refuse_unknown(names: Iterable[str]) -> None:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = did_you_mean(name, known, likeness=ANY)
            raise BadConfigurationError(f"There is no setting {name}.", remedy=sentence(near))
