import contextlib
import gc
import json
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import LakeError, UsageError
from curate.plan.plan import Plan
from curate.reader import Batch, Event, Lake, Loader
from curate.reader.samples import Window
from curate.storage import lake as storage
from tests.reader.world import SHAPES, START_US, make_plan, slots, sound, tensor, traced

Stored = tuple[storage.Lake, Plan]


def loader(stored: Stored | storage.Lake, **options: Any) -> Loader:
    lake = stored if isinstance(stored, storage.Lake) else stored[0]
    return Loader(Lake(lake.uri), **options)


def content(batch: Batch) -> list[tuple[Any, ...]]:
    """Each sample of a batch as something to compare."""
    sounds = [
        batch.sound[i, :, : batch.sound_lengths[i]].tobytes() if batch.sound is not None else b""
        for i in range(len(batch))
    ]
    columns = (batch.clip_ids, batch.epochs, batch.variants, batch.captions, batch.events, sounds)
    return [
        (batch.step, batch.bucket, *row, batch.latents[i].tobytes()) for i, row in enumerate(zip(*columns, strict=True))
    ]


def test_batches_hold_what_was_stored(stored: Stored) -> None:
    planned = slots(stored[1])
    for step, batch in enumerate(loader(stored)):
        rows = planned.filter(pl.col("step") == step).sort("slot")
        assert batch.step == step
        assert list(batch.clip_ids) == rows["clip_id"].to_list()
        assert set(rows["bucket"]) == {batch.bucket}
        assert batch.latents.shape == (len(batch), *SHAPES[batch.bucket])
        assert batch.latents.dtype == np.float16
        for i, clip in enumerate(batch.clip_ids):
            n = int(clip[4:])
            assert np.array_equal(batch.latents[i], tensor(n, SHAPES[batch.bucket]))
            length = 5 + n % 4 if n % 3 else 0
            assert batch.sound_lengths[i] == length
            if batch.sound is not None:
                assert not batch.sound[i, :, length:].any()
            if length:
                assert batch.sound is not None
                assert np.array_equal(batch.sound[i, :, :length], tensor(n, (80, length)))
            texts = {"dense": f"dense {n}", "short": f"short {n}", "tags": f"a, {n}", "none": ""}
            assert batch.captions[i] == texts[batch.variants[i]]
    assert step == stored[1].summary().steps - 1


def test_a_variant_may_be_told_in_another_format_from_the_stored_record(stored: Stored) -> None:
    for told, plain in zip(loader(stored, texts={"dense": "of {}".format}), loader(stored), strict=True):
        assert told.variants == plain.variants
        for variant, text, kept in zip(told.variants, told.captions, plain.captions, strict=True):
            assert text == ("of {}" if variant == "dense" else kept)
    with pytest.raises(UsageError, match="no variant of a caption is called 'none'"):
        loader(stored, texts={"none": str})


def test_events_are_indices_of_both_latents(stored: Stored) -> None:
    batch = next(b for b in loader(stored) if "clip0004" in b.clip_ids)
    assert batch.bucket == "17x24x16"
    events = batch.events[batch.clip_ids.index("clip0004")]
    assert events == (
        Event("event", None, "knock", START_US - 50_000, START_US + 5_000, (0, 1), (0, 1)),
        Event("word", "word4", None, START_US + 20_000, START_US + 30_000, (0, 1), (2, 3)),
    )


@pytest.mark.parametrize("world", [1, 2, 3, 8])
def test_any_number_of_ranks_reads_the_same_samples_at_each_step(stored: Stored, world: int) -> None:
    whole = [Counter(content(batch)) for batch in loader(stored)]
    ranks = [list(loader(stored, rank=rank, world=world)) for rank in range(world)]
    assert {len(batches) for batches in ranks} == {len(whole)}
    for step, expected in enumerate(whole):
        parts = [batches[step] for batches in ranks]
        assert sum((Counter(content(part)) for part in parts), Counter()) == expected
        assert len({part.bucket for part in parts}) == len({part.latents.shape[1:] for part in parts}) == 1
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


