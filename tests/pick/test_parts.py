"""A cut that is made in parts is the same as one that is made at once."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import LakeError
from curate.pick.corpus import Corpus
from curate.pick.cut import Cut, pick
from curate.pick.policy import Balance, Bound, Duplicates, Policy, Quota, Trait
from curate.pick.shares import SHARES
from curate.pick.spans import spans

S, N, F, B = pl.String(), pl.Int64(), pl.Float64(), pl.Boolean()
SPAN = {"start_us": N, "end_us": N}
COLUMNS: dict[str, dict[str, pl.DataType]] = {
    "sources": {"source_id": S, "uri": S, "licence": S, "language": S, "tombstone": B, "evaluation": S},
    "media": {"media_id": S, "source_id": S},
    "clips": {"clip_id": S, "media_id": S, **SPAN, "still": B, "crop_width": N, "crop_height": N},
    "scores": {"clip_id": S, "metric": S, "value": F, "detail": S},
    "verdicts": {"caption_id": S, "clip_id": S, "status": S, "coverage": F, "contradiction": F},
    "latents": {"clip_id": S, "encoder": S, "modality": S, "bucket": S},
    "reviews": {"review_id": S, "clip_id": S, "mode": S, "decision": S, "reason": S, "submitted_us": N, "tombstone": B},
    "captions": {"clip_id": S, "tags": pl.List(S)},
    "texts": {"input_id": S, "clip_id": S, **SPAN, "text": S, "width": F, "height": F},
    "sounds": {"input_id": S, "clip_id": S, **SPAN, "kind": S, "label": S, "score": F, "text": S},
}


Tuples = dict[str, list[tuple[Any, ...]]]


class Chance:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def __call__(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def of(self, *values: Any, missing: float = 0.0) -> Any:
        return None if self(missing) else values[int(self.rng.integers(len(values)))]

    def some(self, *values: Any) -> tuple[Any, ...]:
        return tuple(value for value in values if self(0.4))


def corpus_of(chance: Chance, clips: int) -> Corpus:
    """Media of some clips and some sources each, in no order; much is missing."""
    rows: Tuples = {name: [] for name in COLUMNS}
    media = [f"{chance.of('0', 'a', 'z')}{n:03}" for n in range(clips // 2 + 1)]
    for name in media:
        for source in (f"{name}-{i}" for i in range(chance.of(0, 1, 1, 2))):
            uri, held = f"https://{chance.of('a', 'b')}.example/{source}", chance.of("bench", "other", missing=0.95)
            licence, language = chance.of("cc0", "cc-by", missing=0.2), chance.of("en", "fr", missing=0.2)
            rows["sources"].append((source, uri, licence, language, chance(0.05), held))
            rows["media"].append((name, source))
    _clips(chance, clips, media, rows)
    tables = {
        name: pl.DataFrame(rows[name], schema, orient="row").sample(fraction=1, shuffle=True, seed=clips).lazy()
        for name, schema in COLUMNS.items()
    }
    return Corpus(told={name: tables.pop(name) for name in ("texts", "sounds")}, **tables)


def _clips(chance: Chance, clips: int, media: list[str], rows: Tuples) -> None:
    shown: list[list[str]] = []
    for n in range(clips):
        of = chance.of(*media)
        key, start = f"{of}/{n:03}", chance.of(0, 1000)
        rows["clips"].append((key, of, start, 20_000, chance(0.2), chance.of(320, 640), 240))
        for metric in chance.some("motion", "motion", "sharpness")[-2:]:
            if (key, metric) not in {row[:2] for row in rows["scores"]}:
                rows["scores"].append((key, metric, chance.of(0.1, 0.5, 0.9, float("nan")), None))
        new = [f"{h:016x}" for h in chance.rng.integers(0, 2**64, chance.of(1, 2, 3), np.uint64)]
        shown.append(chance.of(*shown[-9:]) if shown and chance(0.3) else new)
        if chance(0.95):
            detail = json.dumps({"frames": shown[-1], "ms": [1000] * len(shown[-1])})
            rows["scores"].append((key, "duplicate", 0.0, detail))
        for i in range(chance.of(0, 1, 2)):
            rows["verdicts"].append((f"{key}#{i}", key, chance.of("pass", "flagged"), chance.rng.random(), 0.1))
            rows["captions"].append((key, list(chance.some("dog", "cat", "élan"))))
        if chance(0.8):
            rows["latents"].append((key, "dct-4x8x8-c16", "video", chance.of("small", "large")))
        if chance(0.1):
            rows["reviews"].append((key, key, "triage", "reject", chance.of("bad", missing=0.3), 1, False))
        for i in range(chance.of(0, 1, 2)):
            span = (key, chance.of(key, missing=0.1), start + i, 15_000 + i)
            rows["texts"].append((*span, "A", 0.5, chance.rng.random()))
            kind, label = chance.of("music", "agreement", "dropped"), chance.of("word_agreement", "word_time_agreement")
            rows["sounds"].append((*span, kind, label, chance.rng.random(), "a b"))


def policy_of(chance: Chance) -> Policy:
    bounds = [Bound(metric, 0.2, 0.95, chance.of("drop", "keep", "keep")) for metric in ("motion", "text", *SHARES)]
    traits: tuple[Trait, ...] = get_args(Trait)
    return Policy(
        bounds=tuple(bound for bound in bounds if chance(0.15)),
        licences=chance.of(("cc0",), None, None),
        statuses=chance.of(("pass",), ("pass", "flagged")),
        coverage_at_least=chance.of(0.2, None, None),
        encoder=chance.of("dct-4x8x8-c16", None),
        duplicates=chance.of(Duplicates(), None),
        quotas=tuple(Quota(by, **chance.of({"clips": 2}, {"share": 0.4})) for by in chance.some(*traits)),
        balances=tuple(Balance(by, chance.of(0.3, 1.0)) for by in chance.some(*traits)),
        validation_share=chance.of(0.0, 0.3),
        still_weight=2.0,
    )


def told(cut: Cut) -> tuple[Any, ...]:
    return cut.hash, cut.kept, cut.dropped(), cut.rows


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 40), st.integers(4, 30))
def test_in_parts_it_is_the_same_cut(seed: int, clips: int, part_rows: int) -> None:
    chance = Chance(seed)
    corpus, policy = corpus_of(chance, clips), policy_of(chance)
    with TemporaryDirectory() as folder:
        try:
            whole = told(pick(corpus, policy))
        except LakeError as error:  # of an evaluation set without a fingerprint
            with pytest.raises(LakeError, match=f"^{str(error)[:40]}"):
                pick(corpus, policy, Path(folder), part_rows)
        else:
            parted = pick(corpus, policy, Path(folder), part_rows)
            assert parted.pieces == max(1, -(-clips // part_rows))
            assert told(parted) == whole


def test_spans_are_of_about_as_many_clips_whatever_their_ids() -> None:
    ids = pl.LazyFrame({"clip_id": [f"{'same' * 9}{n**3}" for n in range(300)]})
    found = spans(ids, 50)
    counts = ids.select(found.number("clip_id").value_counts(sort=True)).unnest("clip_id").collect()
    assert counts["count"].to_list() == [50] * 6


def test_clips_that_fit_in_one_part_are_not_written_to_a_disk(tmp_path: Path) -> None:
    corpus = corpus_of(Chance(1), 20)
    cut = pick(corpus, Policy(), tmp_path, part_rows=20)
    assert cut.rows.num_rows == 20
    assert [path.name for path in tmp_path.iterdir()] == []
