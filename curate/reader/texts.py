"""What a text encoder made of the captions of a plan: where its tensors lie."""

import polars as pl

from curate.errors import LakeError
from curate.reader.tables import Tables

_COLUMNS = ("blob", "sha256", "dtype", "shape", "text_sha256")
_TOLD = ["caption_id", "variant", *(f"{name}_text" for name in _COLUMNS)]


def embeddings(tables: Tables, slots: pl.DataFrame, encoder: str | None, empty: pl.DataFrame | None) -> pl.LazyFrame:
    """`caption_id, variant, blob_text, ...` of what these slots read; of variant "none" the caption is null.

    empty: the row of the empty text. A row without its place was evicted.
    """
    if encoder is None:
        return pl.LazyFrame(schema={"caption_id": pl.String, "variant": pl.String})
    wanted = slots["caption_id"].drop_nulls().unique()
    mine = (pl.col("encoder") == encoder) & pl.col("caption_id").is_in(wanted.implode())
    told = _told(tables).filter(mine, pl.col("variant") != "none").select(_TOLD)
    return told if empty is None else pl.concat([told, empty.lazy().select(_TOLD)])


def empty_text(tables: Tables, encoder: str) -> pl.DataFrame | None:
    """A row of the empty text, that of any caption; one that was not evicted where there is one."""
    mine = _told(tables).filter(pl.col("encoder") == encoder, pl.col("variant") == "none")
    nobody = pl.lit(None, pl.String).alias("caption_id")
    for rows in (mine.filter(pl.col("blob_text").is_not_null()), mine):
        found = rows.head(1).with_columns(nobody).collect()
        if found.height:
            return found
    return None


def once(rows: pl.DataFrame) -> pl.DataFrame:
    """Each text once: rows of one content key hold equal tensors, wherever they lie; LakeError where texts differ."""
    if "blob_text" not in rows.columns:
        return rows
    found = rows.sort(pl.col("blob_text").struct.field("shard"), nulls_last=True)
    kept = found.unique(["caption_id", "variant"], keep="first", maintain_order=True)
    twice = found.select("caption_id", "variant", "text_sha256_text").unique()
    if twice.height > kept.height:
        raise LakeError(f"caption {twice['caption_id'][0]} has two embeddings of one text encoder: make the plan again")
    return kept


def _told(tables: Tables) -> pl.LazyFrame:
    named = {f"{name}_text": pl.col(name) for name in _COLUMNS}
    return tables["embeddings"].filter(pl.col("outputs") > 0).with_columns(**named)
