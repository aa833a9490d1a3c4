"""The hub's tables.

``contacts`` and its like mirror a stream as mapped, ``mirror_mappings`` says by which mapping, ``aliases``
its further addresses; ``journal`` what changed in the mirrors, numbered by ``journal_heads``; ``raw`` keeps
each record as the vendor sent it; ``rejects`` the rows that failed; ``cursors`` where each automation
stands; ``parent_reads`` whose notes were read when; ``outbox_*`` what other
programs want written; ``notices`` what people are to be told; ``runs`` what every run did; ``plans``
and ``changes`` what is to be written to a vendor and what became of it; ``links`` which records are the
same in two systems, ``reviews`` where that is for a person to say; ``provenance`` where a field's value
comes from; ``lusha_leads`` mirrors what Lusha told of people, ``lookups`` who was looked for there,
``intake`` which leads a source told, ``credits`` what was spent on them; ``firings`` which rules did
something for which records, ``turns`` whose turn it is in them;
``suppressions`` whose owners opted out, hashed with one of the ``salts``, ``opt_outs`` what was removed then,
``still_there`` where at HighLevel it still stands; ``subscriptions`` whose changes of job are followed,
``deliveries`` what was told of them;
``request_quotas`` and ``request_log`` the request budget that all processes share; ``credentials`` the
tokens, encrypted; ``connections`` the accounts and locations that runs may name; ``leases`` who works on
what now.

Both SQLite and PostgreSQL; JSON is kept as text-backed JSON so that nothing a vendor sends is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa

from tasks.streams import STREAMS, FieldType, Mirror, Stream

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(sa.types.TypeDecorator[datetime]):
    """A timezone-aware moment; SQLite, which has no such type, keeps UTC as text that sorts."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Text on SQLite: its own date type is slower to bind, and there are millions."""
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | str | None:
        """To the database: 2026-11-01 12:00:00.000000 on SQLite."""
        return value if value is None or dialect.name != "sqlite" else _as_text(value)

    def bind_column(
        self, values: list[datetime | None], dialect: sa.Dialect
    ) -> Sequence[datetime | str | None]:
        """Many values to the database, in a third of the time."""
        if dialect.name != "sqlite":
            return values
        return [None if value is None else _as_text(value) for value in values]

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """From the database: always aware, always UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        moment: datetime = value
        return moment.astimezone(UTC)


def _as_text(moment: datetime) -> str:
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return moment.isoformat(" ", "microseconds")[:26]


class JsonText(sa.types.TypeDecorator[Any]):
    """A JSON value in a text column: cheap to bind, the same on every database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: sa.Dialect) -> str | None:
        """To the database."""
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, _dialect: sa.Dialect) -> Any:
        """From the database."""
        return None if value is None else orjson.loads(value)


_COLUMN_TYPES: dict[FieldType, sa.types.TypeEngine[Any]] = {
    FieldType.TEXT: sa.Text(),
    FieldType.BOOLEAN: sa.Boolean(),
    FieldType.NUMBER: sa.Float(),
    FieldType.DATE: sa.Date(),
    FieldType.TIMESTAMP: Utc(),
    FieldType.TEXTS: JsonText(),
    FieldType.OBJECT: JsonText(),
    FieldType.VALUE: JsonText(),
}


def _mirror(stream: Stream, mirror: Mirror) -> sa.Table:
    fields = [
        sa.Column(name, _COLUMN_TYPES[field.type], primary_key=name == "id", nullable=name != "id")
        for name, field in stream.fields.items()
    ]
    table = sa.Table(
        mirror.table,
        metadata,
        sa.Column("location_id", sa.Text, primary_key=True),
        *fields,
        # Hash of the mapped row: an equal one means that nothing is written.
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),  # the run that wrote the row last
        sa.Column("synced_at", Utc, nullable=False),
        # Set when the record is gone at the vendor; the row stays for whoever refers to it.
        sa.Column("deleted_at", Utc),
        # Digest of the mapping that made the row; null for rows of before it was kept.
        sa.Column("mapped_by", sa.Text),
        # By the vendor's clock: as of when the row is known; a read of an older state is not stored.
        sa.Column("known_at", Utc),
    )
    for name, field in stream.fields.items():
        if field.indexed:
            sa.Index(None, table.c.location_id, table.c[name])
    return table


