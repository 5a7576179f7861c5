"""What goes into each stage, read in the worker by the ids of a unit."""

import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TypeVar

import polars as pl

from captioners.evidence import (
    CaptionedEvidence,
    Evidence,
    FlawedCaption,
    ReviewedCaption,
    SeenCaption,
    SeenEvidence,
)
from captioners.render import renderer, stored
from curate.encode.wording import Variant, Wordings
from curate.media.file import ClipFile, LocalFile, MediaFile
from curate.proxy.told import Told
from curate.score.clip_strip import ClipStrip
from curate.split.media_strip import MediaStrip
from curate.subtitle.subtitled import Subtitled, text_streams
from jobs.job import Snapshot
from schemas.caption import Caption, Review, Status, Verdict
from schemas.clip import Clip, Score, Sound, Text
from schemas.media import Blob, Media, Sidecar, Source
from schemas.question import QuizQuestion
from schemas.strip import Strip
from schemas.testimony import Testimony
from schemas.view import View

AT_ONCE_US = 1_800_000_000
"""Media whose strips are read together: some 50 MB of pixels."""
UNKNOWN_US = 300_000_000
AHEAD = 16
"""Media whose bytes stay on this machine after the last of their rows was taken: more rows are never under way."""

R = TypeVar("R", Score, Sound, Text)
V = TypeVar("V")


