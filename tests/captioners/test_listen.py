from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from captioners.earshot import Earshot, Overhear, sounding
from captioners.heard import Heard
from captioners.listen import Listen, rows, sounds
from captioners.listener import Context, heard_by
from captioners.music import warm
from captioners.speech import SpeechConfig, sentence
from captioners.transcriber import WhisperX
from curate.film.film import make_film
from curate.film.spec import FilmSpec
from curate.media.silero import RATE_HZ
from curate.stage import config
from schemas.clip import Clip, Sound
from schemas.truth import Film
from tests.captioners.real import clip_of
from tests.captioners.synth import hiss, laid, quiet, tone, tune

CLIP = Clip("m/1-2", "m", 5_000_000, 8_000_000, 75, "cut", "cut", 0, False, 0, 0, 640, 360)


def test_rows_are_in_media_time_inside_the_clip_and_numbered_by_kind() -> None:
    wave = np.full(3 * 48_000, 0.1, np.float32)
    found = [
        Heard("event", 0.5, 1.0, "energy", label="tone"),
        Heard("music", 0.0, 3.1, "librosa", beats_s=(0.0, 0.5)),
        Heard("event", 2.0, 2.5, "energy", label="knock"),
    ]
    tone_row, music_row, knock_row = rows(CLIP, wave, found)
    assert [row.sound_id for row in (tone_row, music_row, knock_row)] == [
        "m/1-2#event-000", "m/1-2#music-000", "m/1-2#event-001",
    ]  # fmt: skip
    assert (tone_row.start_us, tone_row.end_us) == (5_500_000, 6_000_000)
    assert (music_row.start_us, music_row.end_us) == (5_000_000, 8_000_000)
    assert music_row.beats_us == (5_000_000, 5_500_000)
    assert knock_row.loudness_db == pytest.approx(-20, abs=0.01)


def test_hiss_inside_speech_and_tones_inside_music_are_no_events() -> None:
    warm(RATE_HZ)
    wave = laid(12, (1, hiss(0.4)), (3, tone(500, 0.4)), (5, tune(110, "C major", 6)))
    steps = -(-len(wave) // 512)

    def fake(samples: np.ndarray) -> np.ndarray:
        found = np.zeros(steps, np.float32)
        found[round(0.95 * RATE_HZ / 512) : round(1.45 * RATE_HZ / 512)] = 0.9
        return found

    found = sorted(sounding(Overhear(), wave, fake), key=lambda one: one.start_s)
    assert [(one.kind, one.label) for one in found if one.kind != "silence"] == [
        ("speech", None), ("event", "tone"), ("music", None),
    ]  # fmt: skip


def test_no_sound_at_all_gives_nothing_but_what_is_there() -> None:
    assert sounding(Overhear(), quiet(0), lambda samples: np.zeros(0, np.float32)) == []


def test_limits_are_not_part_of_what_was_measured() -> None:
    assert "limits" not in config(Listen())
    assert "batch" not in config(Listen())
    assert config(Listen()) != config(Listen(speech=SpeechConfig("none")))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Film]:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return path, make_film(path, FilmSpec(seed=5, seconds=24, width=160, height=90, fps=10))


@pytest.fixture(scope="module")
def listened(film: tuple[Path, Film]) -> list[Sound]:
    path, truth = film
    stage = Listen(speech=SpeechConfig("none"))
    (outcome,) = stage.open()([clip_of(path, 0, truth.end_us)])
    assert outcome.failure is None
    return list(outcome.rows)


def test_every_event_of_a_film_is_heard_within_50_ms(film: tuple[Path, Film], listened: list[Sound]) -> None:
    true = [one for one in film[1].sounds if one.kind == "event"]
    found = [one for one in listened if one.kind == "event"]
    assert {"tone", "knock", "noise"} == {one.label for one in true}
    assert [one.label for one in found] == [one.label for one in true]
    for one, other in zip(true, found, strict=True):
        assert abs(one.start_us - other.start_us) <= 50_000
        assert abs(one.end_us - other.end_us) <= 50_000
        assert one.pitch_hz is None or other.pitch_hz == pytest.approx(one.pitch_hz, rel=0.002)


