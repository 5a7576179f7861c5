from dataclasses import replace

import numpy as np
import pytest

from curate.errors import LakeError, RecipeError
from curate.pick.cut import Cut, pick
from curate.pick.policy import Bound, Policy
from curate.pick.rules import accepted_captions
from schemas.latent import Pick
from schemas.row import arrow_schema, from_table
from tests.pick.corpus import Rows, clip

ANY = Policy(statuses=None)


def rows(cut: Cut) -> dict[str, Pick]:
    return {row.clip_id: row for row in from_table(Pick, cut.rows)}


def hashes(rng: np.random.Generator, frames: int) -> list[int]:
    return [int(h) for h in rng.integers(0, 2**64, frames, np.uint64)]


def test_a_clip_with_everything_is_kept_with_its_bucket() -> None:
    corpus = Rows()
    corpus.add(1)
    corpus.verdict(1)
    cut = pick(corpus.corpus(), Policy(cut="mine"))
    assert cut.rows.schema == arrow_schema(Pick)
    row = rows(cut)[clip(1)]
    assert row == Pick("mine", cut.hash, clip(1), True, None, (), "train", None, "17x256x448", 1.0)


def test_each_drop_names_the_first_rule_and_all_of_them() -> None:
    corpus = Rows()
    for n in range(5):
        corpus.add(n, licence="cc0" if n != 3 else None, latent=n != 2)
        corpus.score(n, "motion", n / 4)
    corpus.source(4, tombstone=True, name="again")
    policy = Policy(
        statuses=None, licences=("cc0",), bounds=(Bound("motion", at_least=0.2, at_most=0.8), Bound("text", at_most=1))
    )
    found = rows(pick(corpus.corpus(), policy))
    assert found[clip(0)].reasons == ("motion < 0.2", "text not measured")
    assert found[clip(1)].reasons == ("text not measured",)
    assert found[clip(2)].reasons == ("text not measured", "no latent of dct-4x8x8-c16")
    assert found[clip(3)].reasons[0] == found[clip(3)].reason == "licence not allowed"
    assert found[clip(4)].reasons == ("source taken down", "motion > 0.8", "text not measured")


def test_a_bound_includes_its_ends_and_a_value_that_is_no_number_is_not_measured() -> None:
    corpus = Rows()
    for n, value in enumerate((0.2, 0.8, float("nan"))):
        corpus.add(n)
        corpus.score(n, "motion", value)
    cut = pick(corpus.corpus(), replace(ANY, bounds=(Bound("motion", 0.2, 0.8),)))
    assert cut.kept == 2
    assert cut.dropped() == {"motion not measured": 1}


def test_a_bound_may_keep_what_was_not_measured() -> None:
    corpus = Rows()
    for n, value in enumerate((0.2, 0.9, float("nan"))):
        corpus.add(n)
        corpus.score(n, "shake", value)
    corpus.add(3)
    cut = pick(corpus.corpus(), replace(ANY, bounds=(Bound("shake", at_most=0.8, unmeasured="keep"),)))
    assert cut.kept == 3
    assert cut.dropped() == {"shake > 0.8": 1}


def test_the_best_caption_of_a_clip_counts_and_only_accepted_ones_may_be_read() -> None:
    corpus = Rows()
    for n in range(5):
        corpus.add(n)
    corpus.verdict(0, "flagged", i=0)
    corpus.verdict(0, "repaired", coverage=0.9, i=1)
    corpus.verdict(1, "flagged")
    corpus.verdict(2, coverage=0.3)
    corpus.verdict(3, coverage=None)
    policy = Policy(coverage_at_least=0.5, contradiction_at_most=0.1)
    found = rows(pick(corpus.corpus(), policy))
    assert [found[clip(n)].reason for n in range(5)] == [
        None,
        "caption is not pass or repaired or reviewed",
        "caption coverage < 0.5",
        "caption coverage < 0.5",
        "no tested caption",
    ]
    accepted = accepted_captions(corpus.corpus().verdicts, policy).collect()
    assert accepted.rows() == [(f"{clip(0)}#c1", clip(0))]


