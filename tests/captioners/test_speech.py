from dataclasses import replace
from pathlib import Path

import pytest

from captioners.agreement import matched
from captioners.guards import plain
from captioners.heard import Heard
from captioners.level import Samples
from captioners.silero import SpeechRules, speech, speech_probabilities
from captioners.speech import ENGINES, SpeechConfig, open_words, transcribed
from curate.errors import RecipeError
from curate.film.film import make_film
from curate.film.spec import FilmSpec
from schemas.truth import Film
from tests.captioners.real import sound_of
from tests.captioners.synth import RATE_HZ, hiss, quiet

TOO_LONG = Heard("word", 0.3, 0.9, "fake 1", text="there", score=0.4, language="en")
HELLO = Heard("word", 0.1, 0.3, "fake 1", text="hello", score=0.8, language="en")
SPANS = [Heard("speech", 1.0, 1.6, "vad"), Heard("speech", 3.0, 3.5, "vad")]


def test_words_are_sought_in_speech_only_and_joined_to_a_sentence_for_each_span() -> None:
    lengths: list[int] = []

    def fake(samples: Samples) -> list[Heard]:
        lengths.append(len(samples))
        return [HELLO, TOO_LONG] if len(lengths) == 1 else []

    found = transcribed(quiet(5), SPANS, fake, RATE_HZ)
    assert lengths == [9600, 8000]
    sentence, hello, there = found
    assert (sentence.kind, sentence.text, sentence.score) == ("sentence", "hello there", pytest.approx(0.6))
    assert (sentence.start_s, sentence.end_s) == (pytest.approx(1.1), 1.6)
    assert (hello.start_s, hello.end_s) == (pytest.approx(1.1), pytest.approx(1.3))
    assert (there.start_s, there.end_s) == (pytest.approx(1.3), 1.6)  # no word outlasts its span


def test_a_word_after_the_end_of_its_span_keeps_one_frame() -> None:
    late = replace(HELLO, start_s=0.7, end_s=0.8)
    _, word = transcribed(quiet(5), SPANS[:1], lambda samples: [late], RATE_HZ)
    assert (word.start_s, word.end_s) == (pytest.approx(1.59), 1.6)


def test_a_clip_gets_the_words_whose_middle_it_holds_from_the_spans_that_reach_into_it() -> None:
    lengths: list[int] = []

    def fake(samples: Samples) -> list[Heard]:
        lengths.append(len(samples))
        return [HELLO, TOO_LONG]  # 1.1..1.3 and 1.3..1.6 s

    before, after = (transcribed(quiet(5), SPANS, fake, RATE_HZ, part) for part in ((0.0, 1.4), (1.4, 2.0)))
    assert lengths == [9600, 9600]
    assert [(one.kind, one.text) for one in before] == [("sentence", "hello"), ("word", "hello")]
    assert [(one.kind, one.text) for one in after] == [("sentence", "there"), ("word", "there")]


def test_sentences_without_scores_have_none() -> None:
    bare = replace(HELLO, score=None)
    assert transcribed(quiet(5), SPANS[:1], lambda samples: [bare], RATE_HZ)[0].score is None


def test_the_engine_none_hears_nothing() -> None:
    assert open_words(SpeechConfig("none"))(hiss(1)) == []
    assert set(ENGINES) == {"pocketsphinx", "faster-whisper", "none"}


def test_a_language_or_model_that_is_not_there_is_a_recipe_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="English only"):
        open_words(SpeechConfig(language="de"))
    with pytest.raises(RecipeError, match=r"model\.bin"):
        open_words(SpeechConfig("faster-whisper"))
    with pytest.raises(RecipeError, match=r"model\.bin"):
        open_words(SpeechConfig("faster-whisper", model=str(tmp_path)))
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(RecipeError, match=r"no config\.json or tokenizer\.json"):
        open_words(SpeechConfig("faster-whisper", model=str(tmp_path)))
    with pytest.raises(RecipeError, match="pocketsphinx"):
        open_words(SpeechConfig("shorthand"))  # type: ignore[arg-type]


@pytest.mark.golden
def test_pocketsphinx_places_the_words_of_a_president(media: Path) -> None:
    wave = sound_of(media / "good" / "jfk_11s.flac")
    spans = speech(wave, speech_probabilities()(wave), SpeechRules())
    assert 3 <= len(spans) <= 5
    found = transcribed(wave, spans, open_words(SpeechConfig()), RATE_HZ)
    country = [word for word in found if word.kind == "word" and word.text == "country"]
    near = [abs(word.start_s - 5.86) for word in country]  # "what your country can do for you"
    assert near
    assert min(near) < 0.1
    assert all(any(s.start_s <= w.start_s < w.end_s <= s.end_s for s in spans) for w in found)
    assert all(word.score is not None and 0 <= word.score <= 1 and word.language == "en" for word in found)


@pytest.mark.golden
def test_pocketsphinx_says_the_same_whatever_it_heard_before(media: Path) -> None:
    words = open_words(SpeechConfig())
    said = sound_of(media / "good" / "jfk_11s.flac")[: 2 * RATE_HZ]
    first = words(said)
    words(hiss(1, 0.05))
    assert first
    assert words(said) == first


@pytest.fixture(scope="module")
def spoken_film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Film]:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return path, make_film(path, FilmSpec(seed=5, seconds=40, width=96, height=64, fps=10))


def test_words_of_a_film_that_are_right_begin_within_80_ms(spoken_film: tuple[Path, Film]) -> None:
    path, truth = spoken_film
    wave = sound_of(path)
    spans = speech(wave, speech_probabilities()(wave), SpeechRules())
    found = [one for one in transcribed(wave, spans, open_words(SpeechConfig()), RATE_HZ) if one.kind == "word"]
    true = [
        Heard("word", row.start_us / 1e6, row.end_us / 1e6, "truth", text=row.text)
        for row in truth.sounds
        if row.kind == "word"
    ]
    _, pairs = matched([plain(one) for one in found], [plain(one) for one in true])
    apart_s = [abs(found[i].start_s - true[k].start_s) for i, k in pairs if found[i].covered_by([true[k]]) > 0]
    assert len(apart_s) >= 10
    assert max(apart_s) <= 0.08
