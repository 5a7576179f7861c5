"""Words by PocketSphinx and the English model in its wheel. Often wrong outside clear read speech: see the scores."""

import re
from importlib.metadata import version

import numpy as np
from pocketsphinx import Decoder

from captioners.heard import Heard
from captioners.level import Samples
from captioners.speech import SpeechConfig, Words
from curate.errors import RecipeError

_FRAMES_PER_S = 100
_LEAD_S = 0.2  # of silence around each span: the model wants some before the first word
_FILLER = re.compile(r"^(<.*>|\[.*\]|\+\+.*\+\+)$")
_VARIANT = re.compile(r"\(\d+\)$")  # "and(2)": the second pronunciation of "and"


def words(config: SpeechConfig) -> Words:
    """Load the decoder; the score of a word is its posterior in the lattice, 0..1."""
    if config.language != "en":
        raise RecipeError(
            f"PocketSphinx knows English only: language {config.language!r} needs engine 'faster-whisper'"
        )
    decoder = Decoder(samprate=16000, loglevel="FATAL")
    engine = "pocketsphinx " + ".".join(version("pocketsphinx").split(".")[:2])

    def decode(samples: Samples) -> list[Heard]:
        lead = np.zeros(round(_LEAD_S * 16000), np.float32)
        sound = np.concatenate([lead, samples, lead])
        decoder.reinit_feat()  # forgets the noise and the mean of what came before
        decoder.start_utt()
        decoder.process_raw((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        return [
            Heard(
                "word",
                max(0.0, segment.start_frame / _FRAMES_PER_S - _LEAD_S),
                max(0.0, (segment.end_frame + 1) / _FRAMES_PER_S - _LEAD_S),
                engine,
                text=_VARIANT.sub("", segment.word),
                score=min(1.0, float(segment.prob)),
                language="en",
            )
            for segment in decoder.seg() or ()
            if not _FILLER.match(segment.word)
        ]

    return decode
