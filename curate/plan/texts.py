"""The text encoder of a plan: all that may be read of captions is there, under one contract."""

import polars as pl

from curate.errors import LakeError
from curate.plan.settings import PlanSettings


def text_encoder(
    picks: pl.LazyFrame, captions: pl.LazyFrame, embeddings: pl.LazyFrame | None, settings: PlanSettings
) -> str | None:
    """The encoder that the settings name, with the digits of its contract; None: captions are read as text.

    LakeError where a caption of a kept clip, or the empty text, lacks what may be read of it.
    """
    name = settings.text_encoder
    if name is None:
        return None
    stored = None if embeddings is None else embeddings.filter(
        pl.col("blob").is_not_null(), pl.col("encoder").str.starts_with(f"{name}@")
    )  # fmt: skip
    encoder = _one(stored, name)
    if stored is None or encoder is None:
        raise LakeError(f"no caption is there as {name} reads it: run `retold embed` with a recipe that has it")
    kept = picks.filter("kept", pl.col("side") == settings.side).select("clip_id")
    told = captions.filter(pl.col("caption_id").is_not_null()).join(kept, on="clip_id", how="semi")
    for variant in _variants(kept, told, settings):
        there = stored.filter(pl.col("variant") == variant).select("caption_id")
        if variant == "none":  # that of any caption is that of all
            if there.head(1).collect().is_empty():
                raise LakeError(f"the empty text has no embedding of {encoder}: embed.variants needs 'none'")
            continue
        missing = told.select("caption_id").unique().join(there, on="caption_id", how="anti")
        count, first = missing.select(pl.len(), pl.col("caption_id").min()).collect(engine="streaming").row(0)
        if count:
            raise LakeError(
                f"{count} captions of kept clips have no embedding {variant!r} of {encoder}, such as {first}; "
                "run `retold embed`, or `retold pick` again"
            )
    return encoder


def _one(stored: pl.LazyFrame | None, name: str) -> str | None:
    found = [] if stored is None else sorted(stored.select(pl.col("encoder").unique()).collect()["encoder"])
    if len(found) > 1:
        raise LakeError(f"{name} is there under {len(found)} contracts, {', '.join(found)}: give one fingerprint")
    return found[0] if found else None


def _variants(kept: pl.LazyFrame, told: pl.LazyFrame, settings: PlanSettings) -> list[str]:
    """The variants that may be read: "none" too where a clip has no caption."""
    asked = {share.variant for share in settings.shares if share.share}
    bare = kept.join(told, on="clip_id", how="anti").head(1).collect()
    return sorted(asked | ({"none"} if bare.height else set()))
