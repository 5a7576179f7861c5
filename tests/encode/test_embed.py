"""Texts to tensors: the stage with a fake encoder, and shards of what it gives."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from curate.encode.embed import Embed, embedding
from curate.encode.shards import EMBEDDINGS, store_embeddings
from curate.encode.stored import restored
from curate.encode.text_contract import Encoded, TextContract, TextModel
from curate.encode.wording import Wordings
from curate.errors import RecipeError
from curate.stage import Heavy, fingerprint
from curate.storage.blobs import Blobs
from schemas.embedding import Embedding

MODEL = TextModel("t5", "0" * 64, "/models/t5")

LETTERS = TextContract("letters", 1, "0" * 64, "Letters", "last", 8, 12, "none", "{}", 0, (), "float32", "float32")


@dataclass
class Letters:
    """Each letter a token, its code in all eight channels; no more than twelve."""

    contract: TextContract = LETTERS
    asked: list[list[str]] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        self.asked.append(list(texts))
        return [self._one(text or "_") for text in texts]

    def _one(self, text: str) -> Encoded:
        codes = np.array([ord(letter) for letter in text[:12]], np.float32)
        return Encoded(np.tile(codes[:, None], 8), len(codes), max(0, len(text) - 12))


def captions(count: int) -> list[Wordings]:
    return [Wordings(f"c{n}", f"clip{n}", (("dense", f"a dog {n}"), ("none", ""))) for n in range(count)]


def made(rows: list[Wordings], encoder: Letters) -> list[Heavy[Embedding]]:
    return [heavy for outcome in embedding(encoder)(rows) for heavy in outcome.rows]


def test_each_caption_has_a_tensor_of_each_variant() -> None:
    outcomes = list(embedding(Letters())(captions(3)))
    assert [one.input_id for one in outcomes] == ["c0", "c1", "c2"]
    for n, outcome in enumerate(outcomes):
        dense, none = (heavy.row for heavy in outcome.rows)
        assert (dense.variant, dense.tokens, dense.truncated, dense.shape) == ("dense", 7, 0, (7, 8))
        assert (none.variant, none.shape) == ("none", (1, 8))
        body = outcome.rows[0].body
        assert isinstance(body, bytes)
        assert restored(body, "float32", dense.shape)[:, 0].tolist() == [float(ord(c)) for c in f"a dog {n}"]


def test_what_is_cut_off_is_counted() -> None:
    (heavy,) = made([Wordings("c", "clip", (("dense", "a dog barks at night"),))], Letters())
    assert (heavy.row.tokens, heavy.row.truncated) == (12, 8)


def test_a_text_is_encoded_once_and_the_empty_one_once_for_all() -> None:
    encoder = Letters()
    rows = [Wordings(f"c{n}", f"clip{n}", (("dense", "the same"), ("none", ""))) for n in range(200)]
    keys = {heavy.row.content_key for heavy in made(rows, encoder)}
    assert len(keys) == 2
    assert encoder.asked == [[""], ["the same"], ["the same"], ["the same"], ["the same"]]


def test_a_shard_holds_each_tensor_once_and_any_reader_reads_it(tmp_path: Path) -> None:
    blobs, heavies = Blobs(str(tmp_path)), made(captions(5), Letters())
    rows = store_embeddings(blobs, "u", heavies)
    for row, heavy in zip(rows, heavies, strict=True):
        assert row.blob is not None
        body = blobs.read(row.blob.shard, row.blob.offset, row.blob.length)
        assert body == heavy.body
        assert hashlib.sha256(body).hexdigest() == row.sha256
    table = pq.read_table(tmp_path / "embeddings/shards/u.parquet")
    assert sorted(table["variant"].to_pylist()) == ["dense"] * 5 + ["none"]


def test_a_shard_is_made_anew_with_what_stays(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path))
    rows = store_embeddings(blobs, "u", made(captions(3), Letters()))
    moved = EMBEDDINGS.remake(blobs, "embeddings/shards/u.parquet", "v", rows[:4])
    assert set(moved) == {row.blob for row in rows[:4]}
    for row in rows[:4]:
        assert row.blob is not None
        new = moved[row.blob]
        assert blobs.read(new.shard, new.offset, new.length) == blobs.read(
            row.blob.shard, row.blob.offset, row.blob.length
        )


def test_where_the_weights_lie_changes_nothing() -> None:
    elsewhere = TextModel("t5", "0" * 64, "/other")
    assert fingerprint(Embed(MODEL), {}) == fingerprint(Embed(elsewhere), {})
    assert fingerprint(Embed(MODEL), {}) != fingerprint(Embed(MODEL, formats={"dense": "ltx2"}), {})


@pytest.mark.parametrize(
    ("stage", "what"),
    [
        (lambda: Embed(MODEL, variants=("dense", "dense")), "each once"),
        (lambda: Embed(MODEL, variants=("dense",), formats={"short": "ltx2"}), "short is no variant"),
        (lambda: Embed(MODEL, formats={"none": "ltx2"}), "none is no variant"),
        (lambda: Embed(TextModel("t5@1", "0", "/m")), "without @"),
        (lambda: Embed(TextModel("t5", "0", "/m", template="text")), "once"),
        (lambda: Embed(TextModel("t5", "0", "/m", max_tokens=8, drop=8)), "no more than drop"),
        (lambda: Embed(MODEL, batch_tokens=8), "batch_tokens"),
    ],
)
def test_what_makes_no_sense_is_refused(stage: type[Embed], what: str) -> None:
    with pytest.raises(RecipeError, match=what):
        stage()  # type: ignore[call-arg]
