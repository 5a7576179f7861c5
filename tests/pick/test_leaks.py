from dataclasses import replace

import numpy as np
import pytest

from curate.errors import LakeError, RecipeError
from curate.pick.cut import pick
from curate.pick.policy import Leaks, Policy
from tests.pick.corpus import Rows, clip
from tests.pick.test_cut import ANY, hashes, rows

GUARD = replace(ANY, duplicates=None)  # the guard does not depend on them


def corpus_with(evaluation: list[int], **training: list[int]) -> Rows:
    """Clip 0 is of the evaluation set "bench"; the others follow in their order."""
    corpus = Rows()
    corpus.add(0)
    corpus.source(0, name="e", evaluation="bench")
    corpus.hashes(0, *evaluation)
    for n, frames in enumerate(training.values(), 1):
        corpus.add(n)
        corpus.hashes(n, *frames)
    return corpus


def test_a_clip_of_an_evaluation_set_is_dropped_also_where_the_same_bytes_are_asked_for_to_train_on() -> None:
    corpus = corpus_with(hashes(np.random.default_rng(0), 5))
    found = rows(pick(corpus.corpus(), GUARD))
    assert found[clip(0)].reasons == ("in evaluation set bench",)


def test_what_shares_a_second_with_an_evaluation_clip_is_dropped_and_names_it() -> None:
    held, other = hashes(np.random.default_rng(1), 8), hashes(np.random.default_rng(2), 8)
    corpus = corpus_with(held, whole=[h ^ 0b11 for h in held], overlap=[*other[:7], held[7]], unlike=other)
    cut = pick(corpus.corpus(), GUARD)
    found = rows(cut)
    assert [found[clip(n)].reason for n in (1, 2, 3)] == ["resembles evaluation set bench"] * 2 + [None]
    assert found[clip(1)].group == found[clip(2)].group == found[clip(0)].group == clip(0)
    assert cut.dropped() == {"resembles evaluation set bench": 2, "in evaluation set bench": 1}
    less = replace(GUARD, leaks=Leaks(seconds=2.0))
    assert rows(pick(corpus.corpus(), less))[clip(2)].kept


def test_what_resembles_a_dropped_clip_alone_is_kept() -> None:
    film = hashes(np.random.default_rng(3), 15)
    corpus = corpus_with(film[:8], near=film[4:12], beyond=film[8:])
    found = rows(pick(corpus.corpus(), ANY))
    assert found[clip(1)].reason == "resembles evaluation set bench"
    assert found[clip(2)].kept


def test_a_leak_is_dropped_as_one_and_is_no_keeper_of_duplicates() -> None:
    chance = np.random.default_rng(4)
    held, film = hashes(chance, 8), hashes(chance, 9)
    corpus = corpus_with(held, leak=[*film[:7], held[0]], clean=film[:7])
    corpus.clips[1] = replace(corpus.clips[1], crop_width=1920, crop_height=1080)
    found = rows(pick(corpus.corpus(), ANY))
    assert found[clip(1)].reasons == ("resembles evaluation set bench", "duplicate: of one that passes")
    assert found[clip(1)].group == clip(0)
    assert found[clip(2)].kept


def test_each_set_is_counted_by_name() -> None:
    chance = np.random.default_rng(5)
    corpus = Rows()
    for n, name in enumerate(("a", "b")):
        frames = hashes(chance, 4)
        corpus.add(n)
        corpus.source(n, name="e", evaluation=name)
        corpus.hashes(n, *frames)
        for copy in range(n + 1):
            corpus.add(10 * (n + 1) + copy)
            corpus.hashes(10 * (n + 1) + copy, *frames)
    assert pick(corpus.corpus(), GUARD).dropped() == {
        "resembles evaluation set b": 2,
        "in evaluation set a": 1,
        "in evaluation set b": 1,
        "resembles evaluation set a": 1,
    }


def test_a_set_without_any_fingerprint_cannot_be_guarded_against() -> None:
    corpus = Rows()
    corpus.add(0)
    corpus.source(0, name="e", evaluation="bench")
    with pytest.raises(LakeError, match="bench has the metric 'duplicate'"):
        pick(corpus.corpus(), GUARD)
    corpus.clips.append(replace(corpus.clips[0], clip_id=corpus.clips[0].clip_id + "0"))
    corpus.hashes(0, 7)
    found = rows(pick(corpus.corpus(), GUARD))
    assert found[clip(0)].reasons == ("in evaluation set bench",)
    blind = found[clip(0) + "0"].reasons
    assert blind[:2] == ("in evaluation set bench", "evaluation clip without a fingerprint: nothing is held against it")


def test_a_still_and_a_short_clip_leak_by_half_of_what_is_shorter() -> None:
    held = hashes(np.random.default_rng(6), 1)
    corpus = corpus_with(held, still=held)
    corpus.scores = [replace(s, detail=(s.detail or "").replace("10000", "1")) for s in corpus.scores]
    assert not rows(pick(corpus.corpus(), GUARD))[clip(1)].kept


def test_impossible_rules_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"leaks\.bits"):
        Leaks(bits=21)
    with pytest.raises(RecipeError, match=r"leaks\.seconds"):
        Policy(leaks=Leaks(seconds=0))
