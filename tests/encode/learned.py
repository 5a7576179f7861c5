"""Encoders with weights at work; run in .venv-models: `python -m tests.encode.learned MODELS MEDIA`, JSON out.

MODELS is a folder of `tests.encode.tiny`, MEDIA one for videos. Differences are given as parts of the deviation.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from safetensors.torch import load_file, save_file

from curate.encode.encoder import PictureEncoder, SoundEncoder, picture_encoder, sound_encoder
from curate.encode.family import PICTURES, SOUNDS
from curate.encode.health import HealthRules
from curate.encode.model import EncoderModel
from curate.encode.size import picture_bytes, sound_bytes
from curate.encode.stage import Encode
from curate.encode.stored import restored, snr_db, stored
from curate.errors import UsageError
from curate.stage import Heavy, Outcome
from curate.weights import sha256
from schemas.latent import Latent
from tests.encode.clips import clip_of, film

SIZE = (32, 64)
LENIENT = HealthRules(psnr_db=0.0, ssim=-1.0, least_deviation=0.0)  # random weights give nothing back
MODELS, MEDIA = Path(sys.argv[1]), Path(sys.argv[2])


def model(name: str, folder: Path | None = None, **more: Any) -> EncoderModel:
    at = folder or MODELS / name
    return EncoderModel(sha256(at), str(at), **more)


def pixels(count: int, frames: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, frames, *SIZE, 3), np.uint8)


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).max() / max(float(a.std()), 1e-9))


def picture_facts(name: str) -> dict[str, Any]:
    family = PICTURES[name]
    encoder: PictureEncoder = picture_encoder(name, model(name))
    step = family.frame_step
    clips = pixels(2, 1 + 2 * step)
    latents = encoder.encode(clips)
    facts = {
        "spec": asdict(encoder.spec),
        "frames": clips.shape[1],
        "latents": latents.shape,
        "decoded": encoder.decode(latents).shape,
        "one_decoded": encoder.decode(encoder.encode(clips[:, :1])).shape,
        "again": apart(latents, encoder.encode(clips)),
        "single": apart(latents[1:], encoder.encode(clips[1:])),
        "bytes": len(stored(latents[0], "float16")),
        "bytes_expected": picture_bytes(encoder.spec, _bucket(clips)),
    }
    if step:  # what comes later changes nothing before it: groups of frames may be encoded one after the other
        shorter = encoder.encode(clips[:, : 1 + step])
        facts["prefix"] = apart(latents[:, :, : shorter.shape[2]], shorter)
        facts["first"] = apart(latents[:, :, :1], encoder.encode(clips[:, :1]))
    return facts


def _bucket(clips: np.ndarray) -> Any:
    from curate.encode.bucket import Bucket

    return Bucket(*clips.shape[1:4])


def sound_facts(name: str) -> dict[str, Any]:
    family = SOUNDS[name]
    encoder: SoundEncoder = sound_encoder(name, model(name))
    samples, channels = 20 * family.hop + 7, 1 if family.layout == "mono" else 2
    waves = (np.random.default_rng(0).random((2, channels, samples)) - 0.5).astype(np.float32)
    latents = encoder.encode(waves)
    shorter = encoder.encode(waves[..., : 10 * family.hop])
    return {
        "spec": asdict(encoder.spec),
        "latents": latents.shape,
        "decoded": encoder.decode(latents, samples).shape,
        "samples": waves.shape,
        "again": apart(latents, encoder.encode(waves)),
        "single": apart(latents[1:], encoder.encode(waves[1:])),
        "prefix": apart(latents[..., : shorter.shape[-1]], shorter),
        "range": [float(latents.min()), float(latents.max()), len(np.unique(latents))],
        "steps_us": encoder.step_us(3).tolist(),
        "bytes": len(stored(latents[0], encoder.spec.dtype)),
        "bytes_expected": sound_bytes(encoder.spec, samples),
    }


def by_hand() -> dict[str, float]:
    """The calls that the library's pipelines make, against the encoder."""
    clips = pixels(1, 9)
    x = torch.from_numpy(clips).permute(0, 4, 1, 2, 3).float() / 127.5 - 1
    found = {}
    with torch.inference_mode():
        wan = diffusers.AutoencoderKLWan.from_pretrained(MODELS / "wan-2.1").eval()
        mean, std = (
            torch.tensor(part).view(1, -1, 1, 1, 1) for part in (wan.config.latents_mean, wan.config.latents_std)
        )
        hand = (wan.encode(x).latent_dist.mode() - mean) / std
        found["wan-2.1"] = apart(hand.numpy(), picture_encoder("wan-2.1", model("wan-2.1")).encode(clips))
        ltx = diffusers.AutoencoderKLLTXVideo.from_pretrained(MODELS / "ltx-video").eval()
        mean, std = (part.view(1, -1, 1, 1, 1) for part in (ltx.latents_mean, ltx.latents_std))
        hand = (ltx.encode(x).latent_dist.mode() - mean) / std
        found["ltx-video"] = apart(hand.numpy(), picture_encoder("ltx-video", model("ltx-video")).encode(clips))
        flux = diffusers.AutoencoderKL.from_pretrained(MODELS / "flux").eval()
        hand = (flux.encode(x[:, :, 0]).latent_dist.mode() - 0.1159) * 0.3611
        found["flux"] = apart(hand.numpy(), picture_encoder("flux", model("flux")).encode(clips[:, :1])[:, :, 0])
        cosmos = diffusers.AutoencoderKLCosmos.from_pretrained(MODELS / "cosmos-1.0").eval()
        parts = (cosmos.config.latents_mean, cosmos.config.latents_std)
        mean, std = (torch.tensor(part).view(1, 16, -1, 1, 1)[:, :, :2] for part in parts)
        hand = (cosmos.encode(x).latent_dist.mode() - mean) / std
        found["cosmos-1.0"] = apart(hand.numpy(), picture_encoder("cosmos-1.0", model("cosmos-1.0")).encode(clips))
    return found


