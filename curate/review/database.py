"""A database for the queue, by URL: `sqlite:///FILE`, or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`.

SQLite: one server process. Its writers wait for each other at a lock of this process, which is fair and fast;
SQLite's own waiting is neither between processes. Several server processes: PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError

from curate.errors import UsageError
from curate.review.tables import META, METADATA, SCHEMA

PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",  # what was answered for outlives a power cut
    "busy_timeout = 30000",
    "foreign_keys = ON",
    "cache_size = -65536",  # KiB, of each connection
)


class _Cursor(Protocol):
    def execute(self, statement: str) -> object: ...
    def close(self) -> None: ...


class _SqliteConnection(Protocol):
    isolation_level: str | None

    def cursor(self) -> _Cursor: ...


def open_database(url: str) -> Engine:
    """Connect, and create the tables that are not there.

    UsageError where it cannot be had, or has another schema. No message has the password of the URL.
    """
    try:
        engine = _engine(make_url(url))
    except (ArgumentError, ValueError) as error:
        raise UsageError(
            "the database is no URL: sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from error
    try:
        METADATA.create_all(engine)
    except OperationalError as error:
        raise UsageError(f"the queue's database {engine.url!r} cannot be opened: {error.orig}") from error
    _check_schema(engine)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may change something: all of it, or nothing."""
    lock = engine.get_execution_options().get("lock")
    if lock is None:
        with engine.begin() as connection:
            yield connection
        return
    with lock, engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that changes nothing, and waits for nobody."""
    with engine.connect().execution_options(reading=True) as connection, connection.begin():
        yield connection


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_size=20, max_overflow=30, pool_pre_ping=True, hide_parameters=True)
    raise UsageError(f"the queue lives in sqlite or postgresql, not in {url.get_backend_name()}")


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url, execution_options={"lock": Lock()}, pool_size=20, max_overflow=30, hide_parameters=True
    )  # fmt: skip
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: _SqliteConnection, _: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is not IMMEDIATE
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _check_schema(engine: Engine) -> None:
    found = _schema(engine)
    if found is None:
        try:
            with writing(engine) as connection:
                connection.execute(insert(META).values(name="schema", value=str(SCHEMA)))
        except IntegrityError:  # another server opened it at the same time
            found = _schema(engine)
    if found not in (None, str(SCHEMA)):
        raise UsageError(f"the queue's database has schema {found}, and this version of retold needs {SCHEMA}")


def _schema(engine: Engine) -> str | None:
    with reading(engine) as connection:
        return connection.execute(select(META.c.value).where(META.c.name == "schema")).scalar()
