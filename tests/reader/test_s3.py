from pathlib import Path

import pytest

from curate.errors import LakeError
from curate.reader import Lake, Loader
from curate.storage.lake import open_lake
from tests.reader.test_loader import content
from tests.reader.world import fill, make_lake, make_plan
from tests.servers.s3 import S3


@pytest.mark.integration
def test_a_lake_on_s3_gives_the_same_batches_as_one_in_a_folder(s3: S3, tmp_path: Path) -> None:
    local = make_lake(tmp_path / "lake")
    made = make_plan(local)
    bucket = s3.fresh()
    remote = fill(open_lake(f"s3://{bucket.bucket}/some/lake", bucket.options))
    assert make_plan(remote).plan_hash == made.plan_hash
    lake = Lake(remote.uri, bucket.options)
    expected = [content(batch) for batch in Loader(Lake(local.uri))]
    assert [content(batch) for batch in Loader(lake, rank=0, world=1)] == expected
    assert bucket.secret_key not in repr(lake)

    bucket.client().delete_object(Bucket=bucket.bucket, Key="some/lake/latents/shards/u1.parquet")
    with pytest.raises(LakeError, match=r"rank 0, step \d+, latents/shards/u1.parquet, clip\d+"):
        list(Loader(lake))
