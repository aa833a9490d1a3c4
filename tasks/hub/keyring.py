"""The keys that tokens are encrypted with at rest: they come from the environment, never from the hub.

Several are accepted, so that a key can be exchanged while everything runs: the first encrypts, all of them
decrypt. No error shows a key or a part of one.
"""

from __future__ import annotations

import re

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from tasks.core.errors import BadConfigurationError, BadCredentialError
from tasks.core.remedies import by_command
from tasks.core.settings import PREFIX

VARIABLE = f"{PREFIX}ENCRYPTION_KEYS"
MAKE_ONE = 'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
"""Prints a new key; needs nothing but Python."""

_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")


class Keyring:
    """Encrypts with the first of its keys, decrypts with any.

    Args:
        keys: Comma-separated Fernet keys; None where none are set.

    Raises:
        BadConfigurationError: No key is set, or one is malformed.
    """

    def __init__(self, keys: SecretStr | None) -> None:
        given = keys.get_secret_value().split(",") if keys is not None else []
        found = [key.strip() for key in given if key.strip()]
        if not found:
            raise BadConfigurationError(
                "No encryption key is set; stored credentials are encrypted with it.",
                remedy=f"Make one, keep it safe, and set it as {VARIABLE}: {MAKE_ONE}",
            )
        self._fernet = MultiFernet([_fernet(key, number, len(found)) for number, key in enumerate(found, 1)])
        self.size = len(found)

    def encrypt(self, content: bytes) -> str:
        """Under the first key."""
        return self._fernet.encrypt(content).decode()

    def decrypt(self, payload: str, name: str) -> bytes:
        """What ``payload`` holds.

        Args:
            name: Whose it is, for the error.

        Raises:
            BadCredentialError: No key of this ring encrypted it, or it is damaged.
        """
        try:
            return self._fernet.decrypt(payload)
        except InvalidToken:
            raise _locked(name, self.size) from None

    def rotated(self, payload: str, name: str) -> str:
        """The same content under the first key.

        Raises:
            BadCredentialError: No key of this ring encrypted it, or it is damaged.
        """
        try:
            return self._fernet.rotate(payload).decode()
        except InvalidToken:
            raise _locked(name, self.size) from None


def _fernet(key: str, number: int, count: int) -> Fernet:
    if _KEY.fullmatch(key):  # base64 itself is lenient: it skips what it does not know
        return Fernet(key)
    which = f"key {number} of {count} in {VARIABLE}" if count > 1 else f"the key in {VARIABLE}"
    raise BadConfigurationError(
        f"Encryption: {which} is malformed; a key is 32 bytes as url-safe base64 (44 characters).",
        remedy=f"Correct it, or make another: {MAKE_ONE}",
    )


def _locked(name: str, count: int) -> BadCredentialError:
    tried = "the key that is set" if count == 1 else f"any of the {count} keys that are set"
    return BadCredentialError(
        f"Credential {name!r} cannot be decrypted with {tried}.",
        remedy=f"Add the key that encrypted it to {VARIABLE} (after the first), or, where it is lost,"
        f" remove the credential and connect again; {by_command(f'credentials remove {name}')}",
    )
