"""A lake in a folder with latents, captions, sounds, picks and a plan."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from curate.encode.shards import store_embeddings, store_latents
from curate.plan.plan import Plan, plan
from curate.plan.settings import PlanSettings, Share
from curate.stage import Heavy
from curate.storage.lake import Lake, open_lake
from schemas.caption import Caption
from schemas.clip import Sound
from schemas.embedding import Embedding
from schemas.latent import Latent, Pick
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Trace

SHAPES = {"1x16x24": (16, 1, 2, 3), "5x16x24": (16, 2, 2, 3), "17x24x16": (16, 5, 3, 2)}
START_US = 1_000_000


def traced(lake: Lake, name: str, rows: Sequence[Any], fingerprint: str = "f1", version: int = 1) -> None:
    """Commit payload rows with their envelopes, one input each."""
    spec = TABLES[name]
    traces = [Trace(f"{i:06d}", 0, 1, None, 1, fingerprint, "run", 0) for i in range(len(rows))]
    body, envelope = to_table(spec.row, rows), to_table(Trace, traces).drop_columns(["fingerprint"])
    schema = pa.schema([f for f in spec.schema.remove_metadata() if f.name != "fingerprint"])
    joined = pa.table([*body.columns, *envelope.columns], schema=schema)
    lake.commit(name, [lake.write(name, fingerprint, joined)], "test", version)


def stamped(lake: Lake, name: str, rows: pa.Table) -> None:
    for column, value in {"fingerprint": "f1", "run_id": "run", "made_us": 0}.items():
        rows = rows.append_column(column, pa.repeat(value, rows.num_rows))
    lake.append_table(name, rows)


def tensor(clip: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng([clip, *shape]).normal(size=shape).astype(np.float16)


def clip_name(n: int) -> str:
    return f"clip{n:04d}"


def heavy(n: int, modality: Any, bucket: str, shape: tuple[int, ...]) -> Heavy[Latent]:
    body = tensor(n, shape).tobytes()
    encoder, step = ("mdct-10ms-c80", 10_000) if modality == "audio" else ("dct-4x8x8-c16", 166_667)
    row = Latent(
        clip_id=clip_name(n),
        encoder=encoder,
        content_key=hashlib.sha256(f"{n}/{modality}".encode()).hexdigest(),
        contract="{}",
        modality=modality,
        bucket=bucket,
        shape=shape,
        dtype="float16",
        start_us=START_US,
        end_us=START_US + step * shape[1],
        step_us=tuple(START_US + step * i for i in range(shape[1])),
        psnr_db=30.0,
        sha256=hashlib.sha256(body).hexdigest(),
    )
    return Heavy(row, body)


def caption(n: int) -> Caption:
    name = clip_name(n)
    return Caption(
        f"{name}#c", name, "measured", "en", "{}", (), f"dense {n}", f"medium {n}", f"short {n}", ("a", str(n)),
        None, None, None, None,
    )  # fmt: skip


def sound(n: int, index: int, kind: Any, start_us: int, end_us: int, text: str | None = None) -> Sound:
    label = None if text else "knock"
    return Sound(
        clip_name(n), f"{clip_name(n)}#{kind}-{index}", kind, START_US + start_us, START_US + end_us, text, label,
        None, None, None, None, None, None, None, (), "test",
    )  # fmt: skip


def make_lake(folder: Path, clips: int = 24) -> Lake:
    """A lake in a folder with everything but a plan."""
    return fill(open_lake(str(folder), {}), clips)


def fill(lake: Lake, clips: int = 24) -> Lake:
    """Every third clip has no sound latent; the last is dropped by its cut."""
    lake.create()
    names = list(SHAPES)
    heavies = [heavy(n, "video", names[n // 2 % 3], SHAPES[names[n // 2 % 3]]) for n in range(clips)]
    heavies += [heavy(n, "audio", names[n // 2 % 3], (80, 5 + n % 4)) for n in range(clips) if n % 3]
    half = len(heavies) // 2
    rows = store_latents(lake.blobs, "u1", heavies[:half]) + store_latents(lake.blobs, "u2", heavies[half:])
    traced(lake, "latents", rows)
    traced(lake, "captions", [caption(n) for n in range(clips) if n % 5])
    heard = [sound(n, 0, "word", 20_000, 30_000, f"word{n}") for n in range(clips)]
    heard += [sound(n, 0, "event", -50_000, 5_000) for n in range(clips)]
    heard += [sound(n, 0, "dropped", 20_000, 30_000, "never said") for n in range(clips)]
    traced(lake, "sounds", [*heard, *(sound(n, 1, "word", 9_000_000, 9_100_000, "later") for n in range(clips))])
    picks = []
    for n in range(clips):
        reasons = () if n < clips - 1 else ("motion < 1",)
        reason, bucket = (reasons or (None,))[0], names[n // 2 % 3]
        picks.append(Pick("cut", "c" * 64, clip_name(n), not reasons, reason, reasons, "train", None, bucket, 1.0))
    stamped(lake, "picks", to_table(Pick, picks))
    return lake


def make_plan(lake: Lake, **settings: Any) -> Plan:
    shares = (Share("dense", 0.4), Share("short", 0.2), Share("tags", 0.2), Share("none", 0.2))
    chosen = PlanSettings(**({"samples_per_step": 4, "epochs": 2, "shares": shares} | settings))
    texts = lake.scan("embeddings")
    made = plan(lake.scan("picks"), lake.scan("latents"), lake.scan("captions"), chosen, embeddings=texts)
    store(lake, made)
    return made


def store(lake: Lake, made: Plan) -> None:
    lake.append("plan_records", [made.record])
    stamped(lake, "plans", made.slots)


def slots(made: Plan) -> pl.DataFrame:
    return pl.DataFrame(made.slots)


def text_tensor(n: int | None, variant: str) -> np.ndarray:
    """[T, D] of a caption, of a length of its own; None: of the empty text."""
    length = 1 if n is None else 2 + n % 3 + len(variant)
    return np.random.default_rng([0 if n is None else n + 1, len(variant)]).normal(size=(length, 8)).astype(np.float16)


def embed(lake: Lake, clips: int = 24, encoder: str = "t5@1", fingerprint: str = "e1", version: int = 1) -> None:
    """What a text encoder makes of the captions of `fill`."""
    heavies = []
    for n in (n for n in range(clips) if n % 5):
        for variant in ("dense", "medium", "short", "tags", "none"):
            array = text_tensor(None if variant == "none" else n, variant)
            key = hashlib.sha256(f"{encoder}/{n if variant != 'none' else ''}/{variant}".encode()).hexdigest()
            row = Embedding(
                f"{clip_name(n)}#c", clip_name(n), encoder, variant, key, "{}", key, len(array), 0, array.shape,
                "float16", hashlib.sha256(array.tobytes()).hexdigest(),
            )  # type: ignore[arg-type]  # fmt: skip
            heavies.append(Heavy(row, array.tobytes()))
    traced(lake, "embeddings", store_embeddings(lake.blobs, fingerprint, heavies), fingerprint, version)
