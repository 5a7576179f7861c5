"""The S3 server of the tests keeps the promises that the lake rests on."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.servers import ceph
from tests.servers.s3 import S3

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]


def test_a_key_that_exists_is_not_overwritten_by_a_conditional_put(s3: S3) -> None:
    client = s3.client()
    client.put_object(Bucket=s3.bucket, Key="once", Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        client.put_object(Bucket=s3.bucket, Key="once", Body=b"second", IfNoneMatch="*")
    assert client.get_object(Bucket=s3.bucket, Key="once")["Body"].read() == b"first"


def test_of_racing_conditional_puts_one_wins(s3: S3) -> None:
    client = s3.fresh()

    def attempt(number: int) -> bool:
        try:
            client.client().put_object(Bucket=client.bucket, Key="race", Body=str(number).encode(), IfNoneMatch="*")
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 1


def test_a_range_is_read_exactly(s3: S3) -> None:
    client, body = s3.client(), bytes(range(256)) * 64
    client.put_object(Bucket=s3.bucket, Key="range", Body=body)
    part = client.get_object(Bucket=s3.bucket, Key="range", Range="bytes=1000-1999")
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert part["Body"].read() == body[1000:2000]


def test_a_wrong_secret_is_refused(s3: S3) -> None:
    forged = S3(s3.endpoint, s3.access_key, "forged", s3.region, s3.bucket)
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        forged.client().list_objects_v2(Bucket=s3.bucket)


def test_a_fresh_bucket_is_empty_and_named_by_the_environment(s3_environment: S3) -> None:
    listed = s3_environment.client().list_objects_v2(Bucket=s3_environment.bucket)
    assert listed["KeyCount"] == 0
    assert os.environ["AWS_ENDPOINT_URL"] == s3_environment.endpoint


def test_a_delta_table_lives_in_the_bucket(s3: S3) -> None:
    import pyarrow as pa
    from deltalake import DeltaTable, write_deltalake

    uri = f"{s3.uri}/table"
    for start in (0, 3):
        write_deltalake(uri, pa.table({"n": range(start, start + 3)}), mode="append", storage_options=s3.options)
    rows = DeltaTable(uri, storage_options=s3.options).to_pyarrow_table().column("n").to_pylist()
    assert sorted(rows) == [0, 1, 2, 3, 4, 5]


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "radosgw" in ceph.missing_programs()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ceph, "CONFIG", ceph.CONFIG.replace("{folder}/mon\n", "{folder}/nosuch/mon\n"))
    folder = tmp_path / "server"
    with (
        pytest.raises(ceph.ServerError, match=r"ceph-mon .*--mkfs .* ended with 1"),
        ceph.gateway(folder, "test", "secret"),
    ):
        pass
    assert not folder.exists()


def test_the_server_dies_with_a_killed_test_process(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from tests.servers.ceph import gateway\n"
        "with gateway(pathlib.Path(sys.argv[1]), 'test', 'secret') as endpoint:\n"
        "    print(endpoint, flush=True); sys.stdin.read()\n"
    )
    command = (sys.executable, "-c", program, str(tmp_path / "server"))
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        port = urlsplit(owner.stdout.readline().strip()).port
        assert port is not None
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED:
                return
        time.sleep(0.1)
    pytest.fail(f"the server still listens on port {port}")