def test_every_silence_of_a_film_is_heard_within_50_ms(film: tuple[Path, Film], listened: list[Sound]) -> None:
    true = [one for one in film[1].sounds if one.kind == "silence"]
    found = [one for one in listened if one.kind == "silence"]
    dying = {one.end_us for one in film[1].sounds if one.kind in ("music", "speech")}  # these fade under -50 dBFS
    for one in true:
        (other,) = [row for row in found if row.start_us < one.end_us and one.start_us < row.end_us]
        assert abs(other.end_us - one.end_us) <= 50_000
        assert other.start_us <= one.start_us + 50_000
        assert other.start_us >= one.start_us - (500_000 if one.start_us in dying else 50_000)


def test_the_music_of_a_film_has_its_tempo_key_and_beats(film: tuple[Path, Film], listened: list[Sound]) -> None:
    true = [one for one in film[1].sounds if one.kind == "music" and one.end_us - one.start_us >= 4_000_000]
    found = [one for one in listened if one.kind == "music"]
    assert len(true) >= 1
    assert len(found) == len(true)
    for one, other in zip(true, found, strict=True):
        assert one.tempo_bpm is not None
        assert other.tempo_bpm == pytest.approx(one.tempo_bpm, rel=0.02)
        assert other.key == one.key
        assert abs(one.start_us - other.start_us) <= 50_000
        nearest = np.abs(np.asarray(other.beats_us)[:, None] - np.asarray(one.beats_us)).min(axis=0)
        assert nearest.max() < 50_000


def test_speech_of_a_film_is_found_where_it_is(film: tuple[Path, Film], listened: list[Sound]) -> None:
    true = [one for one in film[1].sounds if one.kind == "speech"]
    found = [one for one in listened if one.kind == "speech"]
    assert all(any(a.start_us < b.end_us and b.start_us < a.end_us for b in true) for a in found)
    for one in true:
        inside = sum(max(0, min(one.end_us, b.end_us) - max(one.start_us, b.start_us)) for b in found)
        assert inside > 0.8 * (one.end_us - one.start_us)


def test_a_cut_clip_is_heard_in_the_time_of_the_media(film: tuple[Path, Film]) -> None:
    path, truth = film
    first = next(one for one in truth.sounds if one.label == "tone")
    run = Listen(speech=SpeechConfig("none")).open()
    (outcome,) = run([clip_of(path, first.start_us - 200_000, first.end_us + 200_000)])
    (found,) = [row for row in outcome.rows if row.label == "tone"]
    assert abs(found.start_us - first.start_us) <= 20_000
    assert abs(found.end_us - first.end_us) <= 20_000


def test_music_across_cuts_is_heard_in_every_clip_and_its_notes_are_no_events(
    film: tuple[Path, Film], listened: list[Sound]
) -> None:
    path, truth = film
    (passage,) = [one for one in listened if one.kind == "music"]
    cuts_us = [0, *range(passage.start_us + 700_000, passage.end_us - 700_000, 1_700_000), truth.end_us]
    clips = [clip_of(path, *span) for span in pairwise(cuts_us)]
    outcomes = list(Listen(speech=SpeechConfig("none")).open()(clips))
    parts = [row for outcome in outcomes for row in outcome.rows if row.kind == "music"]
    assert len(parts) == len(clips) >= 4
    assert {(one.tempo_bpm, one.key) for one in parts} == {(passage.tempo_bpm, passage.key)}
    assert tuple(at_us for one in parts for at_us in one.beats_us) == passage.beats_us
    assert (parts[0].start_us, parts[-1].end_us) == (passage.start_us, passage.end_us)
    assert all(one.end_us == other.start_us for one, other in pairwise(parts))
    heard = [(row.label, row.start_us, row.end_us) for outcome in outcomes for row in outcome.rows if row.label]
    assert heard == [(row.label, row.start_us, row.end_us) for row in listened if row.label]


