"""Real and generated media as stages take them."""

import hashlib
from pathlib import Path

from captioners.level import Samples
from curate.media.facts import read_facts
from curate.media.file import ClipFile, LocalFile
from curate.media.sound import samples
from schemas.clip import Clip, clip_id
from schemas.media import Media
from tests.captioners.synth import RATE_HZ


def media_of(path: Path) -> tuple[LocalFile, Media]:
    """A file, and what `fetch` would say of it."""
    file = LocalFile(str(path), 0, path.stat().st_size)
    facts = read_facts(file)
    media_id = hashlib.sha256(path.read_bytes()).hexdigest()
    return file, Media(
        media_id, "source", file.size, facts.container, facts.duration_us, facts.still, facts.streams, facts.picture,
        facts.audio,
    )  # fmt: skip


def clip_of(path: Path, start_us: int = 0, end_us: int | None = None) -> ClipFile:
    """A span of a file, the whole by default, as one clip."""
    file, media = media_of(path)
    end_us = end_us or media.duration_us or 1
    picture = media.picture
    width, height = (picture.width, picture.height) if picture else (0, 0)
    name = clip_id(media.media_id, start_us, end_us)
    clip = Clip(name, media.media_id, start_us, end_us, 1, "edge", "edge", 0, media.still, 0, 0, width, height)
    return ClipFile(clip, media, file)


def sound_of(path: Path) -> Samples:
    """The whole sound of a file in one channel at 16 kHz."""
    file, media = media_of(path)
    return samples(file, media, 0, media.duration_us or 0, RATE_HZ)[0]
