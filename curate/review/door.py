"""Who is asking, and whether they may."""

from dataclasses import dataclass
from ipaddress import ip_address
from secrets import compare_digest
from typing import Annotated

from fastapi import Depends, Request

from curate.review import accounts
from curate.review.accounts import Session
from curate.review.clips import Clips
from curate.review.desk import Desk, Person
from curate.review.limit import Limit
from curate.review.policy import TrustedProxy
from curate.review.refusal import Barred, Refusal


@dataclass(frozen=True, slots=True)
class Room:
    """All that a request can use."""

    desk: Desk
    clips: Clips
    logins_per_name: Limit
    logins_per_address: Limit
    writes: Limit

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; a browser takes one with this prefix over https alone."""
        return "__Host-retold" if self.desk.policy.secure else "retold"


class LoggedOut(Refusal):
    status = 401


class TooOften(Refusal):
    status = 429

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many requests: wait {wait_s:.0f} s")
        self.wait_s = wait_s


def room(request: Request) -> Room:
    """Of the server that was asked."""
    found = request.app.state.room
    if not isinstance(found, Room):
        raise TypeError(f"the server has no room: {found!r}")
    return found


def address(request: Request, at: Annotated[Room, Depends(room)]) -> str:
    """Where a request comes from; through the trusted proxy, what it says last."""
    peer = request.client.host if request.client else "unknown"
    proxy = at.desk.policy.proxy
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded if forwarded and proxy is not None and _trusted(peer, proxy) else peer


def named(request: Request, at: Annotated[Room, Depends(room)]) -> str | None:
    """Whom the trusted proxy says it is. Barred if anybody else says so."""
    proxy = at.desk.policy.proxy
    names = [] if proxy is None else request.headers.getlist(proxy.header)
    if proxy is None or not names:
        return None
    peer = request.client.host if request.client else ""
    if len(names) != 1 or not names[0] or not _trusted(peer, proxy):
        raise Barred(f"{proxy.header} is believed from the proxy alone")
    return names[0]


def known(request: Request, at: Annotated[Room, Depends(room)], name: Annotated[str | None, Depends(named)]) -> Session:
    """Who is logged in; LoggedOut if nobody is."""
    cookie = request.cookies.get(at.cookie)
    session = None if cookie is None else accounts.session(at.desk, cookie)
    if name is None or (session is not None and session.person.name == name):
        if session is None:
            raise LoggedOut("log in first")
        return session
    person = accounts.person(at.desk.engine, name)
    if person is None:
        raise Barred(f"{name} has no account here: an admin can make one")
    return Session(person, "")


def asking(session: Annotated[Session, Depends(known)]) -> Person:
    """Who wants to see something."""
    return session.person


def acting(request: Request, at: Annotated[Room, Depends(room)], session: Annotated[Session, Depends(known)]) -> Person:
    """Who wants to change something: with the token that no other site knows, and not too often."""
    if not session.csrf or not compare_digest(request.headers.get("x-csrf", "").encode(), session.csrf.encode()):
        raise Barred("the header X-CSRF of GET /api/me is missing, or of another session")
    if (wait_s := at.writes.takes(session.person.name)) is not None:
        raise TooOften(wait_s)
    return session.person


def reviewing(person: Annotated[Person, Depends(asking)]) -> Person:
    """A reviewer or an admin."""
    if not person.reviews:
        raise Barred("for reviewers")
    return person


def administering(person: Annotated[Person, Depends(asking)]) -> Person:
    """An admin."""
    if person.role != "admin":
        raise Barred("for admins")
    return person


def _trusted(peer: str, proxy: TrustedProxy) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in proxy.networks)


Asking = Annotated[Person, Depends(asking)]
Acting = Annotated[Person, Depends(acting)]
Reviewing = Annotated[Person, Depends(reviewing)]
Administering = Annotated[Person, Depends(administering)]
InRoom = Annotated[Room, Depends(room)]