def sources(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[Source]:
    """Each source once, as it was last added."""
    rows = sorted(snapshot.rows("sources", Source, "source_id", ids), key=lambda s: (s.source_id, s.added_us))
    yield from {row.source_id: row for row in rows}.values()


def media(snapshot: Snapshot, ids: Sequence[str]) -> dict[str, Media]:
    """Each media once, whichever sources it came from."""
    rows = sorted(snapshot.rows("media", Media, "media_id", ids), key=lambda m: m.source_id, reverse=True)
    return {row.media_id: row for row in rows}


def media_files(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[MediaFile]:
    for row in sorted(media(snapshot, ids).values(), key=lambda m: m.media_id):
        with snapshot.lake.blobs.local(_blob(row)) as file:
            yield MediaFile(row, file)


def subtitled(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[Subtitled]:
    """Each media with what came beside it from any of its sources; its bytes are not touched where nothing asks."""
    beside: defaultdict[str, list[tuple[Sidecar, bytes]]] = defaultdict(list)
    for row in sorted(snapshot.rows("media", Media, "media_id", ids), key=lambda m: m.source_id):
        for sidecar in row.sidecars:
            if (blob := sidecar.blob) is not None:
                data = snapshot.lake.blobs.read(blob.shard, blob.offset, blob.length)
                beside[row.media_id].append((sidecar, data))
    for media_id, row in sorted(media(snapshot, ids).items()):
        sidecars = tuple(beside[media_id])
        if text_streams(row) or sidecars:
            with snapshot.lake.blobs.local(_blob(row)) as file:
                yield Subtitled(row, file, sidecars)
        else:
            yield Subtitled(row, None)


def media_strips(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[MediaStrip]:
    known = media(snapshot, ids)
    for some in _of_little_time(known):
        for strip in snapshot.rows("strips", Strip, "media_id", some):
            yield MediaStrip(known[strip.media_id], strip)


def _of_little_time(known: Mapping[str, Media]) -> Iterator[list[str]]:
    """Ids of media that last no longer than `AT_ONCE_US` together, or of a single one."""
    some, held_us = list[str](), 0
    for media_id, one in known.items():
        length_us = one.duration_us or UNKNOWN_US
        if some and held_us + length_us > AT_ONCE_US:
            yield some
            some, held_us = [], 0
        some.append(media_id)
        held_us += length_us
    if some:
        yield some


def clips(snapshot: Snapshot, ids: Sequence[str]) -> list[Clip]:
    """Clips in the order of their ids: those of one media side by side, in time order."""
    return sorted(snapshot.rows("clips", Clip, "clip_id", ids), key=lambda clip: clip.clip_id)


def clip_strips(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[ClipStrip]:
    for media_id, group in _by_media(clips(snapshot, ids)):
        known = media(snapshot, [media_id])[media_id]
        (strip,) = snapshot.rows("strips", Strip, "media_id", [media_id])
        for clip in group:
            yield ClipStrip(clip, known, strip)


def clip_files(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[ClipFile]:
    for media_id, group in _by_media(clips(snapshot, ids)):
        known = media(snapshot, [media_id])[media_id]
        with snapshot.lake.blobs.local(_blob(known)) as file:
            for clip in group:
                yield ClipFile(clip, known, file)


def clip_files_ahead(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[ClipFile]:
    """The same, where rows are taken ahead: the bytes of the last few media stay where they are."""
    kept: deque[ExitStack] = deque()
    try:
        for media_id, group in _by_media(clips(snapshot, ids)):
            known = media(snapshot, [media_id])[media_id]
            if len(kept) > AHEAD:
                kept.popleft().close()
            kept.append(ExitStack())
            file = kept[-1].enter_context(snapshot.lake.blobs.local(_blob(known)))
            yield from (ClipFile(clip, known, file) for clip in group)
    finally:
        for stack in kept:
            stack.close()


def evidence(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[Evidence]:
    found = clips(snapshot, ids)
    known = media(snapshot, sorted({clip.media_id for clip in found}))
    scores = _by_clip(snapshot.rows("scores", Score, "input_id", ids))
    sounds = _by_clip(snapshot.rows("sounds", Sound, "input_id", ids))
    texts = _by_clip(snapshot.rows("texts", Text, "input_id", ids))
    views = {view.clip_id: view for view in rows_of("views", snapshot, View, ids)}
    hearings = {view.clip_id: view for view in rows_of("hearings", snapshot, View, ids)}
    for clip in found:
        yield Evidence(
            clip,
            known[clip.media_id],
            tuple(sorted(scores[clip.clip_id], key=lambda s: s.metric)),
            tuple(sorted(sounds[clip.clip_id], key=lambda s: (s.start_us, s.sound_id))),
            tuple(sorted(texts[clip.clip_id], key=lambda t: (t.start_us, t.text_id))),
            views.get(clip.clip_id),
            hearings.get(clip.clip_id),
        )


def rows_of(name: str, snapshot: Snapshot, row: type[V], ids: Sequence[str]) -> Iterator[V]:
    """Rows of a table that not every recipe has."""
    if name in snapshot.fingerprints:
        yield from snapshot.rows(name, row, "input_id", ids)


def captioned(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[CaptionedEvidence]:
    told = list(_told(snapshot, ids))
    asked: defaultdict[str, list[QuizQuestion]] = defaultdict(list)
    clip_ids = sorted({caption.clip_id for caption, _ in told})
    for row in sorted(rows_of("questions", snapshot, QuizQuestion, clip_ids), key=lambda q: q.question_id):
        asked[row.clip_id].append(row)
    said = {row.caption_id: row for row in rows_of("testimonies", snapshot, Testimony, ids)}
    for caption, known in told:
        yield CaptionedEvidence(caption, known, tuple(asked[caption.clip_id]), said.get(caption.caption_id))


def _told(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[tuple[Caption, Evidence]]:
    """Captions with the evidence of their clips: those of one clip side by side."""
    captions = sorted(snapshot.rows("captions", Caption, "caption_id", ids), key=lambda c: (c.clip_id, c.caption_id))
    known = {e.id: e for e in evidence(snapshot, sorted({caption.clip_id for caption in captions}))}
    yield from ((caption, known[caption.clip_id]) for caption in captions)


def seen_evidence(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[SeenEvidence]:
    """Evidence with the bytes of its media."""
    yield from (SeenEvidence(row, file) for row, file in _with_files(snapshot, evidence(snapshot, ids), _media))


def measured_evidence(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[SeenEvidence]:
    """The same without what models say of the clips."""
    for row in seen_evidence(snapshot, ids):
        yield replace(row, evidence=replace(row.evidence, view=None, hearing=None))


def seen_captions(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[SeenCaption]:
    """Captions with the bytes of their media."""
    for (caption, known), file in _with_files(snapshot, _told(snapshot, ids), lambda row: row[1].media):
        yield SeenCaption(caption, known, file)


def flawed(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[FlawedCaption]:
    """Tested captions; those that are flagged with the bytes of their media."""
    verdicts = {row.caption_id: row for row in snapshot.rows("verdicts", Verdict, "caption_id", ids)}
    told = list(_told(snapshot, ids))
    bad = [one for one in told if verdicts[one[0].caption_id].status == "flagged"]
    for caption, known in told:
        if verdicts[caption.caption_id].status != "flagged":
            yield FlawedCaption(caption, verdicts[caption.caption_id], known, None)
    for (caption, known), file in _with_files(snapshot, iter(bad), lambda row: row[1].media):
        yield FlawedCaption(caption, verdicts[caption.caption_id], known, file)


def reviewed(snapshot: Snapshot, ids: Sequence[str]) -> Iterator[ReviewedCaption]:
    """Reviews with their captions, whichever recipe these are of."""
    rows = list(snapshot.rows("reviews", Review, "review_id", ids))
    wanted = pl.col("caption_id").is_in(sorted({row.caption_id for row in rows}))
    captions = {row.caption_id: row for row in snapshot.lake.rows("captions", Caption, wanted)}
    for row in {row.review_id: row for row in rows}.values():
        yield ReviewedCaption(row, captions.get(row.caption_id))


def told_clips(snapshot: Snapshot, ids: Sequence[str], wants: Callable[[Status, str], bool]) -> Iterator[Told]:
    """Tested captions with the bytes of their clips, where somebody may look at one that has no proxy yet.

    Of several captions of a clip, the first that is wanted brings its bytes.
    """
    verdicts = snapshot.payload("verdicts").filter(pl.col("caption_id").is_in(list(ids)))
    told = verdicts.select("clip_id", "caption_id", "status").sort("clip_id", "caption_id").collect()
    known = {clip.clip_id: clip for clip in clips(snapshot, told["clip_id"].unique().to_list())}
    made = snapshot.payload("proxies").filter(pl.col("clip_id").is_in(list(known))).select("clip_id").collect()
    seen = set(made["clip_id"])
    for media_id, group in itertools.groupby(told.iter_rows(), key=lambda row: known[row[0]].media_id):
        of = media(snapshot, [media_id])[media_id]
        with ExitStack() as stack:
            file: LocalFile | None = None
            for clip_id, caption_id, status in group:
                wanted = clip_id not in seen and wants(status, clip_id)
                if wanted:
                    seen.add(clip_id)
                    file = file or stack.enter_context(snapshot.lake.blobs.local(_blob(of)))
                yield Told(caption_id, status, known[clip_id], of, file if wanted else None)


def wordings(
    snapshot: Snapshot, ids: Sequence[str], variants: Sequence[Variant], formats: Mapping[Variant, str]
) -> Iterator[Wordings]:
    """The texts of captions, as they are stored or in other renderings of their records."""
    renders = {variant: stored(renderer(name)) for variant, name in formats.items()}
    for row in sorted(snapshot.rows("captions", Caption, "caption_id", ids), key=lambda c: (c.clip_id, c.caption_id)):
        known = {"dense": row.dense, "medium": row.medium, "short": row.short, "tags": ", ".join(row.tags), "none": ""}
        texts = (renders[one](row.record) if one in renders else known[one] for one in variants)
        yield Wordings(row.caption_id, row.clip_id, tuple(zip(variants, texts, strict=True)))


def _media(row: Evidence) -> Media:
    return row.media


def _with_files(snapshot: Snapshot, rows: Iterator[V], media_of: Callable[[V], Media]) -> Iterator[tuple[V, LocalFile]]:
    """Rows in the order of their media, with the bytes of these.

    Those of the last few media stay where they are: rows are taken ahead.
    """
    kept: deque[ExitStack] = deque()
    try:
        for media, group in itertools.groupby(list(rows), key=media_of):
            if len(kept) > AHEAD:
                kept.popleft().close()
            kept.append(ExitStack())
            file = kept[-1].enter_context(snapshot.lake.blobs.local(_blob(media)))
            yield from ((row, file) for row in group)
    finally:
        for stack in kept:
            stack.close()


def _blob(row: Media) -> Blob:
    if row.blob is None:
        raise RuntimeError(f"media {row.media_id} was committed without its bytes")
    return row.blob


def _by_media(found: Sequence[Clip]) -> Iterator[tuple[str, list[Clip]]]:
    for media_id, group in itertools.groupby(found, key=lambda clip: clip.media_id):
        yield media_id, list(group)


def _by_clip(rows: Iterator[R]) -> defaultdict[str, list[R]]:
    grouped: defaultdict[str, list[R]] = defaultdict(list)
    for row in rows:
        grouped[row.clip_id].append(row)
    return grouped
