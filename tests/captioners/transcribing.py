"""What WhisperX with tiny models hears in a film, as JSON; run in .venv-speech, without a network.

python -m tests.captioners.transcribing MODELS FILM
"""

import dataclasses
import json
import socket
import sys
from pathlib import Path

from captioners.heard import Heard
from captioners.listener import RATE_HZ, Context, Listener, opened
from captioners.silero import SpeechRules, speech, speech_probabilities
from captioners.transcriber import Aligner, WhisperX
from curate.errors import RecipeError
from curate.weights import sha256
from tests.captioners.real import sound_of


def refuse(*_: object) -> None:
    raise OSError("this test has no network")


def hash_of(folder: Path) -> str:
    return sha256(folder, every_file=True)


def transcriber(models: Path, **settings: object) -> WhisperX:
    """All three models, but for what is said otherwise."""
    known = {name: (hash_of(models / name), str(models / name)) for name in ("whisper", "aligner", "diariser")}
    plain = WhisperX(
        *known["whisper"], aligners=(Aligner("en", *known["aligner"]),), diariser=known["diariser"][1],
        diariser_sha256=known["diariser"][0], beam_size=1,
    )  # fmt: skip
    return dataclasses.replace(plain, **settings)  # type: ignore[arg-type]


def refusal(config: WhisperX) -> str:
    try:
        opened([config])
    except RecipeError as error:
        return str(error)
    return "none"


def heard(listener: Listener, *contexts: Context) -> list[list[dict[str, object]]]:
    return [[dataclasses.asdict(one) for one in found] for found in listener(contexts)]


def main() -> None:
    models, film = map(Path, sys.argv[1:])
    socket.socket.connect = refuse  # type: ignore[assignment,method-assign]
    wave = sound_of(film)
    spans: tuple[Heard, ...] = tuple(speech(wave, speech_probabilities()(wave), SpeechRules()))
    first, rest = Context(wave, spans[:1]), Context(wave, spans[1:])
    nothing = Context(wave[: 3 * RATE_HZ], ())
    (listener,) = opened([transcriber(models)])
    (german,) = opened([transcriber(models, language="de", diariser=None)])
    bare = models.parent / f"{models.name}-bare"
    bare.mkdir(exist_ok=True)
    answer = {
        "spans": [(one.start_s, one.end_s) for one in spans],
        "together": heard(listener, first, nothing, rest),
        "alone": [heard(listener, one)[0] for one in (first, nothing, rest)],
        "german": heard(german, first, rest),
        "wrong hash": refusal(transcriber(models, sha256="0" * 64)),
        "no model": refusal(transcriber(models, model=str(bare), sha256=hash_of(bare))),
        "nowhere": refusal(transcriber(models, diariser="/nowhere")),
    }
    print(json.dumps(answer))  # noqa: T201  what the test reads


if __name__ == "__main__":
    main()