@settings(max_examples=6)
@given(st.lists(st.tuples(st.integers(0, 14), st.sampled_from([1, 2, 3])), max_size=4))
def test_stops_and_resumes_equal_the_uninterrupted_run(stored: Stored, stops: list[tuple[int, int]]) -> None:
    expected = [Counter(content(batch)) for batch in loader(stored)]
    found: list[Counter[Any]] = []
    state = loader(stored).state()
    for count, world in [*stops, (len(expected), 1)]:
        loaders = [loader(stored, rank=rank, world=world) for rank in range(world)]
        for one in loaders:
            one.load_state(json.loads(json.dumps(state)))
        steps = min(count, len(expected) - len(found))
        iterators = [iter(one) for one in loaders]
        for _ in range(steps):
            found.append(sum((Counter(content(next(it))) for it in iterators), Counter()))
        assert len({json.dumps(one.state()) for one in loaders}) == 1
        state = loaders[0].state()
        assert len(json.dumps(state)) < 200
        for it in iterators:
            it.close()  # type: ignore[attr-defined]
    assert found == expected


def test_a_checkpoint_of_another_plan_is_refused_by_name(own: storage.Lake) -> None:
    first, second = make_plan(own), make_plan(own, seed=1)
    state = loader(own, plan=first.plan_hash).state()
    other = loader(own, plan=second.plan_hash[:8])
    with pytest.raises(UsageError, match=f"plan {first.plan_hash}, this loader reads plan {second.plan_hash}"):
        other.load_state(state)
    with pytest.raises(UsageError, match=f"at step 999 of a plan of {other.steps}"):
        other.load_state({"plan": second.plan_hash, "step": 999})
    with pytest.raises(UsageError, match=f"a plan must be named; .*{first.plan_hash[:12]}"):
        loader(own)
    with pytest.raises(UsageError, match="0 plans begin with 'zz'"):
        loader(own, plan="zz")


def test_a_step_is_replayed_and_a_clip_explained(stored: Stored) -> None:
    one = loader(stored, rank=1, world=2)
    batches = list(one)
    assert content(one.replay(3)) == content(batches[3])
    assert one.state()["step"] == one.steps
    why = one.why("clip0004")
    planned = slots(stored[1]).filter(pl.col("clip_id") == "clip0004")
    assert [(s.step, s.slot) for s in why.slots] == planned.select("step", "slot").rows()
    for slot, rank in zip(why.slots, why.ranks, strict=True):
        assert ("clip0004" in batches[slot.step].clip_ids) == (rank == 1)
    dropped = one.why("clip0023")
    assert dropped.slots == ()
    assert [(pick.kept, pick.reason) for pick in dropped.picks] == [(False, "motion < 1")]
    with pytest.raises(UsageError, match="no clip 'nope' is in this plan, nor in a cut"):
        one.why("nope")


def test_a_flipped_bit_is_noticed_by_rank_step_shard_and_clip(own: storage.Lake) -> None:
    make_plan(own)
    row = own.scan("latents").filter(pl.col("clip_id") == "clip0004", pl.col("modality") == "video").collect()
    blob = row["blob"][0]
    shard = Path(own.uri) / blob["shard"]
    data = bytearray(shard.read_bytes())
    data[blob["offset"] + 17] ^= 4
    shard.write_bytes(data)
    read = []
    with pytest.raises(LakeError, match=rf"rank 0, step \d+, {blob['shard']}, clip0004: the bytes are damaged"):
        for batch in loader(own):
            read += batch.clip_ids
    assert "clip0004" not in read


@pytest.mark.parametrize("harm", ["missing", "truncated"])
def test_a_missing_or_truncated_shard_is_named(own: storage.Lake, harm: str) -> None:
    make_plan(own)
    shard = Path(own.uri) / "latents/shards/u1.parquet"
    if harm == "missing":
        shard.unlink()
    else:
        shard.write_bytes(shard.read_bytes()[:300])
    with pytest.raises(LakeError, match=r"rank 0, step \d+, latents/shards/u1.parquet, clip\d+"):
        list(loader(own))


