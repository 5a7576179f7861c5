"""A road of two small jobs over sources, for tests of the engine: no media, no sandbox."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import ray

from curate.errors import NotMedia, RecipeError, Unreachable
from curate.stage import Run, each
from jobs.interpreter import KIND_LABEL
from jobs.job import Job, Snapshot
from schemas.clip import Score
from schemas.media import Source


@dataclass(frozen=True)
class Length:
    """How long a URI is. `bad` ones fail, `flaky` ones for a transient reason; `deadly` ones kill the worker once."""

    factor: float = 1.0
    marks: str | None = None  # a folder where what was computed leaves a mark
    pause_s: float = 0.0
    mood: str = "good"  # wrong: cannot be opened; deadly: kills the worker each time
    name: ClassVar[str] = "length"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Source
    gives: ClassVar[type] = Score

    def open(self) -> Run[Source, Score]:
        if self.mood == "wrong":
            raise RecipeError("the mood is wrong")
        return each(self._one)

    def _one(self, source: Source) -> Iterable[Score]:
        time.sleep(self.pause_s)
        if self.mood == "deadly" and "deadly" in source.uri:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.marks and "deadly" in source.uri and not (Path(self.marks) / "died").exists():
            (Path(self.marks) / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if "bad" in source.uri:
            raise NotMedia(f"{source.uri} is bad")
        if "flaky" in source.uri:
            raise Unreachable(f"{source.uri} did not answer")
        if "none" in source.uri:
            return
        yield Score(source.source_id, "length", len(source.uri) * self.factor, None)
        yield Score(source.source_id, "slashes", float(source.uri.count("/")), None)


def gather(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[Source]:
    return snapshot.rows("sources", Source, "source_id", ids)


def job(stage: Length, rows_per_unit: int = 4) -> Job:
    return Job(stage, "sources", "source_id", "scores", gather, rows_per_unit=rows_per_unit)


def sources(uris: Iterable[str]) -> list[Source]:
    return [Source(f"id-{uri}", uri, None, None, None, None, False, 0) for uri in uris]


def where() -> Callable[[int], tuple[str, str]]:
    """What says of a unit on which kind of node, and by which Python, it is done."""

    def work(_: int) -> tuple[str, str]:
        return str(ray.get_runtime_context().get_node_labels().get(KIND_LABEL)), sys.prefix

    return work
