"""Tables for a plan: kept clips of a few buckets, with latents and captions."""

import hashlib
from typing import Any

import polars as pl

from schemas.latent import Latent, Pick
from schemas.media import Blob
from schemas.row import to_table

SHAPES = {"1x256x448": (16, 1, 32, 56), "17x256x448": (16, 5, 32, 56), "33x256x384": (16, 9, 32, 48)}


def key(n: int, modality: str = "video") -> str:
    return hashlib.sha256(f"{n}/{modality}".encode()).hexdigest()


def tables(clips: int, weight: float = 1.0) -> dict[str, pl.LazyFrame]:
    """`picks`, `latents`, `captions`: every third clip has no sound, every tenth no caption, others one or two."""
    picks: list[Any] = []
    latents: list[Any] = []
    captions = []
    names = list(SHAPES)
    for n in range(clips):
        clip, bucket = f"clip{n:05d}", names[n * n % 3 if n % 7 else 2]
        side = "validation" if n % 20 == 19 else "train"
        kept = n % 11 != 10
        reasons = () if kept else ("motion < 1",)
        picks.append(Pick("cut", "c" * 64, clip, kept, None, reasons, side, None, bucket, weight))
        latents.append(latent(clip, key(n), bucket, SHAPES[bucket], "video", 100 + n))
        if n % 3:
            latents.append(latent(clip, key(n, "audio"), bucket, (80, 72), "audio", 7))
        captions += [(f"{clip}#{i}", clip) for i in range(0 if n % 10 == 3 else 1 + n % 2)]
    return {
        "picks": pl.DataFrame(to_table(Pick, picks)).lazy(),
        "latents": pl.DataFrame(to_table(Latent, latents)).lazy(),
        "captions": pl.LazyFrame(captions, schema={"caption_id": pl.String, "clip_id": pl.String}, orient="row"),
    }


def latent(clip: str, content_key: str, bucket: str, shape: tuple[int, ...], modality: Any, size: int) -> Latent:
    encoder = "mdct-10ms-c80" if modality == "audio" else "dct-4x8x8-c16"
    return Latent(
        clip_id=clip,
        encoder=encoder,
        content_key=content_key,
        contract="{}",
        modality=modality,
        bucket=bucket,
        shape=shape,
        dtype="float16",
        start_us=0,
        end_us=708_333,
        step_us=(0,),
        psnr_db=30.0,
        sha256="00",
        blob=Blob("shard", 0, size, "0" * 16),
    )
