"""The rights on S3 that the operator's guide names are enough for each who gets them, and no more than that."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from curate.film import FilmSpec, make_film
from curate.storage.lake import open_lake
from jobs.cli import main
from schemas.media import Media
from tests.servers.s3 import S3

pytestmark = pytest.mark.integration

GUIDE = Path(__file__).resolve().parents[2] / "infra" / "guides" / "operator.md"
PREFIX = "some/lake"


def statements(text: str, bucket: str, user: str) -> list[dict[str, Any]]:
    """The statements of a policy for a user, as those of a bucket are written."""
    policy = json.loads(text.replace("BUCKET", bucket).replace("PREFIX", PREFIX))
    who = {"AWS": [f"arn:aws:iam:::user/{user}"]}
    return [{**statement, "Principal": who} for statement in policy["Statement"]]


def refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except ClientError as error:
        return bool(error.response["Error"]["Code"] == "AccessDenied")
    return False


def acting(patch: pytest.MonkeyPatch, who: S3, *arguments: str) -> int:
    """A command with the keys of somebody: its exit code."""
    for name, value in who.environment.items():
        patch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--lake", f"s3://{who.bucket}/{PREFIX}"])
    return int(ended.value.code or 0)


def test_who_has_the_rights_of_the_guide_does_its_work_and_nothing_else(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = s3.fresh()
    runner, reader, nobody = (owner.somebody() for _ in range(3))
    policies = re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.S)
    allowed = [
        statement
        for text, who in zip(policies, (runner, reader), strict=True)
        for statement in statements(text, owner.bucket, who.access_key)
    ]
    # this gateway holds the deletion of several objects at once against the bucket, not against each of them
    several = {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{owner.bucket}"}
    allowed.append({**several, "Principal": allowed[0]["Principal"]})
    owner.client().put_bucket_policy(
        Bucket=owner.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": allowed})
    )
    owner.client().put_object(Bucket=owner.bucket, Key="else/secret", Body=b"of others")
    make_film(tmp_path / "film.mp4", FilmSpec(seed=4, seconds=2, width=96, height=64, fps=10))
    film, until = str(tmp_path / "film.mp4"), ("--until", "split", "--engine", "inline")
    assert acting(monkeypatch, runner, "run", film, *until) == 0
    for command in (("fsck", "--engine", "inline"), ("vacuum", "--older-than", "7d"), ("takedown", film, "--dry-run")):
        assert acting(monkeypatch, runner, *command) == 0, command
    lake = open_lake(f"s3://{owner.bucket}/{PREFIX}", reader.options)
    (one,) = lake.rows("media", Media)
    assert one.blob is not None
    assert lake.blobs.read(one.blob.shard, one.blob.offset, one.blob.length) == (tmp_path / "film.mp4").read_bytes()
    assert acting(monkeypatch, reader, "run", film, "--set", "split.min_us=700_000", *until) == 2
    assert acting(monkeypatch, nobody, "status") == 2
    capsys.readouterr()
    place = {"Bucket": owner.bucket, "Key": f"{PREFIX}/runs/more"}
    for who, may_write in ((runner, True), (reader, False), (nobody, False)):
        client = who.client()
        assert refused(lambda client=client: client.put_object(**place, Body=b"x")) is not may_write
        assert refused(lambda client=client: client.delete_object(**place)) is not may_write
        for act in (
            lambda client=client: client.get_object(Bucket=owner.bucket, Key="else/secret"),
            lambda client=client: client.put_object(Bucket=owner.bucket, Key="else/more", Body=b"x"),
            lambda client=client: client.get_bucket_policy(Bucket=owner.bucket),
            lambda client=client: client.delete_bucket(Bucket=owner.bucket),
        ):
            assert refused(act)
