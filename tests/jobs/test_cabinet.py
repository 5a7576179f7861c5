"""Every file of the cabinet at once: each has its row, bad ones say why, none takes the job down."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from curate.storage.lake import open_lake

pytestmark = [pytest.mark.integration, pytest.mark.golden]

KINDS = {
    "zero_length.mp4": "not_media",
    "text_named.mp4": "not_media",
    "truncated_moov_at_end.mp4": "not_media",
    "init_segment_only.mp4": "no_frames",
    "subtitles_only.mp4": "no_video",
    "audio_only_92s.mp4": "no_video",
    "jfk_11s.flac": "no_video",
    "av1_4k60_363s.mp4": "timeout",
}
"""What fails, and how; everything else becomes clips."""

GOOD = ("jfk_11s.flac", "bbb_240p_5s.mp4", "sintel_trailer_480p_10s.mp4", "stream_audioless_title_360p.webm")
"""Beside the cabinet."""

SETTINGS = ("scan.limits.deadline_max_s=40", "read.max_frames=1")


def retold(*arguments: str) -> "subprocess.CompletedProcess[str]":
    settings = [part for setting in SETTINGS for part in ("--set", setting)]
    return subprocess.run(
        [sys.executable, "-m", "jobs", *arguments, *settings], capture_output=True, text=True, check=False
    )


@pytest.mark.timeout(1500)
def test_the_whole_cabinet_goes_in_at_once(media: Path, tmp_path: Path) -> None:
    where = str(tmp_path / "lake")
    files = [*(media / "nasty").iterdir(), *(media / "bomb").iterdir(), *(media / "good" / name for name in GOOD)]
    inputs = [str(media / "nasty"), *(str(file) for file in files if file.parent.name != "nasty")]
    done = retold("run", *inputs, "--lake", where, "--json")
    assert done.returncode == 0, done.stdout + done.stderr

    lake = open_lake(where, {})
    assert lake.scan("sources").select(pl.len()).collect().item() == len(files)

    said = [json.loads(line) for line in retold("failures", "--lake", where, "--json").stdout.splitlines()]
    failed = {Path(failure["what"]).name: failure["kind"] for failure in said}
    assert failed == KINDS
    assert all(len(failure["detail"].split()) >= 3 for failure in said)

    media_ids = lake.scan("media").filter(pl.col("outputs") > 0).select("media_id").unique().collect()["media_id"]
    fetched = sum(kind not in ("not_media", "no_frames") for kind in KINDS.values())
    clips = lake.scan("clips").filter(pl.col("outputs") > 0).select("media_id").unique().collect()["media_id"]
    assert len(clips) == len(media_ids) - fetched
    assert lake.scan("media").filter(pl.col("outputs") > 0).select(pl.len()).collect().item() > len(media_ids)

    again = retold("run", "--lake", where, "--strict")
    assert again.returncode == 1
    assert "nothing to do" in again.stdout
