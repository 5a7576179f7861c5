"""The embedded captioner says what was measured, when, and nothing else."""

import dataclasses
import pickle
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioners.blend import Blend
from captioners.evidence import Evidence
from captioners.record import Record
from captioners.retelling import record_json
from curate.stage import config
from tests.captioners.evidences import caption_of, clip, known_evidence, media, random_evidence, score, sound, text

DENSE = (
    "The clip lasts 8.00 s. The picture is dark. The main colours are red (50 %), blue (30 %) and grey (10 %). "
    "The camera pans right at a moderate pace. There is moderate movement in the picture itself. "
    "There is an overlay: black bars over 25 % of the frame. "
    'The text "EXIT" is written at the top left from 1.00 s to 3.00 s. '
    'The text "Gate 12" is written at the bottom from 4.00 s to 7.50 s. There is no other text on screen.\n\n'
    'A voice says from 3.60 s to 4.40 s: "Mind the gap." '
    'Its words are "mind" at 3.60 s, "the" at 3.90 s and "gap" at 4.00 s. '
    "Three knocks are heard: at 1.20 s, at 2.40 s and at 3.10 s. A 440 Hz tone is heard from 5.00 s to 6.00 s. "
    "Music plays at 120 beats per minute in A minor from 0.50 s to 8.00 s. It is silent from 6.20 s to 7.00 s. "
    "The sound is moderate at -23.0 LUFS. No other sound event is heard."
)


def test_prose_has_every_measurement_at_its_second_of_the_clip() -> None:
    assert caption_of(known_evidence()).dense == DENSE


def test_nothing_is_said_of_what_was_not_measured() -> None:
    bare = Evidence(clip(), media(), (), None, None)
    assert caption_of(bare).dense == "The clip lasts 8.00 s."


def test_what_was_looked_for_and_not_found_is_said_to_be_absent() -> None:
    of = clip()
    rows = (
        score(of, "silence_share", 0.0),
        score(of, "speech_share", 0.0),
        score(of, "camera", 0.1, {"kind": "static"}),
    )
    caption = caption_of(Evidence(of, media(), rows, (), ()))
    for absent in ("no speech", "no music", "No sound event", "no text on screen", "camera does not move"):
        assert absent in caption.dense
    assert all(claim.evidence for claim in caption.claims)


def test_speech_that_only_the_detector_hears_is_not_denied() -> None:
    of = clip()
    rows = (score(of, "silence_share", 0.0), score(of, "speech_share", 0.4))
    assert "speech" not in caption_of(Evidence(of, media(), rows, (), None)).dense


def test_a_media_without_sound_has_no_sound() -> None:
    dense = caption_of(Evidence(clip(), media(audio=False), (), (), None)).dense
    assert "There is no sound." in dense
    assert "music" not in dense


def test_a_still_has_no_times_and_no_sound() -> None:
    evidence = known_evidence()
    of = clip(0, 0, still=True)
    still = dataclasses.replace(evidence, clip=of, media=media(audio=False, still=True), sounds=())
    dense = caption_of(still).dense
    assert not re.search(r"\d s\b|sound|camera|lasts", dense)
    assert '"EXIT" is written at the top left.' in dense


def test_low_scores_are_marked_uncertain() -> None:
    of = clip()
    sounds = (
        sound(of, "word", 0, 1.0, 1.3, text="maybe", score=0.2),
        sound(of, "word", 1, 1.3, 1.6, text="yes", score=0.9),
        sound(of, "event", 0, 3.0, 3.5, label="noise", score=0.3),
    )
    caption = caption_of(Evidence(of, media(), (), sounds, None))
    doubtful = {claim.text for claim in caption.claims if claim.uncertain}
    assert doubtful == {'The word "maybe" is said at 1.00 s (uncertain).',
                        "A noise is possibly heard from 3.00 s to 3.50 s."}  # fmt: skip
    assert Blend(sure=0.1).open()([Evidence(of, media(), (), sounds, None)])


