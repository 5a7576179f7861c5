"""Fixture `s3`: a bucket of a real S3 server, started once for the whole run of the tests."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from tests.servers.ceph import CURE, gateway, missing_programs


@dataclass(frozen=True, slots=True)
class S3:
    """Where a bucket is, and the keys to it."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    bucket: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}"

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to reach the bucket.

        The gateway refuses uploads with trailing checksums, which newer clients send unless told otherwise.
        """
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ALLOW_HTTP": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        }

    @property
    def options(self) -> dict[str, str]:
        """`storage_options` of deltalake, polars and obstore."""
        names = ("ENDPOINT_URL", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "REGION", "ALLOW_HTTP")
        return {f"AWS_{name}": self.environment[f"AWS_{name}"] for name in names}

    def client(self) -> Any:
        """A boto3 client of the server."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region,
            config=Config(
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"},
            ),
        )

    def somebody(self) -> "S3":
        """Another user of the same server, who may do nothing; a policy of the bucket names it by its access key."""
        import requests
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        name, secret = f"user-{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
        told = {"uid": name, "display-name": name, "access-key": name, "secret-key": secret}
        asked = AWSRequest("PUT", f"{self.endpoint}/admin/user", params=told)
        S3SigV4Auth(Credentials(self.access_key, self.secret_key), "s3", self.region).add_auth(asked)
        ready = asked.prepare()
        requests.put(ready.url, headers=dict(ready.headers), timeout=30).raise_for_status()
        return replace(self, access_key=name, secret_key=secret)

    def fresh(self) -> "S3":
        """Another bucket of the same server, empty."""
        made = replace(self, bucket=f"test-{uuid.uuid4().hex[:12]}")
        made.client().create_bucket(Bucket=made.bucket)
        return made


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """A fresh bucket; `s3.fresh()` makes more. A test that must not see others' objects takes one of its own."""
    if missing := missing_programs():
        pytest.fail(f"the S3 server of the tests needs {', '.join(missing)}. As root: {CURE}")
    folder = Path(mkdtemp(prefix="s3-"))
    access_key, secret_key = "test", uuid.uuid4().hex
    with gateway(folder, access_key, secret_key) as endpoint:
        yield S3(endpoint, access_key, secret_key, "us-east-1", "none").fresh()


@pytest.fixture
def s3_environment(s3: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """A bucket of its own for one test, with the process's environment pointing at the server."""
    made = s3.fresh()
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made
