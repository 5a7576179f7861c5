"""The database of the queue: one schema for SQLite and PostgreSQL. Instants are microseconds of the server's clock.

What may be shown of an item (`items`, `contents`) and what may never be (`truths`) are tables apart.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

SCHEMA = 1
"""Grows when a table changes; a database of another one is refused."""

METADATA = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY

META = Table("meta", METADATA, Column("name", String(60), primary_key=True), Column("value", Text, nullable=False))

USERS = Table(
    "users",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("password", Text),  # its argon2 hash; null: comes by the proxy alone
    Column("active", Boolean, nullable=False),
    Column("created_us", BigInteger, nullable=False),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),  # sha256 of the cookie
    Column("user_name", ForeignKey("users.name"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("ends_us", BigInteger, nullable=False, index=True),
)

ITEMS = Table(
    "items",
    METADATA,
    Column("item_id", String(300), primary_key=True),
    Column("clip_id", String(300), nullable=False, index=True),
    Column("captioner", Text, nullable=False),
    Column("mode", String(20), nullable=False),
    Column("kind", String(200)),  # the axis of the first question that failed
    Column("state", String(20), nullable=False),
    Column("gold", Boolean, nullable=False),
    Column("overlap", Integer, nullable=False),
    Column("score", Float(53), nullable=False),
    Column("value", Text, nullable=False),  # wire.Value
    Column("added_us", BigInteger, nullable=False),
    Column("fence", Integer, nullable=False),  # of the newest lease of any of its seats
    Column("releases", Integer, nullable=False),
)
for _columns in (  # each way to filter a list, so that none of them reads what it does not show
    (), ("state",), ("mode",), ("kind",), ("mode", "state"), ("kind", "state"), ("kind", "mode"),
    ("kind", "mode", "state"),
):  # fmt: skip
    Index(
        "_".join(("items_by", *_columns, "score")),
        *(ITEMS.c[column] for column in _columns),
        ITEMS.c.score.desc(),
        ITEMS.c.item_id,
    )

CONTENTS = Table(
    "contents",
    METADATA,
    Column("item_id", ForeignKey("items.item_id"), primary_key=True),
    Column("content", Text, nullable=False),  # wire.Content
)

TRUTHS = Table(
    "truths",
    METADATA,
    Column("item_id", ForeignKey("items.item_id"), primary_key=True),
    Column("planted", Text),  # wire.Planted; null: not a gold item
    Column("truths", Text, nullable=False),  # by question id
)

SEATS = Table(
    "seats",
    METADATA,
    Column("seat_id", _NUMBER, primary_key=True, autoincrement=True),
    Column("item_id", ForeignKey("items.item_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("duty", String(20), nullable=False),  # work, adjudicate
    Column("phase", String(20), nullable=False),  # wire.ItemShown.phase
    Column("state", String(20), nullable=False),  # open, submitted, closed
    Column("score", Float(53), nullable=False),
    Column("holder", ForeignKey("users.name")),  # the last who leased it
    Column("fence", Integer, nullable=False),
    Column("ends_us", BigInteger, nullable=False),  # of the lease; in the past: it is free
    UniqueConstraint("item_id", "number"),
    CheckConstraint("state IN ('open', 'submitted', 'closed')"),
)
_OPEN = text("state = 'open'")
Index("seats_next", SEATS.c.duty, SEATS.c.score.desc(), SEATS.c.item_id, SEATS.c.number,
      sqlite_where=_OPEN, postgresql_where=_OPEN)  # fmt: skip
Index("seats_of", SEATS.c.holder, SEATS.c.item_id)
Index("seats_held", SEATS.c.holder, SEATS.c.ends_us, sqlite_where=_OPEN, postgresql_where=_OPEN)

LEASES = Table(
    "leases",
    METADATA,
    Column("digest", String(64), primary_key=True),  # sha256 of the token
    Column("item_id", ForeignKey("items.item_id"), nullable=False),
    Column("seat_id", ForeignKey("seats.seat_id"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("user_name", ForeignKey("users.name"), nullable=False),
    Column("begun_us", BigInteger, nullable=False),
    Column("released", Text),  # the reason
    UniqueConstraint("item_id", "fence"),
)
Index("leases_of", LEASES.c.user_name, LEASES.c.item_id)

LOOKS = Table(  # who saw what an item's annotators must not know
    "looks",
    METADATA,
    Column("user_name", ForeignKey("users.name"), primary_key=True),
    Column("clip_id", String(300), primary_key=True),
)

DRAFTS = Table(
    "drafts",
    METADATA,
    Column("seat_id", ForeignKey("seats.seat_id"), primary_key=True),
    Column("user_name", ForeignKey("users.name"), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("draft", Text, nullable=False),
    Column("saved_us", BigInteger, nullable=False),
)

REVISIONS = Table(
    "revisions",
    METADATA,
    Column("revision", _NUMBER, primary_key=True, autoincrement=True),
    Column("item_id", ForeignKey("items.item_id"), nullable=False, index=True),
    Column("seat_id", ForeignKey("seats.seat_id"), nullable=False),
    Column("user_name", ForeignKey("users.name"), nullable=False),
    Column("lease", ForeignKey("leases.digest"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("kind", String(20), nullable=False),  # the phase that it ended, or orphan
    Column("seq", BigInteger),  # of the draft, where it is an orphan one
    Column("draft", Text, nullable=False),
    Column("decision", String(20)),
    Column("reason", Text),
    Column("accepted_rest", Boolean, nullable=False),
    Column("started_us", BigInteger, nullable=False),
    Column("submitted_us", BigInteger, nullable=False),
    Column("active_ms", BigInteger, nullable=False),
    Column("right", Integer),  # of a blind reading
    Column("asked", Integer),
    Column("told", String(20)),  # the state that the person was told
    Column("undone_us", BigInteger),
)
Index("revisions_by", REVISIONS.c.user_name, REVISIONS.c.revision)
Index("revisions_of_lease", REVISIONS.c.lease)

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("item_id", ForeignKey("items.item_id"), primary_key=True),
    Column("number", BigInteger, unique=True),  # null until it is collected
    Column("revision", ForeignKey("revisions.revision"), nullable=False),
    Column("settled_by", String(20), nullable=False),
    Column("reviewers", Text, nullable=False),
    Column("decided_us", BigInteger, nullable=False),
)
_WAITING = text("number IS NULL")
Index("decisions_waiting", DECISIONS.c.decided_us, sqlite_where=_WAITING, postgresql_where=_WAITING)

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),
    Column("who", String(200), nullable=False),
    Column("what", String(40), nullable=False),
    Column("item_id", String(300)),
    Column("detail", Text, nullable=False),  # JSON
    Column("before", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
