"""The tables of a lake, by name: what a row is, and which columns identify it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa

from schemas.caption import Caption, Review, Verdict
from schemas.clip import Clip, Score, Sound, Text
from schemas.latent import Latent, Pick, PlanSlot
from schemas.ledger import RunRecord, StageRecord
from schemas.media import Media, Source
from schemas.row import arrow_schema, volatile_columns
from schemas.strip import Strip
from schemas.trace import Trace


@dataclass(frozen=True, slots=True)
class Table:
    """One table. A traced one carries the columns of `Trace` and is partitioned by fingerprint."""

    name: str
    row: type
    key: tuple[str, ...]
    traced: bool = True

    @property
    def schema(self) -> pa.Schema:
        """The columns as stored: with a trace, a payload column may be null, for the rows that have no payload."""
        if not self.traced:
            return arrow_schema(self.row)
        payload = [field.with_nullable(True) for field in arrow_schema(self.row)]
        return pa.schema([*payload, *arrow_schema(Trace)])

    @property
    def volatile(self) -> frozenset[str]:
        """Columns that two runs of the same work may differ in."""
        return volatile_columns(self.row) | (volatile_columns(Trace) if self.traced else frozenset())


_TABLES = (
    Table("sources", Source, ("source_id",), traced=False),
    Table("media", Media, ("source_id", "media_id")),
    Table("strips", Strip, ("media_id",)),
    Table("clips", Clip, ("clip_id",)),
    Table("scores", Score, ("clip_id", "metric")),
    Table("sounds", Sound, ("sound_id",)),
    Table("texts", Text, ("text_id",)),
    Table("captions", Caption, ("caption_id",)),
    Table("verdicts", Verdict, ("caption_id",)),
    Table("reviews", Review, ("caption_id", "revision"), traced=False),
    Table("latents", Latent, ("clip_id", "encoder", "modality")),
    Table("picks", Pick, ("cut_hash", "clip_id"), traced=False),
    Table("plans", PlanSlot, ("plan_hash", "step", "slot"), traced=False),
    Table("stages", StageRecord, ("fingerprint",), traced=False),
    Table("runs", RunRecord, ("run_id",), traced=False),
)
TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _TABLES})