def test_a_read_that_hangs_ends_in_time_and_is_named(own: storage.Lake) -> None:
    make_plan(own)
    for shard in (Path(own.uri) / "latents/shards").iterdir():
        shard.unlink()
        os.mkfifo(shard)
    before = set(threading.enumerate())
    with pytest.raises(LakeError, match=r"rank 0, step 0, latents/shards/u\d.parquet, clip\d+: not read within 0.2 s"):
        list(loader(own, timeout_s=0.2))
    deadline = time.monotonic() + 10
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        for shard in (Path(own.uri) / "latents/shards").iterdir():
            with contextlib.suppress(OSError):
                os.close(os.open(shard, os.O_WRONLY | os.O_NONBLOCK))  # the hanging reads end
        time.sleep(0.01)
    assert set(threading.enumerate()) - before == set()


def test_what_the_plan_reads_but_the_lake_lacks_is_named_at_once(own: storage.Lake) -> None:
    make_plan(own)
    own.delta("captions").delete("clip_id = 'clip0004'")
    with pytest.raises(LakeError, match=r"lack their caption, such as step \d+, clip0004"):
        next(iter(loader(own)))
    own.delta("latents").delete("clip_id = 'clip0007' and modality = 'audio'")
    with pytest.raises(LakeError, match=r"lack their sound latent, such as step \d+, clip0007"):
        next(iter(loader(own)))


def test_a_budget_below_one_sample_is_refused_and_one_sample_is_enough(stored: Stored) -> None:
    largest = int(slots(stored[1])["bytes"].max())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=f"prefetch_bytes {largest - 1} is less than one sample: clip"):
        loader(stored, prefetch_bytes=largest - 1)
    expected = [content(batch) for batch in loader(stored)]
    assert [content(batch) for batch in loader(stored, prefetch_bytes=largest)] == expected


def test_no_thread_is_left_when_an_iteration_is_given_up(stored: Stored) -> None:
    before = threading.active_count()
    for _ in range(3):
        iterator = iter(loader(stored))
        next(iterator)
        assert threading.active_count() > before
        iterator.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_no_more_of_the_plan_is_held_than_two_windows(stored: Stored) -> None:
    expected = [content(batch) for batch in loader(stored)]

    def windows() -> dict[int, Window]:
        gc.collect()  # what nobody holds any more does not count
        return {id(thing): thing for thing in gc.get_objects() if type(thing) is Window}

    before = windows()  # of other tests
    found, held = [], []
    for batch in loader(stored, window_rows=3, prefetch_bytes=8000):
        found.append(content(batch))
        held.append(len(windows().keys() - before.keys()))
    assert found == expected
    assert max(held) <= 3  # one more, while it is handed over


def test_listening_done_twice_must_be_chosen(own: storage.Lake) -> None:
    make_plan(own)
    traced(own, "sounds", [sound(1, 0, "word", 20_000, 30_000, "other")], fingerprint="f2", version=2)
    with pytest.raises(UsageError, match="choose sounds= from f1, f2"):
        next(iter(loader(own)))
    batches = list(loader(own, sounds="f2"))
    assert {e.text for batch in batches for events in batch.events for e in events} == {"other"}


def test_torch_tensors_come_where_torch_is_and_its_lack_is_named(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match="as_torch=True needs torch"):
        loader(stored, as_torch=True)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(from_numpy=lambda array: ("tensor", array)))
    batch = next(iter(loader(stored, as_torch=True)))
    expected = next(iter(loader(stored)))
    assert batch.latents[0] == batch.sound_lengths[0] == "tensor"
    assert np.array_equal(batch.latents[1], expected.latents)
    assert batch.latents[1].flags.writeable


def test_impossible_ranks_and_steps_are_refused(stored: Stored) -> None:
    with pytest.raises(UsageError, match="rank=3 world=3"):
        loader(stored, rank=3, world=3)
    with pytest.raises(UsageError, match="the steps 0 to"):
        loader(stored).replay(-1)