def test_words_without_sentences_are_joined_across_short_pauses() -> None:
    of = clip()
    times = ((1.0, 1.2, "good"), (1.3, 1.5, "night"), (4.0, 4.3, "moon"))
    sounds = tuple(sound(of, "word", i, a, b, text=word, score=0.9) for i, (a, b, word) in enumerate(times))
    dense = caption_of(Evidence(of, media(), (), sounds, None)).dense
    assert 'A voice says from 1.00 s to 1.50 s: "good night".' in dense
    assert 'A voice says from 4.00 s to 4.30 s: "moon".' in dense


def test_stretches_of_speech_without_words_are_told_as_such() -> None:
    of = clip()
    rows = (sound(of, "speech", 0, 1.0, 2.5),)
    assert "Somebody speaks from 1.00 s to 2.50 s; the words are not known." in caption_of(
        Evidence(of, media(), (), rows, None)
    ).dense  # fmt: skip


def test_more_than_a_record_holds_is_a_failure_of_that_clip_alone() -> None:
    of = clip()
    many = tuple(sound(of, "event", i, i / 100, i / 100 + 0.005, label="knock") for i in range(600))
    run = Blend().open()
    bad, good = run([Evidence(of, media(), (), many, None), known_evidence()])
    assert bad.failure is not None
    assert bad.failure.kind == "too_large"
    assert "events" in bad.failure.detail
    assert good.failure is None


def test_the_id_follows_the_content() -> None:
    one, same = caption_of(known_evidence()), caption_of(known_evidence())
    other = caption_of(known_evidence(texts=()))
    assert one == same
    assert one.caption_id != other.caption_id
    assert one.claims[3].claim_id == f"{one.caption_id}#3"


def test_the_stage_is_plain_data() -> None:
    assert pickle.loads(pickle.dumps(Blend(sure=0.4))) == Blend(sure=0.4)  # noqa: S301  our own bytes
    assert config(Blend(sure=0.4)) != config(Blend())


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_every_claim_rests_on_rows_of_the_evidence(seed: int) -> None:
    evidence = random_evidence(seed)
    caption = caption_of(evidence)
    known = {f"scores:{row.metric}" for row in evidence.scores} | {"clips", "media", "sounds", "texts"}
    known |= {row.sound_id for row in evidence.sounds or ()} | {row.text_id for row in evidence.texts or ()}
    for claim in caption.claims:
        assert claim.evidence
        assert known >= set(claim.evidence)
        assert evidence.clip.start_us <= claim.start_us <= claim.end_us
    assert record_json(Record.model_validate_json(caption.record)) == caption.record


@pytest.mark.parametrize("words", ['say "hi"', "“quoted” text", "two\nlines", "  padded  "])
def test_texts_stay_verbatim_but_for_blanks(words: str) -> None:
    of = clip()
    assert " ".join(words.split()) in caption_of(Evidence(of, media(), (), None, (text(of, 0, 1, 2, words),))).dense


def test_the_way_of_things_is_told_where_they_go_one_way() -> None:
    known = known_evidence()
    way = {"dx_px_s": -40.0, "dy_px_s": 1.0, "agreement": 0.99, "share": 0.6}
    told = dataclasses.replace(known, scores=(*known.scores, score(known.clip, "drift", 40.0, way)))
    assert "What moves in the picture goes to the left." in caption_of(told).dense
    apart = dataclasses.replace(
        known, scores=(*known.scores, score(known.clip, "drift", 40.0, way | {"agreement": 0.5}))
    )
    assert "What moves" not in caption_of(apart).dense


def test_speakers_are_called_by_number_or_by_name() -> None:
    known = known_evidence()

    def told(speaker: str) -> str:
        rows = (dataclasses.replace(r, speaker=speaker if r.kind == "sentence" else None) for r in known.sounds or ())
        return caption_of(dataclasses.replace(known, sounds=tuple(rows))).dense

    assert 'Speaker 2 says from 3.60 s to 4.40 s: "Mind the gap." ' in told("2")
    assert 'Anna says from 3.60 s to 4.40 s: "Mind the gap." ' in told("Anna")
