"""Proxies of what the web really serves, made in a child process."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from curate.errors import RowError
from curate.media.limits import GIB, Limits
from curate.media.sandbox import isolated
from curate.proxy.stage import Proxy
from curate.proxy.told import Told
from schemas.clip import Clip, clip_id
from tests.media.rows import media_file

LIMITS = Limits(memory_bytes=2 * GIB, deadline_s=120.0, deadline_per_media_s=10.0)


def told(path: Path) -> Told:
    """The first two seconds of a file as one clip."""
    row = media_file(path)
    end_us = min(row.media.duration_us or 2_000_000, 2_000_000)
    clip = Clip(clip_id(row.id, 0, end_us), row.id, 0, end_us, 1, "edge", "edge", 0, row.media.still, 0, 0, 1, 1)
    return Told(path.name, "flagged", clip, row.media, row.file)


@pytest.mark.golden
@pytest.mark.integration
def test_each_file_of_the_cabinet_gives_a_proxy_or_a_failure(media: Path) -> None:
    rows = []
    for path in sorted([*(media / "nasty").iterdir(), *(media / "bomb").iterdir()]):
        try:
            rows.append(told(path))
        except RowError:
            continue  # it never became a media
    stage = Proxy(limits=LIMITS)
    with closing(isolated(stage, LIMITS)) as run:
        outcomes = {outcome.input_id: outcome for outcome in run(rows)}
    assert set(outcomes) == {row.id for row in rows}
    failed = {name: one.failure.kind for name, one in outcomes.items() if one.failure}
    assert failed == {"audio_only_92s.mp4": "no_video", "subtitles_only.mp4": "no_video"}
    for name, outcome in outcomes.items():
        for heavy in outcome.rows:
            assert heavy.body[4:8] == b"ftyp", name
            assert max(heavy.row.width / 1280, heavy.row.height / 720) <= 1
            assert heavy.row.width % 2 == heavy.row.height % 2 == 0


@pytest.mark.golden
@pytest.mark.integration
def test_a_clip_that_would_take_too_much_memory_is_a_failure(media: Path) -> None:
    small = replace(LIMITS, memory_bytes=150 << 20)
    with closing(isolated(Proxy(limits=small), small)) as run:
        (outcome,) = run([told(media / "nasty" / "hevc_8k_300ms.mp4")])
    assert outcome.failure is not None
    assert outcome.failure.kind == "too_large"