MIRRORS: dict[str, sa.Table] = {
    stream.name: _mirror(stream, stream.mirror) for stream in STREAMS.values() if stream.mirror
}
"""The mirror table of each target stream, by the stream's name."""

_CONTACT_OF = ("contact_id", "contact_email", "contact_phone")


def _outbox(name: str, *texts: str, flags: tuple[str, ...] = ()) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("location_id", sa.Text, primary_key=True, server_default=""),  # "": whichever is synced
        sa.Column("id", sa.Text, primary_key=True),  # the other program's, or HighLevel's
        *(sa.Column(column, sa.Text) for column in (*_CONTACT_OF, *texts, "updated_at")),
        *(sa.Column(column, sa.Boolean) for column in flags),
        sa.Column("done_at", Utc),  # null: it waits
        sa.Column("error", sa.Text),
    )


OUTBOXES: dict[str, sa.Table] = {
    "highlevel.crm_task": _outbox(
        "outbox_crm_tasks", "title", "body", "due_date", "assigned_to", flags=("completed",)
    ),
    "highlevel.note": _outbox("outbox_notes", "title", "body", "user"),
    "highlevel.appointment": _outbox(
        "outbox_appointments",
        *("calendar", "title", "start_time", "end_time", "status", "assigned_to", "address", "description"),
    ),
}
"""What other programs want HighLevel to have, by what it becomes; columns as files are mapped."""

mirror_mappings = sa.Table(
    "mirror_mappings",
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),  # of the mirror, e.g. hub.contact
    sa.Column("mapping", sa.Text, nullable=False),  # the name of the one that writes it
    sa.Column("since", Utc, nullable=False),
    # When the hub began to mirror the stream, by whatever mapping.
    sa.Column("began_at", Utc),
)

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),  # without gaps
    sa.Column("stream", sa.Text, nullable=False),  # of the mirror, e.g. hub.contact
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # loaded, created, updated, deleted
    sa.Column("fields", JsonText),  # {column: [old, new]}
    sa.Column("at", Utc, nullable=False),  # when it happened, by the vendor's clock as far as it is known
    sa.Column("noted_at", Utc, nullable=False),
    sa.Column("whose", sa.Text, nullable=False),  # highlevel (a person or system there), ours
    sa.Column("plan_id", sa.Text),  # the plan that did it
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Index(None, "location_id", "stream", "id"),
    sqlite_with_rowid=False,
)

journal_heads = sa.Table(
    "journal_heads",
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),  # of the newest entry
)

raw = sa.Table(
    "raw",
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("payload", sa.Text, nullable=False),  # canonical JSON
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("synced_at", Utc, nullable=False),
    # What else the mirror's row was made by; none where there was something to tell: it is mapped again.
    sa.Column("settled_by", sa.Text),
)

rejects = sa.Table(
    "rejects",
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("mapping", sa.Text, nullable=False),
    sa.Column("reasons", JsonText, nullable=False),  # [{rule, field, message}]
    sa.Column("payload", sa.Text, nullable=False),  # the raw record, canonical JSON
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("synced_at", Utc, nullable=False),
    sa.Column("as_of", Utc),  # how old the record's word is, where its source told
)

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("automation", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, primary_key=True),  # what the position is a position in
    sa.Column("position", JsonText, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("moved_at", Utc, nullable=False),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("automation", sa.Text, nullable=False),
    sa.Column("location_id", sa.Text, nullable=False),
    sa.Column("flow_run_id", sa.Text),  # Prefect's id
    sa.Column("mapping", sa.Text, nullable=False),
    sa.Column("mapping_digest", sa.Text, nullable=False),
    sa.Column("parameters", JsonText, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # running, waiting, completed, failed, interrupted
    sa.Column("error", sa.Text),
    sa.Column("tally", JsonText, nullable=False),
    sa.Column("started_at", Utc, nullable=False),
    sa.Column("finished_at", Utc),
    # Whose it is, and when it last said that it is alive, by the hub's clock in epoch milliseconds.
    sa.Column("holder", sa.Text),
    sa.Column("alive_at_ms", sa.BigInteger),
    sa.Column("asked_about", sa.Text),  # the plan that a person is to approve
    sa.Index(None, "automation", "location_id", "started_at"),
    sa.Index(None, "flow_run_id"),
)

parent_reads = sa.Table(
    "parent_reads",
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),  # of the mirror, e.g. hub.note
    sa.Column("parent_id", sa.Text, primary_key=True),  # of the record that they hang on
    sa.Column("read_at", Utc, nullable=False),  # when all that hangs on it was read last
    sa.Index(None, "location_id", "stream", "read_at"),
)

