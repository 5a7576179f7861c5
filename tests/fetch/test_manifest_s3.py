"""A Delta table in a bucket is a manifest as one in a folder is."""

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from curate.fetch.add import Adding, sources_from
from tests.servers.s3 import S3


@pytest.mark.integration
def test_a_delta_table_in_a_bucket_is_a_manifest(s3: S3) -> None:
    bucket = s3.fresh()
    rows = [{"url": "https://example.org/1.mp4"}, {"url": "sub/2.mp4"}, {"url": "/etc/passwd"}, {"url": None}]
    write_deltalake(f"{bucket.uri}/lists/table", pa.Table.from_pylist(rows), storage_options=bucket.options)
    skipped: list[str] = []
    found = sources_from(
        f"{bucket.uri}/lists/table/", Adding(7, storage_options=bucket.options), lambda _, why: skipped.append(why)
    )
    assert sorted(source.uri for source in found) == [
        "https://example.org/1.mp4", f"{bucket.uri}/lists/table/sub/2.mp4",
    ]  # fmt: skip
    assert [reason.partition(",")[0] for reason in skipped] == ["a file of this machine", "no URL"]
