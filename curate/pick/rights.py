"""What is known of clips by their media: rights, evaluation sets, and what sources tell of it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import polars as pl

from curate.pick.corpus import Corpus
from curate.pick.ids import CHECK, OF, hashed, matched
from curate.pick.policy import Policy

_MEDIA = {"media": OF, "media_check": CHECK}
_TOLD: Mapping[str, pl.Expr] = MappingProxyType(
    {
        "source": pl.col("source_id"),
        "host": pl.col("uri").str.extract(r"^[a-z][a-z0-9+.-]*://([^/?#]+)").fill_null("local"),
        "licence": pl.col("licence"),
        "language": pl.col("language"),
    }
)
"""The traits that sources tell."""


def rights_of(corpus: Corpus, policy: Policy) -> pl.DataFrame:
    """Per media, hashed, of any of its sources: is it taken down, is its licence allowed, what evaluation set is it of.

    Columns `of, check, tombstone, licensed, evaluation`.
    """
    allowed = (
        pl.lit(True) if policy.licences is None else pl.col("licence").is_in(policy.licences).fill_null(value=False)
    )
    sources = corpus.sources.group_by("source_id").agg(
        pl.col("tombstone").any(), pl.col("evaluation").drop_nulls().min(), licensed=allowed.any()
    )  # fmt: skip
    by_media = matched(_owned(corpus), hashed(sources, "source_id")).group_by(*_MEDIA)
    found = by_media.agg(pl.col("tombstone", "licensed").any(), pl.col("evaluation").drop_nulls().min())
    return found.rename(_MEDIA).collect()


def held_of(corpus: Corpus, rights: pl.DataFrame) -> pl.DataFrame:
    """`clip_id, evaluation` of the clips of evaluation sets."""
    media = rights.lazy().drop_nulls("evaluation").select(OF, CHECK, "evaluation")
    clips = corpus.clips.filter(pl.col("clip_id").is_not_null()).select("clip_id", "media_id")
    found = matched(hashed(clips, "media_id"), media)
    return found.collect(engine="streaming") if rights["evaluation"].count() else found.clear().collect()


def values_of(corpus: Corpus, wanted: Sequence[str], kind: pl.Categorical) -> dict[str, pl.DataFrame]:
    """`of, check, value` of media, hashed, for each of the traits that sources tell."""
    sources = corpus.sources.unique("source_id")
    found = {}
    for name in (name for name in wanted if name in _TOLD):
        told = sources.select("source_id", value=_TOLD[name].cast(kind))
        rows = matched(_owned(corpus), hashed(told, "source_id"))
        found[name] = rows.drop_nulls("value").unique().rename(_MEDIA).collect()
    return found


def _owned(corpus: Corpus) -> pl.LazyFrame:
    """Media and their sources, each pair once; both hashed."""
    owned = corpus.media.filter(pl.col("media_id").is_not_null()).select("media_id", "source_id")
    mine = hashed(owned, "media_id").rename({of: media for media, of in _MEDIA.items()})
    return hashed(mine, "source_id").unique()
