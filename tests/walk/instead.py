"""What the walk does otherwise than the documents print it: another's token, a port, a terminal of its own.

Each block is run as it is printed, but for what stands here. A new block that needs a person, an account or a
server of one's own gets a line here.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.walk.blocks import SETTINGS, Block

KEY = "bHVzaGEtY29ubmVjdC13YWxrLWtleS0wMDAwMDAwMDA="
"""The encryption key of the walk."""

NOT_RUN = ""


@dataclass(frozen=True, slots=True)
class Instead:
    """Words of a document, and what is run in their place.

    Args:
        printed: Words within one line.
        run: What takes their place: bash, with the walk's variables. ``NOT_RUN``: the line is left out.
    """

    printed: str
    run: str
    why: str


SCOPES = " ".join(
    f"--scope {one}"
    for one in (
        *("contacts.readonly", "locations.readonly", "locations/tasks.readonly", "users.readonly"),
        *("businesses.readonly", "workflows.readonly", "locations/tags.readonly"),
    )
)

INSTEAD = (
    Instead("make test", NOT_RUN, "it is what runs the walk"),
    Instead("127.0.0.1:4200", "127.0.0.1:$PREFECT_SERVER_API_PORT", "the port may be taken"),
    Instead(
        "prefect worker start --pool lusha-connect",
        "prefect worker start --pool lusha-connect > .lusha-connect/worker.log 2>&1 &",
        "it runs until it is stopped, and the reader has another terminal",
    ),
    Instead("=pit-…", "=pit-sandbox", "the sandbox's token"),
    Instead("LUSHA_CONNECT_LOCATION_ID=…", "LUSHA_CONNECT_LOCATION_ID=sandboxLocation00001", "its location"),
    Instead("LUSHA_API_KEY=…", "LUSHA_API_KEY=lusha-sandbox", "the sandbox's key"),
    Instead("LUSHA_CREDENTIAL=lusha", "LUSHA_CREDENTIAL=", "the key is set: one of the two is enough"),
    Instead("CLIENT_ID=…", "CLIENT_ID=sandboxapp-1234", "its OAuth app"),
    Instead("CLIENT_SECRET=…", "CLIENT_SECRET=sandbox-secret", "its OAuth app"),
    Instead("ENCRYPTION_KEYS=…", f"ENCRYPTION_KEYS={KEY}", "the key that was made before"),
    Instead("credentials add main ", "credentials add main <<< pit-sandbox ", "the token is typed"),
    Instead(
        "credentials add berlin-token --location ve9EPM428h8vShlRW1KT",
        "credentials add berlin-token --location sandboxLocation00002 <<< pit-sandbox-2",
        "the token is typed; the sandbox's second location",
    ),
    Instead(
        "connect highlevel ",
        f"connect highlevel --port $CALLBACK_PORT {SCOPES} ",
        "the port may be taken; what later documents look at needs more scopes",
    ),
    Instead("contactId=…", "contactId=$CONTACT", "a contact of the sandbox"),
    Instead("accept 3f2a9c1e CONTACT", "accept $(review id) $(review candidate)", "the review that waits"),
    Instead("split 3f2a9c1e", "split $(review id)", "the review that waits"),
    Instead("notices show 3f9a01c2de", NOT_RUN, "no team is told anything in the walk"),
    Instead("notices drop 3f9a01c2de", NOT_RUN, "no team is told anything in the walk"),
    Instead("reopen 3f2a9c1e", "reopen $(review decided)", "the review that was decided"),
)


def as_run(block: Block) -> tuple[str, list[Instead]]:
    """A block's text as the walk runs it, and what was put in it."""
    used: list[Instead] = []
    lines = []
    for line in block.text.splitlines():
        words, left_out = line, False
        for one in INSTEAD:
            if one.printed not in words:
                continue
            used.append(one)
            left_out = left_out or one.run == NOT_RUN
            words = words.replace(one.printed, one.run)
        if not left_out:
            lines.append(words)
    return "\n".join(lines) + "\n", used


def settings(block: Block) -> dict[str, str]:
    """The settings of a block of ``.env``, without the remarks beside them."""
    assert block.kind == SETTINGS
    pairs = (line.partition("#")[0].strip().partition("=") for line in as_run(block)[0].splitlines())
    return {name: value for name, equals, value in pairs if equals}
