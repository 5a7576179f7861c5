"""Audits, vacuum and takedown on a real S3 server, where a killed writer leaves an upload that nothing lists."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from curate.storage.lake import Lake
from jobs.cli import main
from jobs.environment import storage_options
from jobs.vacuum import vacuum
from tests.care.world import BODIES, SHARED, make_lake, media_of
from tests.servers.s3 import S3

pytestmark = pytest.mark.integration

WRITER = """
import hashlib, os, sys, time
from curate.fetch.shards import open_shard
from curate.storage.lake import open_lake
from jobs.environment import storage_options

def most_mib():
    (line,) = [line for line in open("/proc/self/status") if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024

blobs, mib, top = open_lake(sys.argv[1], storage_options()).blobs, int(sys.argv[2]), 0
body = os.urandom(1 << 20)
with open_shard(blobs, "media/shards/big.tar") as shard:
    for number in range(mib):
        shard.add(f"{number:064x}.bin", len(body), [body])
        top = max(top, most_mib())
    if sys.argv[3] == "wait":
        print("midway", flush=True)
        time.sleep(600)
print(top, flush=True)
"""


@pytest.fixture
def lake(s3_environment: S3) -> Lake:
    return make_lake(f"s3://{s3_environment.bucket}/some/lake", storage_options(s3_environment.environment))


def retold(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0), [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def audited(capsys: pytest.CaptureFixture[str], lake: Lake, *more: str) -> tuple[int, dict[str, Any]]:
    code, lines = retold(capsys, "fsck", "--lake", lake.uri, "--engine", "inline", "--json", *more)
    return code, lines[-1]


def everything(s3: S3) -> bytes:
    """All bytes of all objects of the bucket."""
    client = s3.client()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=s3.bucket)
    keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
    return b"".join(client.get_object(Bucket=s3.bucket, Key=key)["Body"].read() for key in keys)


def test_a_killed_writer_leaves_nothing_to_see_and_vacuum_gives_its_space_back(
    s3_environment: S3, lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-c", WRITER, lake.uri, "64", "wait"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "midway\n"
        os.kill(writer.pid, signal.SIGKILL)
    assert not [one for one in lake.blobs.objects("media/shards") if "big" in one.path]
    code, found = audited(capsys, lake)
    assert code == 0
    assert found["orphans"]["upload"]["objects"] == 1
    assert found["orphans"]["upload"]["bytes"] >= 16 << 20
    assert not vacuum(lake, 24, dry_run=False).removed
    code, removed = retold(capsys, "vacuum", "--lake", lake.uri, "--older-than", "0h", "--force", "--json")
    assert [(one["kind"], one["path"]) for one in removed] == [("upload", "media/shards/big.tar")]
    assert "Uploads" not in s3_environment.client().list_multipart_uploads(Bucket=s3_environment.bucket)
    assert audited(capsys, lake) == (0, {**found, "orphans": {}})


def test_an_upload_that_another_program_began_is_found_too(
    s3_environment: S3, lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    client = s3_environment.client()
    place = {"Bucket": s3_environment.bucket, "Key": "some/lake/latents/shards/x.parquet"}
    upload = client.create_multipart_upload(**place)["UploadId"]
    client.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"x" * 1000)
    client.create_multipart_upload(Bucket=s3_environment.bucket, Key="elsewhere/y")  # not of this lake
    _, found = audited(capsys, lake, "--fast")
    assert found["orphans"] == {"upload": {"objects": 1, "bytes": 1000}}
    (one,) = vacuum(lake, 0, dry_run=False).removed
    assert one.upload == upload
    left = client.list_multipart_uploads(Bucket=s3_environment.bucket)["Uploads"]
    assert [upload["Key"] for upload in left] == ["elsewhere/y"]


def test_a_large_shard_is_written_in_little_memory(lake: Lake) -> None:
    command = [sys.executable, "-c", WRITER, lake.uri, "256", "end"]
    done = subprocess.run(
        command, cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True, check=True
    )  # fmt: skip
    assert float(done.stdout) < 300
    (big,) = [one for one in lake.blobs.objects("media/shards") if "big" in one.path]
    assert big.size > 256 << 20


def test_a_takedown_leaves_nothing_in_the_bucket(
    s3_environment: S3, lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = [BODIES["one"][1000:1040], BODIES["one"][-40:], b"title of one", b"WEBVTT words of again"]
    before = everything(s3_environment)
    assert all(secret in before for secret in secrets)
    uris = [f"https://example.org/{name}" for name in ("one", SHARED)]
    code, (told,) = retold(capsys, "takedown", *uris, "--lake", lake.uri, "--dry-run", "--json")
    assert (code, told["media"]) == (0, 1)
    assert everything(s3_environment) == before
    code, (done,) = retold(capsys, "takedown", *uris, "--lake", lake.uri, "--yes", "--json")
    assert (code, done["media"], done["rows"]["clips"]) == (0, 1, 1)
    after = everything(s3_environment)
    assert not any(secret in after for secret in secrets)
    assert BODIES["two"] in after
    code, found = audited(capsys, lake)
    assert (code, found["damaged"], found["orphans"], found["unused_members"]) == (0, 0, {}, 0)
    assert media_of("one") not in lake.scan("latents").collect()["clip_id"].str.slice(0, 64)


def test_damage_is_told_and_ends_with_one(s3_environment: S3, lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    client = s3_environment.client()
    (shard, *_) = sorted(one.path for one in lake.blobs.objects("media/shards"))
    place = {"Bucket": s3_environment.bucket, "Key": f"some/lake/{shard}"}
    body = bytearray(client.get_object(**place)["Body"].read())
    at = body.find(BODIES["one"][:100])
    body[at + 50] ^= 1
    client.put_object(**place, Body=bytes(body))
    code, lines = retold(capsys, "fsck", "--lake", lake.uri, "--engine", "inline", "--json", "--repair")
    damage = next(line for line in lines if "owner" in line)
    assert (code, damage["kind"], damage["owner"]) == (1, "changed", media_of("one"))
    assert hashlib.sha256(BODIES["one"]).hexdigest() == damage["owner"]
    assert lines[-1] == {"forgotten": {"media": 2}}
    assert audited(capsys, lake)[0] == 0
