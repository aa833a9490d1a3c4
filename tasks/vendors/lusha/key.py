"""Which API key a run uses, and under which name the hub keeps its account."""

from __future__ import annotations

from hashlib import sha256

from tasks.core.errors import BadConfigurationError
from tasks.core.settings import PREFIX, Settings
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tokens import Kind, TokenStore
from tasks.vendors.credential import Credential, StaticToken, StoredToken


def is_set(settings: Settings) -> bool:
    """Whether the settings have an account of Lusha's at all."""
    return bool(settings.lusha_api_key or settings.lusha_credential)


def account(settings: Settings) -> str:
    """Under which name the hub keeps the account's budgets and what it spent.

    Lusha tells no name of an account, so it is that of the stored credential, or else a digest of the key.

    Raises:
        BadConfigurationError: Neither key nor credential is set.
    """
    if settings.lusha_credential:
        return f"lusha:{settings.lusha_credential}"
    if settings.lusha_api_key is None:
        raise _missing()
    digest = sha256(settings.lusha_api_key.get_secret_value().encode()).hexdigest()
    return f"lusha:key-{digest[:12]}"


def credential_for(settings: Settings, hub: Hub) -> Credential:
    """The key of the settings' account.

    Raises:
        BadConfigurationError: Neither key nor credential is set; the credential does not exist or is no key.
        BadCredentialError: The credential cannot be decrypted.
    """
    if not settings.lusha_credential:
        if settings.lusha_api_key is None:
            raise _missing()
        return StaticToken(settings.lusha_api_key)
    store = TokenStore(hub, Keyring(settings.encryption_keys))
    stored = store.get(settings.lusha_credential)
    if stored.facts.kind is not Kind.LUSHA:
        raise BadConfigurationError(
            f"Credential {stored.facts.name!r} is HighLevel's, not an API key of Lusha's.",
            remedy=f"Correct {PREFIX}LUSHA_CREDENTIAL, or store the key:"
            " lusha-connect credentials add NAME --vendor lusha.",
        )
    return StoredToken(store, stored)


def _missing() -> BadConfigurationError:
    return BadConfigurationError(
        "No API key of Lusha's is set.",
        remedy=f"Set {PREFIX}LUSHA_API_KEY, or {PREFIX}LUSHA_CREDENTIAL for a stored one.",
    )
