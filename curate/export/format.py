"""What a format of export is: how the samples of a unit become files, and what closes the whole."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from curate.export.sample import Sample
from curate.storage.blobs import Blobs, Writer

Side = Literal["train", "validation"]


@dataclass(frozen=True, slots=True)
class Part:
    """A file of an export."""

    path: str  # below it
    size_bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Missed:
    """A clip, or a part of it, that is not in the export; `kind` is a word, `detail` is for a person."""

    clip_id: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of a format beside its name."""

    name: str  # how its shards are called
    side: Side
    title: str
    licence: str | None  # of the whole, as Hugging Face writes it
    prompts: int  # for each caption, of pairs
    seed: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A shard that is to be written: which, of how many."""

    index: int
    of: int
    settings: Settings

    @property
    def name(self) -> str:
        return f"{self.settings.name}-{self.index:06d}"


class Format(Protocol):
    """A format of export."""

    @property
    def files(self) -> bool:
        """Whether it holds clips as files."""
        ...

    @property
    def tensors(self) -> bool:
        """Whether it holds latents."""
        ...

    def write(self, out: Blobs, unit: Unit, samples: Iterable[Sample], missed: Callable[[Missed], None]) -> list[Part]:
        """Write the samples of a unit as they come, and tell what of them the format cannot hold; the files."""
        ...

    def close(self, out: Blobs, settings: Settings, parts: Sequence[Part]) -> list[Part]:
        """Write what names all files of an export: an index, a card."""
        ...


class Counted:
    """Counts and hashes what goes through to a writer."""

    closed = False

    def __init__(self, out: Writer) -> None:
        self._out, self._sha, self.size = out, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        view = memoryview(data).cast("B")
        for at in range(0, len(view), _PIECE):
            self._out.write(view[at : at + _PIECE])  # type: ignore[arg-type]  # bytes or what is like them
        self._sha.update(view)
        self.size += len(view)
        return len(view)

    def part(self, path: str, rows: int) -> Part:
        """What was written."""
        return Part(path, self.size, self._sha.hexdigest(), rows)

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def tell(self) -> int:
        return self.size

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False


_PIECE = 8 << 20


@contextmanager
def created(out: Blobs, path: str) -> Iterator[Counted]:
    """A new file of an export, visible whole or not at all."""
    with out.create(path) as writer:
        yield Counted(writer)


def whole(out: Blobs, path: str, data: bytes, rows: int = 0) -> Part:
    """Write a small file."""
    with created(out, path) as file:
        file.write(data)
    return file.part(path, rows)


Formats = Mapping[str, Format]
