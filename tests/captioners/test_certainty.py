"""What is doubtful is neither said, nor denied, nor asked about."""

import dataclasses

import pytest

from captioners import certainty
from captioners.check.bank import Rules, questions
from captioners.evidence import Evidence
from schemas.clip import Score, Text
from tests.captioners.evidences import caption_of, clip, media, score, sound, text

CLIP = clip()


def written(words: str, sure: float | None, seconds: float = 2.0) -> Text:
    return dataclasses.replace(text(CLIP, 0, 1.0, 1.0 + seconds, words), score=sure)


def topics(evidence: Evidence) -> set[str]:
    return {question.topic for question in questions(evidence, Rules())}


@pytest.mark.parametrize(
    ("words", "sure", "seconds", "legible"),
    [
        ("THE PEACH OPEN MOVIE PROJECT", 0.99, 2, True), ("BUNKY", 0.80, 3, False), ("8", 0.99, 2, True),
        ("1", 0.75, 3.5, False), ("2", 0.98, 0.5, False), ("EXIT", None, 2, True),
    ],
)  # fmt: skip
def test_text_is_told_where_the_reader_is_sure(words: str, sure: float | None, seconds: float, legible: bool) -> None:
    assert certainty.legible(written(words, sure, seconds)) is legible


def test_text_that_was_half_read_is_neither_told_nor_denied_nor_asked_about() -> None:
    doubtful = Evidence(CLIP, media(), (), None, (written("BUNKY", 0.8),))
    assert "text" not in caption_of(doubtful).dense
    assert not {topic for topic in topics(doubtful) if "text" in topic}
    beside = dataclasses.replace(doubtful, texts=(written("BUNKY", 0.8), text(CLIP, 1, 4, 6, "EXIT")))
    dense = caption_of(beside).dense
    assert '"EXIT"' in dense
    assert "BUNKY" not in dense
    assert "no other text" not in dense
    assert "text_count" not in topics(beside)


def test_a_short_clip_was_not_read_long_enough_to_deny_text() -> None:
    for length_us, denied in ((800_000, False), (3_000_000, True)):
        evidence = Evidence(clip(0, length_us), media(), (), None, ())
        assert ("no text on screen" in caption_of(evidence).dense) is denied
        assert ("any_text" in topics(evidence)) is denied
    still = Evidence(clip(0, 0, still=True), media(audio=False, still=True), (), None, ())
    assert "no text on screen" in caption_of(still).dense


def barred(luma: float, share: float, crop: tuple[int, int, int, int]) -> Evidence:
    x, y, width, height = crop
    of = dataclasses.replace(CLIP, crop_x=x, crop_y=y, crop_width=width, crop_height=height)
    rows: tuple[Score, ...] = (score(of, "brightness", luma), score(of, "border_share", share))
    return Evidence(of, media(), rows, None, None)


def test_bars_are_told_around_a_lit_picture_only_and_on_opposite_sides() -> None:
    letterbox, one_side, dark = (
        barred(90, 0.25, (0, 44, 640, 272)),
        barred(90, 0.14, (90, 0, 550, 360)),
        barred(10, 0.55, (160, 30, 320, 300)),
    )
    assert certainty.bars(letterbox) == 0.25
    assert "black bars over 25 %" in caption_of(letterbox).dense
    for evidence in (one_side, dark):
        assert certainty.bars(evidence) is None
        assert "bars" not in caption_of(evidence).dense
        assert "bars" not in topics(evidence)
    assert certainty.bars(barred(10, 0.0, (0, 0, 640, 360))) == 0


@pytest.mark.parametrize(
    ("kind", "label", "seconds", "named"),
    [("event", "sound", 3.0, False), ("event", "sound", 0.3, True), ("speech", None, 6.0, False),
     ("speech", None, 2.0, True), ("event", "noise", 7.9, True)],
)  # fmt: skip
def test_what_has_no_name_or_lies_under_speech_may_be_music_or_an_event(
    kind: str, label: str | None, seconds: float, named: bool
) -> None:
    row = sound(CLIP, kind, 0, 0.0, seconds, label=label)
    evidence = Evidence(CLIP, media(), (score(CLIP, "silence_share", 0.0),), (row,), None)
    assert certainty.all_named(evidence) is named
    dense = caption_of(evidence).dense
    assert ("no music" in dense) is named
    assert ("sound event is heard" in dense) is named
    assert ("any_music" in topics(evidence)) is named


def test_words_are_quoted_only_of_an_engine_that_is_right_with_such_a_score() -> None:
    for engine, sure, quoted in (
        ("pocketsphinx 5.0", 0.87, False), ("pocketsphinx 5.0", 0.95, True), ("faster-whisper 1", 0.87, True),
    ):  # fmt: skip
        rows = (
            sound(CLIP, "sentence", 0, 1.0, 2.0, text="rooms in the war", score=sure, engine=engine),
            sound(CLIP, "word", 0, 1.0, 1.5, text="rooms", score=sure, engine=engine),
        )
        evidence = Evidence(CLIP, media(), (), rows, None)
        caption = caption_of(evidence)
        assert ("rooms" in caption.dense) is quoted
        assert ("Somebody speaks from 1.00 s to 2.00 s; the words are not known." in caption.dense) is not quoted
        assert ("word_time" in topics(evidence)) is quoted
        assert not any(claim.uncertain for claim in caption.claims)
