"""Plans made and applied without Prefect, against a sandbox and a hub that may die at any write."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import AsyncMock

import pytest
import sqlalchemy as sa

from sandbox import process
from sandbox.process import RunningSandbox
from tasks.core.batch import Batch, Json, Position, canonical_json
from tasks.core.errors import StoppedError
from tasks.core.settings import Settings
from tasks.extract.rejects import RejectSource
from tasks.hub import plans, provenance, schema
from tasks.hub.engine import Hub
from tasks.hub.ledger import Run
from tasks.hub.plans import Plan
from tasks.hub.tables import leases, rejects
from tasks.load import bookkeeping, versions
from tasks.mapping.checks.checks import Checker, compile_checks
from tasks.mapping.language import MAPPINGS, find_mapping, load_mapping
from tasks.mapping.transform.compile import compile_mapping
from tasks.run import applying, planning, refresh
from tasks.run.pipeline import Carrier, Lane, Session
from tasks.run.planning import Recheck, Work
from tasks.streams import HUB_CONTACT, mirror_of
from tasks.vendors import retry
from tasks.vendors.highlevel import answers, client
from tasks.vendors.highlevel.connection import HighLevelConnection
from tasks.vendors.highlevel.writers import making
from tests.databases import Databases
from tests.tasks.load.databases import Copies
from tests.tasks.load.machine import Machine, install

MIRROR_MAPPING = mirror_of(HUB_CONTACT.name)[1].mapping
CONTACTS = 60
AS_OF = datetime.now(UTC) - timedelta(hours=1)
"""How old the records' word is: newer than the sandbox's data, older than what a test changes there."""

FIELDS = (Path(__file__).parent / "records.yaml").read_text(encoding="utf-8")
IDS = re.compile(r"[A-Za-z0-9]{20,}")
READING = ("GET ", "POST /contacts/search", "POST /locations/{locationId}/tasks/search")


class DiedError(BaseException):
    """The process is no more."""


class Death(NamedTuple):
    """When a process dies.

    Args:
        of: At a ``write`` of the hub, at a ``request``, or at one like ``PUT /contacts/{id}``.
        at: At which, from 1.
        after: Whether that one still takes effect.
    """

    of: str = "write"
    at: int = 0
    after: bool = False


ALIVE = Death()

Engines = dict[str, sa.Engine]
"""By URL, those of the processes that come one after the other: they know how every statement is compiled."""

ENGINES: Engines = {}

Befall = Callable[[str], None]
"""What is told the moments of a process, and may do something at them: ``write`` (a transaction begins),
``commit``, ``committed``, ``request``."""


def nothing(_moment: str) -> None:
    """A process that nothing befalls."""


class MortalHub(Hub):
    """A hub whose process can be made to die.

    Attributes:
        death: When it does; of none is number 0.
        befall: What else befalls it.
        seen: Writes and requests so far.
    """

    def __init__(self, url: str, death: Death, befall: Befall = nothing, engines: Engines = ENGINES) -> None:
        super().__init__(url)
        self.engine = engines.setdefault(url, self.engine)
        self.death = death
        self.befall = befall
        self.seen, self.dead = Counter[str](), False

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        self.live()
        with super().read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        dying = self.dying("write")
        self.befall("write")
        with super().write() as connection:
            yield connection
            self.live()  # another thread's death is this one's
            self.die(dying and not self.death.after)
            self.befall("commit")
        self.befall("committed")
        self.die(dying)

    def dying(self, of: str) -> bool:
        """Whether this is the one at which it dies."""
        self.live()
        self.seen[of] += 1
        return self.death.of == of and self.seen[of] == self.death.at

    def die(self, now: bool) -> None:
        if now:
            self.dead = True
            raise DiedError

    def live(self) -> None:
        self.die(self.dead)


class Records:
    """Records as a source hands them out, all at once."""

    def __init__(self, records: list[Json], location_id: str, stream: str) -> None:
        self._records, self._location_id, self._stream = records, location_id, stream
        self.total: int | None = len(records)

    async def read(self, _position: Position | None, _size: int) -> Batch:
        return Batch(self._stream, self._location_id, list(map(dict, self._records)), {}, last=True)


async def carry_all(pipeline: Carrier, what: str = "") -> None:
    try:
        while not pipeline.done:
            await pipeline.carry()
    finally:
        await pipeline.close()


@cache
def mapped_by(text: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "records.yaml"
        file.write_text(text, encoding="utf-8")
        mapping = load_mapping(file)
    return mapping, compile_mapping(mapping), compile_checks(mapping)


MAPPINGS_BY_PATH = cache(load_mapping)


@cache
def checks_of(mapping: str) -> Checker:
    return compile_checks(load_mapping(find_mapping(mapping, MAPPINGS)))


@dataclass
class Office:
    """A sandbox, the hub of one test, and the engine between them.

    Args:
        tags: Their policy.
        token: Another than the one with every scope.
        version: Of HighLevel's API.
        befall: What befalls its processes.
        engines: Theirs.
        hub: As the last attempt used it.
    """

    vendor: RunningSandbox
    folder: Path
    hub_url: str
    tags: str = "add"
    token: str = ""
    version: str = "2021-07-28"
    recheck: Recheck = "each record"
    timeout: float = 30.0
    as_of: datetime = AS_OF
    befall: Befall = nothing
    engines: Engines = field(default_factory=lambda: ENGINES)
    hub: MortalHub = field(init=False)
    fields: str = field(init=False)

    def __post_init__(self) -> None:
        self.hub = MortalHub(self.hub_url, ALIVE, engines=self.engines)
        self.fields = FIELDS.replace("TAGS", self.tags)

    def scheduled_sync(self, **how: Any) -> None:
        """Bring the mirror up to date as the sync does, which settles nothing."""

        async def only() -> None:
            async with self._session() as session, self._mirror(session) as mirror:
                await refresh.refresh(mirror, **how)

        self._process(ALIVE)
        asyncio.run(only())

    @staticmethod
    def _mirror(session: Session) -> AbstractAsyncContextManager[Lane]:
        return refresh.mirror_lane(session, session.lanes[0].target)

    def act(self, what: Callable[[Work], Awaitable[Any]], death: Death = ALIVE) -> Any:
        """Do something in a process of its own, which may die over it."""
        self._process(death)
        try:
            return asyncio.run(self._act(what))
        except DiedError:
            self.give_up_leases()
            raise

    def give_up_leases(self) -> None:
        """Let nobody hold one: the process is over, which nothing tells while this one lives."""
        with self.outside() as connection:
            connection.execute(sa.update(leases).values(until_ms=0))

    @contextmanager
    def outside(self) -> Iterator[sa.Connection]:
        """Write in the hub as somebody else, whatever becomes of the process."""
        hub = Hub(self.hub_url)
        try:
            with hub.write() as connection:
                yield connection
        finally:
            hub.close()

    def attempt(self, doing: Callable[[Death], Any], of: str, at: int, *, after: bool) -> str:
        """Let something be done in a process that dies over it, perhaps; how it ended."""
        try:
            doing(Death(of, at, after))
        except DiedError:
            return "died"
        except StoppedError as error:
            return f"{type(error).__name__}: {error.what}"
        return "through"

    def _process(self, death: Death) -> None:
        self.hub.close()
        self.hub = MortalHub(self.hub_url, death, self.befall, self.engines)

    async def _act(self, what: Callable[[Work], Awaitable[Any]]) -> Any:
        async with self._session() as session, applying.begin(session.lanes[0]) as work:
            return await what(work)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        vendor = self.vendor
        theirs = {"highlevel_url": vendor.url, "highlevel_token": self.token or vendor.token}
        theirs["highlevel_version"] = self.version
        ours = {"hub_url": self.hub_url, "location_id": vendor.location_id, "http_timeout": self.timeout}
        settings = Settings.model_validate(theirs | ours)
        mapping, mapper, checker = mapped_by(self.fields)
        async with client.connect(settings, self.hub) as highlevel:
            self._mortal(highlevel)
            run = Run("import_contacts", vendor.location_id, mapping.name, mapping.digest, {})
            run.open(self.hub)
            quiet = AsyncMock()  # a progress that nobody watches
            opened = HighLevelConnection(highlevel)
            session = Session(self.hub, opened, run, quiet, carry_all)
            session.open_lane(mapper, checker)
            yield session

    def _mortal(self, highlevel: client.HighLevel) -> None:
        send = highlevel._transport.send

        async def sent(method: str, path: str, **more: Any) -> Any:
            operation = f"{method} {IDS.sub('{id}', path)}"
            dying = self.hub.dying("request") or self.hub.dying(operation)
            self.hub.die(dying and not self.hub.death.after)
            self.hub.befall("request")
            answer = await send(method, path, **more)
            self.hub.live()
            self.hub.die(dying)
            return answer

        highlevel._transport.send = sent  # type: ignore[method-assign]

    async def plan(self, work: Work, records: list[Json]) -> Plan:
        source = Records(records, self.vendor.location_id, mapped_by(self.fields)[0].source)
        how: dict[str, Any] = {
            "system": "file",
            "as_of": work.session.connection.theirs(self.as_of),
            "about": "a test",
            "size": 100,
        }
        return await planning.make(work, source, recheck=self.recheck, **how)

    def load(self, records: list[Json], death: Death = ALIVE) -> Any:
        """Plan and apply, as one run of the import."""

        async def both(work: Work) -> list[Plan]:
            plan = await self.plan(work, records)
            return await applying.apply(work, plan, self.recheck, follow_up=True)

        return self.act(both, death)

    def only_plan(self, records: list[Json]) -> Any:
        """Plan, as a dry run."""
        return self.act(lambda work: self.plan(work, records))

    def apply(self, plan: Plan, death: Death = ALIVE) -> Any:
        """Apply a plan that is there, from wherever it was left."""
        return self.act(lambda work: applying.apply(work, plan, self.recheck, follow_up=True), death)

    def undo(self, plan: Plan, death: Death = ALIVE, *, delete_created: bool = True) -> Any:
        """Take back what a plan did."""

        async def back(work: Work) -> list[Plan]:
            inverse = await planning.make_undo(work, plan, delete_created=delete_created)
            return await applying.apply(work, inverse, self.recheck, follow_up=True)

        return self.act(back, death)

    def wait_and_apply(self, records: list[Json], meanwhile: Callable[[], Any]) -> Plan:
        """Plan, and apply in the same process when a person has approved it at last."""

        async def both(work: Work) -> Plan:
            plan = await self.plan(work, records)
            meanwhile()
            work.refreshed = float("-inf")
            await applying.apply(work, plan, self.recheck, follow_up=True)
            return plan

        found: Plan = self.act(both)
        return found

    def replay(self, death: Death = ALIVE, *, dry_run: bool = False) -> Any:
        """Try the rejects again, as one run of the replay."""

        async def both(work: Work) -> Any:
            source = RejectSource(self.hub, "file.contact", self.vendor.location_id)
            how: dict[str, Any] = {"system": "file", "about": "a replay", "size": 100}
            plan = await planning.make(work, source, recheck=self.recheck, as_of=source.as_of, **how)
            return plan if dry_run else await applying.apply(work, plan, self.recheck, follow_up=True)

        return self.act(both, death)

    def rejected(self) -> set[str]:
        """The records on the list of rejects."""
        mine = rejects.c.stream == "file.contact"
        with self.hub.engine.connect() as connection:  # its process may be dead
            return set(connection.execute(sa.select(rejects.c.id).where(mine)).scalars())

    def mend_rejects(self, mend: Callable[[Json], Json]) -> None:
        """Change the raw records on the list, as if the mapping had been mended."""
        with self.outside() as connection:
            for id_, payload in connection.execute(
                sa.select(rejects.c.id, rejects.c.payload).where(rejects.c.stream == "file.contact")
            ).all():
                mended = canonical_json(mend(json.loads(payload)))
                connection.execute(sa.update(rejects).where(rejects.c.id == id_).values(payload=mended))

    def lose_hub(self) -> None:
        """Begin with a new hub; only for SQLite."""
        self.hub.close()
        for file in Path(self.hub_url.removeprefix("sqlite:///")).parent.glob("used.db*"):
            file.unlink()
        schema.upgrade(Hub(self.hub_url))

    def requests_of(self, records: list[Json]) -> int:
        """How many requests an import takes; it is carried out."""
        self.load(records)
        return self.hub.seen["request"]

    def calls(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(self.vendor.requests()["operations"].get(operation, {}).values())

    def sync(self) -> None:
        """Only settle and bring the mirror up to date."""
        self.act(lambda _work: asyncio.sleep(0))

    def changes(self, plan: Plan) -> list[Any]:
        with self.hub.read() as connection:
            return plans.some(connection, plan.id)

    def writes(self) -> int:
        """Requests so far that may have written."""
        operations = self.vendor.requests()["operations"].items()
        return sum(sum(outcomes.values()) for name, outcomes in operations if not name.startswith(READING))

    def origins(self, contact_id: str) -> dict[str, str]:
        """By field, who said what it holds."""
        with self.hub.read() as connection:
            found = provenance.origins(connection, self.vendor.location_id, "hub.contact", [contact_id])
        return {name: origin.system for name, origin in found.get(contact_id, {}).items()}

    def known(self, count: int, **having: Any) -> list[dict[str, Any]]:
        """Contacts with a fine address and a first name, and with what is asked for."""
        having |= {"firstName": True, "email": True}
        wanted = having.items()
        everybody = self.vendor.records("contacts")
        fit = [one for one in everybody if all(bool(one.get(name)) is there for name, there in wanted)]
        return [one for one in fit if "@" in one["email"] and one.get("dateAdded", "").endswith("Z")][:count]

    def contact(self, contact_id: str) -> dict[str, Any]:
        return next(one for one in self.vendor.records("contacts") if one["id"] == contact_id)

    def called(self, first_name: str) -> list[dict[str, Any]]:
        return [one for one in self.vendor.records("contacts") if one.get("firstName") == first_name]


@pytest.fixture(scope="session")
def small_sandbox() -> Iterator[RunningSandbox]:
    with process.start(contacts=CONTACTS, seed=7, quota="off") as running:
        yield running


@pytest.fixture(scope="session")
def mirrored(small_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub that mirrors the sandbox's first data."""
    folder = tmp_path_factory.mktemp("mirrored")
    mirror_first_data(small_sandbox, folder, f"sqlite:///{folder / 'hub.db'}")
    return folder / "hub.db"


