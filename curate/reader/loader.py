"""The loader: batches of one rank, in the order of a stored plan, resumable at any step."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from curate.errors import UsageError
from curate.reader.batch import Batch, torch
from curate.reader.cache import Cache
from curate.reader.fault import Replaced
from curate.reader.lake import Lake
from curate.reader.options import Options
from curate.reader.outline import Outline
from curate.reader.planned import Planned
from curate.reader.reading import Reading
from curate.reader.samples import Texts, Want
from schemas.latent import Pick, PlanSlot
from schemas.row import from_table

if TYPE_CHECKING:
    from curate.reader.dataset import PlanDataset, Workers


@dataclass(frozen=True, slots=True)
class Why:
    """Where a clip is in a plan, and what each cut in the lake says of it."""

    clip_id: str
    slots: tuple[PlanSlot, ...]
    ranks: tuple[int, ...]  # which rank reads each slot
    picks: tuple[Pick, ...]


class Loader:
    """Iterate over the steps of a plan from where the last iteration, or `load_state`, left off.

    Everything that a rank reads follows from the plan: ranks need not talk, and any number of them read the same
    samples at a step. Errors name rank, step, shard and clip. It pickles: a process that gets it opens its own files.
    """

    def __init__(  # noqa: PLR0913  a trainer's settings, all by name
        self, lake: Lake, plan: str | None = None, *, rank: int = 0, world: int = 1, prefetch_bytes: int = 256 << 20,
        threads: int | None = None, timeout_s: float = 300.0, as_torch: bool = False, sounds: str | None = None,
        texts: Texts | None = None, bad: Literal["stop", "replace"] = "stop", bad_at_most: int = 100,
        cache: Cache | None = None, verify: bool = True, window_rows: int = 16_384,
        picture_encoder: str | None = None, sound_encoder: str | None = None, text_encoder: str | None = None,
    ) -> None:  # fmt: skip
        """plan: first digits of its hash; sounds: the fingerprint whose events are given, where there are several.

        texts: what the samples of a variant get in the place of its stored rendering, made from the record of their
        caption: `{"dense": stored(renderer("ltx2"))}` of `captioners.render`. bad: what becomes of a bad sample
        (`spare.py`), of `bad_at_most` of them; more stop the run. threads: None for 4 on a folder, 16 on object
        storage. verify: hold every tensor against its checksum. *_encoder: what the trainer is made for; another is
        refused by name.
        """
        if as_torch:
            torch()
        many = threads or (4 if lake.blobs.folder else 16)
        self._options = Options(
            rank, world, prefetch_bytes, many, timeout_s, as_torch, sounds, texts or {}, bad, bad_at_most,
            cache, verify, window_rows,
        )  # fmt: skip
        self.lake, self.rank, self.world = lake, rank, world
        self.plan = Planned.named(lake, plan)
        self.plan.check_encoders(picture=picture_encoder, sound=sound_encoder, text=text_encoder)
        self.replaced: list[Replaced] = []
        self._step = 0
        self._check_budget()

    @property
    def plan_hash(self) -> str:
        return self.plan.plan_hash

    @property
    def steps(self) -> int:
        """Steps of the whole plan; the same on every rank."""
        return self._outline.steps

    def __len__(self) -> int:
        return self.steps

    def state(self) -> dict[str, str | int]:
        """Where to go on: a few bytes for a checkpoint, the same on every rank and for any number of them."""
        return {"plan": self.plan_hash, "step": self._step}

    def load_state(self, state: Mapping[str, str | int]) -> None:
        """Go on from a checkpoint; UsageError where it is of another plan, with what differs."""
        plan, step = str(state["plan"]), state["step"]
        if plan != self.plan_hash:
            raise UsageError(self.plan.other(plan))
        if not isinstance(step, int) or not 0 <= step <= self.steps:
            raise UsageError(f"the checkpoint is at step {step} of a plan of {self.steps}")
        self._step = step

    def state_dict(self) -> dict[str, str | int]:
        """`state`, by the name that Lightning, Accelerate and torchdata ask for."""
        return self.state()

    def load_state_dict(self, state: Mapping[str, str | int]) -> None:
        self.load_state(state)

    def __iter__(self) -> Iterator[Batch]:
        with closing(self.batches(self._step)) as batches:
            for made in batches:
                self._step = made.step + 1
                yield made

    def batches(self, first: int, stride: int = 1) -> Generator[Batch, None, None]:
        """The batches of the steps first, first + stride, ...; what `state` says stays as it is."""
        with self._reading(first, stride) as reading:
            yield from reading.batches()

    def replay(self, step: int) -> Batch:
        """The batch of one step again, whatever the loader is doing."""
        if not 0 <= step < self.steps:
            raise UsageError(f"the plan has the steps 0 to {self.steps - 1}, not {step}")
        with self._reading(step, self.steps) as reading:
            return next(reading.batches())

    def why(self, clip_id: str) -> Why:
        """Why a clip is read, and when; or why not. UsageError where neither plan nor cut knows it."""
        planned = self.plan.slots().filter(pl.col("clip_id") == clip_id)
        picked = self.lake.table("picks").filter(pl.col("clip_id") == clip_id)
        slots = tuple(from_table(PlanSlot, planned.unique(["step", "slot"]).sort("step", "slot").collect().to_arrow()))
        picks = tuple(from_table(Pick, picked.unique(["cut", "cut_hash"]).sort("cut", "cut_hash").collect().to_arrow()))
        if not slots and not picks:
            raise UsageError(f"no clip {clip_id!r} is in this plan, nor in a cut of the lake: was it split since?")
        return Why(clip_id, slots, tuple(slot.slot % self.world for slot in slots), picks)

    def torch(self) -> "PlanDataset":
        """An IterableDataset of batches, for a DataLoader with `batch_size=None` and any number of workers."""
        made: PlanDataset = self._dataset().PlanDataset(self)
        return made

    def workers(self, count: int, *, ahead: int = 2) -> "Workers":
        """The same batches by so many processes of torch, each `ahead` of the trainer; it has the loader's state."""
        made: Workers = self._dataset().Workers(self, count, ahead)
        return made

    def _dataset(self) -> Any:
        torch()
        from curate.reader import dataset  # noqa: PLC0415  the one file here that needs torch

        return dataset

    @property
    def _outline(self) -> Outline:
        return self.plan.outline

    def _reading(self, first: int, stride: int) -> Reading:
        chosen = self._options
        want = Want(
            self.plan_hash, self.rank, self.world, first, stride, chosen.sounds, chosen.texts, chosen.cached_by,
            self.plan.record.text_encoder, self.plan.empty_text,
        )  # fmt: skip
        return Reading(self.plan.tables, self.lake.blobs, self._outline, want, chosen, self.replaced)

    def _check_budget(self) -> None:
        largest = self._outline.largest_bytes
        given = {"prefetch_bytes": self._options.prefetch_bytes}
        if self._options.cache is not None:
            given["the cache's size_bytes"] = self._options.cache.size_bytes
        for name, size in given.items():
            if size < largest:
                raise UsageError(
                    f"{name} {size} is less than one sample: {self.plan.clip_of(largest)} has {largest} bytes; "
                    "give at least that, better those of some batches"
                )
