"""What an export knows of one clip."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from curate.export.clip import CutClip
from schemas.caption import Caption, Claim
from schemas.clip import Clip, Sound, Text
from schemas.latent import Latent
from schemas.media import Media, Source
from schemas.uri import shown_uri

Plain = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A latent and its bytes."""

    latent: Latent
    body: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """A clip that is kept, and all that is said of it. `file` is there where the format has files of clips."""

    clip: Clip
    media: Media
    sources: tuple[Source, ...]
    captions: tuple[Caption, ...]
    scores: Mapping[str, float]
    sounds: tuple[Sound, ...]
    texts: tuple[Text, ...]
    side: Literal["train", "validation"]
    weight: float
    file: tuple[CutClip, bytes] | None = None
    picture: Tensor | None = None
    audio: Tensor | None = None

    @property
    def key(self) -> str:
        """Its name in the export: that of the clip, without a slash or a dot."""
        return key_of(self.clip.clip_id)


def key_of(clip_id: str) -> str:
    """A clip's name as a file name. WebDataset ends a key at its first dot."""
    return clip_id.replace("/", "_").replace(".", "-")


def told(sample: Sample) -> dict[str, object]:
    """All that is said of a clip, as JSON has it; times are µs from the beginning of its file."""
    clip = sample.clip
    said: dict[str, object] = {
        "clip_id": clip.clip_id,
        "media_id": clip.media_id,
        "start_us": clip.start_us,
        "end_us": clip.end_us,
        "still": clip.still,
        "side": sample.side,
        "weight": sample.weight,
        "captions": [_caption(one, clip) for one in sample.captions],
        "events": events(sample),
        "scores": dict(sample.scores),
        "sources": [source(one) for one in sample.sources],
    }
    if sample.file is not None:
        cut = sample.file[0]
        said |= {
            "width": cut.width, "height": cut.height, "frames": cut.frames, "sound": cut.sound, "copied": cut.copied,
            "sha256": cut.sha256,
        }  # fmt: skip
    return said


def source(one: Source) -> dict[str, object]:
    """Where a clip came from, and by what licence; nothing in it opens a door."""
    return {
        "uri": shown_uri(one.uri), "licence": one.licence, "provenance": one.provenance, "title": one.title,
    }  # fmt: skip


def events(sample: Sample) -> list[dict[str, object]]:
    """What is heard and read, in order of time."""
    clip = sample.clip
    heard: list[dict[str, object]] = [
        {"kind": one.kind, **_within(one.start_us, one.end_us, clip), "text": one.text, "label": one.label}
        for one in sample.sounds
    ]
    read: list[dict[str, object]] = [
        {"kind": "text", **_within(one.start_us, one.end_us, clip), "text": one.text, "label": None}
        for one in sample.texts
    ]
    return sorted(heard + read, key=lambda one: (one["start_us"], one["end_us"], one["kind"], str(one["text"])))


def _caption(caption: Caption, clip: Clip) -> dict[str, object]:
    return {
        "caption_id": caption.caption_id,
        "captioner": caption.captioner,
        "language": caption.language,
        "dense": caption.dense,
        "medium": caption.medium,
        "short": caption.short,
        "tags": list(caption.tags),
        "claims": [_claim(claim, clip) for claim in caption.claims],
    }


def _claim(claim: Claim, clip: Clip) -> dict[str, object]:
    span = _within(claim.start_us, claim.end_us, clip)
    return {"facet": claim.facet, **span, "text": claim.text, "uncertain": claim.uncertain}


def _within(start_us: int, end_us: int, clip: Clip) -> dict[str, int]:
    """A span of the media in the file of a clip."""
    length_us = max(0, clip.end_us - clip.start_us)
    return {
        "start_us": min(max(0, start_us - clip.start_us), length_us),
        "end_us": min(max(0, end_us - clip.start_us), length_us),
    }