@pytest.fixture(scope="session")
def postgres_copies(
    small_sandbox: RunningSandbox, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Copies]:
    """Such hubs in PostgreSQL."""
    folder = tmp_path_factory.mktemp("mirrored")
    copies = Copies(databases, partial(mirror_first_data, small_sandbox, folder))
    yield copies
    copies.close()


def mirror_first_data(sandbox: RunningSandbox, folder: Path, url: str) -> None:
    sandbox.reset()
    office = Office(sandbox, folder, url)
    schema.upgrade(office.hub)
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        office.sync()
    office.hub.close()


def hurry(patch: pytest.MonkeyPatch) -> None:
    """No Prefect, and no wait that a real vendor needs."""
    patch.setattr(refresh, "load_mapping", MAPPINGS_BY_PATH)
    patch.setattr(refresh, "Checker", lambda mapping: checks_of(mapping.name))
    patch.setattr(retry, "FIRST_WAIT_SECONDS", 0.003)
    patch.setattr(answers, "DEFAULT_WAIT_SECONDS", 0.02)
    patch.setattr(making, "LOOK_AGAIN_SECONDS", (0,))
    patch.setattr(bookkeeping, "HUB_PATIENCE_SECONDS", 0.3)
    patch.setattr(versions, "SEARCH_SHOWS", timedelta(0))