request_quotas = sa.Table(
    "request_quotas",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),  # e.g. highlevel:<location>
    sa.Column("max_requests", sa.Integer),  # null: the vendor announces no limit
    sa.Column("interval_ms", sa.Integer, nullable=False),
    sa.Column("daily_remaining", sa.Integer),
    sa.Column("daily_reset_at_ms", sa.BigInteger),  # epoch milliseconds
    sa.Column("paused_until_ms", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("windows", JsonText),  # that count beside that one: [[requests, milliseconds], …]
)

request_log = sa.Table(
    "request_log",
    metadata,
    sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("sent_at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "account", "sent_at_ms"),
)

credentials = sa.Table(
    "credentials",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),  # private, oauth
    # The agency's credential that a location's token is made from; null for one that stands alone.
    sa.Column("parent", sa.Text),
    sa.Column("location_id", sa.Text, nullable=False),  # empty for an agency's
    sa.Column("company_id", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("scopes", JsonText, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # encrypted: access, refresh, client secret
    # Rises with every token: who saves one says which it replaces.
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("expires_at", Utc),  # of the access token
    sa.Column("updated_at", Utc, nullable=False),
    # Who renews the token now, and until when nobody else may.
    sa.Column("lease_holder", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_until_ms", sa.BigInteger, nullable=False, server_default="0"),
)

aliases = sa.Table(
    "aliases",
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),  # email, phone
    sa.Column("value", sa.Text, primary_key=True),  # normalised
    sa.Column("id", sa.Text, primary_key=True),  # of the contact whose further address it is
    sa.Index(None, "location_id", "id"),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("system", sa.Text, primary_key=True),  # whose record id it is, e.g. file
    sa.Column("record_id", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),  # what it is linked to, e.g. highlevel.contact
    # Empty: a person said that the record has no counterpart yet and is to become one of its own.
    sa.Column("target_id", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),  # match, create, review
    sa.Column("plan_id", sa.Text, nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Index(None, "location_id", "stream", "target_id"),
)

provenance = sa.Table(
    "provenance",
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),  # of the mirror, e.g. hub.contact
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True),  # the mirror's column, or custom.<field id>
    sa.Column("system", sa.Text, nullable=False),  # who said so: highlevel (a person there), file, lusha, …
    sa.Column("at", Utc, nullable=False),  # how old the word is
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("value", JsonText),  # as the mirror holds it, to know an echo by
    sa.Column("dropped", JsonText),  # what HighLevel was sent and did not take
)

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("parent_id", sa.Text),  # the plan that this one follows up or undoes
    sa.Column("kind", sa.Text, nullable=False),  # import, follow-up, undo, …
    sa.Column("automation", sa.Text, nullable=False),
    sa.Column("location_id", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),  # what it was made from, for people
    sa.Column("spec", JsonText, nullable=False),  # how it was made: matching, fields and policies
    sa.Column("state", sa.Text, nullable=False),  # planning, ready, applying, applied, stopped
    sa.Column("counts", JsonText, nullable=False),
    sa.Column("bill", JsonText, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),  # hash of its changes: what was approved is what is applied
    sa.Column("approved_by", sa.Text),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("applied_at", Utc),
    sa.Index(None, "location_id", "made_at"),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("plan_id", sa.Text, primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("stream", sa.Text, nullable=False),  # of what is written, e.g. highlevel.contact
    sa.Column("verb", sa.Text, nullable=False),  # create, update, add, remove, complete, delete, …
    sa.Column("part", sa.Text, nullable=False, server_default=""),  # of the record, e.g. tags
    sa.Column("record_id", sa.Text, nullable=False),  # the source's
    sa.Column("target_id", sa.Text),  # the vendor's; null until it is made
    sa.Column("parent_id", sa.Text),  # the vendor's, of the record that it hangs on
    sa.Column("label", sa.Text, nullable=False),  # whom it is about, for people
    sa.Column("fields", JsonText, nullable=False),  # [{field, old, new, why}]
    sa.Column("kept", JsonText, nullable=False),  # the same for what a policy left alone
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("cause", sa.Text),  # the rule that made its row, where one did
    sa.Column("wanted", JsonText),  # the whole mapped row, to plan it anew
    sa.Column("raw", sa.Text),  # the source's record, canonical JSON: of its first change, where that writes
    sa.Column("state", sa.Text, nullable=False),  # planned, sending, done, unknown, stale, left, failed
    sa.Column("error", sa.Text),
    sa.Column("sent_at", Utc),
    sa.Column("result", JsonText),  # what came of it: ids, what HighLevel dropped
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),  # runs that it stopped
    # Its contact may have it already, from before this hub: it is looked for before it is made.
    sa.Column("look_first", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(None, "plan_id", "state", "stream", "verb"),
    sa.Index(None, "plan_id", "record_id"),
)

# Said in the statement itself, because a database uses a partial index only where it knows the value.
IS_SENDING = changes.c.state == sa.literal_column("'sending'")
IS_RUNNING = runs.c.state == sa.literal_column("'running'")

# What is under way is little, however much there has been.
for _name, _columns, _condition in (
    ("ix_changes_sending", (changes.c.plan_id, changes.c.target_id), IS_SENDING),
    ("ix_runs_running", (runs.c.automation, runs.c.location_id), IS_RUNNING),
):
    sa.Index(_name, *_columns, sqlite_where=_condition, postgresql_where=_condition)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("location_id", sa.Text, nullable=False),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("plan_id", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("candidates", JsonText, nullable=False),  # [{id, label, by}]
    sa.Column("wanted", JsonText, nullable=False),  # the mapped row
    sa.Column("state", sa.Text, nullable=False),  # open, accepted, split, gone
    sa.Column("decision", sa.Text),  # the contact's id, where one was accepted
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("decided_at", Utc),
    sa.UniqueConstraint("location_id", "system", "record_id", "stream"),
)

connections = sa.Table(
    "connections",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),  # what runs and people call it
    sa.Column("vendor", sa.Text, nullable=False),  # highlevel, …
    sa.Column("account", sa.Text, nullable=False),  # the vendor's, e.g. the agency; "" where it is not known
    sa.Column("location_id", sa.Text, nullable=False),
    sa.Column("credential", sa.Text, nullable=False),  # name of the stored one
    sa.Column("url", sa.Text, nullable=False),  # base URL and API version; "" for the settings'
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("added_at", Utc, nullable=False),
)

