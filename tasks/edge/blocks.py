"""Prefect blocks: what a person enters in the Prefect UI in place of environment variables.

A run names a block; the block is loaded inside the run, so that its secrets never become parameters.
"""

from __future__ import annotations

from typing import Literal

from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError
from pydantic import Field, HttpUrl, SecretStr

from tasks.core.settings import HIGHLEVEL_URL, LUSHA_URL, Settings, load_settings


class LushaConnectConnection(Block):
    """A HighLevel location, the hub that mirrors it, and the Lusha account that its leads come from.

    Example:
        Save one, then give its name to a run as ``connection``:

        ```python
        from tasks.edge.blocks import LushaConnectConnection

        connection = LushaConnectConnection(
            hub_url="sqlite:///hub.db", highlevel_token="pit-…", location_id="…"
        )
        connection.save("BLOCK_NAME")
        connection = LushaConnectConnection.load("BLOCK_NAME")
        ```
    """

    _block_type_name = "Lusha Connect connection"
    _block_type_slug = "lusha-connect-connection"  # the server knows saved blocks by it: never change it
    _description = (
        "A HighLevel location (token, id, API version), the hub database that mirrors it,"
        " and the Lusha account that its leads come from."
    )
    _logo_url = None
    _documentation_url = HttpUrl(
        "https://marketplace.gohighlevel.com/docs/Authorization/PrivateIntegrationsToken"
    )

    hub_url: SecretStr = Field(
        description="The hub database as a SQLAlchemy URL, e.g. postgresql://user:password@host:5432/hub."
    )
    highlevel_token: SecretStr | None = Field(
        default=None,
        description="Private integration token of the location, with the scope contacts.readonly;"
        " empty where a stored credential is named.",
    )
    location_id: str = Field(description="The HighLevel location (sub-account).")
    highlevel_credential: str = Field(
        default="", description="Name of a stored credential, used instead of the token."
    )
    encryption_keys: SecretStr | None = Field(
        default=None,
        description="Keys of the stored credentials, comma separated: the first encrypts, all decrypt."
        " Where it is empty, the worker's LUSHA_CONNECT_ENCRYPTION_KEYS counts.",
    )
    highlevel_client_id: str = Field(
        default="", description="Client id of the OAuth app, where its secret was exchanged."
    )
    highlevel_client_secret: SecretStr | None = Field(
        default=None, description="The OAuth app's new client secret."
    )
    highlevel_version: Literal["2021-07-28", "v3"] = Field(
        default="2021-07-28", description="The API version that requests speak."
    )
    highlevel_url: str = Field(default=HIGHLEVEL_URL, description="Base URL of the HighLevel API.")
    lusha_api_key: SecretStr | None = Field(
        default=None, description="The Lusha account's API key; empty without Lusha."
    )
    lusha_credential: str = Field(
        default="", description="Name of a stored credential with the API key, used instead of it."
    )
    lusha_url: str = Field(default=LUSHA_URL, description="Base URL of the Lusha API.")
    lusha_table_owner: str = Field(
        default="", description="E-mail address of the Lusha user whose tables are read."
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
    keep_days: int = Field(
        default=365,
        ge=0,
        le=36_500,
        description="Days that the hub keeps plans that are over, runs and decided reviews; 0 for ever.",
    )
    artifact_values: Literal["on", "off"] = Field(
        default="on",
        description="Whether artifacts show values of records; off, only ids, fields and counts.",
    )
    query_url: SecretStr | None = Field(
        default=None,
        description="The hub's PostgreSQL database, by a role for imports' queries; empty for the hub's own.",
    )

    def settings(self) -> Settings:
        """The same content as settings; of the environment and ``.env`` the encryption keys alone count."""
        keys = self.encryption_keys
        if (
            self.highlevel_credential or self.lusha_credential
        ) and not keys:  # they need not leave the worker's machine
            keys = load_settings().encryption_keys
        return Settings(
            _env_file=None,
            highlevel_credential=self.highlevel_credential,
            highlevel_client_id=self.highlevel_client_id,
            highlevel_client_secret=self.highlevel_client_secret,
            encryption_keys=keys,
            hub_url=self.hub_url.get_secret_value(),
            highlevel_token=self.highlevel_token,
            location_id=self.location_id,
            highlevel_version=self.highlevel_version,
            highlevel_url=self.highlevel_url,
            **{name: getattr(self, name) for name in type(self).model_fields if name.startswith("lusha_")},
            keep_days=self.keep_days,
            artifact_values=self.artifact_values,
            query_url=self.query_url,
        )


async def block_or_none(name: str) -> LushaConnectConnection | None:
    """The saved block of that name; None where there is none."""
    try:
        found: LushaConnectConnection = await LushaConnectConnection.aload(name)
    except ValueError:
        return None
    return found


async def block_names() -> list[str]:
    """The names of all saved blocks; none where the block was never registered."""
    try:
        async with get_client() as client:
            found = await client.read_block_documents_by_type(
                LushaConnectConnection.get_block_type_slug(), include_secrets=False
            )
    except PrefectHTTPStatusError:  # 404: the server does not know the type
        return []
    return sorted(document.name for document in found if document.name)