def earshot(clip: Clip, start_us: int, end_us: int, *found: Heard) -> Earshot:
    wave = np.zeros((end_us - start_us) * RATE_HZ // 1_000_000, np.float32)
    return Earshot(clip, start_us, end_us, wave, np.zeros(3 * 48_000, np.float32), found, ())


def test_a_model_hears_a_context_once_however_many_clips_share_it_and_none_that_it_has_just_heard() -> None:
    given: list[list[float]] = []

    def bells(contexts: Sequence[Context]) -> list[list[Heard]]:
        given.append([len(one.wave) / RATE_HZ for one in contexts])
        return [[Heard("event", 0.0, len(one.wave) / RATE_HZ, "bells 1", label="bell")] for one in contexts]

    later = replace(CLIP, clip_id="m/2-3", start_us=8_000_000, end_us=11_000_000)
    first, second = earshot(CLIP, 0, 20_000_000), earshot(later, 0, 20_000_000)
    other = earshot(replace(CLIP, clip_id="n/1-2", media_id="n"), 0, 9_000_000)
    heard = heard_by([bells], [first, second, other], {})
    assert given == [[20.0, 9.0]]
    assert heard_by([bells], [second], heard) == {second.context: heard[first.context]}
    assert len(given) == 1
    (row,) = sounds(second, heard[second.context], Listen()).rows
    assert (row.label, row.start_us, row.end_us, row.engine) == ("bell", 8_000_000, 11_000_000, "bells 1")


def test_what_a_model_heard_is_among_the_rest_in_order_of_time() -> None:
    speech = Heard("speech", 5.5, 6.0, "silero-vad 6")
    near = earshot(CLIP, 0, 20_000_000, speech)
    bell = Heard("event", 5.1, 5.2, "bells 1", label="bell")
    assert [row.kind for row in sounds(near, [bell], Listen()).rows] == ["event", "speech"]


def test_words_of_a_model_stand_in_the_place_of_the_embedded_ones_and_what_is_not_believed_is_told() -> None:
    speech = Heard("speech", 5.5, 7.5, "silero-vad 6")
    wrong = Heard("word", 5.6, 6.0, "small 1", text="allow", language="en")
    near = replace(earshot(CLIP, 0, 20_000_000, speech), said=(sentence([wrong]), wrong))
    said = [Heard("word", 5.6, 6.0, "large 2", text="Hello.", speaker="1", language="en")]
    said += [Heard("word", at_s, at_s + 0.3, "large 2", text="Thanks", language="en") for at_s in (7.0, 7.8)]
    found = sounds(near, said, Listen(whisperx=WhisperX("a" * 64, "/here"))).rows
    told = [(row.kind, row.text, row.label, row.speaker, row.score) for row in found]
    assert told == [
        ("agreement", "allow", "word_agreement", None, 0.0),
        ("speech", None, None, None, None),
        ("sentence", "Hello.", None, "1", None),
        ("word", "Hello.", None, "1", None),
        ("sentence", "Thanks", None, None, None),
        ("word", "Thanks", None, None, None),
        ("dropped", "Thanks", "no voice", None, None),
    ]  # fmt: skip
    assert [row.text for row in sounds(near, [], Listen()).rows if row.kind == "word"] == ["allow"]


@pytest.mark.golden
def test_media_without_sound_has_no_rows_and_silent_media_have_silence(media: Path) -> None:
    run = Listen(speech=SpeechConfig("none")).open()
    mute, still = run([clip_of(media / "nasty" / "no_audio.mp4"), clip_of(media / "nasty" / "silent_black_10s.mp4")])
    assert (mute.rows, mute.failure) == ((), None)
    assert [row.kind for row in still.rows] == ["silence"]
    assert still.rows[0].loudness_db is None or still.rows[0].loudness_db < -50


@pytest.mark.golden
def test_listening_works_in_the_sandbox_without_a_network(media: Path) -> None:
    (outcome,) = Listen().open()([clip_of(media / "good" / "jfk_11s.flac", 0, 4_000_000)])
    assert outcome.failure is None
    assert {row.engine.split(" ")[0] for row in outcome.rows} >= {"silero-vad", "pocketsphinx"}
    assert [row.start_us for row in outcome.rows] == sorted(row.start_us for row in outcome.rows)
