"""A training plan: the slots of every step, their hash, and what they add up to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from curate.digest import Digest
from curate.errors import LakeError, RecipeError
from curate.plan.clips import PART_ROWS, Clips, gathered
from curate.plan.mix import even_phases, own_phases, rates
from curate.plan.order import arrange
from curate.plan.settings import PlanSettings
from curate.plan.slots import rows, variants
from curate.plan.texts import text_encoder
from curate.plan.totals import Totals, record
from curate.spool import Spool
from curate.stage import config
from schemas.latent import PlanSlot
from schemas.plan import PlanRecord
from schemas.row import arrow_schema


@dataclass(frozen=True)
class Plan:
    """`slots` are `PlanSlot` rows by step and slot; a step is a global batch.

    Rank r of w reads the slots r, r + w, ... of each step: where w does not divide them, the first ranks have one more.
    """

    plan_hash: str
    record: PlanRecord
    spool: Spool
    pieces: int

    def parts(self) -> Iterator[pa.Table]:
        """The slots in pieces, in order: a large plan does not fit in memory."""
        schema = arrow_schema(PlanSlot)
        for piece in range(self.pieces):
            frame = self.spool.get(f"plan-{piece}").with_columns(plan_hash=pl.lit(self.plan_hash))
            yield frame.select(schema.names).to_arrow().cast(schema)

    @property
    def slots(self) -> pa.Table:
        """All slots at once."""
        return pa.concat_tables([arrow_schema(PlanSlot).empty_table(), *self.parts()])

    def summary(self) -> PlanRecord:
        return self.record


def plan(
    picks: pl.LazyFrame, latents: pl.LazyFrame, captions: pl.LazyFrame, settings: PlanSettings,
    spool: Path | None = None, part_rows: int = PART_ROWS, embeddings: pl.LazyFrame | None = None,
) -> Plan:  # fmt: skip
    """Order the kept clips of one cut, or of a mix.

    picks: `Pick` rows. captions: `caption_id, clip_id` of those that may be read; embeddings: of these, where the
    settings name a text encoder. The same content and settings give the same plan, in whatever order the rows come.
    spool: a folder for rows that have to wait, which the caller removes when it is done with the plan; without, all is
    in memory.
    """
    waiting, texts = Spool(spool), text_encoder(picks, captions, embeddings, settings)
    clips = gathered(picks, latents, captions, settings, waiting, part_rows)
    tokens = [_tokens(shape, settings) for shape in clips.shapes.values()]
    sizes = _sizes(clips, tokens, settings)
    often, phases = _often(clips, tokens, settings)
    dealt = arrange(
        clips.bucket, often, phases, clips.keys, sizes,
        seed=settings.seed, epochs=settings.epochs, short_last=settings.last == "short",
    )  # fmt: skip
    epochs: list[Totals] = []
    cuts = " ".join(cut.hash for cut in clips.cuts)
    content, pieces = Digest(" ".join(["plan", cuts, config(settings), *([texts] if texts else [])])), 0
    for readings in dealt:
        chosen = variants(clips, readings, settings)
        epochs.append(Totals.of(clips, readings, chosen, len(settings.shares)))
        for frame in rows(clips, readings, chosen, settings, waiting):
            content.add(frame)
            waiting.put(f"plan-{pieces}", frame)
            pieces += 1
    made = record(content.hex, clips, epochs, sizes, tokens, settings)
    return Plan(content.hex, replace(made, text_encoder=texts), waiting, pieces)


def _sizes(clips: Clips, tokens: Sequence[int], settings: PlanSettings) -> list[int]:
    """Samples of a step of each bucket."""
    sizes = []
    for bucket, each in zip(clips.shapes, tokens, strict=True):
        allowed = settings.tokens_per_step
        samples = settings.samples_per_step if allowed is None else _fitting(bucket, each, allowed, settings)
        sizes.append(samples // settings.multiple_of * settings.multiple_of)
    return sizes


def _tokens(shape: Sequence[int], settings: PlanSettings) -> int:
    """Tokens of a picture latent."""
    return int(np.prod([-(-n // cell) for n, cell in zip(shape[1:], settings.token_cells, strict=True)]))


def _fitting(bucket: str, tokens: int, allowed: int, settings: PlanSettings) -> int:
    """How many samples of a bucket have no more than the allowed tokens."""
    if tokens * settings.multiple_of > allowed:
        raise RecipeError(
            f"tokens_per_step {allowed} is less than {settings.multiple_of} samples of bucket {bucket}, "
            f"which have {tokens} tokens each"
        )
    return allowed // tokens


def _often(
    clips: Clips, tokens: Sequence[int], settings: PlanSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How often each clip is read in an epoch, and when those of a fraction have their turn."""
    if not settings.mix:
        return clips.weight, own_phases(clips.keys, settings.seed)
    by_tokens = settings.mix_by == "tokens"
    sizes = np.array(tokens, np.int64)[clips.bucket] if by_tokens else np.ones(len(clips.keys), np.int64)
    held = np.bincount(clips.cut, clips.weight, len(clips.cuts))
    if not held.all():
        empty = clips.cuts[int(held.argmin())]
        raise LakeError(f"cut {empty.name} of the mix keeps no clip of the {settings.side} side")
    often = rates(clips.weight, clips.cut, sizes, [part.share for part in settings.mix], settings.epoch_of)
    return often, even_phases(clips.keys, settings.seed, clips.cut, clips.bucket, clips.weight)
