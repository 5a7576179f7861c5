"""Taggers in an ONNX file: a wave or its log-mel spectrogram in, the probability of each class in each frame out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import onnxruntime

from captioners.heard import Heard
from captioners.level import Samples
from captioners.listener import Context, Listener
from captioners.tagger import Frames, Mel, Probabilities, Tagger, listed, tagged
from curate.errors import RecipeError
from curate.media.silero import RATE_HZ
from curate.weights import checked


def listener(stage: Tagger) -> Listener:
    """Load the model; raises RecipeError where it or its labels are not what the recipe says."""
    file = checked(stage.model, stage.sha256, "listen.tagger.model")
    if stage.labels is None:
        raise RecipeError("listen.tagger.labels: an ONNX file does not name its classes; give a file that does")
    names = checked(stage.labels, stage.labels_sha256, "listen.tagger.labels")
    labels = tuple(listed(names.read_text("utf-8")))
    probabilities = frames_of(stage, file, len(labels))
    engine = f"onnx {stage.sha256[:8]}"

    def listen(contexts: Sequence[Context]) -> list[list[Heard]]:
        return [tagged(one.wave, one.found, probabilities, labels, stage, engine) for one in contexts]

    return listen


def frames_of(stage: Tagger, file: Path, classes: int) -> Probabilities:
    """The model as a function; RecipeError names what does not fit when it is first heard."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=onnxruntime.get_available_providers())
    except (onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf, RuntimeError) as error:
        raise RecipeError(f"listen.tagger: {file} is no ONNX model: {str(error).splitlines()[0]}") from error
    [takes, *others] = session.get_inputs()
    if others:
        raise RecipeError(f"listen.tagger: {file} takes {1 + len(others)} inputs; a tagger takes one")
    if (len(takes.shape) > 2) != (stage.mel is not None):
        wanted = "a wave" if stage.mel is not None else "a spectrogram: say which under listen.tagger.mel"
        raise RecipeError(f"listen.tagger: {file}, whose input has the axes {takes.shape}, takes {wanted}")

    def probabilities(samples: Samples) -> Frames:
        if not len(samples):
            return np.zeros((0, classes), np.float32)
        sound = librosa.resample(samples, orig_sr=RATE_HZ, target_sr=stage.rate_hz)
        given = sound if stage.mel is None else spectrogram(sound, stage.rate_hz, stage.mel)
        first, *_ = session.run(None, {takes.name: _shaped(given, takes)})
        return _checked(np.asarray(first, np.float32), len(samples) / RATE_HZ, stage, classes)

    return probabilities


def spectrogram(sound: Samples, rate_hz: int, mel: Mel) -> Frames:
    """[T, bins]: power in dB of a Hann window's mel bands, 1 is 0 dB, -100 at least."""
    power = librosa.feature.melspectrogram(
        y=sound, sr=rate_hz, n_fft=mel.size, hop_length=mel.hop, n_mels=mel.bins, fmin=mel.low_hz, fmax=mel.high_hz
    )
    return np.asarray(10 * np.log10(np.maximum(power.T, 1e-10)), np.float32)


def _shaped(given: Frames, takes: Any) -> Frames:
    """With as many axes as the model has, the first ones of length 1."""
    return given.reshape((1,) * (len(takes.shape) - given.ndim) + given.shape).astype(np.float32)


def _checked(found: Frames, seconds: float, stage: Tagger, classes: int) -> Frames:
    frames = found.reshape(-1, found.shape[-1])
    if frames.shape[1] != classes:
        raise RecipeError(f"listen.tagger: the model has {frames.shape[1]} classes, its labels are {classes}")
    expected = seconds / stage.hop_s
    if abs(len(frames) - expected) > 2 + 0.01 * expected:
        raise RecipeError(
            f"listen.tagger.hop_s: the model gives {len(frames)} frames for {seconds:.2f} s, "
            f"which is one each {seconds / max(len(frames), 1):.4f} s and not {stage.hop_s}"
        )
    if frames.min() < 0 or frames.max() > 1:
        raise RecipeError(f"listen.tagger: probabilities lie in 0..1, not in {frames.min():.3g}..{frames.max():.3g}")
    return frames
