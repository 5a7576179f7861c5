"""What a text encoder made of the captions comes with them."""

import pickle
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from curate.care.removal import Doomed, remove_rows
from curate.encode.shards import EMBEDDINGS, LATENTS
from curate.errors import LakeError, UsageError
from curate.plan.plan import Plan
from curate.reader import Cache, Lake, Loader, Prices
from curate.storage import lake as storage
from tests.reader.world import embed, make_lake, make_plan, slots, text_tensor

Stored = tuple[storage.Lake, Plan]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    lake = make_lake(tmp_path_factory.mktemp("told") / "lake")
    embed(lake)
    return lake, make_plan(lake, text_encoder="t5")


def loader(lake: storage.Lake, **options: object) -> Loader:
    return Loader(Lake(lake.uri), **options)  # type: ignore[arg-type]


def evict(lake: storage.Lake, table: str, where: pl.Expr) -> None:
    remake = {"latents": LATENTS.remake, "embeddings": EMBEDDINGS.remake}[table]
    remove_rows(lake, Doomed(table, where & pl.col("blob").is_not_null(), rows_stay=True), remake)


def texts_of(found: Loader) -> list[tuple[str, str, bytes]]:
    return [
        (clip, variant, batch.text_embeddings[i, : batch.text_lengths[i]].tobytes())  # type: ignore[index]
        for batch in found
        for i, (clip, variant) in enumerate(zip(batch.clip_ids, batch.variants, strict=True))
    ]


def test_each_sample_has_the_embedding_of_its_variant(told: Stored) -> None:
    seen = set()
    for batch in loader(told[0]):
        assert batch.text_embeddings is not None
        assert batch.text_embeddings.shape == (len(batch), batch.text_lengths.max(), 8)
        for i, (clip, variant) in enumerate(zip(batch.clip_ids, batch.variants, strict=True)):
            expected = text_tensor(None if variant == "none" else int(clip[4:]), variant)
            length = batch.text_lengths[i]
            assert np.array_equal(batch.text_embeddings[i, :length], expected)
            assert not batch.text_embeddings[i, length:].any()
            seen.add(variant)
    assert seen == {"dense", "short", "tags", "none"}


def test_a_plan_without_a_text_encoder_has_none(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    make_plan(lake)
    batch = next(iter(loader(lake)))
    assert batch.text_embeddings is None
    assert not batch.text_lengths.any()


def test_ranks_cache_windows_and_other_processes_give_the_same(told: Stored, tmp_path: Path) -> None:
    lake = told[0]
    expected = sorted(texts_of(loader(lake)))
    ranks = [one for rank in range(3) for one in texts_of(loader(lake, rank=rank, world=3))]
    assert sorted(ranks) == expected
    largest = int(slots(told[1])["bytes"].max())  # type: ignore[arg-type]
    assert sorted(texts_of(loader(lake, window_rows=3, prefetch_bytes=largest))) == expected
    cache = Cache(str(tmp_path), 1 << 20)
    assert sorted(texts_of(loader(lake, cache=cache))) == expected
    assert sorted(texts_of(pickle.loads(pickle.dumps(loader(lake))))) == expected  # noqa: S301  our own


def test_another_text_encoder_is_refused_by_name(told: Stored) -> None:
    assert loader(told[0], text_encoder="t5").plan.record.text_encoder == "t5@1"
    assert loader(told[0], text_encoder="t5@1")
    with pytest.raises(UsageError, match=r"the text encoder differs: the trainer asks for clip, plan .* has t5@1"):
        loader(told[0], text_encoder="clip")
    with pytest.raises(UsageError, match="asks for t5@2"):
        loader(told[0], text_encoder="t5@2")


def test_a_checkpoint_of_another_text_encoder_is_refused_by_name(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    embed(lake)
    first = make_plan(lake, text_encoder="t5")
    embed(lake, encoder="clip@7", fingerprint="e2", version=2)
    second = make_plan(lake, text_encoder="clip")
    of_first = loader(lake, plan=first.plan_hash)
    with pytest.raises(UsageError, match="the text encoder differs: the checkpoint has clip@7, the loader t5@1"):
        of_first.load_state({"plan": second.plan_hash, "step": 1})


def test_a_missing_embedding_is_named_before_the_first_step(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    embed(lake)
    made = make_plan(lake, text_encoder="t5")
    read = slots(made).filter(pl.col("variant") == "tags")["clip_id"][0]
    evict(lake, "embeddings", (pl.col("clip_id") == read) & (pl.col("variant") == "tags"))
    with pytest.raises(LakeError, match=rf"lack their text embedding, which was evicted, such as step \d+, {read}"):
        next(iter(loader(lake)))
    lake.delta("embeddings").delete(f"clip_id = '{read}'")
    with pytest.raises(LakeError, match=rf"lack their text embedding, such as step \d+, {read}"):
        next(iter(loader(lake)))
    replaced = [one for batch in loader(lake, bad="replace") for one in batch.replaced]
    assert {(one.clip_id, one.kind) for one in replaced} == {(read, "lacking")}


def test_a_missing_empty_text_is_named(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    embed(lake)
    make_plan(lake, text_encoder="t5")
    lake.delta("embeddings").delete("variant = 'none'")
    with pytest.raises(LakeError, match="lack their text embedding, such as"):
        next(iter(loader(lake)))


def test_an_evicted_latent_is_named(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    make_plan(lake)
    evict(lake, "latents", pl.col("modality") == "audio")
    with pytest.raises(LakeError, match=r"lack their sound latent, which was evicted.*`retold run` makes"):
        next(iter(loader(lake)))
    evict(lake, "latents", pl.lit(value=True))
    with pytest.raises(LakeError, match="lack their latent, which was evicted"):
        next(iter(loader(lake)))


def test_damage_is_seen(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake")
    embed(lake)
    make_plan(lake, text_encoder="t5")
    (shard,) = (tmp_path / "lake/embeddings/shards").iterdir()
    shard.write_bytes(bytes(len(shard.read_bytes())))
    with pytest.raises(LakeError, match=r"embeddings/shards/e1.parquet, clip\d+: the bytes are damaged"):
        list(loader(lake))


def test_what_embeddings_cost_is_told(told: Stored) -> None:
    lake, made = told
    read = [(clip, variant) for clip, variant, _ in texts_of(loader(lake))]
    expected = sum(text_tensor(None if v == "none" else int(clip[4:]), v).nbytes for clip, v in read)
    found = loader(lake).plan.summary(Prices(egress_gib=2**30))
    assert found.text_bytes == expected
    assert found.money == pytest.approx(expected + made.record.bytes)
    assert found.requests >= 2 * len(read)
    assert "text embeddings have" in str(found)
    assert "text t5@1" in str(found)