@cache
def spare_the_libraries() -> None:
    """Prefect's modules need not be looked through again; once, for what is frozen is never freed."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def make_office(
    small_sandbox: RunningSandbox,
    mirrored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Office]]:
    """Makes offices whose sandbox and hub are as they were at first; ``kind`` is of the hub's database."""
    hurry(monkeypatch)
    spare_the_libraries()
    made: list[Office] = []

    def make(hub_url: str = "", kind: str = "sqlite", **more: Any) -> Office:
        for office in made:
            office.hub.close()
            if not office.hub_url.startswith("sqlite"):  # nobody comes to this copy again
                ENGINES.pop(office.hub_url, None)
        copies = request.getfixturevalue("postgres_copies") if kind == "postgresql" else None
        small_sandbox.reset()
        if copies is not None:
            made.append(Office(small_sandbox, tmp_path, copies.fresh(), **more))
            return made[-1]
        if hub_url:  # an empty database
            made.append(Office(small_sandbox, tmp_path, hub_url, **more))
            schema.upgrade(made[-1].hub)
            made[-1].sync()
            return made[-1]
        file = mirrored.with_name("used.db")
        for left_over in file.parent.glob("used.db*"):
            left_over.unlink()
        shutil.copy(mirrored, file)
        made.append(Office(small_sandbox, tmp_path, f"sqlite:///{file}", **more))
        return made[-1]

    yield make
    made[-1].hub.close()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """What the engine runs on in this test."""
    made = Machine()
    install(made, monkeypatch)
    return made


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    return make_office()
