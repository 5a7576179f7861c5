"""The folder that the trainer of LTX-2 reads: precomputed latents, one `.pt` file a clip, side by side by name.

`latents/`: `{latents [C, F, H, W], num_frames, height, width, fps}`, sizes in latent cells, fps of the frames that were
encoded. `audio_latents/`: `{latents [C, T, F], num_time_steps, frequency_bins, duration}`. Latents are normalised.
Source: Lightricks/LTX-2, `packages/ltx-trainer`: `src/ltx_trainer/datasets.py`, `scripts/process_videos.py`.

`conditions/` are features of a text encoder; `scripts/process_captions.py` of the trainer makes them of
`captions/*.jsonl`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from curate.export.format import Missed, Part, Settings, Unit, whole
from curate.export.sample import Sample, Tensor
from curate.export.torch_file import DType, TorchTensor, torch_file
from curate.storage.blobs import Blobs

CHANNELS, TIME_STRIDE, SPACE_STRIDE = 128, 8, 32
AUDIO_CHANNELS, FREQUENCIES = 8, 16
DTYPES: Mapping[str, DType] = {"float16": "float16", "float32": "float32", "bfloat16": "bfloat16"}


@dataclass(frozen=True)
class Ltx2:
    """`latents/000000/KEY.pt`, `audio_latents/000000/KEY.pt`, `captions/NAME-000000.jsonl`."""

    files: bool = False
    tensors: bool = True

    def write(self, out: Blobs, unit: Unit, samples: Iterable[Sample], missed: Callable[[Missed], None]) -> list[Part]:
        parts, lines = list[Part](), list[str]()
        for sample in samples:
            clip_id, place = sample.clip.clip_id, f"{unit.index:06d}/{sample.key}.pt"
            why = unfit(sample.picture)
            if why is not None:
                missed(Missed(clip_id, "no_latent", why))
                continue
            assert sample.picture is not None  # noqa: S101  `unfit` has seen to it
            parts.append(whole(out, f"latents/{place}", picture_file(sample.picture), 1))
            why = unfit_sound(sample.audio)
            if sample.audio is not None and why is None:
                parts.append(whole(out, f"audio_latents/{place}", sound_file(sample.audio)))
            elif why is not None:
                missed(Missed(clip_id, "no_audio_latent", why))
            lines += [json.dumps(line, ensure_ascii=False) for line in _captions(sample, place)]
        body = "".join(f"{line}\n" for line in lines).encode()
        return [*parts, whole(out, f"captions/{unit.name}.jsonl", body)]

    def close(self, out: Blobs, settings: Settings, parts: Sequence[Part]) -> list[Part]:
        return []


def _captions(sample: Sample, path: str) -> Iterator[dict[str, object]]:
    for caption in sample.captions[:1]:
        yield {"caption": caption.dense, "media_path": path, "clip_id": sample.clip.clip_id}


def unfit(tensor: Tensor | None) -> str | None:
    """Why a picture's latent is none that the trainer reads."""
    if tensor is None:
        return "it has no latent of the encoder that was asked for"
    latent = tensor.latent
    encoder = json.loads(latent.contract)["encoder"]
    told = (encoder["channels"], encoder["time_stride"], encoder["space_stride"])
    if told != (CHANNELS, TIME_STRIDE, SPACE_STRIDE):
        return (
            f"{latent.encoder} has {told[0]} channels and strides of {told[1]} and {told[2]}; LTX-2 reads {CHANNELS}, "
            f"{TIME_STRIDE} and {SPACE_STRIDE}"
        )
    if not (encoder["normalisation"] or {}).get("applied") or encoder["posterior"] != "mean":
        return f"{latent.encoder} was not stored as normalised means"
    return _unfit_values(latent.dtype)


def unfit_sound(tensor: Tensor | None) -> str | None:
    """Why a sound's latent is none that the trainer reads; None where it is, or where there is no sound."""
    if tensor is None:
        return None
    shape = tensor.latent.shape
    if len(shape) != 3 or (shape[0], shape[2]) != (AUDIO_CHANNELS, FREQUENCIES):
        return f"{tensor.latent.encoder} gives {list(shape)}; LTX-2 reads [{AUDIO_CHANNELS}, T, {FREQUENCIES}]"
    return _unfit_values(tensor.latent.dtype)


def _unfit_values(dtype: str) -> str | None:
    return None if dtype in DTYPES else f"it was stored as {dtype}; the trainer reads {', '.join(DTYPES)}"


def picture_file(tensor: Tensor) -> bytes:
    """The file of a picture's latent."""
    latent = tensor.latent
    _, frames, height, width = latent.shape
    rate_hz = float(json.loads(latent.contract)["rate_hz"])
    body = TorchTensor(DTYPES[latent.dtype], latent.shape, tensor.body)
    return torch_file({"latents": body, "num_frames": frames, "height": height, "width": width, "fps": rate_hz})


def sound_file(tensor: Tensor) -> bytes:
    """The file of a sound's latent."""
    latent = tensor.latent
    _, steps, bins = latent.shape
    body = TorchTensor(DTYPES[latent.dtype], latent.shape, tensor.body)
    duration_s = (latent.end_us - latent.start_us) / 1e6
    return torch_file({"latents": body, "num_time_steps": steps, "frequency_bins": bins, "duration": duration_s})
