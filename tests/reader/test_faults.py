"""Bad samples: what becomes of them, the same on any number of ranks, and without a hang."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import LakeError
from curate.reader import Lake, Loader, Replaced
from curate.storage import lake as storage
from curate.storage.lake import open_lake
from tests.reader.test_loader import content
from tests.reader.world import fill, make_plan, slots
from tests.servers.faulty import Fault, Proxy, proxied
from tests.servers.s3 import S3

BAD = ("clip0004", "clip0007", "clip0010")


def place(lake: storage.Lake, clip: str) -> dict[str, Any]:
    row = lake.scan("latents").filter(pl.col("clip_id") == clip, pl.col("modality") == "video").collect()
    return row["blob"][0]  # type: ignore[no-any-return]


def flip(lake: storage.Lake, clip: str) -> None:
    blob = place(lake, clip)
    shard = Path(lake.uri) / blob["shard"]
    data = bytearray(shard.read_bytes())
    data[blob["offset"] + 17] ^= 4
    shard.write_bytes(data)


def read(lake: storage.Lake, world: int, **options: Any) -> tuple[list[Counter[Any]], list[Loader]]:
    """What all ranks read at each step, and their loaders; every rank has its share of each step, in one shape."""
    loaders = [
        Loader(Lake(lake.uri, lake.options), rank=r, world=world, bad="replace", **options) for r in range(world)
    ]
    whole = []
    for parts in zip(*loaders, strict=True):
        assert len({part.bucket for part in parts}) == len({part.latents.shape[1:] for part in parts}) == 1
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
        whole.append(sum((Counter(content(part)) for part in parts), Counter()))
    return whole, loaders


def notes(loaders: list[Loader]) -> list[Replaced]:
    return sorted((note for one in loaders for note in one.replaced), key=lambda note: (note.step, note.slot))


def test_bad_samples_are_replaced_alike_by_any_number_of_ranks(own: storage.Lake) -> None:
    made = make_plan(own)
    clean, _ = read(own, 1)
    for clip in BAD:
        flip(own, clip)
    alone, (one,) = read(own, 1)
    planned = slots(made).filter(pl.col("clip_id").is_in(BAD)).sort("step", "slot")
    assert [(n.step, n.slot, n.clip_id, n.kind) for n in one.replaced] == [
        (*row, "damaged") for row in planned.select("step", "slot", "clip_id").rows()
    ]
    for world in (2, 3, 8):
        whole, loaders = read(own, world)
        assert whole == alone
        assert notes(loaders) == one.replaced
    for step, (before, after) in enumerate(zip(clean, alone, strict=True)):
        bad = planned.filter(step=step).height
        assert (before - after).total() == (after - before).total() == bad
        assert before.total() == after.total()


def test_a_resumed_and_a_replayed_step_have_the_same_sample_in_its_place(own: storage.Lake) -> None:
    make_plan(own)
    for clip in BAD:
        flip(own, clip)
    batches = list(Loader(Lake(own.uri), bad="replace"))
    again = Loader(Lake(own.uri), bad="replace")
    for batch in batches:
        if batch.replaced:
            replayed = again.replay(batch.step)
            assert (content(replayed), replayed.replaced) == (content(batch), batch.replaced)
            again.load_state({"plan": again.plan_hash, "step": batch.step})
            assert content(next(iter(again))) == content(batch)
    assert sum(len(batch.replaced) for batch in batches) == 2 * len(BAD)


def test_what_was_replaced_is_told_in_the_batch_the_loader_and_the_log(
    own: storage.Lake, caplog: pytest.LogCaptureFixture
) -> None:
    make_plan(own)
    flip(own, "clip0004")
    reading = Loader(Lake(own.uri), bad="replace")
    with caplog.at_level(logging.WARNING, "retold.reader"):
        batches = [batch for batch in reading if batch.replaced]
    assert reading.replaced == [note for batch in batches for note in batch.replaced]
    note = reading.replaced[0]
    assert batches[0].clip_ids[note.slot] == note.by_clip_id != "clip0004"
    assert (
        f"rank 0, step {note.step}, {place(own, 'clip0004')['shard']}, clip0004: the bytes are damaged" in caplog.text
    )
    assert f"in its place: step {note.by_step}, slot {note.by_slot}, {note.by_clip_id}" in caplog.text


def test_where_a_whole_step_is_bad_its_bucket_gives_the_nearest_other(own: storage.Lake) -> None:
    made = make_plan(own, samples_per_step=1)
    flip(own, "clip0004")
    (note, _) = read(own, 1)[1][0].replaced
    planned = slots(made)
    bucket = planned.filter(step=note.step)["bucket"][0]
    same = planned.filter(pl.col("bucket") == bucket, pl.col("step") != note.step).sort("step")["step"].to_list()
    before = [step for step in same if step < note.step]
    assert note.by_step == (before[-1] if before else same[0])
    assert read(own, 2)[0] == read(own, 1)[0]


def test_a_row_that_is_gone_is_replaced_too(own: storage.Lake) -> None:
    make_plan(own)
    own.delta("latents").delete("clip_id = 'clip0007' and modality = 'audio'")
    own.delta("captions").delete("clip_id = 'clip0004'")
    alone, (one,) = read(own, 1)
    assert {(n.clip_id, n.kind, n.detail) for n in one.replaced} == {
        ("clip0007", "lacking", "the lake lacks its sound latent"),
        *(
            {("clip0004", "lacking", "the lake lacks its caption")}
            if any(n.clip_id == "clip0004" for n in one.replaced)
            else ()
        ),
    }
    assert read(own, 3)[0] == alone


def test_more_bad_samples_than_are_allowed_stop_the_run(own: storage.Lake) -> None:
    make_plan(own)
    for clip in BAD:
        flip(own, clip)
    with pytest.raises(LakeError, match=r"rank 0, step \d+, .*; 2 samples were replaced, more than bad_at_most"):
        read(own, 1, bad_at_most=2)
    for shard in (Path(own.uri) / "latents/shards").iterdir():
        shard.unlink()
    with pytest.raises(LakeError, match=r"is missing; and so are all samples that might take its place"):
        read(own, 1)


@pytest.fixture(scope="module")
def remote(s3: S3) -> Iterator[tuple[storage.Lake, Proxy]]:
    """A lake on S3 with a plan, read through a proxy."""
    bucket = s3.fresh()
    make_plan(fill(open_lake(f"s3://{bucket.bucket}/lake", bucket.options)))
    with proxied(bucket.endpoint) as proxy:
        through = replace(bucket, endpoint=proxy.endpoint)
        yield open_lake(f"s3://{bucket.bucket}/lake", through.options), proxy


def once(fault: Fault, times: int) -> Callable[[str, str], Fault | None]:
    """A fault of the first so many reads of each range of a shard; the rest of a range is no other one."""
    seen: Counter[tuple[str, str]] = Counter()

    def of(path: str, asked: str) -> Fault | None:
        if "latents/shards" not in path:
            return None
        end = asked.partition("-")[2]
        seen[path, end] += 1
        return fault if seen[path, end] <= times else None

    return of


def always(fault: Fault, lake: storage.Lake, clip: str) -> Callable[[str, str], Fault | None]:
    """A fault of every read of one clip's picture."""
    blob = place(lake, clip)
    inside = range(blob["offset"], blob["offset"] + blob["length"])

    def of(path: str, asked: str) -> Fault | None:
        begins = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else -1
        return fault if path.endswith(blob["shard"]) and begins in inside else None

    return of


