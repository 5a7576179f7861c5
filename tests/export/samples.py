"""Samples in memory."""

import hashlib
import json

import numpy as np

from curate.export.clip import CutClip
from curate.export.format import Settings, Unit
from curate.export.sample import Sample, Tensor
from schemas.caption import Caption, Claim
from schemas.clip import Clip, Sound, Text, clip_id
from schemas.latent import Latent
from schemas.media import Media, Source

SETTINGS = Settings("cut", "train", "A cut", "cc0-1.0", 3, 7)


def unit(index: int = 0, of: int = 1, settings: Settings = SETTINGS) -> Unit:
    return Unit(index, of, settings)


def sample(n: int, body: bytes | None = None, *, still: bool = False, captions: int = 1, suffix: str = "mp4") -> Sample:
    """A clip of 2 s, from 5 s of its media on."""
    media_id = f"{n:064x}"
    name = clip_id(media_id, 5_000_000, 7_000_000)
    body = f"film {n} ".encode() * 100 if body is None else body
    claim = Claim(f"{name}#c0#0", "action", 5_500_000, 9_000_000, "It moves.", (), "measured", uncertain=False)
    told = [
        Caption(
            f"{name}#c{k}", name, "measured", "en", "{}", (claim,),
            f"A dense telling {n} of all that is seen and heard, in the order in which it comes, {k}.",
            f"A medium telling {k}.", f"A ball number {n} moves right. With a knock.",
            ("video", "ball", f"n{n}", "blue"),
            None, None, None, None,
        )
        for k in range(captions)
    ]  # fmt: skip
    sound = Sound(
        name, f"{name}#event-0", "event", 4_900_000, 5_250_000, None, "knock", 0.9, None, None, None, None, None, None,
        (), "test",
    )  # fmt: skip
    text = Text(name, f"{name}#text-0", 6_000_000, 6_500_000, "café", 0, 0, 1, 1, "fr", 0.9, "test")
    cut = CutClip(
        name, 5_000_000, 7_000_000, "png" if still else "mp4", True, None, 64, 48, 1 if still else 48, not still,
        hashlib.sha256(body).hexdigest(), len(body),
    )  # fmt: skip
    return Sample(
        clip=Clip(name, media_id, 5_000_000, 7_000_000, 48, "cut", "cut", 0, still, 0, 0, 64, 48),
        media=Media(media_id, f"s{n}", 1, "mp4", 9_000_000, still, (), None, None),
        sources=(Source(f"s{n}", "https://me:pw@host/f.mp4?token=abc", "cc0", "a walk", "T", None, False, 0),),
        captions=tuple(told),
        scores={"motion": 1.5, "sharpness": 0.25},
        sounds=(sound,),
        texts=(text,),
        side="train",
        weight=1.0,
        file=(cut, body),
    )


def tensor(shape: tuple[int, ...], dtype: str = "float16", **told: object) -> Tensor:
    """A latent as `encode` stores those of LTX-Video, or with other words in its contract."""
    values = np.random.default_rng(3).normal(size=shape)
    body = values.astype("<f4").view("<u4") >> 16 if dtype == "bfloat16" else values.astype(dtype)
    data = body.astype("<u2").tobytes() if dtype == "bfloat16" else body.tobytes()
    encoder = {
        "channels": 128, "time_stride": 8, "space_stride": 32, "normalisation": {"applied": True}, "posterior": "mean",
    } | told  # fmt: skip
    latent = Latent(
        "clip", "ltx-video", "key", json.dumps({"encoder": encoder, "rate_hz": 24.0}), "video", "9x64x96", shape,
        dtype, 0, 2_000_000, (0,), None, "00",  # type: ignore[arg-type]  # one of those that there are
    )  # fmt: skip
    return Tensor(latent, data)
