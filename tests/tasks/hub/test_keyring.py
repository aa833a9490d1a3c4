"""The keys that tokens are encrypted with: what is said of a wrong one shows nothing of it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from tasks.core.errors import BadConfigurationError
from tasks.hub import keyring
from tasks.hub.keyring import Keyring

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.mark.parametrize("keys", [None, SecretStr(""), SecretStr(" , ")])
def test_no_key_says_how_to_make_one(keys: SecretStr | None) -> None:
    with pytest.raises(BadConfigurationError, match="LUSHA_CONNECT_ENCRYPTION_KEYS") as caught:
        Keyring(keys)
    assert keyring.MAKE_ONE in str(caught.value)


def test_the_command_that_makes_a_key_makes_one() -> None:
    words = keyring.MAKE_ONE.replace("python3", sys.executable, 1)
    made = subprocess.run(words, shell=True, capture_output=True, text=True, check=True).stdout.strip()
    assert Keyring(SecretStr(made)).size == 1


@pytest.mark.parametrize(
    "wrong", ["hush", NEW[:-2], "ä" * 44, f"{NEW}x"], ids=["short", "cut", "no ASCII", "long"]
)
def test_a_malformed_key_is_named_by_its_place_alone(wrong: str) -> None:
    with pytest.raises(BadConfigurationError, match="key 2 of 2") as caught:
        Keyring(SecretStr(f"{OLD},{wrong}"))
    assert wrong not in str(caught.value)
    with pytest.raises(BadConfigurationError, match="44 characters"):
        Keyring(SecretStr(wrong))
