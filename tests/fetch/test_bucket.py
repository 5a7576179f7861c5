"""Objects come whole, however often they break off; their endpoint is the operator's, and not guarded."""

import asyncio
import random
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from curate.errors import RowError
from curate.fetch.access import Access
from curate.fetch.bucket import open_s3
from curate.fetch.drop import Drop
from tests.fetch.asking import ACCESS, Brought, source
from tests.fetch.hostile import Asked, hang_up, playing

BODY = random.Random(0).randbytes(3_000_000)  # noqa: S311
OTHER = random.Random(1).randbytes(3_000_000)  # noqa: S311


@dataclass
class Bucket:
    """Sends so many bytes a connection; after `changes` requests it holds another object."""

    part: int = 700_000
    changes: int | None = None
    if_match: bool = True  # or it refuses what should match, as radosgw 16 does
    ranges: list[str | None] = field(default_factory=list)

    def __call__(self, asked: Asked) -> None:
        changed = self.changes is not None and len(self.ranges) >= self.changes
        body, etag = (OTHER, '"2"') if changed else (BODY, '"1"')
        said = asked.headers.get("range")
        self.ranges.append(said)
        if "if-match" in asked.headers and (not self.if_match or asked.headers["if-match"] != etag):
            asked.answer(status="412 Precondition Failed")
            return
        begins = int(re.findall(r"\d+", said)[0]) if said else 0
        asked.answer(
            body[begins : begins + self.part],
            "206 Partial Content" if said else "200 OK",
            content_length=str(len(body) - begins),
            content_range=f"bytes {begins}-{len(body) - 1}/{len(body)}" if said else "",
            etag=etag, last_modified="Wed, 01 Jan 2025 00:00:00 GMT", content_type="video/mp4",
        )  # fmt: skip
        if len(body) - begins > self.part:
            hang_up(asked)


def fetched(play: Bucket, scratch: Path, uri: str = "s3://bucket/a b.mp4", **options: str) -> Brought:
    async def main(access: Access) -> Brought:
        drop, told, error = Drop(1 << 30, str(scratch)), None, None
        async with AsyncExitStack() as stack:
            try:
                told = await open_s3(access, stack)(source(uri), drop)
            except RowError as found:
                error = found
        drop.close()
        return Brought(drop.media_id, drop.size_bytes, told, error)

    with playing(play) as stage:
        known = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{stage.port}", "AWS_ACCESS_KEY_ID": "key", "AWS_ALLOW_HTTP": "true",
            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
        }  # fmt: skip
        web = replace(ACCESS.web, allow_networks=(), tries=2)
        return asyncio.run(main(replace(ACCESS, storage_options=known | options, web=web)))


def test_a_broken_object_is_gone_on_with(tmp_path: Path) -> None:
    play = Bucket()
    found = fetched(play, tmp_path)
    assert found.is_of(BODY)
    assert play.ranges[0] is None
    assert None not in play.ranges[1:]
    assert found.told is not None
    assert found.told.origin is not None
    assert {**found.told.origin, "fetched_us": 0} == {
        "uri": "s3://bucket/a b.mp4", "etag": '"1"', "content_type": "video/mp4", "fetched_us": 0,
        "last_modified": "2025-01-01T00:00:00+00:00",
    }  # fmt: skip


def test_also_where_the_server_knows_no_if_match(tmp_path: Path) -> None:
    assert fetched(Bucket(if_match=False), tmp_path).is_of(BODY)


def test_an_object_that_changed_meanwhile_comes_whole(tmp_path: Path) -> None:
    found = fetched(Bucket(part=1_600_000, changes=1), tmp_path)
    assert found.is_of(OTHER)


def test_an_object_that_makes_no_progress_is_given_up(tmp_path: Path) -> None:
    play = Bucket(part=0)
    assert fetched(play, tmp_path).failed()[0] == "unreachable"


@pytest.mark.parametrize("name", ["{here}#", "{here}?", "x@{here}", "a b", "\x1b", "\u00fc", "", ".."])
def test_the_name_of_a_bucket_leads_to_no_other_host(name: str, tmp_path: Path) -> None:
    """Where buckets are names of hosts, it could; and obstore panics at some."""
    play = Bucket()
    with playing(play) as stage:
        uri = f"s3://{name.format(here=f'127.0.0.1:{stage.port}')}/k"
        found = fetched(play, tmp_path, uri, AWS_VIRTUAL_HOSTED_STYLE_REQUEST="true", AWS_ENDPOINT_URL="")
    kind, detail = found.failed()
    assert (kind, "no name of a bucket" in detail) == ("unsupported", True)


@pytest.mark.parametrize("key", ["../x", "./k", "a/../b", "\x1b", "\n"])
def test_a_key_that_obstore_does_not_take_costs_its_row_only(key: str, tmp_path: Path) -> None:
    assert fetched(Bucket(), tmp_path, f"s3://bucket/{key}").failed()[0] == "unsupported"
