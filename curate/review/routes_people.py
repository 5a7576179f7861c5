"""Requests about who is logged in, and who may be."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from curate.review import accounts
from curate.review.audit import entries
from curate.review.door import (
    Acting,
    Administering,
    InRoom,
    LoggedOut,
    Reviewing,
    Room,
    TooOften,
    address,
    known,
    named,
)
from curate.review.figures import figures
from curate.review.figures_wire import Figures
from curate.review.listing import waiting
from curate.review.refusal import Barred
from curate.review.wire import AuditEntry, AuditPage, LoggingIn, Me, NewUser, UserList

ROUTES = APIRouter(prefix="/api")


@ROUTES.post("/login", status_code=204)
def login(at: InRoom, body: LoggingIn, response: Response, source: Annotated[str, Depends(address)]) -> None:
    """Begin a session."""
    for limit, key in ((at.logins_per_address, source), (at.logins_per_name, body.name)):
        if (wait_s := limit.takes(key)) is not None:
            raise TooOften(wait_s)
    cookie = accounts.log_in(at.desk, body.name, body.password, source)
    if cookie is None:
        raise LoggedOut("the name or the password is wrong")
    _set_cookie(at, response, cookie)


@ROUTES.post("/logout", status_code=204)
def logout(at: InRoom, _: Acting, request: Request, response: Response) -> None:
    """End the session."""
    accounts.log_out(at.desk, request.cookies.get(at.cookie, ""))
    response.delete_cookie(at.cookie, secure=at.desk.policy.secure, httponly=True, samesite="strict")


@ROUTES.get("/me")
def me(
    at: InRoom,
    session: Annotated[accounts.Session, Depends(known)],
    name: Annotated[str | None, Depends(named)],
    response: Response,
) -> Me:
    """Who is logged in, and the token for what changes something."""
    if not session.csrf and name is not None:
        cookie = accounts.proxy_session(at.desk, name)
        _set_cookie(at, response, cookie)
        session = accounts.session(at.desk, cookie) or session
    person = session.person
    return Me.model_validate(
        {
            "name": person.name, "role": person.role, "csrf": session.csrf, "waiting": waiting(at.desk, "work"),
            "reviewing": waiting(at.desk, "adjudicate") if person.reviews else 0,
        }
    )  # fmt: skip


@ROUTES.get("/users")
def users(at: InRoom, _: Administering) -> UserList:
    """All accounts."""
    return UserList(users=accounts.users(at.desk.engine))


@ROUTES.post("/users", status_code=204)
def set_user(at: InRoom, person: Acting, user: NewUser) -> None:
    """Make an account, or change one."""
    if person.role != "admin":
        raise Barred("for admins")
    if user.name == person.name and (user.role != "admin" or not user.active):
        raise Barred("another admin has to do that to you")
    accounts.set_user(at.desk.engine, user, person.name)


@ROUTES.get("/figures")
def statistics(at: InRoom, _: Reviewing, last: Annotated[int, Query(ge=1, le=20_000)] = 2000) -> Figures:
    """Statistics over the newest submits."""
    return figures(at.desk.engine, last)


@ROUTES.get("/audit")
def audit(
    at: InRoom, _: Administering, after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> AuditPage:  # fmt: skip
    """A part of the chain of all that was done."""
    found = entries(at.desk.engine, after, limit)
    return AuditPage(
        entries=tuple(
            AuditEntry(
                number=one.number, at_us=one.at_us, who=one.who, what=one.what, item_id=one.item_id,
                detail=one.detail, before=one.before, hash=one.hash,
            )
            for one in found
        ),
        after=found[-1].number if len(found) == limit else None,
    )  # fmt: skip


def _set_cookie(at: Room, response: Response, cookie: str) -> None:
    response.set_cookie(
        at.cookie, cookie, max_age=int(at.desk.policy.session_s), httponly=True, samesite="strict",
        secure=at.desk.policy.secure, path="/",
    )  # fmt: skip
