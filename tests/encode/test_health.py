from dataclasses import replace

import numpy as np
import pytest

from curate.encode.contract import EncoderSpec, Normalisation
from curate.encode.dct import Dct
from curate.encode.health import HealthRules, Vitals, finite
from curate.errors import RecipeError
from tests.encode.test_contract import SPEC


def latent(mean: float = 0.0, deviation: float = 1.0) -> np.ndarray:
    return np.random.default_rng(0).normal(mean, deviation, (16, 5, 8, 8)).astype(np.float32)


def judged(values: np.ndarray, spec: EncoderSpec = SPEC, rules: HealthRules | None = None) -> None:
    vitals = Vitals(spec, rules or HealthRules())
    vitals.see("clip-a", values)
    vitals.see("clip-b", values)
    vitals.judge()


def test_latents_about_zero_and_one_are_healthy() -> None:
    judged(latent())
    judged(latent(0.5, 0.5))


def test_a_shard_that_drifts_stops_the_job_with_its_clips_named() -> None:
    with pytest.raises(RecipeError, match=r"2 clips, clip-a to clip-b are not.*deviation is 7\.9\d+, not 0\.2 to 5"):
        judged(latent(deviation=8))
    with pytest.raises(RecipeError, match=r"deviation is 0\.(1|0)"):
        judged(latent(deviation=0.1))
    shifted = latent()
    shifted[11] += 4
    with pytest.raises(RecipeError, match=r"channel 11 has a mean of [34]\.\d+, farther than 3"):
        judged(shifted)
    judged(shifted, rules=HealthRules(channel_mean=5))


def test_raw_latents_are_judged_by_the_constants_of_their_contract() -> None:
    raw = replace(SPEC, normalisation=Normalisation(False, (10.0,) * 16, (0.1,) * 16))
    judged(latent(10, 10), raw)
    with pytest.raises(RecipeError, match="channel"):
        judged(latent(50, 10), raw)


def test_constants_may_differ_from_latent_frame_to_latent_frame() -> None:
    shift = tuple(float(frame) for _ in range(16) for frame in range(7))
    raw = replace(SPEC, normalisation=Normalisation(False, shift, (1.0,) * 112))
    judged(latent() + np.arange(5, dtype=np.float32).reshape(1, 5, 1, 1), raw)


def test_log_variances_are_not_judged() -> None:
    both = np.concatenate([latent(), latent(-30)])
    judged(both, replace(SPEC, channels=32, posterior="mean, log-variance"))


def test_an_encoder_that_nothing_is_known_of_is_not_judged() -> None:
    judged(latent(100, 100), Dct().spec)


@pytest.mark.parametrize(("psnr_db", "ssim", "named"), [(12.0, 0.9, "PSNR of 12.00 dB"), (30.0, 0.2, "SSIM of 0.20")])
def test_a_shard_of_which_too_little_comes_back_stops_the_job(psnr_db: float, ssim: float, named: str) -> None:
    vitals = Vitals(SPEC, HealthRules())
    for clip, more in (("clip-a", 0.0), ("clip-b", 0.0)):
        vitals.see(clip, latent())
        vitals.decoded(clip, psnr_db + more, ssim)
    with pytest.raises(RecipeError, match=named):
        vitals.judge()


def test_one_hard_clip_does_not_stop_a_job() -> None:
    vitals = Vitals(SPEC, HealthRules())
    for clip, psnr_db in (("noise", 11.0), ("usual", 33.0), ("another", 36.0)):
        vitals.see(clip, latent())
        vitals.decoded(clip, psnr_db, 0.9)
    vitals.judge()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_stops_the_job_with_the_clip_named(value: float) -> None:
    values = latent()
    values[3, 2, 1, 0] = value
    with pytest.raises(RecipeError, match="gives NaN or infinity for clip-a: calculate in"):
        finite("clip-a", values, SPEC)


def test_what_float16_cannot_hold_stops_the_job() -> None:
    with pytest.raises(RecipeError, match="70000 for clip-a, too much for float16"):
        finite("clip-a", np.full((16, 1, 2, 2), 7e4, np.float32), SPEC)
    finite("clip-a", np.full((16, 1, 2, 2), 7e4, np.float32), replace(SPEC, dtype="bfloat16"))
