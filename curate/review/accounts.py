"""Who may do what: local users, or whom a trusted proxy names; sessions in the database."""

import secrets
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, Engine, delete, insert, select, update

from curate.errors import UsageError
from curate.review.audit import Detail, note
from curate.review.database import reading, writing
from curate.review.desk import Desk, Person, server_clock
from curate.review.lease import digest
from curate.review.tables import SESSIONS, USERS
from curate.review.wire import NewUser, UserShown

_COOKIE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is logged in, and what they have to show with all that is no GET."""

    person: Person
    csrf: str


def set_user(engine: Engine, user: NewUser, by: str = "retold") -> None:
    """Make an account, or change one: a changed role, password or `active` ends its sessions."""
    password = None if user.password is None else PasswordHasher().hash(user.password)
    now_us = server_clock()
    with writing(engine) as connection:
        known = connection.execute(select(USERS.c.name).where(USERS.c.name == user.name)).first()
        values = {"role": user.role, "active": user.active} | ({} if password is None else {"password": password})
        if known is None:
            connection.execute(insert(USERS).values(name=user.name, created_us=now_us, **values))
        else:
            connection.execute(update(USERS).where(USERS.c.name == user.name).values(values))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user_name == user.name))
        detail: Detail = {"user": user.name, "role": user.role, "active": user.active, "password": password is not None}
        note(connection, now_us, by, "user", None, detail)


def users(engine: Engine) -> tuple[UserShown, ...]:
    """All accounts, by name."""
    with reading(engine) as connection:
        rows = connection.execute(select(USERS).order_by(USERS.c.name)).all()
    return tuple(
        UserShown(
            name=row.name, role=row.role, active=row.active, local=row.password is not None, created_us=row.created_us
        )
        for row in rows
    )


def log_in(desk: Desk, name: str, password: str, address: str) -> str | None:
    """The cookie of a new session; None for a wrong name or password, which take the same time."""
    with reading(desk.engine) as connection:
        row = connection.execute(select(USERS.c.password).where(USERS.c.name == name, USERS.c.active)).first()
    stored = row.password if row is not None else None
    right = _verified(stored or _nobody(), password) and stored is not None
    with writing(desk.engine) as connection:
        cookie = _session(desk, name, connection) if right else None
        note(connection, desk.clock(), name, "login" if right else "login refused", None, {"address": address})
    return cookie


def proxy_session(desk: Desk, name: str) -> str:
    """The cookie of a new session of somebody whom the trusted proxy has logged in."""
    with writing(desk.engine) as connection:
        cookie = _session(desk, name, connection)
        note(connection, desk.clock(), name, "login", None, {"address": "proxy"})
    return cookie


def log_out(desk: Desk, cookie: str) -> None:
    """End a session."""
    with writing(desk.engine) as connection:
        connection.execute(delete(SESSIONS).where(SESSIONS.c.digest == digest(cookie)))


def session(desk: Desk, cookie: str) -> Session | None:
    """Whose session it is, while it lasts."""
    with reading(desk.engine) as connection:
        row = connection.execute(
            select(USERS.c.name, USERS.c.role, SESSIONS.c.csrf)
            .join(USERS, USERS.c.name == SESSIONS.c.user_name)
            .where(SESSIONS.c.digest == digest(cookie), SESSIONS.c.ends_us > desk.clock(), USERS.c.active)
        ).first()
    return None if row is None else Session(Person(row.name, row.role), row.csrf)


def person(engine: Engine, name: str) -> Person | None:
    """An account that is active."""
    with reading(engine) as connection:
        row = connection.execute(select(USERS.c.name, USERS.c.role).where(USERS.c.name == name, USERS.c.active)).first()
    return None if row is None else Person(row.name, row.role)


def first_admin(engine: Engine, name: str) -> str | None:
    """Make an admin where there is none; its password. UsageError where the name is somebody else's."""
    known = users(engine)
    if any(one.role == "admin" for one in known):
        return None
    if any(one.name == name for one in known):
        raise UsageError(f"nobody is an admin: `retold review user {name} --role admin` makes one")
    password = secrets.token_urlsafe(12)
    set_user(engine, NewUser(name=name, role="admin", password=password))
    return password


def _session(desk: Desk, name: str, connection: Connection) -> str:
    now_us, cookie = desk.clock(), secrets.token_urlsafe(_COOKIE_BYTES)
    connection.execute(delete(SESSIONS).where(SESSIONS.c.ends_us <= now_us))
    connection.execute(
        insert(SESSIONS).values(
            digest=digest(cookie), user_name=name, csrf=secrets.token_urlsafe(_COOKIE_BYTES),
            ends_us=now_us + int(desk.policy.session_s * 1e6),
        )
    )  # fmt: skip
    return cookie


def _verified(stored: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(stored, password)
    except VerificationError:
        return False


@cache
def _nobody() -> str:
    """A hash that no password fits: who has no account takes as long as who has one."""
    return PasswordHasher().hash(secrets.token_urlsafe(_COOKIE_BYTES))
