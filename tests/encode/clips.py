"""Clips of files, as `split` would give them."""

import hashlib
from pathlib import Path

from curate.media.facts import read_facts
from curate.media.file import ClipFile, LocalFile
from schemas.clip import Clip, clip_id
from schemas.media import Media


def clip_of(path: Path, start_us: int, end_us: int, crop: tuple[int, int, int, int] | None = None) -> ClipFile:
    file = LocalFile(str(path), 0, path.stat().st_size)
    facts = read_facts(file)
    media_id = hashlib.sha256(path.read_bytes()).hexdigest()
    media = Media(
        media_id, "source", file.size, facts.container, facts.duration_us, facts.still, facts.streams,
        facts.picture, facts.audio,
    )  # fmt: skip
    assert facts.picture is not None
    box = crop or (0, 0, facts.picture.width, facts.picture.height)
    key = clip_id(media_id, start_us, end_us)
    return ClipFile(Clip(key, media_id, start_us, end_us, 1, "edge", "edge", 0, facts.still, *box), media, file)
