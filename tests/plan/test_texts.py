"""The text encoder of a plan."""

from typing import Any

import polars as pl
import pytest

from curate.errors import LakeError
from curate.plan.plan import Plan, plan
from curate.plan.settings import PlanSettings, Share
from schemas.embedding import Embedding
from schemas.media import Blob
from schemas.row import to_table
from tests.plan.tables import tables

SHARES = (Share("dense", 0.5), Share("tags", 0.3), Share("none", 0.2))
BLOB = Blob("embeddings/shards/u.parquet", 4, 64, "0" * 16)


def embeddings(frames: dict[str, pl.LazyFrame], encoder: str = "t5@1") -> list[Embedding]:
    captions = frames["captions"].collect()
    return [
        Embedding(one, clip, encoder, variant, f"{one}/{variant}", "{}", "00", 4, 0, (4, 8), "bfloat16", "00", BLOB)
        for one, clip in captions.iter_rows()
        for variant in ("dense", "tags", "none")
    ]  # type: ignore[arg-type]


def planned(frames: dict[str, pl.LazyFrame], rows: list[Embedding], **settings: Any) -> Plan:
    chosen = PlanSettings(**{"shares": SHARES, "text_encoder": "t5", **settings})
    table = pl.DataFrame(to_table(Embedding, rows)).lazy()
    return plan(frames["picks"], frames["latents"], frames["captions"], chosen, embeddings=table)


def test_a_plan_tells_its_text_encoder_with_its_contract() -> None:
    frames = tables(60)
    made = planned(frames, embeddings(frames))
    assert made.record.text_encoder == "t5@1"
    assert planned(frames, [], text_encoder=None).record.text_encoder is None


def test_another_contract_is_another_plan() -> None:
    frames = tables(60)
    assert planned(frames, embeddings(frames)).plan_hash != planned(frames, embeddings(frames, "t5@2")).plan_hash


def test_what_is_missing_is_named() -> None:
    frames = tables(60)
    whole = embeddings(frames)
    lacking = [row for row in whole if (row.caption_id, row.variant) != ("clip00001#0", "tags")]
    with pytest.raises(LakeError, match="1 captions of kept clips have no embedding 'tags' of t5@1, such as clip00001"):
        planned(frames, lacking)
    with pytest.raises(LakeError, match="the empty text has no embedding"):
        planned(frames, [row for row in whole if row.variant != "none"])
    with pytest.raises(LakeError, match="no caption is there as t5 reads it"):
        planned(frames, embeddings(frames, "clip@1"))


def test_of_what_is_not_read_nothing_has_to_be_there() -> None:
    frames = tables(60)
    only = [row for row in embeddings(frames) if row.variant != "tags"]
    assert planned(frames, only, shares=(Share("dense", 0.8), Share("none", 0.2))).record.samples
    dropped = [row for row in embeddings(frames) if row.clip_id != "clip00010"]  # its cut drops it
    assert planned(frames, dropped).record.samples


def test_two_contracts_of_one_name_are_refused() -> None:
    frames = tables(20)
    with pytest.raises(LakeError, match="under 2 contracts, t5@1, t5@2"):
        planned(frames, [*embeddings(frames), *embeddings(frames, "t5@2")])
