"""Stored credentials: encrypted, rotated, leased to one at a time, never overwritten by what is older."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pydantic import SecretStr

from tasks.core.errors import BadConfigurationError, BadCredentialError
from tasks.hub import schema, tokens
from tasks.hub.engine import Hub
from tasks.hub.keyring import Keyring
from tasks.hub.tables import credentials
from tasks.hub.tokens import Facts, Kind, Secrets, Stored, TokenStore

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
ENDS = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)


def store_of(hub: Hub, *keys: str) -> TokenStore:
    return TokenStore(hub, Keyring(SecretStr(",".join(keys or (OLD,)))))


def a_pair(name: str = "main", number: int = 1) -> Stored:
    facts = Facts(
        name,
        Kind.OAUTH,
        location_id="loc",
        company_id="com",
        client_id="app-1",
        scopes=("contacts.readonly", "contacts.write"),
        expires_at=ENDS,
    )
    access, refresh = (SecretStr(f"{kind}-hush-{number}") for kind in ("access", "refresh"))
    return Stored(facts, Secrets(access, refresh, SecretStr("client-hush")))


def test_what_is_put_is_found(hub: Hub) -> None:
    store = store_of(hub)
    store.put(a_pair())
    found = store.get("main")
    assert found.secrets == a_pair().secrets
    unlike = {"generation": 0, "updated_at": ENDS}
    assert replace(found.facts, **unlike) == replace(a_pair().facts, **unlike)
    private = Stored(Facts("pit", Kind.PRIVATE, location_id="loc"), Secrets(SecretStr("pit-hush")))
    store.put(private)
    assert store.get("pit").secrets == private.secrets
    assert [facts.name for facts in tokens.listed(hub)] == ["main", "pit"]


def test_nothing_in_the_hub_can_be_read_without_the_key(hub: Hub) -> None:
    store_of(hub).put(a_pair())
    with hub.read() as connection:
        row = repr(connection.execute(sa.select(credentials)).one())
    assert "hush" not in row
    assert "contacts.readonly" in row


def test_no_byte_of_a_token_is_in_the_hubs_files(tmp_path: Path) -> None:
    hub = Hub(f"sqlite:///{tmp_path / 'hub.db'}")
    schema.upgrade(hub)
    store_of(hub).put(a_pair())
    store_of(hub, NEW, OLD).rotate()
    written = b"".join(path.read_bytes() for path in tmp_path.glob("hub.db*"))
    hub.close()
    assert b"app-1" in written
    assert b"hush" not in written


def test_no_secret_in_a_repr(hub: Hub) -> None:
    assert "hush" not in repr(a_pair()) + str(a_pair())
    assert OLD not in repr(Keyring(SecretStr(OLD)))


def test_a_missing_credential_says_how_to_make_one(hub: Hub) -> None:
    assert store_of(hub).find("nobody") is None
    with pytest.raises(BadConfigurationError, match="credentials add"):
        store_of(hub).get("nobody")


def test_a_wrong_key_opens_nothing_and_says_what_to_do(hub: Hub) -> None:
    store_of(hub, OLD).put(a_pair())
    with pytest.raises(BadCredentialError, match="'main' cannot be decrypted") as caught:
        store_of(hub, NEW).get("main")
    assert "credentials remove main" in str(caught.value)
    assert NEW not in str(caught.value)
    assert [facts.name for facts in tokens.listed(hub)] == ["main"]  # what is shown needs no key
    assert tokens.remove(hub, "main") == 1


def test_damage_is_told(hub: Hub) -> None:
    store_of(hub).put(a_pair())
    with hub.write() as connection:
        connection.execute(sa.update(credentials).values(payload="gAAAAA-not-a-payload"))
    with pytest.raises(BadCredentialError, match="cannot be decrypted"):
        store_of(hub).get("main")


def test_a_key_is_rotated_without_a_gap(hub: Hub) -> None:
    store_of(hub, OLD).put(a_pair())
    both = store_of(hub, NEW, OLD)
    assert both.get("main").secrets == a_pair().secrets
    before = both.get("main").facts
    assert both.rotate() == 1
    assert store_of(hub, NEW).get("main").secrets == a_pair().secrets
    assert both.get("main").facts == before  # a renewal under way is not disturbed
    with pytest.raises(BadCredentialError):
        store_of(hub, OLD).get("main")


def test_a_key_is_rotated_for_all_or_for_none(hub: Hub) -> None:
    store_of(hub, OLD).put(a_pair("a"))
    store_of(hub, Fernet.generate_key().decode()).put(a_pair("b"))
    with pytest.raises(BadCredentialError, match="'b'"):
        store_of(hub, NEW, OLD).rotate()
    assert store_of(hub, OLD).get("a").secrets == a_pair().secrets


def test_one_holds_the_lease_and_the_next_sees_the_new_token(hub: Hub) -> None:
    store = store_of(hub)
    store.put(a_pair())
    number = store.get("main").facts.generation
    mine = store.lease("main", number, "me", 60)
    assert mine
    assert store.lease("main", number, "you", 60) is None
    assert store.save(Stored(mine.facts, a_pair(number=2).secrets), "me")
    found = store.lease("main", number, "you", 60)
    assert found
    assert found.facts.generation > number
    assert found.secrets == a_pair(number=2).secrets
    assert store.lease("main", found.facts.generation, "you", 60) == found  # and the lease is free again


def test_a_lease_is_given_back_by_its_holder_alone(hub: Hub) -> None:
    store = store_of(hub)
    store.put(a_pair())
    number = store.get("main").facts.generation
    assert store.lease("main", number, "me", 60)
    store.release("main", "you")
    assert store.lease("main", number, "you", 60) is None
    store.release("main", "me")
    assert store.lease("main", number, "you", 60)


def test_a_lease_of_before_a_clock_was_set_back_holds_nobody_up(hub: Hub) -> None:
    store = store_of(hub)
    store.put(a_pair())
    number = store.get("main").facts.generation
    assert store.lease("main", number, "one that was killed", 600)
    assert store.lease("main", number, "me", 60)
    assert store.lease("main", number, "you", 60) is None


def test_a_lease_ends_by_itself(hub: Hub) -> None:
    store = store_of(hub)
    store.put(a_pair())
    number = store.get("main").facts.generation
    assert store.lease("main", number, "one that was killed", 0)
    assert store.lease("main", number, "me", 60)


def test_who_comes_late_overwrites_nothing(hub: Hub) -> None:
    store = store_of(hub)
    store.put(a_pair())
    slow = store.get("main")
    assert store.lease("main", slow.facts.generation, "slow", 0)
    assert store.lease("main", slow.facts.generation, "quick", 60)
    assert store.save(Stored(slow.facts, a_pair(number=2).secrets), "quick")
    assert not store.save(Stored(slow.facts, a_pair(number=3).secrets), "slow")
    assert store.get("main").secrets == a_pair(number=2).secrets


@pytest.mark.parametrize("removed", [False, True])
def test_a_renewal_under_way_does_not_undo_what_a_person_stored(hub: Hub, removed: bool) -> None:
    store = store_of(hub)
    store.put(a_pair())
    renewing = store.get("main")
    assert store.lease("main", renewing.facts.generation, "me", 60)
    if removed:
        tokens.remove(hub, "main")
    store.put(a_pair(number=9))
    assert not store.save(Stored(renewing.facts, a_pair(number=2).secrets), "me")
    assert store.get("main").secrets == a_pair(number=9).secrets


def test_a_credential_that_was_removed_is_not_brought_back(hub: Hub) -> None:
    store = store_of(hub)
    store.put(a_pair())
    held = store.get("main")
    tokens.remove(hub, "main")
    assert not store.save(held, "me")
    with pytest.raises(BadCredentialError, match="removed"):
        store.lease("main", held.facts.generation, "me", 60)
    assert tokens.listed(hub) == []


def test_an_agencys_locations_go_with_it(hub: Hub) -> None:
    store = store_of(hub)
    store.put(a_pair("agency"))
    child = replace(a_pair().facts, name="agency/loc", parent="agency")
    store.put(Stored(child, a_pair().secrets), replace=False)
    store.put(Stored(child, a_pair(number=2).secrets), replace=False)
    assert store.get("agency/loc").secrets == a_pair().secrets
    assert tokens.remove(hub, "agency") == 2


def test_threads_get_one_lease(hub: Hub) -> None:
    store = store_of(hub)
    store.put(a_pair())
    number = store.get("main").facts.generation
    with ThreadPoolExecutor(8) as pool:
        leases = list(pool.map(lambda each: store.lease("main", number, str(each), 60), range(16)))
    assert sum(lease is not None for lease in leases) == 1