def options() -> dict[str, Any]:
    clips = pixels(1, 9)
    plain = picture_encoder("wan-2.1", model("wan-2.1"))
    latents = plain.encode(clips)
    raw = picture_encoder("wan-2.1", model("wan-2.1", normalised=False))
    both = picture_encoder("wan-2.1", model("wan-2.1", log_variance=True))
    raw_both = picture_encoder("wan-2.1", model("wan-2.1", log_variance=True, normalised=False))
    constants = plain.spec.normalisation
    assert constants is not None
    shift, scale = (np.array(part, np.float32).reshape(1, -1, 1, 1, 1) for part in (constants.shift, constants.scale))
    half = picture_encoder("wan-2.1", model("wan-2.1", compute="bfloat16")).encode(clips)
    wide = np.random.default_rng(0).integers(0, 256, (1, 5, 320, 320, 3), np.uint8)
    tiled = picture_encoder("wan-2.1", model("wan-2.1", tiled=True))
    return {
        "raw": apart((raw.encode(clips) - shift) * scale, latents),
        "mean": apart(both.encode(clips)[:, :16], latents),
        "log_variance": apart(both.encode(clips)[:, 16:], raw_both.encode(clips)[:, 16:] + 2 * np.log(scale)),
        "both": [both.spec.channels, both.spec.posterior, list(both.encode(clips).shape)],
        "decoded_same": apart(
            plain.decode(latents).astype(np.float32), both.decode(both.encode(clips)).astype(np.float32)
        ),
        "raw_decoded_same": apart(
            plain.decode(latents).astype(np.float32), raw.decode(raw.encode(clips)).astype(np.float32)
        ),
        "bfloat16": apart(latents, half),
        "tiling": tiled.spec.tiling,
        "tiled": apart(plain.encode(wide), tiled.encode(wide)),
        "loss_db": {
            dtype: snr_db(latents[0], restored(stored(latents[0], dtype), dtype, latents[0].shape))
            for dtype in ("float16", "bfloat16", "int8")
        },
    }


def refusals() -> dict[str, str]:
    broken, lacking, frozen = MODELS / "broken", MODELS / "lacking", MODELS / "frozen"
    _copied("wan-2.1", broken, config={"z_dim": 8})
    _copied("wan-2.1", lacking, without="quant_conv.weight")
    _copied("wan-2.1", frozen, config={"latents_std": [1.0] * 15})
    cases: dict[str, Callable[[], Any]] = {
        "hash": lambda: picture_encoder("wan-2.1", replace(model("wan-2.1"), sha256="0" * 64)),
        "folder": lambda: picture_encoder("wan-2.1", EncoderModel("0" * 64, str(MODELS / "nowhere"))),
        "class": lambda: picture_encoder("wan-2.1", model("flux")),
        "sibling": lambda: picture_encoder("wan-2.1", model("wan-2.2")),
        "scale": lambda: picture_encoder("cogvideox-2b", model("cogvideox-5b")),
        "still": lambda: picture_encoder("sd3", model("flux")),
        "channels": lambda: picture_encoder("wan-2.1", model("", broken)),
        "tensor": lambda: picture_encoder("wan-2.1", model("", lacking)),
        "constants": lambda: picture_encoder("wan-2.1", model("", frozen)),
        "no_model": lambda: picture_encoder("wan-2.1", model("", _empty())),
        "float16": lambda: picture_encoder("sdxl", model("sdxl", compute="float16")),
        "log_variance": lambda: picture_encoder("cosmos-1.0", model("cosmos-1.0", log_variance=True)),
        "tiled": lambda: picture_encoder("cosmos-1.0", model("cosmos-1.0", tiled=True)),
        "long": lambda: picture_encoder("cosmos-1.0", model("cosmos-1.0")).encode(pixels(1, 129)[:, :, :8, :8]),
        "sound": lambda: sound_encoder("dac-44khz", model("encodec-24khz")),
        "codes": lambda: sound_encoder("dac-44khz", model("dac-44khz", log_variance=True)),
    }
    return {name: _said(case) for name, case in cases.items()}