firings = sa.Table(
    "firings",  # which rule did something for which record, the last time that it did
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("rules", sa.Text, primary_key=True),  # the file's name, e.g. first_tasks
    sa.Column("rule", sa.Text, primary_key=True),  # its key
    sa.Column("subject", sa.Text, primary_key=True),  # id of the record that it judged
    sa.Column("stream", sa.Text, nullable=False),  # of that record's mirror, e.g. hub.contact
    sa.Column("about", sa.Text, nullable=False),  # the contact that it is about; else the record
    sa.Column("n", sa.Integer, nullable=False),  # how often it fired
    sa.Column("state", sa.Text, nullable=False),  # fired, waits, ended
    sa.Column("line", sa.Integer, nullable=False),  # of the rule in its file
    sa.Column("seq", sa.BigInteger),  # the journal entry that set it off; null for work through all records
    sa.Column("chain", JsonText, nullable=False),  # the rules whose effects led to it, the first one first
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("fired_at", Utc, nullable=False),
    sa.Index(None, "run_id", "about"),
)

turns = sa.Table(
    "turns",  # whose turn it is where a rule takes one after the other
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("rules", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),  # the rule, and the place of the list in it
    sa.Column("taken", sa.BigInteger, nullable=False),  # turns that were taken so far
)

notices = sa.Table(
    "notices",  # what rules want people to be told
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),  # rule, record and event: told once
    sa.Column("reference", sa.Text, nullable=False),  # short, in the message: by which a repeat is known
    sa.Column("rules", sa.Text, nullable=False),  # the file's name, e.g. channels: it says where they go
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),  # the contact's page at the vendor; "" where there is none
    sa.Column("digest", sa.Boolean),  # with others, or alone and at once; null: as the channel has it
    sa.Column("contact_id", sa.Text),  # whom it is about
    sa.Column("why", JsonText, nullable=False),  # file, line, journal entry
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # waiting, sending, sent, dropped
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),  # runs that could not deliver it
    sa.Column("error", sa.Text),
    sa.Column("ended_at", Utc),  # sent or dropped
    sa.Index(None, "location_id", "state", "made_at"),
)

