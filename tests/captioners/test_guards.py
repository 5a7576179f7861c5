from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from captioners.asides import asides, written
from captioners.guards import GuardRules, guarded
from captioners.heard import Heard

RULES = GuardRules()


def said(text: str, begin_s: float = 0.0, each_s: float = 0.3) -> list[Heard]:
    """Its words, one after the other."""
    return [
        Heard("word", begin_s + index * each_s, begin_s + (index + 1) * each_s, "fake 1", text=word, score=0.9)
        for index, word in enumerate(text.split())
    ]


def voice(start_s: float, end_s: float) -> Heard:
    return Heard("speech", start_s, end_s, "vad")


def dropped(found: list[Heard]) -> list[tuple[str | None, str | None]]:
    return [(one.text, one.label) for one in found if one.kind == "dropped"]


def test_words_where_the_voice_detector_hears_nobody_are_dropped_with_the_reason() -> None:
    words = [*said("hello there"), *said("thanks for watching", 5.0)]
    found = guarded(words, [voice(0.1, 0.6)], RULES)
    assert dropped(found) == [("thanks", "no voice"), ("for", "no voice"), ("watching", "no voice")]
    assert [one.text for one in found if one.kind == "word"] == ["hello", "there"]
    assert [(one.text, one.start_s, one.end_s, one.score) for one in found] == [
        (one.text, one.start_s, one.end_s, one.score) for one in words
    ]


def test_a_word_at_the_edge_of_the_voice_is_kept() -> None:
    assert dropped(guarded(said("so", 1.0), [voice(1.35, 3.0)], RULES)) == []
    assert dropped(guarded(said("so", 1.0), [voice(1.5, 3.0)], RULES)) == [("so", "no voice")]


def test_a_phrase_in_a_loop_is_kept_once() -> None:
    loop = "i see you. " * 5
    found = guarded(said("well then " + loop + "and now"), [voice(0, 99)], RULES)
    assert [one.text for one in found if one.kind == "word"] == ["well", "then", "i", "see", "you.", "and", "now"]
    assert dropped(found) == [(word, "repeated") for word in ("i see you. " * 4).split()]
    assert len(dropped(guarded(said("the " * 30), [voice(0, 99)], RULES))) == 29


def test_what_people_say_again_is_no_loop() -> None:
    for text in (
        "no no no no", "very very very good", "thank you thank you thank you", "never gonna give never gonna let",
        "we will rock you we will rock you", "la la la la la la la",
    ):  # fmt: skip
        assert dropped(guarded(said(text), [voice(0, 99)], RULES)) == []


def test_more_letters_than_can_be_said_are_dropped() -> None:
    fast = said("international organisation for standardisation", each_s=0.05)
    assert {label for _, label in dropped(guarded(fast, [voice(0, 99)], RULES))} == {"too fast"}
    assert dropped(guarded(said("international organisation for standardisation"), [voice(0, 99)], RULES)) == []
    assert dropped(guarded(said("a", each_s=0.03), [voice(0, 99)], RULES)) == []
    assert dropped(guarded(said("responsibility", each_s=0.1), [voice(0, 99)], RULES)) == [
        ("responsibility", "too fast")
    ]


def test_a_sentence_whose_words_have_no_times_is_believed_as_a_whole_or_not() -> None:
    long = Heard("sentence", 1.0, 5.0, "fake 1", text="guten Tag und auf Wiedersehen")
    for sentence, reason in (
        (long, None),
        (replace(long, start_s=10.0, end_s=14.0), "no voice"),
        (replace(long, text="Danke. " * 9), "repeated"),
        (replace(long, text="J" * 220), "too fast"),
    ):
        (found,) = guarded([sentence], [voice(0, 6)], RULES)
        assert (found.kind, found.label) == (("sentence", None) if reason is None else ("dropped", reason))
        assert found.text == sentence.text


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=40), st.floats(0.01, 1.0), st.floats(0.1, 20.0))
def test_nothing_is_lost_and_nothing_is_made_up(words: list[str], each_s: float, until_s: float) -> None:
    given_words = said(" ".join(words), each_s=each_s)
    found = guarded(given_words, [voice(0, until_s)], RULES)
    assert [one.text for one in found] == words
    assert all(one.kind == "word" or one.label in ("no voice", "repeated", "too fast") for one in found)
    assert [one for one in found if one.kind == "word"] == [
        one for one, other in zip(given_words, found, strict=True) if other.kind == "word"
    ]


def test_what_stands_in_brackets_is_an_event_between_the_words() -> None:
    found = asides(said("hello [door slams] you (laughs), yes ♪ *sighs*"))
    assert [(one.kind, one.text or one.label) for one in found] == [
        ("word", "hello"), ("event", "door slams"), ("word", "you"), ("event", "laughs"), ("word", "yes"),
        ("event", "sighs"),
    ]  # fmt: skip
    assert (found[1].start_s, found[1].end_s) == (0.3, 0.8999999999999999)


def test_a_bracket_that_is_never_closed_and_empty_ones_are_words() -> None:
    text = "(so he said and then they went away and were never seen again [ ] *"
    assert [one.text for one in asides(said(text))] == text.split()


def test_a_text_is_taken_apart_where_words_and_letters_are_counted() -> None:
    taken = written(" Hello [laughs] you. (Music playing) ♪", spaced=True)
    assert (taken.text, taken.asides) == ("Hello you.", ((1, "laughs"), (2, "music playing")))
    words: list[Heard | None] = [*said("Hello"), None]
    assert [(one.label, one.start_s, one.end_s) for one in taken.events(words, 0.0, 4.0, "fake 1")] == [
        ("laughs", 0.3, 4.0), ("music playing", 0.3, 4.0),
    ]  # fmt: skip
    plain = written("好的(笑)再见", spaced=False)
    assert (plain.text, plain.asides) == ("好的再见", ((2, "笑"),))
