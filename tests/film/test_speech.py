"""Speech needs espeak-ng, which `make test` installs."""

import numpy as np
import pytest

from curate.film.speech import Spoken, say
from curate.film.tones import RATE_HZ
from curate.film.track import SENTENCES, VOICES


def spoken(text: str, voice: str = "en-us") -> Spoken:
    sentence = say(text, voice)
    if sentence is None:
        pytest.fail("espeak-ng is missing: apt-get install espeak-ng")
    return sentence


def test_words_come_in_order_and_fill_the_sentence() -> None:
    sentence = spoken("The train will leave the station.")
    assert [w.text for w in sentence.words] == ["The", "train", "will", "leave", "the", "station"]
    assert sentence.words[0].start < 0.02 * RATE_HZ
    assert sentence.words[-1].end == len(sentence.wave)
    assert all(0 < w.end - w.start < RATE_HZ for w in sentence.words)


def test_a_long_word_is_where_it_is_said_to_be() -> None:
    """A pause before a word ends where the word starts."""
    sentence = spoken("One, only.")
    second = sentence.words[1].start
    loud = np.abs(sentence.wave) > 0.05 * np.abs(sentence.wave).max()
    before = np.flatnonzero(loud[:second])[-1]
    after = second + np.flatnonzero(loud[second:])[0]
    assert after - before > 0.05 * RATE_HZ  # the pause
    assert after - second < 0.03 * RATE_HZ


def test_a_sentence_is_the_same_every_time() -> None:
    first, again = (spoken("Good morning.") for _ in range(2))
    assert np.array_equal(first.wave, again.wave)


@pytest.mark.parametrize("voice", VOICES)
def test_an_aligner_finds_the_words_where_the_truth_has_them(voice: str) -> None:
    from pocketsphinx import Decoder

    sentence = spoken(SENTENCES[2], voice)
    padded = np.pad(sentence.wave, RATE_HZ // 5)
    low = padded[: len(padded) // 3 * 3].reshape(-1, 3).mean(1)
    decoder = Decoder(samprate=16000, loglevel="FATAL")
    decoder.set_align_text(" ".join(w.text.lower() for w in sentence.words))
    decoder.start_utt()
    decoder.process_raw((low * 32767).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()
    found = [(s.word.split("(")[0], s.start_frame / 100 - 0.2) for s in decoder.seg() if s.word[0] not in "<["]
    assert [word for word, _ in found] == [w.text.lower() for w in sentence.words]
    late = [at - w.start / RATE_HZ for (_, at), w in zip(found, sentence.words, strict=True)]
    assert np.median(np.abs(late)) < 0.04
