"""The facts of bytes just fetched, read where they can do no harm."""

from dataclasses import dataclass
from typing import ClassVar

from curate.media.facts import Facts, read_facts
from curate.media.file import LocalFile
from curate.stage import Run, each


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file of which nothing is known yet."""

    id: str
    file: LocalFile


@dataclass(frozen=True)
class Probe:
    """What a container says of itself; run isolated, for it opens hostile bytes."""

    name: ClassVar[str] = "probe"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Fetched
    gives: ClassVar[type] = Facts

    def open(self) -> Run[Fetched, Facts]:
        return each(lambda fetched: (read_facts(fetched.file),))
