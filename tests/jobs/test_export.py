"""A cut as others read it: every kept clip once, nothing lost in silence, and what is there is not written again."""

import dataclasses
import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from PIL import Image

from curate.storage.blobs import Blobs
from curate.storage.lake import Lake, open_lake
from jobs.cli import main
from jobs.environment import storage_options
from schemas.clip import Clip
from schemas.media import Media, Source
from tests.export.reading import mds_rows, samples_of
from tests.proxy.films import Spec, film, numbers
from tests.servers.s3 import S3

pytestmark = pytest.mark.integration

RECIPE = """
sources = ['MEDIA']
[split]
min_us = 500_000
max_us = 2_000_000
[pick]
statuses = ["pass", "repaired", "reviewed", "flagged"]
bounds = []
"""


def retold(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake over a film of numbered frames with a click, of whose clips one begins with a key frame, and a still."""
    root = tmp_path_factory.mktemp("export")
    folder = root / "media"
    folder.mkdir()
    film(folder, Spec(frames=200, click_us=1_200_000, options=(("g", "41"), ("sc_threshold", "0"))))
    Image.new("RGB", (320, 180), (200, 30, 90)).save(folder / "still.png")
    (root / "recipe.toml").write_text(RECIPE.replace("MEDIA", str(folder)))
    assert not retold("run", str(root / "recipe.toml"), "--lake", str(root / "lake"), "--engine", "inline")
    return root


def lake_of(root: Path) -> Lake:
    return open_lake(str(root / "lake"), {})


def kept(root: Path) -> list[Clip]:
    lake = lake_of(root)
    ids = lake.scan("picks").filter(pl.col("kept")).select("clip_id").unique().collect()["clip_id"].to_list()
    return sorted(lake.rows("clips", Clip, pl.col("clip_id").is_in(ids)), key=lambda clip: clip.clip_id)


def export(root: Path, format_: str, out: Path, *more: str) -> int:
    return retold(
        "export", format_, str(out), "--lake", str(root / "lake"), "--recipe", str(root / "recipe.toml"),
        "--cut", "all", "--engine", "inline", *more,
    )  # fmt: skip


def manifest(out: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((out / "export.json").read_text())
    return told


FAST = ("--preset", "ultrafast")


def first_frame(clip: Clip) -> int:
    return round(clip.start_us * 24 / 1e6)


def test_webdataset_holds_every_kept_clip_once_frame_for_frame(root: Path, tmp_path: Path) -> None:
    assert export(root, "webdataset", tmp_path / "out", "--per-shard", "3", *FAST) == 0
    told, found = manifest(tmp_path / "out"), dict[str, dict[str, bytes]]()
    for shard in told["shards"]:
        body = (tmp_path / "out" / shard["path"]).read_bytes()
        assert (len(body), hashlib.sha256(body).hexdigest()) == (shard["size_bytes"], shard["sha256"])
        samples = samples_of(tmp_path / "out" / shard["path"])
        assert len(samples) == shard["rows"]
        assert not found.keys() & samples.keys()
        found |= samples
    clips = kept(root)
    assert list(found) == [clip.clip_id.replace("/", "_") for clip in clips]
    for clip, files in zip(clips, found.values(), strict=True):
        said = json.loads(files["json"])
        assert (said["clip_id"], said["side"], said["still"]) == (clip.clip_id, "train", clip.still)
        assert said["captions"][0]["dense"]
        assert said["scores"]
        assert said["sources"][0]["uri"].endswith(".png" if clip.still else ".mp4")
        if clip.still:
            assert files["png"] == (root / "media" / "still.png").read_bytes()
            continue
        (tmp_path / "clip.mp4").write_bytes(files["mp4"])
        assert numbers(tmp_path / "clip.mp4") == list(range(first_frame(clip), first_frame(clip) + clip.frames))
        assert hashlib.sha256(files["mp4"]).hexdigest() == said["sha256"]
        assert all(0 <= one["start_us"] <= one["end_us"] <= clip.end_us - clip.start_us for one in said["events"])
    assert (told["state"], told["samples"], told["left_out"]) == ("done", len(clips), {})
    assert told["copied"] == 2  # the clip at a key frame, and the still
    assert told["encoded"] == {"the clip does not begin with a key frame": len(clips) - 2}


def test_a_rehearsal_says_what_an_export_does_and_writes_nothing(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(root, "webdataset", tmp_path / "out", "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["dry_run"], told["samples"], told["copied"]) == (True, len(kept(root)), 2)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_mds_holds_every_kept_clip(root: Path, tmp_path: Path) -> None:
    assert export(root, "mds", tmp_path / "out", "--per-shard", "3", *FAST) == 0
    rows = list(mds_rows(tmp_path / "out"))
    assert [row["clip_id"] for row in rows] == [clip.clip_id for clip in kept(root)]
    assert all(row["dense"] and row["told"] for row in rows)
    assert {row["kind"] for row in rows} == {"mp4", "png"}


def test_hugging_face_holds_every_kept_clip(root: Path, tmp_path: Path) -> None:
    assert export(root, "huggingface", tmp_path / "out", "--per-shard", "3", "--title", "A cut", *FAST) == 0
    files = sorted((tmp_path / "out" / "data").iterdir())
    assert [file.name for file in files] == ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"]
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    assert [row["clip_id"] for row in rows] == [clip.clip_id for clip in kept(root)]
    for row in rows:
        file, other = (row["image"], row["video"]) if row["still"] else (row["video"], row["image"])
        assert hashlib.sha256(file["bytes"]).hexdigest() == row["sha256"]
        assert file["path"].endswith(".png" if row["still"] else ".mp4")
        assert other is None
    assert "A cut" in (tmp_path / "out" / "README.md").read_text()


def test_pairs_are_of_every_caption(root: Path, tmp_path: Path) -> None:
    assert export(root, "pairs", tmp_path / "out", "--prompts", "2") == 0
    lines = [json.loads(line) for line in (tmp_path / "out" / "all-000000.jsonl").read_text().splitlines()]
    assert {line["clip_id"] for line in lines} == {clip.clip_id for clip in kept(root)}
    assert len(lines) == 2 * len(kept(root))


def test_latents_that_the_trainer_cannot_read_are_told_not_written(root: Path, tmp_path: Path) -> None:
    assert export(root, "ltx2", tmp_path / "out", "--encoder", "dct-4x8x8-c16") == 0
    told = manifest(tmp_path / "out")
    assert told["left_out"] == {"no_latent": len(kept(root))}
    missed = [json.loads(line) for line in (tmp_path / "out" / "failures.jsonl").read_text().splitlines()]
    assert [one["clip_id"] for one in missed] == [clip.clip_id for clip in kept(root)]
    assert all("has 16 channels" in one["detail"] for one in missed)
    assert export(root, "ltx2", tmp_path / "other") == 2  # which encoder, it does not know


def test_what_is_there_is_not_written_again_and_what_is_lost_is(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert export(root, "webdataset", out, "--per-shard", "1", *FAST) == 0
    first = {path: path.stat().st_mtime_ns for path in out.glob("*.tar")}
    whole = {path: path.read_bytes() for path in first}
    before = manifest(out)
    lost = sorted(first)[1]
    lost.unlink()
    assert export(root, "webdataset", out, "--per-shard", "1", *FAST) == 0
    again = {path: path.stat().st_mtime_ns for path in out.glob("*.tar")}
    assert {path for path in again if again[path] != first[path]} == {lost}
    assert {path: path.read_bytes() for path in again} == whole
    assert manifest(out) == before


def test_killed_it_goes_on_where_it_was(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "jobs", "export", "webdataset", str(out), "--lake", str(root / "lake"),
        "--recipe", str(root / "recipe.toml"), "--cut", "all", "--engine", "inline", "--per-shard", "1", *FAST,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        until = time.monotonic() + 60
        while not list(out.glob("_units/*.json")) and time.monotonic() < until:
            time.sleep(0.02)
        running.kill()
    done = {path: path.stat().st_mtime_ns for path in out.glob("_units/*.json")}
    assert done
    assert manifest(out)["state"] in ("under way", "done")
    assert export(root, "webdataset", out, "--per-shard", "1", *FAST) == 0
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert manifest(out)["state"] == "done"
    assert sum(len(samples_of(path)) for path in out.glob("*.tar")) == len(kept(root))


def test_a_place_that_holds_something_else_is_refused(root: Path, tmp_path: Path, capsys: Any) -> None:
    assert export(root, "pairs", tmp_path / "out") == 0
    assert export(root, "pairs", tmp_path / "out", "--prompts", "1") == 2
    assert "holds another export" in capsys.readouterr().err
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    assert export(root, "pairs", tmp_path / "mine") == 2
    assert export(root, "sculpture", tmp_path / "new") == 2
    assert retold("export", "pairs", str(tmp_path / "new"), "--lake", str(root / "lake"), "--cut", "no such") == 2


def test_a_clip_that_fails_is_told_and_tried_again_when_asked(root: Path, tmp_path: Path) -> None:
    """A film whose bytes are lost: its clips fail, the others are there."""
    lake, out = tmp_path / "lake", tmp_path / "out"
    shutil.copytree(root / "lake", lake)
    (media,) = lake_of(root).rows("media", Media, pl.col("container") == "mp4")
    assert media.blob is not None
    shard = lake / media.blob.shard
    body = bytearray(shard.read_bytes())
    good = bytes(body)
    body[media.blob.offset : media.blob.offset + media.blob.length] = bytes(media.blob.length)
    shard.write_bytes(body)
    asked = (
        "export", "webdataset", str(out), "--lake", str(lake), "--recipe", str(root / "recipe.toml"), "--cut", "all",
        "--engine", "inline", *FAST,
    )  # fmt: skip
    assert retold(*asked) == 0
    films = [clip.clip_id for clip in kept(root) if not clip.still]
    missed = [json.loads(line) for line in (out / "failures.jsonl").read_text().splitlines()]
    assert [one["clip_id"] for one in missed] == films
    assert manifest(out)["samples"] == 1
    shard.write_bytes(good)
    assert retold(*asked, "--strict") == 1
    assert retold(*asked, "--retry", "--strict") == 0
    assert manifest(out)["samples"] == len(kept(root))


@pytest.mark.parametrize("format_", ["webdataset", "mds"])
def test_on_s3_it_is_the_same(format_: str, root: Path, tmp_path: Path, s3_environment: S3) -> None:
    there = Blobs(f"s3://{s3_environment.bucket}/given/{format_}", storage_options(s3_environment.environment))
    for out in (str(tmp_path / "out"), there.uri):
        asked = ("--lake", str(root / "lake"), "--recipe", str(root / "recipe.toml"), "--cut", "all")
        assert retold("export", format_, out, *asked, "--engine", "inline", "--per-shard", "3", *FAST) == 0
    held = {one.path: one.size for one in there.objects("")}
    here = {str(path.relative_to(tmp_path / "out")): path for path in (tmp_path / "out").glob("**/*") if path.is_file()}
    assert held.keys() == here.keys()
    assert {name: there.read(name, 0, size) if size else b"" for name, size in held.items()} == {
        name: path.read_bytes() for name, path in here.items()
    }


def test_what_was_taken_down_after_the_cut_was_made_is_left_out(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "lake", tmp_path / "lake")
    lake = open_lake(str(tmp_path / "lake"), {})
    (source,) = lake.rows("sources", Source, pl.col("uri").str.ends_with(".png"))
    lake.append("sources", [dataclasses.replace(source, tombstone=True)])
    asked = ("--lake", lake.uri, "--recipe", str(root / "recipe.toml"), "--cut", "all", "--engine", "inline")
    assert retold("export", "pairs", str(tmp_path / "out"), *asked) == 0
    (still,) = (clip.clip_id for clip in kept(root) if clip.still)
    missed = [json.loads(line) for line in (tmp_path / "out" / "failures.jsonl").read_text().splitlines()]
    assert [(one["clip_id"], one["kind"]) for one in missed] == [(still, "taken_down")]
    assert still not in (tmp_path / "out" / "all-000000.jsonl").read_text()


def test_scores_are_those_that_were_asked_for_and_clips_of_another_recipe_are_told(root: Path, tmp_path: Path) -> None:
    assert export(root, "webdataset", tmp_path / "out", "--score", "motion", "--score", "sharpness", *FAST) == 0
    (path,) = (tmp_path / "out").glob("*.tar")
    told = [json.loads(files["json"])["scores"] for files in samples_of(path).values()]
    assert {name for scores in told for name in scores} == {"motion", "sharpness"}
    assert export(root, "webdataset", tmp_path / "other", "--set", "split.max_us=3_000_000", *FAST) == 0
    left = manifest(tmp_path / "other")["left_out"]
    assert left == {"gone": len(kept(root))}
