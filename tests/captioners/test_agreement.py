from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioners.agreement import TIMES, WORDS, matched, sentences, settled
from captioners.heard import Heard
from captioners.speech import sentence
from captioners.stretch import stretches
from tests.captioners.synth import RATE_HZ, hiss, laid

SPANS = [Heard("speech", 1.0, 3.0, "vad"), Heard("speech", 5.0, 7.0, "vad")]
WHOLE = (0.0, 10.0)


def said(engine: str, text: str, begin_s: float, each_s: float = 0.4, language: str = "en") -> list[Heard]:
    return [
        Heard(
            "word", begin_s + index * each_s, begin_s + (index + 1) * each_s, engine, text=word, score=0.5,
            language=language,
        )
        for index, word in enumerate(text.split())
    ]  # fmt: skip


def embedded(text: str, begin_s: float) -> list[Heard]:
    words = said("small 1", text, begin_s)
    return [sentence(words), *words]


def texts(found: list[Heard], kind: str) -> list[str | None]:
    return [one.text for one in found if one.kind == kind]


def scores(found: list[Heard], label: str) -> list[float | None]:
    return [one.score for one in found if one.kind == "agreement" and one.label == label]


def test_a_span_in_which_the_model_wrote_something_is_its_own_and_the_other_keeps_the_embedded_words() -> None:
    own = [*embedded("the cat sat", 1.0), *embedded("on a mat", 5.0)]
    found = settled(SPANS, own, said("large 2", "The cat sits.", 1.05), WHOLE)
    assert texts(found, "word") == ["The", "cat", "sits.", "on", "a", "mat"]
    assert texts(found, "sentence") == ["The cat sits.", "on a mat"]
    assert scores(found, WORDS) == [pytest.approx(2 / 3), 0.0]
    assert scores(found, TIMES) == [1.0]
    first = next(one for one in found if one.kind == "agreement")
    assert (first.text, first.engine, first.start_s, first.end_s) == ("the cat sat", "large 2, small 1", 1.0, 3.0)


def test_times_agree_where_words_that_both_wrote_begin_within_80_ms() -> None:
    late = [replace(one, start_s=one.start_s + (0.2 if one.text == "sat" else 0.02)) for one in said("l", "cat sat", 1)]
    found = settled(SPANS, embedded("cat sat", 1.0), late, WHOLE)
    assert scores(found, WORDS) == [1.0]
    assert scores(found, TIMES) == [0.5]


def test_without_words_of_the_model_the_embedded_ones_stay_and_nobody_agrees() -> None:
    own = embedded("hello there", 1.0)
    found = settled(SPANS, own, [], WHOLE)
    assert found[: len(own)] == own
    assert scores(found, WORDS) == [0.0]


def test_engines_in_two_languages_are_not_compared() -> None:
    found = settled(SPANS, embedded("goat and dark", 1.0), said("l", "guten Tag", 1.0, language="de"), WHOLE)
    assert texts(found, "word") == ["guten", "Tag"]
    assert texts(found, "agreement") == []


def test_dropped_words_count_for_nobody_and_stay() -> None:
    loop = [replace(one, kind="dropped", label="repeated") for one in said("l", "you you", 1.0)]
    found = settled(SPANS, embedded("hello", 1.0), loop, WHOLE)
    assert texts(found, "word") == ["hello"]
    assert texts(found, "dropped") == ["you", "you"]


def test_a_part_has_the_words_whose_middle_it_holds_and_a_sentence_without_times_only_whole() -> None:
    words = said("l", "one two three four", 1.0)
    before, after = (settled(SPANS, [], words, part) for part in ((0.0, 1.7), (1.7, 10.0)))
    assert (texts(before, "sentence"), texts(after, "sentence")) == (["one two"], ["three four"])
    untimed = Heard("sentence", 0.9, 7.1, "l", text="guten Tag und auf Wiedersehen", language="de")
    assert texts(settled(SPANS, embedded("goat", 1.0), [untimed], WHOLE), "sentence") == [untimed.text]
    assert texts(settled(SPANS, embedded("goat", 1.0), [untimed], (0.0, 4.0)), "sentence") == ["goat"]


def test_sentences_end_with_a_full_stop_a_pause_another_speaker() -> None:
    words = [*said("l", "Yes. Well then", 0.0), *said("l", "now go", 3.0)]
    words[-1] = replace(words[-1], speaker="2")
    assert [one.text for one in sentences(words)] == ["Yes.", "Well then", "now", "go"]


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_errors_are_a_distance_and_pairs_are_the_same_words_in_order(one: list[str], other: list[str]) -> None:
    errors, pairs = matched(one, other)
    assert errors == matched(other, one)[0]
    assert (errors == 0) == (one == other)
    assert abs(len(one) - len(other)) <= errors <= max(len(one), len(other))
    assert all(one[i] == other[k] for i, k in pairs)
    assert pairs == sorted(pairs)
    assert errors >= max(len(one), len(other)) - len(pairs)


def test_stretches_join_short_pauses_and_are_no_longer_than_a_model_hears() -> None:
    wave = laid(60, *((at, hiss(1.0)) for at in range(60)))
    spans = [Heard("speech", start_s, end_s, "vad") for start_s, end_s in ((1, 4), (5, 9), (14, 20), (21, 43))]
    assert stretches(spans, wave, 30.0) == [(0.8, 9.2), (13.8, 43.2)]
    assert stretches(spans, wave, 20.0)[1][1] == pytest.approx(20.2)


def test_a_longer_span_is_cut_where_it_is_quietest() -> None:
    wave = laid(40, (0, hiss(16.0)), (16.3, hiss(23.0)))
    (_, first_end_s), (second_start_s, _) = stretches([Heard("speech", 0.0, 36.0, "vad")], wave, 20.4)
    assert 16.0 <= first_end_s == second_start_s <= 16.3
    assert stretches([], wave, 30.0) == []
    assert sum(end_s - start_s for start_s, end_s in stretches([Heard("speech", 0, 40, "vad")], wave, 5)) == (
        pytest.approx(len(wave) / RATE_HZ)
    )