def test_of_near_duplicates_the_largest_then_the_sharpest_is_kept() -> None:
    corpus = Rows()
    frames = hashes(np.random.default_rng(0), 5)
    for n, width in enumerate((320, 1280, 1280, 1280)):
        corpus.add(n, width=width)
        corpus.hashes(n, *(f ^ (1 << n) for f in frames))
        corpus.score(n, "sharpness", [900.0, 10.0, 50.0, 99.0][n])
    corpus.add(9)
    corpus.hashes(9, 5, 6, 7)
    bound = Bound("sharpness", at_most=95)
    corpus.score(9, "sharpness", 1.0)
    found = rows(pick(corpus.corpus(), replace(ANY, bounds=(bound,))))
    assert [n for n in (0, 1, 2, 3, 9) if found[clip(n)].kept] == [2, 9]
    assert {found[clip(n)].group for n in range(4)} == {clip(2)}
    assert found[clip(0)].reasons == ("sharpness > 95", "duplicate: of one that passes")
    assert found[clip(3)].reasons == ("sharpness > 95", "duplicate: of one that passes")
    assert found[clip(1)].reason == "duplicate: less sharp"
    assert found[clip(9)].group is None


def test_the_reason_says_why_the_other_one_is_better() -> None:
    corpus = Rows()
    frames = hashes(np.random.default_rng(0), 5)
    for n in range(6):
        corpus.add(n, width=640 if n != 1 else 320)
        corpus.hashes(n, *frames)
        if n != 5:
            corpus.score(n, "sharpness", 50.0 if n != 2 else 49.0)
    corpus.clips[3] = replace(corpus.clips[3], end_us=9_000_000)
    cut = pick(corpus.corpus(), ANY)
    assert [rows(cut)[clip(n)].reason for n in range(6)] == [
        None,
        "duplicate: smaller picture",
        "duplicate: less sharp",
        "duplicate: shorter",
        "duplicate: same, later id",
        "duplicate: less sharp",
    ]
    assert {row.group for row in rows(cut).values()} == {clip(0)}


def test_a_group_is_on_one_side_and_stays_there() -> None:
    corpus = Rows()
    rng = np.random.default_rng(1)
    for n in range(400):
        corpus.add(n)
        if n % 4 == 0:
            frames = hashes(rng, 4)
        corpus.hashes(n, *frames)
    policy = replace(ANY, validation_share=0.25)
    found = rows(pick(corpus.corpus(), policy))
    sides = [{found[clip(n)].side for n in range(i, i + 4)} for i in range(0, 400, 4)]
    assert all(len(side) == 1 for side in sides)
    assert 10 < sum(side == {"validation"} for side in sides) < 42
    stricter = rows(pick(corpus.corpus(), replace(policy, bounds=(Bound("motion", 1),))))
    assert all(stricter[key].side == row.side for key, row in found.items())


def test_the_hash_is_of_the_content_whatever_the_order_and_the_name() -> None:
    corpus = Rows()
    for n in range(30):
        corpus.add(n, width=320 + n)
        corpus.hashes(n, n // 2 * 0x1234567, 77 << n)
    once = pick(corpus.corpus(), ANY)
    for table in (corpus.clips, corpus.scores, corpus.latents):
        table.reverse()
    assert pick(corpus.corpus(), replace(ANY, cut="other name")).hash == once.hash
    assert pick(corpus.corpus(), replace(ANY, still_weight=2.0)).hash == once.hash
    corpus.latents.pop()
    assert pick(corpus.corpus(), ANY).hash != once.hash


def test_an_empty_corpus_makes_an_empty_cut() -> None:
    cut = pick(Rows().corpus(), Policy(bounds=(Bound("motion", 1),)))
    assert cut.kept == 0
    assert cut.rows.num_rows == 0
    assert cut.rows.schema == arrow_schema(Pick)


def test_two_fingerprints_at_once_are_refused() -> None:
    corpus = Rows()
    corpus.add(1)
    corpus.latents *= 2
    with pytest.raises(LakeError, match="one fingerprint"):
        pick(corpus.corpus(), ANY)


def test_impossible_policies_are_refused() -> None:
    with pytest.raises(RecipeError, match="'motion' needs"):
        Bound("motion")
    with pytest.raises(RecipeError, match="validation_share"):
        Policy(validation_share=1.5)
    with pytest.raises(RecipeError, match="statuses"):
        Policy(statuses=None, coverage_at_least=0.5)


def test_a_bound_that_nothing_meets_is_refused() -> None:
    with pytest.raises(RecipeError, match="that nothing meets"):
        Bound("motion", at_least=5.0, at_most=1.0)
