"""What latents will weigh that nobody has encoded yet: by arithmetic, from the clips."""

from functools import cache

import polars as pl

from curate.encode.bucket import Bucket, fit_frames, fit_size
from curate.encode.encoder import SOUND_ENCODERS
from curate.encode.family import SOUNDS
from curate.encode.size import footprint, picture_bytes, sound_bytes
from curate.encode.stage import Encode, frame_step
from curate.media.picture import Box
from curate.storage.lake import Lake

COLUMNS = ("clip_id", "media_id", "start_us", "end_us", "still", "crop_width", "crop_height")


def foreseen(lake: Lake, clips: str, media: str, stage: Encode) -> pl.DataFrame:
    """`media_id, latent_bytes` of each clip of one fingerprint; tensors alone, without what shards add."""
    heard = (
        lake.scan("media", media).filter(pl.col("outputs") > 0).select("media_id", heard=pl.col("audio").is_not_null())
    )
    rows = lake.scan("clips", clips).filter(pl.col("outputs") > 0).select(COLUMNS)
    known = rows.join(heard.unique("media_id", keep="any"), on="media_id", how="left").collect()
    weigh = _Weigh(stage)
    sizes = [
        weigh.clip(row["end_us"] - row["start_us"], (row["crop_width"], row["crop_height"]), row["still"], row["heard"])
        for row in known.iter_rows(named=True)
    ]
    return known.select("media_id", latent_bytes=pl.Series(sizes, dtype=pl.Int64))


class _Weigh:
    """The bytes of the tensors of one clip under the contracts of a stage."""

    def __init__(self, stage: Encode) -> None:
        model, sound = stage.picture_model, stage.sound_model
        self.stage = stage
        self.picture = footprint(stage.picture, model.stored, model.log_variance) if model else footprint(stage.picture)
        self.sound = None
        if stage.sound is not None:
            self.sound = footprint(stage.sound, sound.stored, sound.log_variance) if sound else footprint(stage.sound)
            known = stage.sound in SOUNDS
            self.sound_hz = SOUNDS[stage.sound].rate_hz if known else SOUND_ENCODERS[stage.sound]().rate_hz
        self.size = cache(lambda shape: fit_size(Box(0, 0, *shape), stage.sizes))

    def clip(self, duration_us: int, shape: tuple[int, int], still: bool, heard: bool) -> int:
        """shape: width, height inside borders."""
        if not still and not frame_step(self.stage.picture):
            return 0  # an encoder of stills takes nothing of a video
        frames, covered_us = (1, 0) if still else fit_frames(duration_us, self.stage.rate_hz, self.stage.frames or ())
        size = picture_bytes(self.picture, Bucket(frames, *self.size(shape)))
        if self.sound is None or still or not heard:
            return size
        return size + sound_bytes(self.sound, round(covered_us * self.sound_hz / 1e6))