lookups = sa.Table(
    "lookups",  # who was looked for at a vendor of leads, and what came of it
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),  # hash of what they were looked for by
    sa.Column("lead_id", sa.Text),  # the vendor's id, where they were found
    sa.Column("outcome", sa.Text, nullable=False),  # found, or why not: no_match, restricted, failed
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("asked_at", Utc, nullable=False),
)

intake = sa.Table(
    "intake",  # leads that a source told once, so that they are neither read nor paid for again
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),  # table:<id>, search:<name>
    sa.Column("lead_id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # waiting, done, removed from the source
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("taken_at", Utc, nullable=False),
)

spending = sa.Table(
    "credits",  # what was, or may be, charged for: one row for each record and datapoint
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("reservation", sa.Text, nullable=False, index=True),  # what is asked for in one request
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("location_id", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False, index=True),
    sa.Column("automation", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),  # as the vendor's price list calls it
    sa.Column("record", sa.Text, nullable=False),  # the vendor's id; "" for a request as a whole
    sa.Column("datapoint", sa.Text, nullable=False),  # emails, phones; "" for a request as a whole
    sa.Column("state", sa.Text, nullable=False),  # reserved, sending, repeated, charged
    sa.Column("expected", sa.Float, nullable=False),  # credits, at most
    sa.Column("charged", sa.Float),  # credits; null until it is known
    sa.Column("reserved_at", Utc, nullable=False),
    sa.Column("settled_at", Utc, index=True),  # null: it is open
    sa.Index(None, "record", "datapoint"),
)

salts = sa.Table(
    "salts",  # random, made once: what values are hashed with that must not be kept
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("salt", sa.Text, nullable=False),  # hex
)

suppressions = sa.Table(
    "suppressions",  # values whose owners opted out, by a keyed hash
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),  # of one spelling
    sa.Column("value", sa.Text, nullable=False),  # hash of the first of them, which names the value
    sa.Column("kind", sa.Text, nullable=False),  # email, phone
    sa.Column("receipt_id", sa.Text, nullable=False),
    sa.Column("since", Utc, nullable=False),
)

opt_outs = sa.Table(
    "opt_outs",  # receipts: what was removed, where, when; no value
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),  # delivery, person
    sa.Column("hashes", JsonText, nullable=False),  # one for each value that was named
    sa.Column("removed", JsonText, nullable=False),  # table: rows
    sa.Column("records", JsonText, nullable=False),  # stream: ids of those that had one of the values
    sa.Column("plans", JsonText, nullable=False),  # those that removed them at HighLevel
    sa.Column("unclear", sa.Integer, nullable=False),  # values that nobody could read
    sa.Column("opted_out_at", Utc),  # as it was told
    sa.Column("received_at", Utc, nullable=False),
    sa.Column("finished_at", Utc),  # when nothing of it was left at HighLevel
)

still_there = sa.Table(
    "still_there",  # where at HighLevel a value stands that was removed here
    metadata,
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),  # of the mirror, e.g. hub.contact
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True),  # the mirror's column, or custom.<field id>
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("noted_at", Utc, nullable=False),
)

subscriptions = sa.Table(
    "subscriptions",  # whose changes of job are followed, for which location
    metadata,
    sa.Column("account", sa.Text, primary_key=True),  # the vendor's
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("lead_id", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, index=True),  # the vendor's; "" where they are asked for
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("told_until", Utc, nullable=False),  # what happened before is known, or was not asked for
    sa.Column("missed_since", Utc),  # what was told since did not arrive, and is to be asked for
)

deliveries = sa.Table(
    "deliveries",  # what was delivered, so that it counts once
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("location_id", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),  # the vendor's
    sa.Column("received_at", Utc, nullable=False),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    # Rises each time that the lease changes hands: whoever has an older one has lost it.
    sa.Column("generation", sa.BigInteger, nullable=False, server_default="0"),
)
