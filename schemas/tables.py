"""The tables of a lake, by name: what a row is, and which columns identify it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa

from schemas.caption import Caption, Review, Verdict
from schemas.clip import Clip, Score, Sound, Text
from schemas.embedding import Embedding
from schemas.latent import Latent, Pick, PlanSlot
from schemas.ledger import RecipeRecord, RunRecord, StageRecord
from schemas.media import Media, Source, Subtitle
from schemas.plan import PlanRecord
from schemas.proxy import Proxy
from schemas.question import QuizQuestion
from schemas.row import arrow_schema, volatile_columns
from schemas.strip import Strip
from schemas.testimony import Testimony
from schemas.trace import Stamp, Trace
from schemas.view import View


@dataclass(frozen=True, slots=True)
class Table:
    """One table. A traced one carries the columns of `Trace` and is partitioned by fingerprint."""

    name: str
    row: type
    key: tuple[str, ...]
    envelope: type | None = Trace  # Trace, Stamp, or none

    @property
    def traced(self) -> bool:
        return self.envelope is Trace

    @property
    def schema(self) -> pa.Schema:
        """The columns as stored: with a trace, a payload column may be null, for the rows that have no payload."""
        payload = list(arrow_schema(self.row))
        if self.envelope is None:
            return pa.schema(payload)
        if self.traced:
            payload = [field.with_nullable(True) for field in payload]
        return pa.schema([*payload, *arrow_schema(self.envelope)])

    @property
    def volatile(self) -> frozenset[str]:
        """Columns that two runs of the same work may differ in."""
        return volatile_columns(self.row) | (volatile_columns(self.envelope) if self.envelope else frozenset())


_TABLES = (
    Table("sources", Source, ("source_id",), None),
    Table("media", Media, ("source_id", "media_id")),
    Table("subtitles", Subtitle, ("subtitle_id",)),
    Table("strips", Strip, ("media_id",)),
    Table("clips", Clip, ("clip_id",)),
    Table("scores", Score, ("clip_id", "metric")),
    Table("ratings", Score, ("clip_id", "metric")),
    Table("sounds", Sound, ("sound_id",)),
    Table("texts", Text, ("text_id",)),
    Table("views", View, ("clip_id",)),
    Table("hearings", View, ("clip_id",)),
    Table("questions", QuizQuestion, ("question_id",)),
    Table("captions", Caption, ("caption_id",)),
    Table("testimonies", Testimony, ("caption_id",)),
    Table("verdicts", Verdict, ("caption_id",)),
    Table("proxies", Proxy, ("clip_id",)),
    Table("reviews", Review, ("review_id",), None),
    Table("latents", Latent, ("clip_id", "encoder", "modality")),
    Table("embeddings", Embedding, ("caption_id", "encoder", "variant")),
    Table("picks", Pick, ("cut_hash", "clip_id"), Stamp),
    Table("plans", PlanSlot, ("plan_hash", "step", "slot"), Stamp),
    Table("plan_records", PlanRecord, ("plan_hash",), None),
    Table("stages", StageRecord, ("fingerprint",), None),
    Table("recipes", RecipeRecord, ("began_us",), None),
    Table("runs", RunRecord, ("run_id",), None),
)
TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _TABLES})
