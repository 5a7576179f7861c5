"""A small lake with rows in every table that a media leaves rows in: no decoding, no jobs."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa

from curate.encode.shards import store_embeddings, store_latents
from curate.fetch.shards import store_tar
from curate.fetch.uri import source_id
from curate.proxy.shards import store_proxies
from curate.stage import Heavy
from curate.storage.lake import Lake, open_lake
from schemas.caption import Caption, Review, Verdict
from schemas.clip import Clip, Score, Text, clip_id
from schemas.embedding import Embedding
from schemas.latent import Latent, Pick
from schemas.ledger import StageRecord
from schemas.media import Media, Sidecar, Source, Subtitle
from schemas.proxy import Proxy
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Failure, Stamp, Trace

BODIES = {name: hashlib.shake_256(name.encode()).digest(70_000) for name in ("one", "two", "three", "four")}
"""Bytes of media, by the source that gives them."""

SHARED = "again"
"""A source with the bytes of `one`, and subtitles of its own."""

STAGES = {
    "media": "fetch", "subtitles": "subtitle", "clips": "split", "scores": "score", "sounds": "listen", "texts": "read",
    "captions": "caption", "verdicts": "check", "proxies": "proxy",
    "latents": "encode", "embeddings": "embed",
}  # fmt: skip


def source_of(name: str) -> str:
    return source_id(f"https://example.org/{name}")


def media_of(name: str) -> str:
    return hashlib.sha256(BODIES["one" if name == SHARED else name]).hexdigest()


def make_lake(uri: str, options: Mapping[str, str] = {}) -> Lake:
    """Five sources, four media in two shards, and what was made from them."""
    lake = open_lake(uri, options)
    lake.create()
    names = [*BODIES, SHARED]
    lake.append("sources", [_source(name) for name in names])
    lake.append("stages", [StageRecord(f"f-{t}", stage, 1, "{}", "{}", "{}") for t, stage in STAGES.items()])
    heavies = {name: _heavy(name) for name in names}
    stored = {row.source_id: row for row in store_tar(lake.blobs, "u", heavies.values(), {}.get, 140_000)}
    put(lake, "media", {source_of(name): [stored[source_of(name)]] for name in names})
    cue = {m: [Subtitle(m, f"{m}#0-0", "sidecar 0", "en", False, 0, 9, f"said in {n}")] for n, m in _owners()}
    put(lake, "subtitles", cue)
    clips = {media: [_clip(media)] for _, media in _owners()}
    put(lake, "clips", clips)
    ids = [clip.clip_id for rows in clips.values() for clip in rows]
    put(lake, "scores", {i: [Score(i, "motion", 1.0, None), Score(i, "sharpness", 2.0, None)] for i in ids})
    put(lake, "texts", {i: Failure("crashed", f"at {i}") for i in ids[:1]} | {i: [_text(i)] for i in ids[1:]})
    put(lake, "captions", {i: [_caption(i)] for i in ids})
    put(lake, "verdicts", {f"caption-{i}": _verdict(i) if n else Failure("timeout", "slow") for n, i in enumerate(ids)})
    films = store_proxies(lake.blobs, "u", [Heavy(_proxy(i), film_of(i)) for i in ids[:-1]])
    slow = {f"caption-{ids[-1]}": Failure("timeout", "slow")}
    put(lake, "proxies", {f"caption-{row.clip_id}": [row] for row in films} | slow)
    tensors = [Heavy(_latent(i), hashlib.shake_256(i.encode()).digest(4096)) for i in ids]
    put(lake, "latents", {row.clip_id: [row] for row in store_latents(lake.blobs, "u", tensors)})
    told = [Heavy(_embedding(i, variant), text_of(i, variant)) for i in ids for variant in ("dense", "none")]
    texts = store_embeddings(lake.blobs, "u", told)
    put(lake, "embeddings", {f"caption-{i}": [row for row in texts if row.clip_id == i] for i in ids})
    lake.append("reviews", [_review(i) for i in ids])
    lake.append_table("picks", _picks(ids))
    return lake


def _owners() -> list[tuple[str, str]]:
    return [(name, media_of(name)) for name in BODIES]


def _source(name: str) -> Source:
    return Source(source_of(name), f"https://example.org/{name}", None, None, f"title of {name}", None, False, 0)


def _heavy(name: str) -> Heavy[Media]:
    body = BODIES["one" if name == SHARED else name]
    sidecars = (Sidecar("en", automatic=False),) if name == SHARED else ()
    media = Media(
        media_of(name), source_of(name), len(body), "matroska", 1, False, (), None, None, sidecars=sidecars
    )  # fmt: skip
    return Heavy(media, body, (b"WEBVTT words of again",) if sidecars else ())


def _clip(media: str) -> Clip:
    return Clip(clip_id(media, 0, 9), media, 0, 9, 1, "edge", "edge", 0, False, 0, 0, 2, 2)


def _text(clip: str) -> Text:
    return Text(clip, f"{clip}#text-0", 0, 9, "hello", 0.0, 0.0, 1.0, 1.0, None, 1.0, "test")


def _caption(clip: str) -> Caption:
    return Caption(f"caption-{clip}", clip, "test", "en", "{}", (), "d", "m", "s", (), None, None, None, None)


def _verdict(clip: str) -> list[Verdict]:
    return [Verdict(f"caption-{clip}", clip, "pass", 1.0, 1.0, 0.0, 1, 0, 0, (), ())]


def film_of(clip: str) -> bytes:
    return hashlib.shake_256(f"film of {clip}".encode()).digest(5000)


def _proxy(clip: str) -> Proxy:
    sha256 = hashlib.sha256(film_of(clip)).hexdigest()
    return Proxy(clip, 0, 9, 2, 2, 1, 25, 1, False, False, 100, b"", b"thumbs", 1, sha256)


def _review(clip: str) -> Review:
    return Review(
        f"item-{clip}#1", f"caption-{clip}", clip, 1, "triage", "caption", None, "one", ("ann",), (), "d", 0, 1, 1
    )  # fmt: skip


def _latent(clip: str) -> Latent:
    sha256 = hashlib.sha256(hashlib.shake_256(clip.encode()).digest(4096)).hexdigest()
    return Latent(clip, "test", f"key-{clip}", "{}", "video", "1x2x2", (1024,), "float32", 0, 9, (0,), None, sha256)


def text_of(clip: str, variant: str) -> bytes:
    """What a text encoder makes of a caption; of the empty text, the same for all."""
    return hashlib.shake_256(f"text of {clip if variant == 'dense' else 'none'}".encode()).digest(2048)


def _embedding(clip: str, variant: Literal["dense", "none"]) -> Embedding:
    sha256 = hashlib.sha256(text_of(clip, variant)).hexdigest()
    return Embedding(
        f"caption-{clip}", clip, "t5@0", variant, f"key-{sha256}", "{}", sha256, 32, 0, (32, 16), "float32", sha256
    )  # fmt: skip


def _picks(ids: Sequence[str]) -> pa.Table:
    body = to_table(Pick, [Pick("all", "hash", i, True, None, (), "train", None, None, 1.0) for i in ids])
    stamp = to_table(Stamp, [Stamp("f-picks", "run", 0) for _ in ids])
    return pa.table([*body.columns, *stamp.columns], names=[*body.schema.names, *stamp.schema.names])


def put(lake: Lake, table: str, made: Mapping[str, Sequence[Any] | Failure], made_us: int = 0) -> None:
    """Commit what was made of each input: rows, or a failure."""
    spec = TABLES[table]
    rows, traces = [], []
    bare = [Trace(i, 0, 0, o, 1, f"f-{table}", "run", made_us) for i, o in made.items() if isinstance(o, Failure)]
    for one, outcome in made.items():
        if not isinstance(outcome, Failure):
            rows += outcome
            traces += [Trace(one, n, len(outcome), None, 1, f"f-{table}", "run", made_us) for n in range(len(outcome))]
    stored = pa.schema([field.remove_metadata() for field in spec.schema if field.name != "fingerprint"])
    envelope = to_table(Trace, [*traces, *bare]).drop_columns(["fingerprint"])
    body = to_table(spec.row, rows)
    columns = [pa.concat_arrays([*c.chunks, pa.array([None] * len(bare), c.type)]) for c in body.columns]
    whole = pa.table([*columns, *envelope.columns], names=stored.names).cast(stored)
    app = f"{STAGES[table]}-f-{table}"
    lake.commit(table, [lake.write(table, f"f-{table}", whole)], app, lake.transaction(table, app) + 1)