def _said(case: Callable[[], Any]) -> str:
    try:
        case()
    except UsageError as error:
        return str(error)
    return "nothing"


def _empty() -> Path:
    (MODELS / "empty").mkdir(exist_ok=True)
    return MODELS / "empty"


def _copied(name: str, to: Path, config: dict[str, Any] | None = None, without: str = "", fill: float = 0.0) -> None:
    """A folder that is not quite the same: another configuration, or a tensor that lacks or is full of one value."""
    to.mkdir(exist_ok=True)
    known = json.loads((MODELS / name / "config.json").read_text())
    (to / "config.json").write_text(json.dumps({**known, **(config or {})}))
    weights = "diffusion_pytorch_model.safetensors"
    tensors = load_file(MODELS / name / weights)
    if without:
        kept = tensors.pop(without)
        if fill:
            tensors[without] = torch.full_like(kept, fill)
    save_file(tensors, to / weights, metadata={"format": "pt"})


def work() -> dict[str, Any]:
    """The stage on real files."""
    path = film(MEDIA / "film.mkv", 1.0)
    whole = clip_of(path, 0, 800_000)
    clips = [whole, clip_of(path, 100_000, 400_000), clip_of(path, 500_000, 800_000)]
    gone = replace(
        whole, clip=replace(whole.clip, clip_id="gone"), file=replace(whole.file, path=str(MEDIA / "no.mkv"))
    )
    stage = Encode(
        picture="wan-2.1", sound="oobleck", picture_model=model("wan-2.1", stored="int8"),
        sound_model=model("oobleck", stored="bfloat16"), sizes=(SIZE,), decode_every=1, health=LENIENT,
    )  # fmt: skip
    outcomes = list(stage.open()([*clips, gone]))
    again = list(stage.open()(clips))
    single = list(replace(stage, batch_pixels=1, children=1).open()(clips))
    nan = MODELS / "nan"
    _copied("wan-2.1", nan, without="quant_conv.weight", fill=float("nan"))
    drifting = replace(stage, health=HealthRules(psnr_db=0.0, ssim=-1.0, least_deviation=0.9))
    unlike = replace(stage, health=HealthRules(least_deviation=0.0))
    return {
        "outcomes": _told(outcomes),
        "again": _keys(again) == _keys(outcomes),
        "single": _differences(outcomes, single),
        "nan": _said(lambda: list(replace(stage, picture_model=model("", nan)).open()(clips))),
        "drift": _said(lambda: list(drifting.open()(clips[1:]))),
        "unlike": _said(lambda: list(unlike.open()(clips[1:]))),
        "videos_of_stills": _told(
            list(Encode(picture="flux", picture_model=model("flux"), sizes=(SIZE,), health=LENIENT).open()(clips[:1]))
        ),
    }


def _told(outcomes: list[Outcome[Heavy[Latent]]]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.input_id,
            "failure": one.failure and one.failure.kind,
            "rows": [{**asdict(heavy.row), "bytes": len(heavy.body)} for heavy in one.rows],  # type: ignore[arg-type]
        }
        for one in outcomes
    ]


def _rows(outcomes: list[Outcome[Heavy[Latent]]]) -> Iterator[tuple[str, Heavy[Latent]]]:
    for one in outcomes:
        for heavy in one.rows:
            yield heavy.row.content_key, heavy


def _keys(outcomes: list[Outcome[Heavy[Latent]]]) -> list[tuple[str, str]]:
    return sorted((key, heavy.row.sha256) for key, heavy in _rows(outcomes))


def _differences(some: list[Outcome[Heavy[Latent]]], others: list[Outcome[Heavy[Latent]]]) -> list[float]:
    """Between the tensors of one key, as parts of their deviation."""
    one, two = dict(_rows(some)), dict(_rows(others))
    assert one.keys() == two.keys()
    read = [[restored(h.body, h.row.dtype, h.row.shape) for h in (one[key], two[key])] for key in one]  # type: ignore[arg-type]
    return [apart(a, b) for a, b in read]


def main() -> None:
    torch.set_num_threads(1)
    facts = {
        "pictures": {name: picture_facts(name) for name in PICTURES},
        "sounds": {name: sound_facts(name) for name in SOUNDS},
        "by_hand": by_hand(),
        "options": options(),
        "refusals": refusals(),
        "work": work(),
    }
    json.dump(facts, sys.stdout)


if __name__ == "__main__":
    main()
