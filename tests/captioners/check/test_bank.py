"""Questions come from the evidence rows, and only from those that are sure."""

import dataclasses
from collections import Counter

from captioners.check import Rules
from captioners.check.bank import questions
from captioners.check.bank.texts import distorted
from captioners.check.question import Question, countable, right
from captioners.evidence import Evidence
from tests.captioners.evidences import clip, known_evidence, media, score, sound, text

RULES = Rules()


def _asked(evidence: Evidence) -> dict[tuple[str, tuple[str, ...]], str]:
    return {(q.topic, q.about): q.truth for q in questions(evidence, RULES)}


def test_every_axis_that_was_measured_is_asked() -> None:
    axes = Counter(question.axis for question in questions(known_evidence(), RULES))
    assert set(axes) == {
        "shot", "light", "colour", "camera", "motion", "frame", "text", "speech", "event", "music", "loudness", "order",
    }  # fmt: skip


def test_truths_are_those_of_the_rows_in_seconds_of_the_clip() -> None:
    asked = _asked(known_evidence())
    assert asked["camera", ()] == "pan right"
    assert asked["event_count", ("knock",)] == "3"
    assert asked["event_time", ("knock", "2")] == "2.40"
    assert asked["event", ("noise",)] == "no"
    assert asked["event_pitch", ("tone", "1")] == "440.0"
    assert asked["text_time", ("Gate 12",)] == "4.00"
    assert asked["text_place", ("EXIT",)] == "top left"
    assert asked["word_time", ("gap", "1")] == "4.00"
    assert asked["transcript", ()] == "mind the gap"
    assert asked["key", ()] == "A minor"
    assert asked["silence_time", ("1",)] == "6.20"
    assert asked["dominant_colour", ()] == "red"


def test_nothing_is_asked_of_what_nobody_measured() -> None:
    bare = Evidence(clip(), media(audio=True), (), None, None)
    assert set(_asked(bare)) == {("duration", ())}


def test_colours_come_in_pairs_of_one_that_is_there_and_one_that_is_not() -> None:
    truths = Counter(q.truth for q in questions(known_evidence(), RULES) if q.topic == "colour")
    assert truths == {"yes": 3, "no": 2}, "yellow and green are all that is unlike red, blue and grey"
    absent = {q.about[0] for q in questions(known_evidence(), RULES) if q.topic == "colour" and q.truth == "no"}
    assert not absent & {"red", "blue", "grey", "pink", "cyan", "black"}, "too like one that is there"


def test_each_choice_offers_the_truth_once_among_others() -> None:
    for question in questions(known_evidence(), RULES):
        if question.kind in {"choice", "order", "yes_no"}:
            assert question.options.count(question.truth) == 1, question
            assert len(set(question.options)) == len(question.options) > 1


def test_unsure_rows_are_not_asked_about() -> None:
    of = clip()
    sounds = (sound(of, "event", 0, 1.0, 2.0, label="noise", score=0.2),)
    unsure = dataclasses.replace(text(of, 0, 1, 2, "EX1T"), score=0.3)
    asked = _asked(Evidence(of, media(), (), sounds, (unsure,)))
    assert ("event", ("noise",)) not in asked
    assert ("text_time", ("EX1T",)) not in asked
    assert ("text_count", ()) not in asked


def test_numbers_near_the_edge_of_a_word_are_not_asked_about() -> None:
    of = clip()
    near = Evidence(of, media(), (score(of, "brightness", 68.0), score(of, "loudness", -16.5)), None, None)
    assert not {"brightness", "loudness"} & {topic for topic, _ in _asked(near)}


def test_things_that_start_together_have_no_order() -> None:
    of = clip()
    sounds = (sound(of, "event", 0, 1.0, 1.1, label="knock"), sound(of, "event", 1, 1.4, 1.6, label="noise"))
    assert not [topic for topic, _ in _asked(Evidence(of, media(), (), sounds, ())) if topic == "order"]


def test_distorted_texts_are_like_the_text_and_are_not_it() -> None:
    for words in ("EXIT", "Gate 12", "a", "hello world", "77"):
        assert distorted(words)
        assert words.casefold() not in {other.casefold() for other in distorted(words)}


class Guesser:
    """Says what is usually right, without reading."""

    def reads(self, question: Question) -> bool:
        return question.topic != "free"

    def answer(self, prose: str, question: Question) -> str | None:
        return {"yes_no": "yes", "count": "1"}.get(question.kind)


def test_what_is_guessed_right_without_a_caption_does_not_count() -> None:
    asked = questions(known_evidence(), RULES)
    kept = countable(asked, Guesser())
    assert {q.truth for q in kept if q.kind == "yes_no"} == {"no"}
    assert [q for q in kept if q.kind == "time"] == [q for q in asked if q.kind == "time"]


def test_answers_are_right_within_their_tolerance() -> None:
    question = next(q for q in questions(known_evidence(), RULES) if q.topic == "event_time")
    assert right(question, "1.6")
    assert not right(question, "1.8")
    assert not right(question, "soon")


def test_speakers_are_asked_about_where_all_are_known() -> None:
    of = clip()
    words = ("mind the gap", "which gap", "that one")
    rows = [sound(of, "sentence", n, n + 1.0, n + 1.8, text=words[n], speaker=who)
            for n, who in enumerate(("Anna", "Ben", "Ben"))]  # fmt: skip
    asked = _asked(Evidence(of, media(), (), tuple(rows), ()))
    assert asked["speakers", ()] == "2"
    assert asked["same_speaker", ("mind the gap", "which gap")] == "no"
    assert asked["same_speaker", ("which gap", "that one")] == "yes"
    assert asked["who", ("mind the gap",)] == "Anna"
    numbered = [dataclasses.replace(row, speaker={"Anna": "1", "Ben": "2"}[row.speaker or ""]) for row in rows]
    assert not [about for topic, about in _asked(Evidence(of, media(), (), tuple(numbered), ())) if topic == "who"]
    unknown = (*rows[:2], dataclasses.replace(rows[2], speaker=None))
    assert not {"speakers", "same_speaker", "who"} & {t for t, _ in _asked(Evidence(of, media(), (), unknown, ()))}


def test_the_way_of_things_is_asked_where_they_agree() -> None:
    of = clip()
    way = {"dx_px_s": 1.0, "dy_px_s": -30.0, "agreement": 0.99, "share": 0.6}

    def asked(**changes: float) -> object:
        rows = (score(of, "drift", 30.0, way | changes), score(of, "local_motion", 5.0))
        return _asked(Evidence(of, media(), rows, None, None)).get(("drift", ()))

    assert asked() == "up"
    assert asked(agreement=0.8) is None
    assert asked(share=0.1) is None
    assert asked(dx_px_s=25.0) is None, "aslant"
