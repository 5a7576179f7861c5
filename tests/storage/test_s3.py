"""A lake on a real S3 server, by nothing but its URI."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from curate.errors import LakeError
from curate.storage.lake import Lake, open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.environment import storage_options
from jobs.job import Snapshot
from schemas.media import Blob
from tests.jobs.toy import Length, job, sources
from tests.servers.s3 import S3

pytestmark = pytest.mark.integration


@pytest.fixture
def lake(s3: S3, request: pytest.FixtureRequest) -> Lake:
    lake = open_lake(f"s3://{s3.bucket}/{request.node.name}/lake", storage_options(s3.environment))
    lake.create()
    return lake


def test_a_job_runs_and_resumes_on_s3(lake: Lake) -> None:
    lake.append("sources", sources(["a/b", "c/bad", "e/none"]))
    snapshot = Snapshot(lake, {})
    assert run_job(job(Length(), 1), snapshot, Inline(), Policy(), lambda _: None).done == 3
    assert run_job(job(Length(), 1), snapshot, Inline(), Policy(), lambda _: None).total == 0
    assert lake.scan("scores").collect().height == 4


@pytest.mark.parametrize(
    ("wrong", "bucket", "reason"),
    [
        ({}, "nosuch", "NoSuchBucket; see to the name of the bucket"),
        ({"AWS_SECRET_ACCESS_KEY": "bad"}, None, "SignatureDoesNotMatch; give valid keys"),
    ],
)
def test_a_lake_that_cannot_be_reached_says_why_in_a_line(
    wrong: dict[str, str], bucket: str | None, reason: str, s3: S3
) -> None:
    lake = open_lake(f"s3://{bucket or s3.bucket}/unreached", storage_options(s3.environment | wrong))
    for ask in (lake.create, lambda: lake.delta("runs")):
        with pytest.raises(LakeError, match=f"cannot be reached: {reason}") as found:
            ask()
        assert "\n" not in str(found.value)


def test_shards_are_whole_or_not_there_and_read_by_range(lake: Lake) -> None:
    body = bytes(range(256)) * 200_000  # over one part of a multipart upload
    with lake.blobs.create("media/big.tar") as writer:
        writer.write(body)
    with pytest.raises(RuntimeError), lake.blobs.create("media/half.tar") as writer:
        writer.write(body)
        raise RuntimeError
    assert [(one.path, one.size) for one in lake.blobs.objects("media") if one.path.endswith(".tar")] == [
        ("media/big.tar", len(body))
    ]
    assert lake.blobs.read("media/big.tar", 1000, 5) == body[1000:1005]
    with lake.blobs.local(Blob("media/big.tar", 256, 512, "0" * 16)) as file, open(file.path, "rb") as copy:  # noqa: PTH123
        assert copy.read() == body[256:768]


def test_of_two_drivers_one_commits(lake: Lake) -> None:
    lake.append("sources", sources([f"s{i}" for i in range(20)]))

    def drive(_: int) -> str:
        try:
            run_job(job(Length(pause_s=0.02), 1), Snapshot(lake, {}), Inline(), Policy(), lambda _: None)
        except LakeError as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(drive, range(4)))
    assert ends.count("done") == 1
    rows = lake.scan("scores").collect()
    assert len(rows) == rows.select("input_id", "ordinal").n_unique() == 40
