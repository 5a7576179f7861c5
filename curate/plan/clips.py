"""The clips of a plan: their rows, in parts that fit in memory, and the numbers that the order is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.chance import joined_hash, stable_hash
from curate.errors import LakeError
from curate.plan.settings import PlanSettings
from curate.spool import Spool

PART_ROWS = 4_000_000
"""Clips whose rows are joined at once; each has about a kilobyte while it is."""


@dataclass(frozen=True, slots=True)
class CutOf:
    """One cut of a plan."""

    name: str
    hash: str
    share: float | None


@dataclass(frozen=True)
class Clips:
    """Columns [clips] by ascending key; row `row` of the frame `clips-{part}` of the spool has the texts of a clip."""

    keys: NDArray[np.uint64]
    cut: NDArray[np.int16]
    bucket: NDArray[np.int16]
    weight: NDArray[np.float64]
    size_bytes: NDArray[np.int64]
    captions: NDArray[np.int32]
    sound: NDArray[np.bool_]
    part: NDArray[np.int16]
    row: NDArray[np.int32]
    parts: int
    cuts: tuple[CutOf, ...]
    shapes: dict[str, tuple[int, ...]]  # of the latents of each bucket, by name
    specs: tuple[str | None, str | None]  # the encoders of picture and sound, as their contracts tell them


def gathered(
    picks: pl.LazyFrame, latents: pl.LazyFrame, captions: pl.LazyFrame, settings: PlanSettings, spool: Spool,
    part_rows: int,
) -> Clips:  # fmt: skip
    """The kept clips of one side with their latents and captions; LakeError where a latent is missing."""
    cuts = _cuts(picks, settings)
    kept = _kept(picks, cuts, settings)
    count = kept.select(pl.len()).collect().item()
    parts = max(1, -(-count // part_rows)) if spool.folder else 1
    columns: list[pl.DataFrame] = []
    shapes: dict[str, list[int]] = {}
    specs: tuple[str | None, str | None] = (None, None)
    by_part = pl.col("clip_id").hash(0) % parts
    asked = {
        name: table.with_columns(part=by_part) for name, table in _asked(kept, latents, captions, settings).items()
    }
    for part, tables in enumerate(spool.parted(asked, parts)):
        frame = _joined(**tables)
        _check(frame, settings)
        shapes |= dict(frame.unique("bucket", keep="any").select("bucket", "shape").iter_rows())
        specs = (specs[0] or _spec(frame, "contract"), specs[1] or _spec(frame, "audio_contract"))
        columns.append(_numbers(frame, part, cuts, mixed=bool(settings.mix)))
        spool.put(f"clips-{part}", frame.drop("shape", "contract", "audio_contract", "weight", "cut"))
    known = {name: tuple(shapes[name]) for name in sorted(shapes)}
    return _sorted(pl.concat(columns), known, parts, cuts, specs)


def _cuts(picks: pl.LazyFrame, settings: PlanSettings) -> tuple[CutOf, ...]:
    found = sorted(picks.select("cut", "cut_hash").unique().collect().iter_rows())
    if not found:
        raise LakeError("a plan is made of a cut, and there are no picks: run `retold pick` first")
    if not settings.mix:
        if len(found) > 1:
            raise LakeError(
                f"a plan is made of one cut, and these picks are of {len(found)}: choose one by its cut_hash, "
                "or name several in `mix`"
            )
        ((name, cut_hash),) = found
        return (CutOf(name, cut_hash, None),)
    return tuple(_named(found, part.cut, part.share) for part in settings.mix)


def _named(found: Sequence[tuple[str, str]], wanted: str, share: float) -> CutOf:
    mine = [CutOf(name, cut_hash, share) for name, cut_hash in found if name == wanted or cut_hash.startswith(wanted)]
    if len(mine) == 1:
        return mine[0]
    known = ", ".join(f"{name} ({cut_hash[:12]})" for name, cut_hash in found)
    raise LakeError(f"{len(mine)} cuts are called {wanted!r}: name a cut, or the first digits of its hash, of {known}")


def _kept(picks: pl.LazyFrame, cuts: tuple[CutOf, ...], settings: PlanSettings) -> pl.LazyFrame:
    """`clip_id, cut, weight` of the kept clips; `cut` is an index."""
    hashes = [cut.hash for cut in cuts]
    mine = picks.filter("kept", pl.col("side") == settings.side, pl.col("cut_hash").is_in(hashes))
    index = pl.col("cut_hash").replace_strict(hashes, range(len(hashes)), return_dtype=pl.Int16)
    return mine.select("clip_id", "weight", cut=index)


def _asked(
    kept: pl.LazyFrame, latents: pl.LazyFrame, captions: pl.LazyFrame, settings: PlanSettings
) -> dict[str, pl.LazyFrame]:
    """What a plan needs of each table."""
    stored = latents.filter(pl.col("blob").is_not_null()).with_columns(bytes=pl.col("blob").struct.field("length"))
    picture = stored.filter(pl.col("modality") != "audio", pl.col("encoder") == settings.picture_encoder)
    sound = stored.filter(pl.col("modality") == "audio", pl.col("encoder") == settings.sound_encoder)
    of_sound = {"audio_content_key": "content_key", "audio_bytes": "bytes", "audio_contract": "contract"}
    return {
        "kept": kept,
        "picture": picture.select("clip_id", "bucket", "shape", "content_key", "bytes", "contract"),
        "sound": sound.select("clip_id", **{mine: pl.col(theirs) for mine, theirs in of_sound.items()}),
        "captions": captions.filter(pl.col("caption_id").is_not_null()).select("clip_id", "caption_id"),
    }


def _joined(*, kept: pl.LazyFrame, picture: pl.LazyFrame, sound: pl.LazyFrame, captions: pl.LazyFrame) -> pl.DataFrame:
    known = captions.group_by("clip_id").agg(captions=pl.col("caption_id").unique().sort())
    frame = kept
    for table in (picture, sound, known):
        frame = frame.join(table, on="clip_id", how="left")
    weighed = frame.with_columns(bytes=pl.col("bytes") + pl.col("audio_bytes").fill_null(0)).drop("audio_bytes")
    return weighed.sort("clip_id", "cut").collect()


def _check(frame: pl.DataFrame, settings: PlanSettings) -> None:
    if frame.select("clip_id", "cut").is_duplicated().any():
        raise LakeError("a clip has two latents of one encoder: give the latents at one fingerprint")
    missing = frame.filter(pl.col("content_key").is_null())
    if missing.height:
        raise LakeError(
            f"{missing.height} kept clips have no latent of {settings.picture_encoder}, "
            f"such as {missing['clip_id'][0]}; run `retold encode`, or `retold pick` again"
        )


def _spec(frame: pl.DataFrame, column: str) -> str | None:
    """The encoder of the first contract that tells one; latents of one fingerprint have one encoder."""
    some = frame.select(pl.col(column).drop_nulls().head(1).str.json_path_match("$.encoder"))
    return some.item() if some.height else None


def _numbers(frame: pl.DataFrame, part: int, cuts: tuple[CutOf, ...], *, mixed: bool) -> pl.DataFrame:
    keys = stable_hash(frame["clip_id"])
    if mixed:  # a clip of two cuts is read for each of them
        cut = frame["cut"].to_numpy()
        for index, one in enumerate(cuts):
            keys = np.where(cut == index, joined_hash(keys, one.name), keys)
    return frame.select(
        "cut", "weight", "bucket",
        keys=pl.Series(keys),
        size_bytes="bytes",
        captions=pl.col("captions").list.len().fill_null(0).cast(pl.Int32),
        sound=pl.col("audio_content_key").is_not_null(),
        part=pl.lit(part, pl.Int16),
        row=pl.int_range(pl.len(), dtype=pl.Int32),
    ).with_columns(pl.col("bucket").cast(pl.Categorical))  # fmt: skip


def _sorted(
    numbers: pl.DataFrame, shapes: dict[str, tuple[int, ...]], parts: int, cuts: tuple[CutOf, ...],
    specs: tuple[str | None, str | None],
) -> Clips:  # fmt: skip
    names = list(shapes)
    codes = pl.col("bucket").cast(pl.String).replace_strict(names, range(len(names)), return_dtype=pl.Int16)
    order = np.argsort(numbers["keys"].to_numpy(), kind="stable")
    columns = {name: numbers[name].to_numpy()[order] for name in numbers.columns if name != "bucket"}
    bucket = numbers.select(codes).to_series().cast(pl.Int16).to_numpy()[order]
    return Clips(**columns, bucket=bucket, parts=parts, cuts=cuts, shapes=shapes, specs=specs)
