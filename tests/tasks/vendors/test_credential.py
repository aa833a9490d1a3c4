"""A token that does not change."""

from __future__ import annotations

import asyncio

from pydantic import SecretStr

from tasks.vendors.credential import Credential, StaticToken


def test_it_is_the_same_before_and_after_it_was_refused() -> None:
    token: Credential = StaticToken(SecretStr("hush"))

    async def go() -> None:
        assert (await token.bearer()).get_secret_value() == "hush"
        assert not await token.renew(SecretStr("hush"))
        assert not await token.renew(SecretStr("another"))
        assert (await token.bearer()).get_secret_value() == "hush"

    asyncio.run(go())
    assert "hush" not in f"{token!r}{vars(token)}"