def quiet(path: str, asked: str) -> None:
    return None


@pytest.mark.integration
@pytest.mark.parametrize(("fault", "times"), [("503", 2), ("cut", 1), ("flip", 1)])
def test_faults_that_pass_are_not_noticed(remote: tuple[storage.Lake, Proxy], fault: Fault, times: int) -> None:
    lake, proxy = remote
    proxy.faults = quiet
    expected = [content(batch) for batch in Loader(Lake(lake.uri, lake.options))]
    proxy.faults = once(fault, times)
    assert [content(batch) for batch in Loader(Lake(lake.uri, lake.options), timeout_s=30)] == expected


@pytest.mark.integration
@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("503", {"unreachable", "late"}), ("missing", {"missing"}), ("flip", {"damaged"}),
        ("cut", {"unreachable", "late"}), ("hang", {"unreachable", "late"}),
    ],
)  # fmt: skip
def test_faults_that_stay_follow_the_policy_in_time(
    remote: tuple[storage.Lake, Proxy], fault: Fault, kinds: set[str]
) -> None:
    lake, proxy = remote
    proxy.faults = quiet
    proxy.faults = always(fault, lake, "clip0004")
    began = time.monotonic()
    with pytest.raises(LakeError, match=r"rank 0, step \d+, latents/shards/u1.parquet, clip0004: "):
        list(Loader(Lake(lake.uri, lake.options), timeout_s=2))
    whole, loaders = read(lake, 1, timeout_s=2)
    assert {(note.clip_id, note.kind in kinds) for note in notes(loaders)} == {("clip0004", True)}
    assert time.monotonic() - began < 60
    assert sum(counter.total() for counter in whole) == sum(int(n) for n in loaders[0].plan.outline.sizes)
    if fault in ("missing", "flip"):
        assert read(lake, 3, timeout_s=2)[0] == whole


@pytest.mark.integration
def test_a_sample_is_one_request_for_the_picture_and_one_for_the_sound(remote: tuple[storage.Lake, Proxy]) -> None:
    lake, proxy = remote
    proxy.faults = quiet
    loader = Loader(Lake(lake.uri, lake.options))
    proxy.gets.clear()
    for _ in loader:
        pass
    reads = [get for get in proxy.gets if "latents/shards" in get[0]]
    assert len(reads) == loader.plan.summary().requests
    sounds = slots_of(lake)["audio_content_key"].drop_nulls().len()
    assert loader.plan.record.samples <= len(reads) <= loader.plan.record.samples + sounds


def slots_of(lake: storage.Lake) -> pl.DataFrame:
    return lake.scan("plans").collect()
