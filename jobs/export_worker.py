"""What happens to one unit of an export in one worker: gather, cut, write, and keep a record of it."""

import dataclasses
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from curate.errors import LakeError
from curate.export.exports import EXPORTS
from curate.export.format import Missed, Part, Settings, Unit, whole
from curate.export.sample import Sample, Tensor
from curate.export.stage import Cut
from curate.media.machine import unheld
from curate.media.sandbox import isolated
from curate.storage.blobs import Blobs
from jobs.gather import clip_files, clips, media
from jobs.job import Snapshot
from schemas.caption import Caption
from schemas.clip import TOLD, Score, Sound, Text
from schemas.latent import Latent
from schemas.media import Media, Source

RECORDS = "_units"


@dataclass(frozen=True)
class Order:
    """An export that was asked for."""

    snapshot: Snapshot
    format: str
    out: Blobs
    settings: Settings
    cut: Cut
    key: str  # the hash of all that decides what is written
    metrics: tuple[str, ...] | None = None  # None: all
    encoders: tuple[str, ...] = ()  # of latents, where the format holds those: of the picture, of the sound
    isolation_required: bool = False  # a machine that cannot hold the children that cut is refused


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clip that is to be exported, and those of its captions that count."""

    clip_id: str
    weight: float
    caption_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportUnit:
    """The clips of one shard."""

    index: int
    of: int
    clips: tuple[Wanted, ...]


@dataclass
class Record:
    """What became of a unit; kept beside its shard, so that it is not written again."""

    key: str
    index: int
    parts: list[Part] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    samples: int = 0
    copied: int = 0
    media_us: int = 0
    encoded: dict[str, int] = field(default_factory=dict)  # why a clip was not copied

    def json(self) -> bytes:
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, sort_keys=True).encode()


def record_of(body: bytes) -> Record:
    """A record as it was kept."""
    told = json.loads(body)
    parts, missed = [Part(**one) for one in told.pop("parts")], [Missed(**one) for one in told.pop("missed")]
    return Record(**{**told, "parts": parts, "missed": missed})


def record_path(index: int) -> str:
    return f"{RECORDS}/{index:06d}.json"


class ExportWorker:
    """Writes units of one export. The stage that cuts is opened at the first, and kept."""

    def __init__(self, order: Order) -> None:
        self.order, self.format = order, EXPORTS[order.format]
        unheld(order.isolation_required)
        self.run = isolated(order.cut, order.cut.limits)

    def __call__(self, unit: ExportUnit) -> Record:
        order, record = self.order, Record(self.order.key, unit.index)
        named = Unit(unit.index, unit.of, order.settings)
        samples = self._counted(unit, record)
        if order.cut.dry:
            for _ in samples:
                pass
            return record
        record.parts = self.format.write(order.out, named, samples, record.missed.append)
        whole(order.out, record_path(unit.index), record.json())
        return record

    def _counted(self, unit: ExportUnit, record: Record) -> Iterator[Sample]:
        for sample in self._samples(unit, record.missed):
            record.samples += 1
            record.media_us += sample.clip.end_us - sample.clip.start_us
            if sample.file is not None:
                cut = sample.file[0]
                record.copied += cut.copied
                if cut.why is not None:
                    record.encoded[cut.why] = record.encoded.get(cut.why, 0) + 1
            yield sample

    def _samples(self, unit: ExportUnit, missed: list[Missed]) -> Iterator[Sample]:
        """The samples of a unit; what is not there, or may not be used any more, is told."""
        known = _Known(self.order, unit)
        missed += known.missed
        if not self.format.files:
            yield from (known.sample(clip_id) for clip_id in known.clips)
            return
        for outcome in self.run(clip_files(self.order.snapshot, list(known.clips))):
            if outcome.failure is not None:
                missed.append(Missed(outcome.input_id, outcome.failure.kind, outcome.failure.detail))
            for heavy in outcome.rows:
                assert isinstance(heavy.body, bytes)  # noqa: S101  the stage gives no other
                yield dataclasses.replace(known.sample(heavy.row.clip_id), file=(heavy.row, heavy.body))


class _Known:
    """All that the lake says of the clips of a unit, but for their bytes."""

    def __init__(self, order: Order, unit: ExportUnit) -> None:
        self._order, snapshot = order, order.snapshot
        self.wanted = {one.clip_id: one for one in unit.clips}
        found = {clip.clip_id: clip for clip in clips(snapshot, list(self.wanted))}
        media_ids = sorted({clip.media_id for clip in found.values()})
        self._media, self._sources = media(snapshot, media_ids), _sources(snapshot, media_ids)
        down = {name for name, sources in self._sources.items() if any(one.tombstone for one in sources)}
        self.clips = {
            name: clip for name, clip in found.items() if clip.media_id in self._media and clip.media_id not in down
        }
        self.missed = [
            Missed(name, "taken_down", "a source of it was taken down after the cut was made")
            if name in found and found[name].media_id in down
            else Missed(name, "gone", "the recipe has no such clip: name the one that the cut was made by")
            for name in self.wanted
            if name not in self.clips
        ]
        self._read(snapshot, list(self.clips))

    def _read(self, snapshot: Snapshot, ids: Sequence[str]) -> None:
        told = [caption_id for clip_id in ids for caption_id in self.wanted[clip_id].caption_ids]
        self._captions = _by_clip(snapshot.all_rows("captions", Caption, "caption_id", told))
        tables = ("scores", *(("ratings",) if "ratings" in snapshot.fingerprints else ()))
        self._scores = _by_clip(row for name in tables for row in snapshot.rows(name, Score, "input_id", ids))
        self._sounds = _by_clip(snapshot.rows("sounds", Sound, "input_id", ids))
        self._texts = _by_clip(snapshot.rows("texts", Text, "input_id", ids))
        self._latents = _by_clip(snapshot.rows("latents", Latent, "clip_id", ids) if self._order.encoders else ())

    def sample(self, clip_id: str) -> Sample:
        clip, wanted = self.clips[clip_id], self.wanted[clip_id]
        captions = {row.caption_id: row for row in self._captions[clip_id]}
        metrics = self._order.metrics
        scores = {row.metric: row.value for row in self._scores[clip_id] if metrics is None or row.metric in metrics}
        sounds = (row for row in self._sounds[clip_id] if row.kind not in TOLD)
        return Sample(
            clip=clip,
            media=self._media[clip.media_id],
            sources=self._sources[clip.media_id],
            captions=tuple(captions[one] for one in wanted.caption_ids if one in captions),
            scores=dict(sorted(scores.items())),
            sounds=tuple(sorted(sounds, key=lambda row: (row.start_us, row.sound_id))),
            texts=tuple(sorted(self._texts[clip_id], key=lambda row: (row.start_us, row.text_id))),
            side=self._order.settings.side,
            weight=wanted.weight,
            picture=self._tensor(clip_id, ("video", "still")),
            audio=self._tensor(clip_id, ("audio",)),
        )

    def _tensor(self, clip_id: str, modalities: Sequence[str]) -> Tensor | None:
        for row in self._latents[clip_id]:
            if row.modality in modalities and row.encoder in self._order.encoders and row.blob is not None:
                blob, lake = row.blob, self._order.snapshot.lake
                body = lake.blobs.read(blob.shard, blob.offset, blob.length)
                if hashlib.sha256(body).hexdigest() != row.sha256:
                    raise LakeError(f"the latent of {clip_id} in {blob.shard} is damaged: see to it with `retold fsck`")
                return Tensor(row, body)
        return None


def _sources(snapshot: Snapshot, media_ids: Sequence[str]) -> dict[str, tuple[Source, ...]]:
    """The sources of each media, each as it was last added; a takedown of one stays."""
    owned = sorted({(row.media_id, row.source_id) for row in snapshot.rows("media", Media, "media_id", media_ids)})
    ids = sorted({source_id for _, source_id in owned})
    rows = sorted(snapshot.rows("sources", Source, "source_id", ids), key=lambda row: (row.tombstone, row.added_us))
    last = {row.source_id: row for row in rows}
    found: defaultdict[str, list[Source]] = defaultdict(list)
    for media_id, source_id in owned:
        if source_id in last:
            found[media_id].append(last[source_id])
    return {media_id: tuple(found[media_id]) for media_id in media_ids}


def _by_clip(rows: Any) -> defaultdict[str, list[Any]]:
    grouped: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.clip_id].append(row)
    return grouped
