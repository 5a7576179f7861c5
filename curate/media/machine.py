"""What this machine has to hold children with, before any media is opened."""

import dataclasses
import socket
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from curate.errors import UsageError
from curate.media.confine import Confinement
from curate.media.limits import Limits
from curate.media.sandbox import isolated
from curate.stage import Run, each

_MEANS = {
    "network": "namespaces of the network",
    "calls": "filters of system calls (seccomp)",
    "files": "rules for files (Landlock)",
}


@dataclass(frozen=True, slots=True)
class Nothing:
    """No media at all."""

    id: str = "nothing"


@dataclass(frozen=True)
class Idle:
    """Does nothing: what is looked at is its child."""

    name: ClassVar[str] = "idle"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Nothing
    gives: ClassVar[type] = Nothing

    def open(self) -> Run[Nothing, Nothing]:
        return each(lambda nothing: ())


@cache
def confinement() -> Confinement:
    """What holds a child of this process; the first call starts one."""
    run = isolated(Idle(), Limits())
    list(run([Nothing()]))
    run.close()
    assert run.confinement is not None  # noqa: S101  there was a child
    return run.confinement


def opens_media(stage: object) -> bool:
    """Whether a stage has children: it says what they may take."""
    return dataclasses.is_dataclass(stage) and any(
        isinstance(getattr(stage, field.name), Limits) for field in dataclasses.fields(stage)
    )


def lacking(held: Confinement) -> tuple[str, ...]:
    """By what a child is not held, in words."""
    return tuple(words for name, words in _MEANS.items() if not getattr(held, name))


def unheld(required: bool) -> tuple[str, ...]:
    """By what children are not held here; UsageError where they have to be held by everything."""
    lacks = lacking(confinement())
    if lacks and required:
        raise UsageError(
            f"media.isolation is required, and {socket.gethostname()} has no {' and no '.join(lacks)}: run on "
            "Linux 5.13 or later, in containers whose own filter lets the calls of both through; or let media be "
            'opened without it: media.isolation = "available"'
        )
    return lacks
